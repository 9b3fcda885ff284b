import Autodiff
import Tensors
import TopologicalSimplification

/// Exercise `unit-norm-gradient`, chapter 12: the pullback of kernel normalization.
///
/// Forward, every output channel o of a kernel is divided by its length: u_o = w_o / |w_o|. Given G = dL/du, what is
/// dL/dw?
///
/// Shapes: w [O, k, k, I], g the same; result the same. The scalars of channel o are those from o L to (o + 1) L, L = k k I.
func yourUnitNormGradient(_ w: Tensor, _ g: Tensor) -> Tensor {
  g  // Write this.
}

extension Exercise {
  static var unitNormGradient: Exercise {
    Exercise(
      "unit-norm-gradient",
      hint: """
        The length of u_o is 1 whatever w is, so no gradient points along u_o: take <u_o, g_o> u_o away from g_o, and divide \
        by |w_o|.
        """,
      yours: yourUnitNormGradient,
      library: { w, g in
        let tape = Tape()
        let kernel = tape.variable(w)
        return tape.gradients(
          of: unitNormKernel(kernel), cotangent: g, withRespectTo: [kernel])[0]
      },
      wrong: [
        ("stub", { _, g in g }),
        (
          "the length as a constant",
          { w, g in rows(w, g) { _, g, length in g.map { $0 / length } } }
        ),
        ("not divided by the length", { w, g in rows(w, g) { u, g, _ in tangent(u, g) } }),
        (
          "one length for the kernel",
          { w, g in
            let (shape, count) = (w.shape, w.shape.count)
            let flat = rows(w.reshaped(to: [1, count]), g.reshaped(to: [1, count])) {
              u, g, length in
              tangent(u, g).map { $0 / length }
            }
            return flat.reshaped(to: shape)
          }
        ),
      ]
    ) { gradient, findings in
      let w = Tensor([3, 4, 0, 2], shape: [2, 1, 1, 2])
      let g = Tensor([1, 0, 5, 7], shape: [2, 1, 1, 2])
      findings.expect(
        gradient(w, g), Tensor([0.128, -0.096, 2.5, 0], shape: [2, 1, 1, 2]),
        "w (3, 4), (0, 2) and g (1, 0), (5, 7)")
      findings.expect(gradient(w, w), .zeros(w.shape), "along w nothing is to be gained")
      var generator = RandomGenerator(seed: 5)
      let kernel = Tensor.normal([3, 3, 3, 2], using: &generator)
      let cotangent = Tensor.normal([3, 3, 3, 2], using: &generator)
      let expected = rows(kernel, cotangent) { u, g, length in tangent(u, g).map { $0 / length } }
      findings.expect(gradient(kernel, cotangent), expected, "a kernel [3, 3, 3, 2]")
    }
  }

  /// What `body` makes of each output channel: of its unit vector, its cotangent and its length.
  private static func rows(
    _ w: Tensor, _ g: Tensor, _ body: ([Double], [Double], Double) -> [Double]
  ) -> Tensor {
    let size = w.shape.count / w.shape[0]
    let numbers = (0..<w.shape[0]).flatMap { row -> [Double] in
      let range = row * size..<(row + 1) * size
      let (kernel, cotangent) = (Array(w.doubles[range]), Array(g.doubles[range]))
      let length = kernel.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return body(kernel.map { $0 / length }, cotangent, length)
    }
    return Tensor(vector: numbers).reshaped(to: w.shape)
  }

  /// What remains of g without its part along the unit vector u.
  private static func tangent(_ u: [Double], _ g: [Double]) -> [Double] {
    let along = zip(u, g).reduce(0) { $0 + $1.0 * $1.1 }
    return zip(u, g).map { $1 - along * $0 }
  }
}
