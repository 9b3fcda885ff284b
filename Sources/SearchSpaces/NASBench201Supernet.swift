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
  /// alpha: the logits [6, columns].
  public var alpha: Parameter { architecture.alpha }
  private let architecture: CellArchitecture
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
    architecture = CellArchitecture(space, kind: 0, seed: seed)
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
    let weights = architecture.relaxed(by: relaxation, in: pass)
    var x = stem(.constant(images), in: pass)
    for stage in stages {
      if let reduction = stage.reduction { x = reduction(x, in: pass) }
      for cell in stage.cells {
        let nodes = cell([x], weights, in: pass)
        x = nodes[nodes.count - 1]
      }
    }
    return classifier(globalAverage(relu(lastNorm(x, in: pass))), in: pass)
  }
}

extension NASBench201Supernet: Supernet {
  /// alpha, which all cells share, and, where edges are weighed, beta [6].
  public var architectureParameters: [Parameter] { [architecture].parameters }
  /// How many logits each edge has, for each kind of cell.
  public var logitCounts: [[Int]] { space.logitCounts }
  /// The logarithm of every candidate's weight in its node now: [6, 5].
  public var logCandidateWeights: [Tensor] { [architecture.logCandidateWeights] }
  /// The cell that alpha stands for now.
  public var genotype: NASBench201Genotype {
    NASBench201Genotype(logits: logCandidateWeights[0], primitives: space.primitives)
  }
  /// The weights w, without alpha, from the stem to the classifier.
  public var parameters: [Parameter] { layers.flatMap(\.parameters) }
  /// The running statistics, from the stem to the head.
  public var buffers: [Parameter] { layers.flatMap(\.buffers) }
}
