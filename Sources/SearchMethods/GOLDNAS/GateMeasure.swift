import Autodiff
import SearchSpaces

/// The measure of gates: m(S) = sum over the open gates of S of sigma(a_i).
///
/// All candidates of an edge together weigh what their gates add up to, not 1. Within a group of a simplified edge
/// the shares of gates complete the group's weight to the gate itself, as for any measure (TS-16).
public struct GateMeasure: CandidateMeasure {
  /// The gates that weigh nothing, as indices into the logits in row-major order.
  let closed: Set<Int>

  /// Creates the measure in which `closed` gates weigh nothing.
  public init(closed: Set<Int> = []) { self.closed = closed }

  /// False: gates do not compete.
  public var isNormalized: Bool { false }

  /// The logarithm of the sum of each group's open gates; minus infinity where none is open.
  public func logMeasure(_ logits: Variable, groups: [[Int]]) -> Variable {
    logSumExp(logSigmoid(logits), groups: groups.map { $0.filter { !closed.contains($0) } })
  }
}
