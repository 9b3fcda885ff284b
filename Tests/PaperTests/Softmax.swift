import Autodiff
import SearchSpaces

/// The softmax relaxation, for paths with nested weights.
struct Softmax: Relaxation {
  func values(of weights: [EdgeWeight], logits: Variable) -> Variable {
    nestedSoftmax(logits, weights)
  }
}
