import Autodiff
import NeuralNetworks
import Tensors

/// A network that holds all architectures of a search space at once.
///
/// Search methods see only this: class scores as a function of weights and architecture parameters.
public protocol Supernet: Layer {
  /// What a derived architecture is.
  associatedtype Genotype: SpaceGenotype
  /// The architecture parameters, apart from the weights: one alpha per kind of cells, in front of all others.
  var architectureParameters: [Parameter] { get }
  /// The space whose cells it holds.
  var space: SearchSpace { get }
  /// The logarithm of every candidate's weight in its node now, [edges, candidates] for each kind of cell.
  var logCandidateWeights: [Tensor] { get }
  /// The edges that they stand for now, for each kind of cells.
  var derivedEdges: [[DerivedEdge]] { get }
  /// The architecture that they stand for now.
  var genotype: Genotype { get }
  /// The class scores [N, classes] of images [N, H, W, 3].
  func callAsFunction(
    _ images: Tensor, _ relaxation: any Relaxation, in pass: ForwardPass
  ) -> Variable
  /// The class scores, and in training those of an auxiliary head, if the network has one: both [N, classes].
  func allScores(
    _ images: Tensor, _ relaxation: any Relaxation, in pass: ForwardPass
  ) -> (scores: Variable, auxiliaryScores: Variable?)
}

extension Supernet {
  /// The class scores; no auxiliary head.
  public func allScores(
    _ images: Tensor, _ relaxation: any Relaxation, in pass: ForwardPass
  ) -> (scores: Variable, auxiliaryScores: Variable?) {
    (self(images, relaxation, in: pass), nil)
  }
}
