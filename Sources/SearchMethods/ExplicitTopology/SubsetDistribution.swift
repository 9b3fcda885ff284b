import Autodiff
import Tensors

/// The probability of each set of predecessors.
///
/// Shapes: beta [subsets], `temperature` > 0; result [subsets], which adds up to 1 node by node.
///
/// Equation: A-1 [published: guyuchao/DOTS; reconstructed: high]. pi_j = sm_tau(beta_j), beta_j one number per set of T_j,
/// sm_tau(v)_k = exp(v_k / tau) / sum over l of exp(v_l / tau). Published for pairs.
///
/// Explained in chapter 19.
public func subsetProbabilities(
  _ beta: Variable, _ topology: CellTopology, temperature: Scalar = 1
) -> Variable {
  exp(logSubsetProbabilities(beta, topology, temperature: temperature))
}

/// The logarithms of `subsetProbabilities`.
func logSubsetProbabilities(
  _ beta: Variable, _ topology: CellTopology, temperature: Scalar
) -> Variable {
  topology.check(beta.value)
  precondition(temperature > 0, "a temperature is larger than 0, found \(temperature)")
  let scaled = (1 / temperature) * beta
  let totals = logSumExp(scaled, groups: topology.nodes.map { Array($0.range) })
  let owners = topology.nodes.enumerated().flatMap { index, node in node.subsets.map { _ in index }
  }
  return scaled - gather(totals, owners)
}

/// One set per node, drawn: 1 for it and 0 for the others, with the gradient of the probabilities.
///
/// The one-hot variant of explicit topology learning, with D3-3 in place of a softmax. Its use here is this project's
/// reading. Without noise the strongest set wins.
///
/// - Parameters:
///   - beta: [subsets].
///   - topology: the families.
///   - temperature: tau > 0.
///   - noise: draws of the Gumbel distribution, [subsets].
/// - Returns: 0 or 1 for each set.
public func sampledSubsets(
  _ beta: Variable, _ topology: CellTopology, temperature: Scalar, noise: Tensor
) -> Variable {
  let perturbed = beta + .constant(noise)
  let soft = subsetProbabilities(perturbed, topology, temperature: temperature)
  let numbers = perturbed.value.scalars
  var hard = Tensor.zeros(soft.shape)
  for node in topology.nodes {
    hard[node.range.lowerBound + argMax(numbers[node.range])] = 1
  }
  return .result(of: "straightThrough", [soft], hard) { [soft = soft.slot] g, gradients in
    gradients.add(g, to: soft)
  }
}
