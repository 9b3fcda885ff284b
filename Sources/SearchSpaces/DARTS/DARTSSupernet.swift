import Autodiff
import NeuralNetworks
import Tensors

/// The search network of DARTS for images of 32 x 32 pixels, its cells given by a search space.
///
///     stem (3x3 convolution to 3 C, BN)
///     cells; a cell sees the two before it; at 1/3 and 2/3 of them a reduction cell doubles C
///     global average, linear
///
/// Macro structure of D1 [published: quark0/darts]. All normal cells share one architecture parameter, all
/// reduction cells another. Batch norms have no gain and bias, but that of the stem.
public final class DARTSSupernet {
  /// alpha of the normal and of the reduction cells: the logits [14, columns] of each.
  public var alphas: [Parameter] { architectures.map(\.alpha) }
  private let architectures: [CellArchitecture]
  /// The space whose cells it holds.
  public let space: SearchSpace
  private let stem: ConvolutionAndNorm
  private let cells: [DARTSCell]
  private let classifier: Linear

  /// Creates the network with random weights and alpha = 0.001 N(0, 1).
  public init(
    _ space: SearchSpace, channels: Int, layers: Int, classes: Int, seed: RandomGenerator
  ) {
    self.space = space
    architectures = space.cells.enumerated().map { kind, cell in
      CellArchitecture(space, kind: kind, suffix: ".\(cell.name)", seed: seed)
    }
    stem = ConvolutionAndNorm("stem", inputs: 3, outputs: 3 * channels, Window(3), seed: seed)
    let plan = DARTSCellPlan.network(channels: channels, layers: layers)
    cells = plan.enumerated().map { DARTSCell(space, $1, name: "cells.\($0)", seed: seed) }
    classifier = Linear(
      "classifier", inputs: plan.last.map(\.outputs) ?? 3 * channels, outputs: classes, seed: seed)
  }

  private var layers: [any Layer] { [stem] + cells as [any Layer] + [classifier] }

  /// The class scores [N, classes] of images [N, 32, 32, 3].
  ///
  /// - Parameters:
  ///   - images: the images.
  ///   - relaxation: how alpha becomes weights.
  ///   - pass: the mode, and whose gradients are wanted.
  /// - Returns: the logits of the classes.
  public func callAsFunction(
    _ images: Tensor, _ relaxation: any Relaxation, in pass: ForwardPass
  ) -> Variable {
    let weights = architectures.map { $0.relaxed(by: relaxation, in: pass) }
    let first = stem(.constant(images), in: pass)
    var (beforeLast, last) = (first, first)
    for cell in cells {
      (beforeLast, last) = (last, cell(beforeLast, last, weights[cell.kind], in: pass))
    }
    return classifier(globalAverage(last), in: pass)
  }
}

extension DARTSSupernet: Supernet {
  /// One alpha for the normal cells, one for the reduction cells; then what the form of the nodes asks for.
  public var architectureParameters: [Parameter] { architectures.parameters }
  /// The logarithm of every candidate's weight in its node now: [14, 8] of the normal and of the reduction cells.
  public var logCandidateWeights: [Tensor] { architectures.map(\.logCandidateWeights) }
  /// The cells that the alphas stand for now.
  public var genotype: DARTSGenotype {
    let cells = architectures.map { DARTSGenotype.Cell($0.derivedEdges, of: space) }
    return DARTSGenotype(normal: cells[0], reduction: cells[1])
  }
  /// The weights w, without alpha, from the stem to the classifier.
  public var parameters: [Parameter] { layers.flatMap(\.parameters) }
  /// The running statistics, from the stem on.
  public var buffers: [Parameter] { layers.flatMap(\.buffers) }
}

/// A searched cell of DARTS: both inputs preprocessed, the nodes, their concatenation.
final class DARTSCell: Layer {
  /// Which architecture parameter it follows.
  let kind: Int
  private let preprocessing: [Preprocessing]
  private let nodes: SearchCell
  var parameters: [Parameter] { preprocessing.flatMap(\.parameters) + nodes.parameters }
  var buffers: [Parameter] { preprocessing.flatMap(\.buffers) + nodes.buffers }

  init(_ space: SearchSpace, _ plan: DARTSCellPlan, name: String, seed: RandomGenerator) {
    kind = plan.isReduction ? 1 : 0
    preprocessing = (0..<2).map { input in
      Preprocessing(
        "\(name).input\(input)", inputs: plan.inputs[input], outputs: plan.channels,
        halving: input == 0 && plan.followsReduction, affine: false, seed: seed)
    }
    nodes = SearchCell(space, kind: kind, channels: plan.channels, name: name, seed: seed)
  }

  /// The cell's output [N, H', W', 4 C].
  ///
  /// Equation: D1-3 [published: quark0/darts]. The channels of the 4 intermediate nodes, one after the other.
  func callAsFunction(
    _ beforeLast: Variable, _ last: Variable, _ weights: RelaxedArchitecture,
    in pass: ForwardPass
  ) -> Variable {
    let inputs = [preprocessing[0](beforeLast, in: pass), preprocessing[1](last, in: pass)]
    return concatenateChannels(Array(nodes(inputs, weights, in: pass).dropFirst(2)))
  }
}
