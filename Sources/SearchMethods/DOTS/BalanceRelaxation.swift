import Autodiff
import SearchSpaces
import Tensors

/// The relaxation of the topology search: the two survivors of each edge, weighted by their balance, and the pairs.
///
/// The logits of the survivors in alpha are their balance numbers; the others stand still. What did not survive has the
/// weight 0 and is not evaluated.
///
/// Equation: A-16 [published: guyuchao/DOTS]. Topology search: o_ij(x) = b_0 o_0(x) + b_1 o_1(x), b = sm at the temperature
/// 10^-3 T of c, c of R^2; x_j = sum over i of q_ij o_ij(x_i). Within a group of a simplified edge the shares of the
/// survivors complete the group's weight to b, as for any measure (TS-16).
///
/// Explained in chapter 25.
public struct BalanceRelaxation: Relaxation {
  /// The survivors of each edge of each kind of cells, as indices of candidates.
  private let survivors: [[[Int]]]
  private let temperature: Scalar

  /// Creates the relaxation at the temperature T > 0 of the pairs.
  public init(survivors: [[[Int]]], temperature: Scalar) {
    precondition(!survivors.isEmpty, "a relaxation needs the survivors of one cell at least")
    precondition(temperature > 0, "a temperature is larger than 0, found \(temperature)")
    (self.survivors, self.temperature) = (survivors, temperature)
  }

  /// The relaxation of one kind of cells.
  public func forCells(ofKind kind: Int) -> any Relaxation {
    BalanceRelaxation(survivors: [survivors[kind]], temperature: temperature)
  }

  /// True: only survivors are evaluated.
  public var yieldsZeros: Bool { true }

  /// The balance weights of candidates: logits [edges, candidates], result [weights.count].
  public func values(of weights: [EdgeWeight], logits: Variable) -> Variable {
    let columns = logits.shape[1]
    let alive = survivors[0].enumerated().map { edge, own in own.map { edge * columns + $0 } }
    precondition(
      alive.count == logits.shape[0],
      "survivors of \(alive.count) edges do not fit logits of shape \(logits.shape)")
    let closed = Set(0..<logits.shape.count).subtracting(alive.joined())
    return openShares(
      of: weights, logits: logits, closed: closed,
      BalanceMeasure(survivors: alive, temperature: temperature))
  }

  /// The marginals [edges] of the pairs; the first of `parameters` is beta.
  public func edgeShares(
    _ parameters: [Variable], of edges: [SearchSpace.Edge], in form: any NodeForm
  ) -> Variable? {
    let topology = CellTopology(edges, sizes: .two)
    return edgeMarginals(
      subsetProbabilities(parameters[0], topology, temperature: temperature), topology)
  }
}

/// The measure of survivors: m(S) = sum over the survivors of S of their balance weights.
struct BalanceMeasure: CandidateMeasure {
  /// The survivors of each edge, as indices into the logits in row-major order.
  let survivors: [[Int]]
  /// T > 0 of the pairs.
  let temperature: Scalar

  /// The survivors of an edge weigh 1 together; nothing needs to be divided.
  var isNormalized: Bool { false }

  /// The logarithm of the sum of each group's survivors, of which each group needs one.
  func logMeasure(_ logits: Variable, groups: [[Int]]) -> Variable {
    let columns = logits.shape[1]
    let scaled = (1000 / temperature) * logits
    let alive = Set(survivors.joined())
    let totals = logSumExp(scaled, groups: survivors)
    return logSumExp(scaled, groups: groups.map { $0.filter(alive.contains) })
      - gather(totals, groups.map { ($0.first ?? 0) / columns })
  }
}
