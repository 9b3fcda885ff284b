import Autodiff
import Tensors

/// Exercise `convolution`, chapter 02: a dense convolution of stride 1, with "same" padding.
///
/// y[n, h, w, o] = sum over i, j, c of x[n, h + i - k/2, w + j - k/2, c] weights[o, i, j, c], k/2 rounded down; outside of
/// the image x is 0.
///
/// Shapes: x [N, H, W, C], weights [O, k, k, C] with odd k; result [N, H, W, O].
func yourConvolution(_ x: Tensor, _ weights: Tensor) -> Tensor {
  x  // Write this.
}

extension Exercise {
  static var convolution: Exercise {
    Exercise(
      "convolution",
      hint: """
        Begin with Tensor.zeros([N, H, W, O]) and write seven loops: n, h, w, o, i, j, c. Leave out the taps whose row or \
        column is outside of the image. weights[o, i, j, c] reads a weight as x[n, h, w, c] reads a pixel.
        """,
      yours: yourConvolution,
      library: { x, w in Convolution.forward(x, w, Window(w.shape[1])) },
      wrong: [
        ("stub", { x, _ in x }),
        (
          "a kernel that is flipped",
          { x, w in Naive.convolution(x, flipped(w), Window(w.shape[1])) }
        ),
        ("every other pixel", { x, w in Naive.convolution(x, w, Window(w.shape[1], stride: 2)) }),
      ]
    ) { convolve, findings in
      var generator = RandomGenerator(seed: 2)
      let identity = Tensor([0, 0, 0, 0, 1, 0, 0, 0, 0], shape: [1, 3, 3, 1])
      let small = Tensor([1, 2, 3, 4], shape: [1, 2, 2, 1])
      findings.expect(
        convolve(small, identity), small, "a kernel of one 1 in the middle gives x back")
      let ones = Tensor(repeating: 1, shape: [1, 3, 3, 1])
      findings.expect(
        convolve(small, ones), Tensor(repeating: 10, shape: [1, 2, 2, 1]),
        "a kernel of ones adds up")
      let left = Tensor([0, 0, 0, 1, 0, 0, 0, 0, 0], shape: [1, 3, 3, 1])
      findings.expect(
        convolve(small, left), Tensor([0, 1, 0, 3], shape: [1, 2, 2, 1]),
        "a 1 at the left reads the pixel at the left")
      for (shape, kernel) in [([2, 4, 5, 3], [2, 3, 3, 3]), ([1, 6, 3, 2], [4, 5, 5, 2])] {
        let x = Tensor.normal(Shape(shape), using: &generator)
        let w = Tensor.normal(Shape(kernel), using: &generator)
        findings.expect(
          convolve(x, w), Naive.convolution(x, w, Window(kernel[1])),
          "x \(shape), weights \(kernel)")
      }
    }
  }

  /// Weights [O, k, k, C] with rows and columns in reverse.
  private static func flipped(_ w: Tensor) -> Tensor {
    var result = w
    let k = w.shape[1]
    for o in 0..<w.shape[0] {
      for i in 0..<k {
        for j in 0..<k {
          for c in 0..<w.shape[3] { result[o, i, j, c] = w[o, k - 1 - i, k - 1 - j, c] }
        }
      }
    }
    return result
  }
}
