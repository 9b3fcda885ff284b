import Autodiff
import Tensors

/// The probability that an edge is kept: that of all sets that hold it.
///
/// Shapes: pi [subsets]; result [edges], each in [0, 1].
///
/// Equation: A-2 [published: guyuchao/DOTS; reconstructed: high]. q_ij = sum over S in T_j with i in S of pi_j(S): a set of
/// two counts for both its edges. Published for pairs.
///
/// Explained in chapter 19.
public func edgeMarginals(_ pi: Variable, _ topology: CellTopology) -> Variable {
  sums(pi, groups: topology.holders)
}

/// The logarithms of the marginals, of those that are too small for a number too: beta [subsets], result [edges].
func logEdgeMarginals(
  _ beta: Variable, _ topology: CellTopology, temperature: Scalar = 1
) -> Variable {
  logSumExp(
    logSubsetProbabilities(beta, topology, temperature: temperature), groups: topology.holders)
}

/// The number of edges that each node keeps on average.
///
/// Shapes: pi [subsets]; result [nodes].
///
/// Equation: A-3 [published: guyuchao/DOTS; reconstructed: high]. sum over i of q_ij = E|S|, the mean of |S| under pi_j; it
/// is 2 exactly when K = {2}.
///
/// Explained in chapter 19.
public func expectedSizes(_ pi: Variable, _ topology: CellTopology) -> Variable {
  sums(
    pi,
    groups: topology.nodes.map { node in
      zip(node.range, node.subsets).flatMap { place, subset in subset.map { _ in place } }
    })
}

/// The derivatives of the marginals.
///
/// Shapes: beta [subsets]; result [edges, subsets], 0 between different nodes.
///
/// Equation: A-6 [reconstructed: high]. dq_ij / dbeta_j(S) = pi_j(S) ([i in S] - q_ij) / tau.
///
/// Equation: A-22 [derived]. q(beta_j + c) = q(beta_j); sum over S of dq_ij / dbeta_j(S) = 0; for K = {2},
/// sum over i of dq_ij / dbeta_j(S) = 0; permuting predecessors permutes q.
///
/// Explained in chapter 27.
public func marginalJacobian(
  _ beta: Tensor, _ topology: CellTopology, temperature: Scalar = 1
) -> Tensor {
  let probabilities = subsetProbabilities(.constant(beta), topology, temperature: temperature)
  let (pi, q) = (probabilities.value, edgeMarginals(probabilities, topology).value)
  let columns = topology.subsetCount
  var jacobian = Tensor.zeros([topology.edges.count, columns])
  for node in topology.nodes {
    for edge in node.edges {
      for (place, subset) in zip(node.range, node.subsets) {
        let isHeld: Scalar = subset.contains(edge) ? 1 : 0
        jacobian[edge * columns + place] = pi[place] * (isHeld - q[edge]) / temperature
      }
    }
  }
  return jacobian
}

/// The sums of several groups of numbers of x, each a list of indices; an index may occur several times.
private func sums(_ x: Variable, groups: [[Int]]) -> Variable {
  let (shape, value) = (x.shape, x.value)
  let totals = groups.map { $0.reduce(Scalar(0)) { $0 + value[$1] } }
  return .result(of: "sums", [x], Tensor(totals, shape: [groups.count])) {
    [x = x.slot] g, gradients in
    var share = Tensor.zeros(shape)
    for (k, group) in groups.enumerated() {
      for index in group { share[index] += g[k] }
    }
    gradients.add(share, to: x)
  }
}
