import SearchMethods
import Tensors

/// Exercise `finite-difference`, chapter 07: the product that second-order DARTS needs, without a second derivative.
///
/// `gradient` gives dL/dalpha at given weights. Its derivative along v at w is about
/// (gradient(w + epsilon v) - gradient(w - epsilon v)) / (2 epsilon), with epsilon = r / |v|.
/// For v = 0 it is 0.
func yourDifferenceProduct(
  at w: [Double], along v: [Double], r: Double, of gradient: ([Double]) -> [Double]
) -> [Double] {
  w.map { _ in 0 }  // Write this.
}

extension Exercise {
  private typealias Gradient = ([Double]) -> [Double]
  private typealias Product = ([Double], [Double], Double, Gradient) -> [Double]

  static var finiteDifference: Exercise {
    let library: Product = { w, v, r, gradient in
      let zeros = Tensor(vector: gradient(w).map { _ in 0 })
      return secondOrderArchitectureGradient(
        at: [Tensor(vector: w)], rate: -1, validation: [zeros], along: [Tensor(vector: v)],
        distance: r
      ) { [Tensor(vector: gradient($0[0].doubles))] }[0].doubles
    }
    let stub: Product = { w, _, _, _ in w.map { _ in 0 } }
    let timesEpsilon: Product = { w, v, r, gradient in
      let epsilon = r / length(v)
      return difference(w, v, epsilon, gradient).map { $0 / 2 * epsilon }
    }
    let fixedEpsilon: Product = { w, v, r, gradient in
      difference(w, v, r, gradient).map { $0 / (2 * r) }
    }
    let noZero: Product = { w, v, r, gradient in
      let epsilon = r / length(v)
      return difference(w, v, epsilon, gradient).map { $0 / (2 * epsilon) }
    }
    return Exercise(
      "finite-difference",
      hint: """
        |v| is the root of the sum of squares. A factor 1 / (2 epsilon) needs its parentheses: several published codes \
        divide by 2 and multiply by epsilon.
        """,
      yours: yourDifferenceProduct, library: library,
      wrong: [
        ("stub", stub), ("divided by 2, times epsilon", timesEpsilon),
        ("epsilon = r", fixedEpsilon), ("v = 0 forgotten", noZero),
      ]
    ) { product, findings in
      let linear: Gradient = { w in [2 * w[0] + w[1], -w[1]] }
      let cubic: Gradient = { w in [w[0] * w[0] * w[0]] }
      findings.expect(
        product([1, 1], [3, 4], 0.01, linear), [10, -4],
        "for a linear gradient it is the matrix times v")
      findings.expect(
        product([1], [2], 1, cubic), [8],
        "the gradient w^3 at w = 1 along v = 2 with r = 1, so epsilon = 0.5")
      findings.expect(product([1, 1], [0, 0], 0.01, linear), [0, 0], "v = 0")
    }
  }

  private static func length(_ v: [Double]) -> Double {
    v.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  /// What the gradient is at w + epsilon v, less what it is at w - epsilon v.
  private static func difference(
    _ w: [Double], _ v: [Double], _ epsilon: Double, _ gradient: Gradient
  ) -> [Double] {
    let ahead = gradient(zip(w, v).map { w, v in w + epsilon * v })
    let back = gradient(zip(w, v).map { w, v in w - epsilon * v })
    return zip(ahead, back).map { $0 - $1 }
  }
}
