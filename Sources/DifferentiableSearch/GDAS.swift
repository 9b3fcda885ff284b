import Autodiff
import SearchSpaces
import Tensors

/// The weights of GDAS for one draw of noise: one operation an edge is sampled and evaluated.
///
/// Forward a weight is 0 or 1; backward it is the share that a softmax at a temperature gives. On a
/// simplified space a group is evaluated only if one of its members was sampled, and inside it the sampled
/// one has all the weight.
///
/// Equation: TS-31 [published: GDAS; reconstructed: medium]. q = softmax((log softmax(a) + g) / tau),
/// h = onehot(arg max q) - sg(q) + q; for a group G: A = sum over G of h_i, r = q_G / sum over G of q_i,
/// r^h = onehot(arg max r) - sg(r) + r. If arg max q is not in G, the group is not evaluated, and A, which is 0,
/// is added in its place.
///
/// One draw is for one architecture parameter: a space with two kinds of cells needs one each.
///
/// So w(S | T) is 1 if the largest q of T is in S, else 0, with the gradient of sum_S q / sum_T q.
public struct GumbelRelaxation: Relaxation {
  private let noise: Tensor
  private let temperature: Scalar

  /// Creates the relaxation for noise g, draws of the Gumbel distribution [edges, columns], and tau > 0.
  public init(noise: Tensor, temperature: Scalar) {
    precondition(temperature > 0, "a temperature is larger than 0, found \(temperature)")
    self.noise = noise
    self.temperature = temperature
  }

  /// What was not sampled has the weight 0.
  public var yieldsZeros: Bool { true }

  /// The shares of candidates, 0 or 1: logits [edges, columns], result [weights.count].
  public func values(of weights: [EdgeWeight], logits: Variable) -> Variable {
    precondition(
      noise.shape == logits.shape,
      "noise of shape \(noise.shape) does not fit logits of shape \(logits.shape)")
    // The logarithm of the softmax differs from the logits by a constant, which cancels in each share.
    let perturbed = (1 / temperature) * (logits + .constant(noise))
    let soft = nestedSoftmax(perturbed, weights)
    let hard = Tensor(vector: weights.map { isSampled($0, perturbed.value) ? 1 : 0 })
    return .result(of: "straightThrough", [soft], hard) { [soft = soft.slot] g, gradients in
      gradients.add(g, to: soft)
    }
  }

  /// Whether in every factor of the weight the strongest logit is a member.
  private func isSampled(_ weight: EdgeWeight, _ logits: Tensor) -> Bool {
    let columns = logits.shape[1]
    return weight.weight.shares.allSatisfy { share in
      let best = argMax(share.within.map { logits[weight.edge * columns + $0] })
      return share.members.contains(share.within[best])
    }
  }
}
