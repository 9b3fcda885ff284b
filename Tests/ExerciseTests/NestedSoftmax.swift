import Autodiff
import Foundation
import SearchSpaces
import Tensors

/// Exercise `nested-softmax`, chapter 10: the weights of a sum in which a group became one summand.
///
/// alpha = softmax(logits). The candidates of `group`, at least one, get together the weight A, the sum of their alpha;
/// within the group each has the share p_i = alpha_i / A. It must work for every logit: exp(1000) is no number, and where
/// a whole group is weak, A may be 0 while the p are not.
///
/// - Returns: A, and the p in the order of `group`.
func yourNestedWeights(_ logits: [Double], group: [Int]) -> (weight: Double, shares: [Double]) {
  (0, group.map { _ in 0 })  // Write this.
}

extension Exercise {
  private typealias Weights = ([Double], [Int]) -> (weight: Double, shares: [Double])

  static var nestedSoftmax: Exercise {
    let library: Weights = { logits, group in
      let all = ArchitectureWeight(group, within: Array(logits.indices))
      let weights = [all] + group.map { ArchitectureWeight([$0], within: group) }
      let row = Variable.constant(Tensor(vector: logits).reshaped(to: [1, logits.count]))
      let values = SearchSpaces.nestedSoftmax(row, weights.map { EdgeWeight(edge: 0, weight: $0) })
        .value.doubles
      return (values[0], Array(values.dropFirst()))
    }
    /// A and p from numbers that are proportional to alpha.
    func divided(_ strengths: [Double], _ group: [Int]) -> (weight: Double, shares: [Double]) {
      let sum = group.reduce(0) { $0 + strengths[$1] }
      return (sum / strengths.reduce(0, +), group.map { strengths[$0] / sum })
    }
    let stub: Weights = { _, group in (0, group.map { _ in 0 }) }
    let plainExp: Weights = { logits, group in divided(logits.map { exp($0) }, group) }
    let division: Weights = { logits, group in
      let most = logits.max() ?? 0
      return divided(logits.map { exp($0 - most) }, group)
    }
    let amongAll: Weights = { logits, group in
      let most = logits.max() ?? 0
      let strengths = logits.map { exp($0 - most) }
      let sum = strengths.reduce(0, +)
      return (divided(strengths, group).weight, group.map { strengths[$0] / sum })
    }
    return Exercise(
      "nested-softmax",
      hint: """
        logsumexp(a) = m + log(sum of exp(a_k - m)), m the largest a_k, never overflows. A and p_i are exp of a difference \
        of two such numbers; p is the softmax of the group alone.
        """,
      yours: yourNestedWeights, library: library,
      wrong: [
        ("stub", stub), ("exp of the logits as they are", plainExp), ("a division by A", division),
        ("shares among all", amongAll),
      ]
    ) { nested, findings in
      let cases: [(logits: [Double], group: [Int], weight: Double, shares: [Double])] = [
        ([0, 0, 0, 0], [1, 3], 0.5, [0.5, 0.5]),
        ([0, 0.693147, 1.098612, 1.386294], [3, 1], 0.6, [0.666667, 0.333333]),
        ([1000, 1000, 0], [0, 1], 1, [0.5, 0.5]), ([-1000, -1000, 0], [0, 1], 0, [0.5, 0.5]),
        ([0.3, -1], [1], 0.214165, [1]),
      ]
      for (logits, group, weight, shares) in cases {
        let found = nested(logits, group)
        findings.expect([found.weight], [weight], "A of \(group) for the logits \(logits)")
        findings.expect(found.shares, shares, "p of \(group) for the logits \(logits)")
      }
    }
  }
}
