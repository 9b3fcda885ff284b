import Autodiff
import Datasets
import NeuralNetworks
import SearchSpaces
import Tensors

/// What one pass over a batch yields.
public struct BatchResult: Sendable {
  /// The mean cross entropy.
  public let loss: Scalar
  /// How many images got their own class the highest score.
  public let correct: Int
  /// The gradients, in the order of the parameters that were asked for.
  public let gradients: [Tensor]

  /// Creates a result, for example that of another with a term added to its gradients.
  public init(loss: Scalar, correct: Int, gradients: [Tensor]) {
    (self.loss, self.correct, self.gradients) = (loss, correct, gradients)
  }
}

/// Cross entropy of a supernet on one batch, in training mode, and its gradients with respect to `parameters`.
public func lossAndGradients(
  of network: some Supernet, _ batch: Batch, _ relaxation: any Relaxation,
  differentiating parameters: [Parameter]
) -> BatchResult {
  let pass = ForwardPass(.training, differentiating: parameters)
  let scores = network(batch.images, relaxation, in: pass)
  let loss = crossEntropy(scores, labels: batch.labels)
  return BatchResult(
    loss: loss.item, correct: correctCount(scores.value, batch.labels),
    gradients: pass.gradients(of: loss))
}

/// Loss and share of right answers of a supernet on all images of a loader, in evaluation mode.
public func evaluate(
  _ network: some Supernet, on loader: BatchLoader, _ relaxation: any Relaxation
) -> (loss: Double, accuracy: Double) {
  evaluate(network, on: loader, relaxation) {}
}

/// The same; what `beforeBatch` throws ends it.
func evaluate(
  _ network: some Supernet, on loader: BatchLoader, _ relaxation: any Relaxation,
  beforeBatch: () throws -> Void
) rethrows -> (loss: Double, accuracy: Double) {
  try evaluate(on: loader) {
    try beforeBatch()
    return network($0, relaxation, in: ForwardPass(.evaluation)).value
  }
}

/// Loss and share of right answers on all images of a loader, from their scores [N, classes].
func evaluate(
  on loader: BatchLoader, _ scores: (Tensor) throws -> Tensor
) rethrows -> (loss: Double, accuracy: Double) {
  var (loss, correct, count) = (0.0, 0, 0)
  for batch in loader.evaluationBatches {
    let scores = try scores(batch.images)
    loss += Double(CrossEntropy.forward(scores, labels: batch.labels)) * Double(batch.labels.count)
    correct += correctCount(scores, batch.labels)
    count += batch.labels.count
  }
  return (loss / Double(max(1, count)), Double(correct) / Double(max(1, count)))
}

/// How many rows of scores [N, classes] are highest at their label; the first of equals counts.
func correctCount(_ scores: Tensor, _ labels: [Int]) -> Int {
  let classes = scores.shape[1]
  let all = scores.scalars
  return labels.enumerated().count { row, label in
    argMax(all[row * classes..<(row + 1) * classes]) == label
  }
}
