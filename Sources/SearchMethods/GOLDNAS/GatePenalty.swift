import Autodiff
import Tensors

/// The penalty on gates that makes the weak ones of a node weaker.
public struct GatePenalty: Hashable, Sendable {
  /// rho: what every gate counts.
  public let rho: Double
  /// mu: what a million multiply-accumulates of its operation add to that.
  public let mu: Double

  /// Creates the penalty; the published search has mu = 0, so that all operations count the same.
  public init(rho: Double = 1, mu: Double = 0) {
    self.rho = rho
    self.mu = mu
  }

  /// The penalty of a cell: logits a [edges, operations], result a single number.
  ///
  /// n_j, which gates are open, and F are constants. A closed gate has no term and does not count in n_j, but
  /// its s is still part of S_j.
  ///
  /// Equation: B-3 [published: sunsmarterjie/GOLD_NAS]. R(a) = sum over cells, nodes j and gates g of j with s_g /
  /// S_j > xi_min of (rho + mu F_g) ln(1 + n_j s_g / S_j), s = sigma(a), S_j the sum of the node's gates, n_j how
  /// many of them are above xi_min.
  ///
  /// Explained in chapter 18.
  public func callAsFunction(_ logits: Variable, of cell: GatedCell) -> Variable {
    let terms = terms(of: cell)
    let logGates = logSigmoid(logits)
    let logSums = logSumExp(logGates, groups: cell.nodes)
    let logShares = gather(logGates, terms.map(\.gate)) - gather(logSums, terms.map(\.node))
    let logCounts = terms.map { Elementary.log(Scalar($0.count)) }
    let factors = terms.map { Scalar($0.factor) }
    // ln(1 + n u) is the softplus of ln n + ln u.
    let relative = logShares + .constant(Tensor(logCounts, shape: [terms.count]))
    return sum(.constant(Tensor(factors, shape: [terms.count])) * softplus(relative))
  }

  /// The derivatives of a cell's penalty with respect to its gates, at logits [edges, operations].
  ///
  /// Equation: B-5 [derived]. dR/ds_m = c_m (n/S) / (1 + n s_m / S) - sum over k of c_k (n s_k / S^2) / (1 + n s_k /
  /// S), c = rho + mu F, both n and the sum over the open gates; a closed gate has the second part alone.
  ///
  /// Explained in chapter 18.
  public func gateDerivatives(_ logits: Tensor, of cell: GatedCell) -> [Double] {
    let gates = cell.gates(logits)
    var derivatives = gates.map { _ in 0.0 }
    for (node, open) in zip(cell.nodes, cell.openNodes) {
      let (sum, count) = (node.reduce(0) { $0 + gates[$1] }, Double(open.count))
      func own(_ gate: Int) -> Double {
        factor(of: gate, in: cell) * count / sum / (1 + count * gates[gate] / sum)
      }
      let common = open.reduce(0) { $0 + own($1) * gates[$1] / sum }
      for gate in node { derivatives[gate] = -common }
      for gate in open { derivatives[gate] += own(gate) }
    }
    return derivatives
  }

  /// The gradient of a cell's penalty with respect to its logits, of their shape.
  ///
  /// Equation: B-5 [derived]. dR/da_m = s_m (1 - s_m) dR/ds_m.
  ///
  /// A node with a single gate has none, so the penalty cannot push a search beyond that.
  ///
  /// Explained in chapter 18.
  public func gradient(_ logits: Tensor, of cell: GatedCell) -> Tensor {
    let derivatives = zip(cell.gates(logits), gateDerivatives(logits, of: cell)).map {
      Scalar($0 * (1 - $0) * $1)
    }
    return Tensor(derivatives, shape: logits.shape)
  }

  private func factor(of gate: Int, in cell: GatedCell) -> Double { rho + mu * cell.costs[gate] }

  /// The open gates with their nodes, n_j and rho + mu F.
  private func terms(of cell: GatedCell) -> [(gate: Int, node: Int, count: Int, factor: Double)] {
    cell.openNodes.enumerated().flatMap { node, open in
      open.map { (gate: $0, node: node, count: open.count, factor: factor(of: $0, in: cell)) }
    }
  }
}
