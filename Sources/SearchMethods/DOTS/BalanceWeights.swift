import Autodiff
import Tensors

/// The weights of the two survivors of an edge in the topology search.
///
/// The two are the best of either group; all other operations have the weight 0 and are not executed.
/// Shapes: balance [edges, 2], 0 at the start; result [edges, 2]. The temperature is that of the pairs.
///
/// Equation: A-16 [published: guyuchao/DOTS]. Topology search: o_ij(x) = b_0 o_0(x) + b_1 o_1(x), b = sm at the temperature
/// 10^-3 T of c, c of R^2; x_j = sum over i of q_ij o_ij(x_i).
///
/// Explained in chapter 25.
public func balanceWeights(_ balance: Variable, temperature: Scalar) -> Variable {
  precondition(
    balance.shape.rank == 2 && balance.shape[1] == 2,
    "expected two numbers per edge, found shape \(balance.shape)")
  precondition(temperature > 0, "a temperature is larger than 0, found \(temperature)")
  return softmax((1000 / temperature) * balance)
}
