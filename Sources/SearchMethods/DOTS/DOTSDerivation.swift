import SearchSpaces
import Tensors

/// The edges that DOTS derives after its topology search, node by node.
///
/// - Parameters:
///   - beta: one number for each pair, [pairs].
///   - balance: [edges, 2].
///   - survivors: the best candidate of either group on each edge.
///   - primitives: the candidates.
///   - topology: the pairs.
/// - Returns: two edges per node, each with its operation.
///
/// Equation: A-19 [published: guyuchao/DOTS]. arg max of the pair softmax; on a kept edge the larger of the two balance weights,
/// taken without temperature, decides between the survivors, none excluded: if the first survivor is none, the
/// convolution wins. After the operation search, only to be shown, the rule of DARTS on the weights of both groups.
///
/// Explained in chapter 25.
public func dotsEdges(
  pairs beta: Tensor, balance: Tensor, survivors: [[Int]], primitives: [Primitive],
  _ topology: CellTopology
) -> [DerivedEdge] {
  let edges = topology.edges.count
  precondition(
    balance.shape == [edges, 2] && survivors.count == edges,
    "\(edges) edges need two balance numbers and survivors each, found shape \(balance.shape) "
      + "and \(survivors.count) edges with survivors")
  // A softmax keeps the order, with and without temperature.
  return topology.strongestSubsets(beta).joined().map { edge in
    let rivals = survivors[edge].indices.filter { primitives[survivors[edge][$0]] != .none }
    let best = rivals[argMax(rivals.map { balance[edge * 2 + $0] })]
    return DerivedEdge(edge: edge, candidate: survivors[edge][best])
  }
}
