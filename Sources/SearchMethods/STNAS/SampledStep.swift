import Autodiff
import Datasets
import NeuralNetworks
import SearchSpaces
import Tensors

/// What one pass of a sampled architecture over a batch yields.
public struct SampledResult: Sendable {
  /// The mean cross entropy.
  public let loss: Double
  /// How many images got their own class the highest score.
  public let correct: Int
  /// Which weights of the network the architecture has, ascending.
  public let places: [Int]
  /// The gradients of these weights.
  public var gradients: [Tensor]

  /// Shortens the gradients to a common length of `length` at most; throws if a number is not finite.
  mutating func clip(to length: Double) throws(NonFinite) {
    try NonFinite.check(loss, "training")
    try NonFinite.check(clipByGlobalNorm(&gradients, to: length), "training")
  }
}

/// Cross entropy of one architecture of a supernet on a batch, and the gradients of the weights that it has.
///
/// The rest of the weights has no gradient, rather than one of 0: no weight decay, no momentum and no noise may move it.
///
/// Of a simplified space, where kernels are merged, those that are merged with one of the architecture have a gradient
/// too, which is 0.
///
/// Equation: C-3 [reconstructed: medium]. every step draws one architecture a uniformly and updates w_a only.
///
/// - Parameters:
///   - network: the supernet.
///   - batch: a training batch.
///   - path: the architecture.
/// - Returns: loss, right answers, and the gradients of w_a with their places among the network's parameters.
///
/// Explained in chapter 21.
public func sampledGradients(
  of network: some Supernet, _ batch: Batch, _ path: SampledPath
) -> SampledResult {
  let pass = ForwardPass(.training, differentiating: network.parameters)
  let scores = network(batch.images, path, in: pass)
  let loss = crossEntropy(scores, labels: batch.labels)
  return SampledResult(
    loss: Double(loss.item), correct: correctCount(scores.value, batch.labels),
    places: pass.usedPlaces, gradients: pass.usedGradients(of: loss))
}
