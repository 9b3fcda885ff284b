import Autodiff
import NeuralNetworks
import Tensors

/// The network of NAS-Bench-201, its cells given by a search space.
///
/// All cells share one architecture parameter. Their batch norms have no gain and bias.
public final class NASBench201Supernet {
  /// alpha: the logits [6, columns].
  public var alpha: Parameter { architecture.alpha }
  private let architecture: CellArchitecture
  /// The space whose cells it holds.
  public let space: SearchSpace
  private let backbone: NASBench201Backbone<SearchCell>

  /// Creates the network with random weights and alpha = 0.001 N(0, 1).
  public init(
    _ space: SearchSpace, channels: Int, cellsPerStage: Int, classes: Int, seed: RandomGenerator
  ) {
    self.space = space
    architecture = CellArchitecture(space, kind: 0, seed: seed)
    backbone = NASBench201Backbone(
      channels: channels, cellsPerStage: cellsPerStage, classes: classes, seed: seed
    ) { SearchCell(space, channels: $0, name: $1, seed: seed) }
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
    return backbone(images, in: pass) { cell, x in
      let nodes = cell([x], weights, in: pass)
      return nodes[nodes.count - 1]
    }
  }
}

extension NASBench201Supernet: Supernet {
  /// alpha, which all cells share, and, where the form of the nodes asks for them, its parameters.
  public var architectureParameters: [Parameter] { [architecture].parameters }
  /// The logarithm of every candidate's weight in its node now: [6, 5].
  public var logCandidateWeights: [Tensor] { [architecture.logCandidateWeights] }
  /// The cell that alpha stands for now.
  public var genotype: NASBench201Genotype {
    NASBench201Genotype(architecture.derivedEdges, primitives: space.primitives)
  }
  /// The weights w, without alpha, from the stem to the classifier.
  public var parameters: [Parameter] { backbone.layers.flatMap(\.parameters) }
  /// The running statistics, from the stem to the head.
  public var buffers: [Parameter] { backbone.layers.flatMap(\.buffers) }
}
