import TestSupport
import Testing

@testable import Tensors

@Suite("Sums of maps and shares")
struct MapSumTests {
  static let shapes: [Shape] = [[1, 1, 1, 16], [3, 5, 7, 17], [37, 8, 8, 16], [2, 9, 6, 48]]

  /// Two scaled maps, two pools and two convolutions' gradients, which overlap in all but the sums.
  private struct Case {
    let shape: Shape
    var x: Tensor { sample(shape, 1) }
    var g: Tensor { sample(shape, 2) }
    var terms: [ChannelwiseSum.Term] {
      [.init(g, scale: 0.3), .init(x, scale: sample([shape.channels], 3))]
    }
    var shift: Tensor { sample([shape.channels], 4) }
    var pooled: LazyMap { LazyMap([.init(g, scale: 0.7), .init(sample(shape, 5), scale: -0.2)]) }
    func kernel(_ window: Window) -> Tensor {
      sample([shape.channels, window.kernel, window.kernel, shape.channels], 6)
    }
    func backward(_ window: Window) -> Convolution.Backward {
      .init(
        LazyMap(terms, shift: shift), kernel(window), window, of: shape, mask: x,
        weightsOf: (x, [window]))
    }

    /// The sum by one pass, and the gradients of the kernels.
    func inOnePass(from start: Tensor?) -> (sum: Tensor, kernels: [Tensor]) {
      var total = start ?? Tensor(repeating: .nan, shape: shape)
      let convolutions = [backward(Window(1)), backward(Window(3))]
      let pools = [
        AveragePooling.Share(pooling: x, Window(3), weight: 0.4),
        AveragePooling.Share(gradient: pooled, Window(3), of: shape),
      ]
      MapSum.evaluate(
        terms, shift: shift, pools + convolutions, into: &total, accumulating: start != nil)
      return (total, convolutions.flatMap(\.weightGradients))
    }

    /// The same share by share, by the twins of the kernels.
    func naively(from start: Tensor?) -> (sum: Tensor, kernels: [Tensor]) {
      var total = Naive.channelwiseSum(terms, shift: shift)
      let dy = total
      if let start { total += start }
      total += 0.4 * Naive.averagePooling(x, Window(3))
      total += Naive.averagePoolingInputGradient(
        pooled.evaluated(), Window(3), inputShape: shape)
      var kernels: [Tensor] = []
      for window in [Window(1), Window(3)] {
        total += Naive.convolutionInputGradient(dy, kernel(window), window, inputShape: shape)
          .keeping(wherePositive: x)
        kernels.append(Naive.convolutionWeightGradient(x.relu(), dy, window))
      }
      return (total, kernels)
    }
  }

  @Test(arguments: shapes, [false, true])
  func `one pass gives what the twins give`(_ shape: Shape, _ accumulating: Bool) {
    let test = Case(shape: shape)
    let start = accumulating ? sample(shape, 7) : nil
    let (found, expected) = (test.inOnePass(from: start), test.naively(from: start))
    expectClose(found.sum, expected.sum, absolute: 1e-4, relative: 1e-4)
    for (kernel, other) in zip(found.kernels, expected.kernels) {
      expectClose(kernel, other, absolute: 1e-3, relative: 1e-4)
    }
  }

  @Test(arguments: shapes, ConvolutionAlgorithm.allCases)
  func `the bits do not depend on the threads`(_ shape: Shape, _ algorithm: ConvolutionAlgorithm) {
    ConvolutionAlgorithm.$current.withValue(algorithm) {
      let results = [1, 2, 5].map { threads in
        Threads.$limit.withValue(threads) { Case(shape: shape).inOnePass(from: sample(shape, 7)) }
      }
      #expect(results.allSatisfy { $0.sum == results[0].sum && $0.kernels == results[0].kernels })
    }
  }

  @Test(arguments: shapes) func `a share alone is its kernel`(_ shape: Shape) {
    let test = Case(shape: shape)
    var (found, expected) = (Tensor(repeating: .nan, shape: shape), Tensor.zeros(shape))
    MapSum.evaluate([], [test.backward(Window(3))], into: &found, accumulating: false)
    test.backward(Window(3)).run(into: &expected, accumulating: false)
    #expect(found == expected)
    let pool = AveragePooling.Share(pooling: test.x, Window(3), weight: 1)
    MapSum.evaluate([], [pool], into: &found, accumulating: false)
    #expect(found == AveragePooling.forward(test.x, Window(3)))
  }

  @Test(arguments: PoolingKernelTests.windows, PoolingKernelTests.shapes)
  func `the derivative of a pool's weight`(_ window: Window, _ shape: Shape) {
    let x = sample(shape)
    let pooled = Naive.averagePooling(x, window)
    let g = sample(pooled.shape, 1)
    expectClose(
      AveragePooling.product(g, x, window), g.dot(pooled), absolute: 1e-3, "d weight")
    var dx = Tensor(repeating: .nan, shape: shape)
    let share = AveragePooling.Share(gradient: LazyMap(g), window, of: shape)
    MapSum.evaluate([], [share], into: &dx, accumulating: false)
    expectClose(dx, Naive.averagePoolingInputGradient(g, window, inputShape: shape))
  }
}
