import Autodiff
import NeuralNetworks
import Tensors

/// The layers of a plan with their weights; what a cell is, only its maker and its caller know.
struct LayeredNetwork<Cell: Layer> {
  private enum Part {
    case stem(ConvolutionAndNorm)
    case cell(Cell)
    case residualBlock(ResidualBlock)
    case normalization(BatchNorm)
    case auxiliaryHead(AuxiliaryHead)
    case classifier(Linear)

    var layer: any Layer {
      switch self {
      case .stem(let layer): layer
      case .cell(let layer): layer
      case .residualBlock(let layer): layer
      case .normalization(let layer): layer
      case .auxiliaryHead(let layer): layer
      case .classifier(let layer): layer
      }
    }
  }

  private let plan: NetworkPlan
  private let parts: [Part]

  /// Creates the layers with random weights; `makeCell` gets the place of a cell and its kind.
  init(
    _ plan: NetworkPlan, seed: RandomGenerator, makeCell: (NetworkPlan.Layer, Int) -> Cell
  ) {
    self.plan = plan
    parts = plan.layers.map { layer in
      let (name, inputs, outputs) = (layer.name, layer.inputs[0].channels, layer.output.channels)
      switch layer.kind {
      case .stem:
        return .stem(
          ConvolutionAndNorm(name, inputs: inputs, outputs: outputs, Window(3), seed: seed))
      case .cell(let kind): return .cell(makeCell(layer, kind))
      case .residualBlock: return .residualBlock(ResidualBlock(name, inputs: inputs, seed: seed))
      case .normalization:
        return .normalization(BatchNorm(name, channels: inputs, affine: true))
      case .auxiliaryHead:
        return .auxiliaryHead(AuxiliaryHead(name, inputs: inputs, classes: outputs, seed: seed))
      case .classifier:
        return .classifier(Linear(name, inputs: inputs, outputs: outputs, seed: seed))
      }
    }
  }

  /// The cells in the order of the network.
  var cells: [Cell] { parts.compactMap { if case .cell(let cell) = $0 { cell } else { nil } } }

  /// The layers in the order in which optimizers and checkpoints list them: the heads after all others.
  private var layers: [any Layer] {
    let all = zip(plan.layers, parts)
    return all.filter { !$0.0.kind.isHead }.map(\.1.layer)
      + all.filter { $0.0.kind.isHead }.map(\.1.layer)
  }
  /// The weights, from the stem to the classifier; the auxiliary head's come before the classifier's.
  var parameters: [Parameter] { layers.flatMap(\.parameters) }
  /// The running statistics, in the same order.
  var buffers: [Parameter] { layers.flatMap(\.buffers) }

  /// The class scores [N, classes] of images [N, H, W, 3], and in training those of an auxiliary head, if any.
  ///
  /// `apply` is what a cell makes of the maps that it reads.
  func callAsFunction(
    _ images: Tensor, in pass: ForwardPass, _ apply: (Cell, [Variable]) -> Variable
  ) -> (scores: Variable, auxiliaryScores: Variable?) {
    var maps = [Variable.constant(images)]
    var (scores, auxiliaryScores): (Variable?, Variable?)
    for (layer, part) in zip(plan.layers, parts) {
      let last = maps[maps.count - 1]
      let output: Variable
      switch part {
      case .stem(let stem):
        // The images are no map that a cell could read.
        maps = [stem(last, in: pass)]
        continue
      case .cell(let cell): output = apply(cell, latest(layer.inputs.count, of: maps))
      case .residualBlock(let block): output = block(last, in: pass)
      case .normalization(let norm): output = relu(norm(last, in: pass))
      case .auxiliaryHead(let head):
        if pass.mode == .training { auxiliaryScores = head(last, in: pass) }
        continue
      case .classifier(let classifier):
        scores = classifier(globalAverage(last), in: pass)
        continue
      }
      maps = Array((maps + [output]).suffix(longestMemory))
    }
    guard let scores else { preconditionFailure("a network ends in a classifier") }
    return (scores, auxiliaryScores)
  }

  /// How many of the last maps a later layer may read; older ones are given up.
  private var longestMemory: Int { plan.cells.map(\.inputs.count).max() ?? 1 }

  /// The last `count` maps; where there are fewer, the first stands for those before it.
  private func latest(_ count: Int, of maps: [Variable]) -> [Variable] {
    Array(repeating: maps[0], count: max(0, count - maps.count)) + maps.suffix(count)
  }
}
