import Autodiff
import Tensors

// How probable it is that a node is of no use. The formulas are this project's reconstructions: of the publication's
// term only the words "passive-aggressive" and "invalid topology" are known.

/// The probability that a node leads to no other.
///
/// Reconstructed by this project; the publication's own formula is not known.
/// Shapes: q [edges]; result [connectors], in the order of `topology.connectors`, or nil if there are none. The last
/// node, which leads nowhere in any cell, is not among them.
///
/// Equation: A-9 [reconstructed: low]. P_out(i) = product over j > i of (1 - q_ij), i and j nodes that are no inputs.
///
/// Explained in chapter 27.
public func danglingProbabilities(_ q: Variable, _ topology: CellTopology) -> Variable? {
  let connectors = topology.connectors
  return connectors.isEmpty
    ? nil : products(complement(q), groups: connectors.map(topology.leaving))
}

/// The probability that a node has no predecessor.
///
/// Reconstructed by this project; the publication's own formula is not known.
/// Shapes: pi [subsets]; result [nodes that may be empty], or nil if none may.
///
/// Equation: A-10 [reconstructed: low]. P_in(j) = pi_j(empty set), only when 0 is in K; an empty node that has a successor is
/// invalid too.
///
/// Explained in chapter 27.
public func emptyProbabilities(_ pi: Variable, _ topology: CellTopology) -> Variable? {
  let places = emptySets(topology)
  return places.isEmpty ? nil : gather(pi, places.map(\.place))
}

/// Where the empty set of each node that has one stands in beta, with the numbers of its node.
func emptySets(_ topology: CellTopology) -> [(place: Int, range: Range<Int>)] {
  topology.nodes.compactMap { node in
    zip(node.range, node.subsets).first { $1.isEmpty }.map { ($0.0, node.range) }
  }
}

/// The derivatives of the probabilities to dangle.
///
/// Reconstructed by this project. The product runs over the other edges, so that it holds where some q is 1.
/// Shapes: q [edges]; result [connectors, edges].
///
/// Equation: A-13 [reconstructed: low]. dP_out(i) / dq_ij = - product over j' != j of (1 - q_ij').
///
/// Explained in chapter 27.
public func danglingJacobian(_ q: Tensor, _ topology: CellTopology) -> Tensor {
  let (connectors, columns) = (topology.connectors, topology.edges.count)
  var jacobian = Tensor.zeros([connectors.count, columns])
  for (row, node) in connectors.enumerated() {
    let edges = topology.leaving(node)
    for edge in edges {
      jacobian[row * columns + edge] = -edges.reduce(Scalar(1)) {
        $1 == edge ? $0 : $0 * (1 - q[$1])
      }
    }
  }
  return jacobian
}

/// The probability of each node to be a loose end of the cell: 1 for the last one.
///
/// With it the output of a supernet is each node's channels times it. Where all q are 0 or 1 the channels of the other
/// nodes are 0, as if they were not joined. This project's way to make the choice of the output differentiable.
/// Shapes: q [edges]; result [nodes].
public func looseEndProbabilities(_ q: Variable, _ topology: CellTopology) -> Variable {
  products(complement(q), groups: topology.nodes.map { topology.leaving($0.node) })
}

/// 1 - q.
private func complement(_ q: Variable) -> Variable {
  .constant(Tensor(repeating: 1, shape: q.shape)) - q
}

/// The products of several groups of numbers of x, each a list of indices; that of none is 1.
private func products(_ x: Variable, groups: [[Int]]) -> Variable {
  let value = x.value
  func product(_ group: [Int], without index: Int? = nil) -> Scalar {
    group.reduce(Scalar(1)) { $1 == index ? $0 : $0 * value[$1] }
  }
  let all = Tensor(groups.map { product($0) }, shape: [groups.count])
  return .result(of: "products", [x], all) { [x = x.slot] g, gradients in
    var share = Tensor.zeros(value.shape)
    for (k, group) in groups.enumerated() {
      for index in group { share[index] += g[k] * product(group, without: index) }
    }
    gradients.add(share, to: x)
  }
}
