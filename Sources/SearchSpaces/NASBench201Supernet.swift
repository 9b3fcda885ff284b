import Autodiff
import NeuralNetworks
import Tensors

/// The network of NAS-Bench-201, its cells given by a search space.
///
///     stem (3x3 convolution to C, BN)
///     N cells at C channels, 32 x 32
///     residual block to 2 C, N cells at 16 x 16
///     residual block to 4 C, N cells at 8 x 8
///     BN, ReLU, global average, linear
///
/// Macro structure of D5 [published: D-X-Y/AutoDL-Projects]. All cells share one architecture parameter.
/// Batch norms of cells have no gain and bias, those of stem, residual blocks and head do.
public final class NASBench201Supernet {
  /// alpha: the logits [6, candidates].
  public let alpha: Parameter
  private let space: SearchSpace
  private let stem: ConvolutionAndNorm
  private let stages: [(reduction: ResidualBlock?, cells: [SearchCell])]
  private let lastNorm: BatchNorm
  private let classifier: Linear

  /// Creates the network with random weights and alpha = 0.001 N(0, 1).
  public init(
    _ space: SearchSpace, channels: Int, cellsPerStage: Int, classes: Int, seed: RandomGenerator
  ) {
    self.space = space
    var generator = seed.stream("alpha")
    alpha = Parameter(
      "alpha",
      .normal(
        [space.edges.count, space.primitives.count], standardDeviation: 1e-3, using: &generator))
    stem = ConvolutionAndNorm("stem", inputs: 3, outputs: channels, Window(3), seed: seed)
    stages = (0..<3).map { stage in
      let width = channels << stage
      let reduction =
        stage == 0 ? nil : ResidualBlock("reduction\(stage)", inputs: width / 2, seed: seed)
      let cells = (0..<cellsPerStage).map { cell in
        SearchCell(
          space, channels: width, name: "cells.\(stage * cellsPerStage + cell)", seed: seed)
      }
      return (reduction, cells)
    }
    lastNorm = BatchNorm("lastNorm", channels: 4 * channels, affine: true)
    classifier = Linear("classifier", inputs: 4 * channels, outputs: classes, seed: seed)
  }

  private var layers: [any Layer] {
    [stem]
      + stages.flatMap { stage in [stage.reduction].compactMap { $0 } + stage.cells as [any Layer] }
      + [lastNorm, classifier]
  }

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
    let weights = RelaxedArchitecture(logits: pass.variable(alpha), relaxation: relaxation)
    var x = stem(.constant(images), in: pass)
    for stage in stages {
      if let reduction = stage.reduction { x = reduction(x, in: pass) }
      for cell in stage.cells { x = cell(x, weights, in: pass) }
    }
    return classifier(globalAverage(relu(lastNorm(x, in: pass))), in: pass)
  }
}

extension NASBench201Supernet: Supernet {
  /// alpha alone: all cells share it.
  public var architectureParameters: [Parameter] { [alpha] }
  /// The cell that alpha stands for now.
  public var genotype: NASBench201Genotype {
    NASBench201Genotype(logits: alpha.value, primitives: space.primitives)
  }
  /// The weights w, without alpha, from the stem to the classifier.
  public var parameters: [Parameter] { layers.flatMap(\.parameters) }
  /// The running statistics, from the stem to the head.
  public var buffers: [Parameter] { layers.flatMap(\.buffers) }
}

/// A convolution and a batch norm with gain and bias.
private final class ConvolutionAndNorm: Layer {
  let convolution: Convolution2D
  let norm: BatchNorm
  var parameters: [Parameter] { convolution.parameters + norm.parameters }
  var buffers: [Parameter] { norm.buffers }

  init(_ name: String, inputs: Int, outputs: Int, _ window: Window, seed: RandomGenerator) {
    convolution = Convolution2D(
      "\(name).conv", inputs: inputs, outputs: outputs, window, seed: seed)
    norm = BatchNorm("\(name).bn", channels: outputs, affine: true)
  }

  func callAsFunction(_ x: Variable, in pass: ForwardPass, afterReLU: Bool = false)
    -> Variable
  {
    norm(convolution(x, in: pass, afterReLU: afterReLU), in: pass)
  }
}

/// The fixed block that halves the image and doubles the channels.
///
/// Two ReLU-Conv3x3-BN, the first of stride 2, plus a shortcut of 2x2 average pooling and a 1x1 convolution.
private final class ResidualBlock: Layer {
  private let first: ConvolutionAndNorm
  private let second: ConvolutionAndNorm
  private let shortcut: Convolution2D
  var parameters: [Parameter] { first.parameters + second.parameters + shortcut.parameters }
  var buffers: [Parameter] { first.buffers + second.buffers }

  init(_ name: String, inputs: Int, seed: RandomGenerator) {
    let outputs = 2 * inputs
    first = ConvolutionAndNorm(
      "\(name).first", inputs: inputs, outputs: outputs, Window(3, stride: 2), seed: seed)
    second = ConvolutionAndNorm(
      "\(name).second", inputs: outputs, outputs: outputs, Window(3), seed: seed)
    shortcut = Convolution2D(
      "\(name).shortcut", inputs: inputs, outputs: outputs, Window(1), seed: seed)
  }

  func callAsFunction(_ x: Variable, in pass: ForwardPass) -> Variable {
    let halved = first(x, in: pass, afterReLU: true)
    let y = second.convolution(halved, in: pass, afterReLU: true)
    let direct = shortcut(averagePool(x, Window(2, stride: 2)), in: pass)
    return mixture([
      .normalized(y, second.norm.normalization(of: y.value, in: pass)), .identity(direct),
    ])
  }
}

/// A cell: every node is the sum of its edges.
final class SearchCell: Layer {
  private let space: SearchSpace
  private let edges: [PathNetwork]
  var parameters: [Parameter] { edges.flatMap(\.parameters) }
  var buffers: [Parameter] { edges.flatMap(\.buffers) }

  init(_ space: SearchSpace, channels: Int, name: String, seed: RandomGenerator) {
    self.space = space
    edges = zip(space.edges, space.paths).map { edge, path in
      PathNetwork(
        path, channels: channels, name: "\(name).edge\(edge.source)to\(edge.target)", seed: seed)
    }
  }

  /// D5-1: node_i = sum over j < i of o_ij(node_j), in one mixture a node.
  func callAsFunction(
    _ x: Variable, _ weights: RelaxedArchitecture, in pass: ForwardPass
  ) -> Variable {
    var nodes = [x]
    for target in 1..<space.nodeCount {
      var (summands, shares): ([Summand], [EdgeWeight]) = ([], [])
      for (index, edge) in space.edges.enumerated() where edge.target == target {
        let run = PathNetwork.Run(pass: pass, architecture: weights, edge: index)
        for (weight, summand) in edges[index].summands(nodes[edge.source], run) {
          summands.append(summand)
          shares.append(EdgeWeight(edge: index, weight: weight))
        }
      }
      nodes.append(node(summands, shares, weights, shape: x.shape))
    }
    return nodes[space.nodeCount - 1]
  }

  private func node(
    _ summands: [Summand], _ shares: [EdgeWeight], _ weights: RelaxedArchitecture, shape: Shape
  ) -> Variable {
    guard !summands.isEmpty else { return .constant(.zeros(shape)) }
    let isPlainSum = shares.allSatisfy { $0.weight == .one }
    return mixture(summands, weights: isPlainSum ? nil : weights.values(of: shares))
  }
}
