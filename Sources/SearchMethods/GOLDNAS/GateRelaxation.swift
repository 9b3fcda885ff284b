import Autodiff
import SearchSpaces
import Tensors

/// The weights of gated candidates.
///
/// Equation: B-1 [published: sunsmarterjie/GOLD_NAS]. x_j = sum over g with s_g > xi_min S_j of s_g o_g(x_i): the
/// weight is the gate s_g itself, not its share s_g / S_j, and 0 for the other gates, whose operations are not
/// evaluated.
///
/// Which gates are open is a matter of the cells' conditions; see `GatedCell.closeGates`.
///
/// Explained in chapter 18.
public struct GateRelaxation: Relaxation {
  private let cells: [GatedCell]

  /// Creates the relaxation of several kinds of cells, each with gates of its own.
  public init(_ cells: [GatedCell]) {
    precondition(!cells.isEmpty, "a relaxation needs the gates of one cell at least")
    self.cells = cells
  }

  /// The relaxation of one kind of cells.
  public func forCells(ofKind kind: Int) -> any Relaxation { GateRelaxation([cells[kind]]) }

  /// True: the operation of a closed gate is not evaluated.
  public var yieldsZeros: Bool { true }

  /// The gates of candidates and their sums over groups: logits [edges, operations], result [weights.count].
  public func values(of weights: [EdgeWeight], logits: Variable) -> Variable {
    let conditions = cells[0].conditions
    precondition(
      logits.shape.count == conditions.count,
      "\(conditions.count) gates do not fit logits of shape \(logits.shape)")
    let closed = Set(conditions.indices.filter { conditions[$0] != .open })
    return openShares(of: weights, logits: logits, closed: closed, GateMeasure(closed: closed))
  }
}

/// The shares of candidates, some of which are closed and weigh nothing: logits [edges, candidates], result
/// [weights.count].
///
/// `closed` are indices into the logits in row-major order, and the measure is one in which they weigh nothing. Where no
/// candidate is open there is nothing to divide by, and the result is the constant 0.
func openShares(
  of weights: [EdgeWeight], logits: Variable, closed: Set<Int>, _ measure: some CandidateMeasure
) -> Variable {
  let columns = logits.shape[1]
  let measured = weights.indices.filter { index in
    let (edge, shares) = (weights[index].edge, weights[index].weight.shares)
    return !shares.isEmpty
      && shares.allSatisfy { !$0.members.allSatisfy { closed.contains(edge * columns + $0) } }
  }
  // The constant 1 keeps its value, and what has closed candidates only is 0.
  let rest = weights.map { $0.weight == .one ? 1 : 0 as Scalar }
  guard !measured.isEmpty else { return .constant(Tensor(rest, shape: [rest.count])) }
  let logShares = logNestedShares(logits, measured.map { weights[$0] }, measure)
  return placed(exp(logShares), at: measured, in: rest)
}

/// The numbers `rest`, with those of the vector x at `places`.
private func placed(_ x: Variable, at places: [Int], in rest: [Scalar]) -> Variable {
  var value = Tensor(rest, shape: [rest.count])
  for (k, place) in places.enumerated() { value[place] = x.value[k] }
  return .result(of: "place", [x], value) { [x = x.slot] g, gradients in
    gradients.add(Tensor(places.map { g[$0] }, shape: [places.count]), to: x)
  }
}
