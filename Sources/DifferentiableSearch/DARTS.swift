import Autodiff
import Datasets
import NeuralNetworks
import SearchSpaces
import Tensors

/// The relaxation of DARTS: every candidate is evaluated, weighted by a softmax over its edge.
///
/// Equation: D1-1 [published: quark0/darts]. o_e(x) = sum over k of softmax(alpha_e)_k o_k(x).
/// On a simplified space the same weights appear as products, TS-13, with the flat alpha of TS-29
/// [published: DARTS], so the method does not change.
public struct SoftmaxRelaxation: Relaxation {
  /// Creates the relaxation; it has no state.
  public init() {}

  /// The shares of candidates by softmax: logits [edges, candidates], result [weights.count].
  public func values(of weights: [EdgeWeight], logits: Variable) -> Variable {
    nestedSoftmax(logits, weights)
  }
}

/// What one pass over a batch yields.
public struct BatchResult: Sendable {
  /// The mean cross entropy.
  public let loss: Scalar
  /// How many images got their own class the highest score.
  public let correct: Int
  /// The gradients, in the order of the parameters that were asked for.
  public let gradients: [Tensor]
}

/// Cross entropy of a supernet on one batch, and its gradients with respect to `parameters`.
///
/// With the weights this is the gradient of L_train; with alpha alone, on a validation batch, it is the
/// first-order architecture gradient.
///
/// Equation: D1-7 [published: quark0/darts]. d alpha = gradient with respect to alpha of L_val(w, alpha): D1-6
/// with xi = 0, where w stands for the optimal weights w*(alpha) of the bilevel problem D1-4 [published: quark0/darts].
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
  var (loss, correct, count) = (0.0, 0, 0)
  for batch in loader.evaluationBatches {
    let scores = network(batch.images, relaxation, in: ForwardPass(.evaluation)).value
    loss += Double(CrossEntropy.forward(scores, labels: batch.labels)) * Double(batch.labels.count)
    correct += correctCount(scores, batch.labels)
    count += batch.labels.count
  }
  return (loss / Double(max(1, count)), Double(correct) / Double(max(1, count)))
}

/// How many rows of scores [N, classes] are highest at their label; the first of equals counts.
func correctCount(_ scores: Tensor, _ labels: [Int]) -> Int {
  let classes = scores.shape[1]
  return labels.enumerated().count { row, label in
    let best = (0..<classes).reduce(0) {
      scores[row * classes + $1] > scores[row * classes + $0] ? $1 : $0
    }
    return best == label
  }
}
