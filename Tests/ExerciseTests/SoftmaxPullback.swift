import Autodiff
import Tensors

/// Exercise `softmax-pullback`, chapter 06: how the gradient of the weights becomes one of the logits.
///
/// alpha = softmax(a). Given alpha, and g_k = dL/dalpha_k, what is dL/da_k?
func yourSoftmaxPullback(_ alpha: [Double], _ g: [Double]) -> [Double] {
  g  // Write this.
}

extension Exercise {
  private typealias Pullback = ([Double], [Double]) -> [Double]

  static var softmaxPullback: Exercise {
    let library: Pullback = { alpha, g in
      let tape = Tape()
      let logits = tape.variable(Tensor(vector: alpha).map { Elementary.log($0) })
      let gradients = tape.gradients(
        of: softmax(logits), cotangent: Tensor(vector: g), withRespectTo: [logits])
      return gradients[0].doubles
    }
    let stub: Pullback = { _, g in g }
    let noCompetition: Pullback = { alpha, g in
      zip(alpha, g).map { alpha, g in alpha * (1 - alpha) * g }
    }
    let noMean: Pullback = { alpha, g in zip(alpha, g).map { alpha, g in alpha * g } }
    let plainMean: Pullback = { alpha, g in
      let mean = g.reduce(0, +) / Double(g.count)
      return zip(alpha, g).map { alpha, g in alpha * (g - mean) }
    }
    return Exercise(
      "softmax-pullback",
      hint:
        "d alpha_j / d a_k = alpha_j ([j = k] - alpha_k); the sum over j of that times g_j has two terms.",
      yours: yourSoftmaxPullback, library: library,
      wrong: [
        ("stub", stub), ("as if weights did not compete", noCompetition),
        ("without the mean", noMean), ("the mean of equal weights", plainMean),
      ]
    ) { pullback, findings in
      findings.expect(pullback([0.5, 0.5], [1, 0]), [0.25, -0.25], "alpha (0.5, 0.5), g (1, 0)")
      findings.expect(
        pullback([0.2, 0.3, 0.5], [7, 7, 7]), [0, 0, 0],
        "alpha (0.2, 0.3, 0.5), g (7, 7, 7): a constant on all logits changes no weight")
      findings.expect(
        pullback([0.2, 0.3, 0.5], [1, 2, -1]), [0.14, 0.51, -0.65],
        "alpha (0.2, 0.3, 0.5), g (1, 2, -1)")
    }
  }
}
