import Autodiff
import Tensors

/// One discrete architecture inside a supernet: of every edge one candidate, with weight 1, and nothing else.
///
/// What was not chosen is not evaluated, and its weights have no part in the pass. The architecture parameters have
/// none either: no gradient reaches them. On a simplified space it is the same architecture: of a group that is shared
/// only the part of the candidate runs.
public struct SampledPath: Relaxation {
  /// The logits that have all the weight, of each edge, of each kind of cells.
  private let columns: [[Set<Int>]]

  /// Creates the relaxation of one choice.
  ///
  /// - Parameters:
  ///   - choices: the candidate of each edge, an index into those of the space, of each kind of cells.
  ///   - space: the space of the supernet, plain or simplified.
  public init(_ choices: [[Int]], of space: SearchSpace) {
    precondition(
      choices.map(\.count) == space.cells.map(\.operations.count),
      "expected a choice for each of \(space.cells.map(\.operations.count)) edges, found \(choices.map(\.count))"
    )
    columns = zip(space.cells, choices).map { cell, choices in
      zip(cell.operations, choices).map { operation, candidate in
        Set(operation.candidateWeights[candidate].shares.flatMap(\.members))
      }
    }
  }

  private init(_ columns: [[Set<Int>]]) { self.columns = columns }

  /// The choice for one kind of cells.
  public func forCells(ofKind kind: Int) -> any Relaxation { SampledPath([columns[kind]]) }

  /// True: what was not chosen is not evaluated.
  public var yieldsZeros: Bool { true }

  /// 1 for what was chosen, 0 for the rest: logits [edges, columns], result [weights.count].
  public func values(of weights: [EdgeWeight], logits: Variable) -> Variable {
    precondition(
      logits.shape[0] == columns[0].count,
      "a choice for \(columns[0].count) edges does not fit logits of shape \(logits.shape)")
    let values = weights.map { weight -> Scalar in
      weight.weight.shares.allSatisfy { !columns[0][weight.edge].isDisjoint(with: $0.members) }
        ? 1 : 0
    }
    return .constant(Tensor(values, shape: [values.count]))
  }
}
