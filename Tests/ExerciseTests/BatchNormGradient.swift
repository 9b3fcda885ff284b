import Autodiff
import Tensors

/// Exercise `batch-norm-gradient`, chapter 04: the pullback of batch norm, of a single channel.
///
/// Forward, y_i = (x_i - mean) / sqrt(variance + epsilon), with the mean and the biased variance of these x. Given
/// g_i = dL/dy_i, what is dL/dx_i? Mean and variance depend on every x, too.
func yourBatchNormGradient(_ x: [Double], _ g: [Double], epsilon: Double) -> [Double] {
  g  // Write this.
}

extension Exercise {
  private typealias Pullback = ([Double], [Double], Double) -> [Double]

  static var batchNormGradient: Exercise {
    let stub: Pullback = { _, g, _ in g }
    let constants: Pullback = { x, g, epsilon in
      let scale = 1 / (variance(x) + epsilon).squareRoot()
      return g.map { $0 * scale }
    }
    let constantVariance: Pullback = { x, g, epsilon in
      let scale = 1 / (variance(x) + epsilon).squareRoot()
      let center = mean(g)
      return g.map { ($0 - center) * scale }
    }
    let unbiased: Pullback = { x, g, epsilon in
      let (center, count) = (mean(x), Double(x.count))
      let factor = (count / (count - 1)).squareRoot()
      return normGradient(x.map { ($0 - center) * factor }, g, epsilon)
    }
    return Exercise(
      "batch-norm-gradient",
      hint: """
        With y as above: 1 / sqrt(variance + epsilon) times what remains of g without its mean, and without its part along \
        y: that is y times the mean of g y.
        """,
      yours: yourBatchNormGradient, library: normGradient,
      wrong: [
        ("stub", stub), ("mean and variance as constants", constants),
        ("the variance as a constant", constantVariance), ("the unbiased variance", unbiased),
      ]
    ) { gradient, findings in
      findings.expect(
        gradient([1, 2, 4, 5], [0, 0, 0, 0], 1e-5), [0, 0, 0, 0], "no cotangent, no gradient")
      findings.expect(
        gradient([1, 2, 4, 5], [1, 1, 1, 1], 1e-5), [0, 0, 0, 0],
        "the sum of y is 0 whatever x is, so its gradient is 0")
      for (x, g, epsilon) in [
        ([1.0, 2, 4, 5], [1.0, 0, 0, 0], 1e-5),
        ([0.5, -1, 2, 0.25, 3], [0.2, -0.4, 1, 2, -1], 0.1),
      ] {
        findings.expect(
          gradient(x, g, epsilon), slopes(of: x, g, epsilon), "x \(x), g \(g), epsilon \(epsilon)")
      }
    }
  }

  private static func normGradient(_ x: [Double], _ g: [Double], _ epsilon: Double) -> [Double] {
    let tape = Tape()
    let shape: Shape = [1, 1, x.count, 1]
    let map = tape.variable(Tensor(vector: x).reshaped(to: shape))
    let y = batchNorm(map, Normalization(of: map.value, epsilon: epsilon))
    let cotangent = Tensor(vector: g).reshaped(to: shape)
    return tape.gradients(of: y, cotangent: cotangent, withRespectTo: [map])[0].doubles
  }

  /// The gradient by central differences, which need no calculus.
  private static func slopes(of x: [Double], _ g: [Double], _ epsilon: Double) -> [Double] {
    x.indices.map { index in
      let ends = [1e-5, -1e-5].map { step -> Double in
        var moved = x
        moved[index] += step
        let (center, scale) = (mean(moved), 1 / (variance(moved) + epsilon).squareRoot())
        return zip(moved, g).reduce(0) { sum, pair in sum + (pair.0 - center) * scale * pair.1 }
      }
      return (ends[0] - ends[1]) / 2e-5
    }
  }

  private static func mean(_ x: [Double]) -> Double { x.reduce(0, +) / Double(x.count) }
  private static func variance(_ x: [Double]) -> Double {
    let center = mean(x)
    return mean(x.map { ($0 - center) * ($0 - center) })
  }
}
