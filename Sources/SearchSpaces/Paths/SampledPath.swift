import Autodiff
import Tensors

/// One discrete architecture inside a supernet: of every edge one candidate, with weight 1, and nothing else.
///
/// What was not chosen is not evaluated, and its weights have no part in the pass. The architecture parameters have
/// none either: no gradient reaches them.
public struct SampledPath: Relaxation {
  /// The candidate of each edge, of each kind of cells.
  public let choices: [[Int]]

  /// Creates the relaxation of one choice, of a space that is not simplified.
  public init(_ choices: [[Int]]) {
    precondition(!choices.isEmpty, "a path chooses for one kind of cells at least")
    self.choices = choices
  }

  /// The choice for one kind of cells.
  public func forCells(ofKind kind: Int) -> any Relaxation { SampledPath([choices[kind]]) }

  /// True: what was not chosen is not evaluated.
  public var yieldsZeros: Bool { true }

  /// 1 for what was chosen, 0 for the rest: logits [edges, candidates], result [weights.count].
  public func values(of weights: [EdgeWeight], logits: Variable) -> Variable {
    precondition(
      logits.shape[0] == choices[0].count,
      "a choice for \(choices[0].count) edges does not fit logits of shape \(logits.shape)")
    let values = weights.map { weight -> Scalar in
      weight.weight.shares.allSatisfy { $0.members.contains(choices[0][weight.edge]) } ? 1 : 0
    }
    return .constant(Tensor(values, shape: [values.count]))
  }
}
