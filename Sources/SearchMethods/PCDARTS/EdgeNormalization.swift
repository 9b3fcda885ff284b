import Autodiff
import Tensors

/// The share of each edge in the node that it leads to.
///
/// Equation: D2-2 [published: yuhuixu1993/PC-DARTS]. x_j = sum over i of softmax(beta_j)_i o_ij(x_i), the softmax
/// over the predecessors i of j.
/// Shapes: beta [edges], `targets` the node of each edge; result [edges].
///
/// Explained in chapter 24.
public func edgeShares(_ beta: Variable, targets: [Int]) -> Variable {
  exp(logEdgeShares(beta, targets: targets))
}

/// The logarithms of `edgeShares`.
public func logEdgeShares(_ beta: Variable, targets: [Int]) -> Variable {
  let rivals = targets.map { target in targets.indices.filter { targets[$0] == target } }
  return beta - logSumExp(beta, groups: rivals)
}
