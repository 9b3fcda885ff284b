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
        AveragePooling.Share(
          pooling: LazyMap([.init(x, scale: 0.4), .init(g, scale: 0.2)]), Window(3)),
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
      total += 0.2 * Naive.averagePooling(g, Window(3))
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
    let pool = AveragePooling.Share(pooling: LazyMap(test.x), Window(3))
    MapSum.evaluate([], [pool], into: &found, accumulating: false)
    #expect(found == AveragePooling.forward(test.x, Window(3)))
  }

  @Test(arguments: PoolingKernelTests.windows, PoolingKernelTests.shapes)
  func `the derivatives of the weights of pools`(_ window: Window, _ shape: Shape) {
    let maps = [sample(shape), sample(shape, 2), sample(shape, 3)]
    let g = sample(window.outputShape(shape, channels: shape.channels), 1)
    for (found, map) in zip(AveragePooling.products(g, window, maps), maps) {
      expectClose(found, g.dot(Naive.averagePooling(map, window)), absolute: 1e-3, "d weight")
    }
    var dx = Tensor(repeating: .nan, shape: shape)
    let share = AveragePooling.Share(gradient: LazyMap(g), window, of: shape)
    MapSum.evaluate([], [share], into: &dx, accumulating: false)
    expectClose(dx, Naive.averagePoolingInputGradient(g, window, inputShape: shape))
  }

  /// A gradient that is evaluated as it is read, and what is there already: added to it, or overwritten.
  private func expectShare(
    _ share: any MapShare, is expected: Tensor, _ comment: String
  ) {
    for start in [nil, sample(expected.shape, 11)] {
      var total = start ?? Tensor(repeating: .nan, shape: expected.shape)
      MapSum.evaluate([], [share], into: &total, accumulating: start != nil)
      expectClose(
        total, start.map { $0 + expected } ?? expected, absolute: 1e-4, relative: 1e-4, "\(comment)"
      )
    }
  }

  @Test(arguments: PoolingKernelTests.windows, PoolingKernelTests.shapes)
  func `the gradient of a max pool as a share`(_ window: Window, _ shape: Shape) {
    let x = sample(shape)
    let y = MaxPooling.forward(x, window)
    let g = LazyMap([.init(sample(y.shape, 1), scale: 0.7), .init(y, scale: -0.2)])
    expectShare(
      MaxPooling.Share(gradient: g, window, x: x, y: y),
      is: Naive.maxPoolingInputGradient(g.evaluated(), window, x: x), "max pool")
  }

  @Test(arguments: [0, 1]) func `the gradient of every second pixel as a share`(_ offset: Int) {
    for shape: Shape in [[1, 2, 2, 1], [3, 4, 6, 17], [17, 8, 8, 16]] {
      let g = sample([shape.images, shape.height / 2, shape.width / 2, shape.channels], 1)
      var expected = Tensor.zeros(shape)
      for n in 0..<shape.images {
        for i in 0..<shape.height / 2 {
          for j in 0..<shape.width / 2 {
            for c in 0..<shape.channels {
              expected[n, 2 * i + offset, 2 * j + offset, c] = g[n, i, j, c]
            }
          }
        }
      }
      expectShare(
        Subsampling.Share(gradient: g, shape: shape, offset: offset), is: expected, "\(shape)")
    }
  }

  @Test(arguments: [0..<1, 3..<20, 16..<33, 0..<33])
  func `some channels as a share`(_ range: Range<Int>) {
    let map = sample([5, 3, 4, 33], 2)
    let share = ChannelSlice(of: map, range)
    expectShare(share, is: map.channels(range), "\(range)")
    #expect(share.shape == [5, 3, 4, range.count])
  }

  /// Two branches that read one map behind a ReLU, as in a simplified edge of DARTS.
  @Test(arguments: [[3, 5, 7, 17], [18, 8, 8, 16]] as [Shape])
  func `a separable convolution's gradients as a share`(_ shape: Shape) {
    let input = LazyMap(sample(shape), afterReLU: true)
    let branches = [3, 5].map { kernel in
      SeparableConvolution.Branch(
        input, sample([shape.channels, kernel, kernel, 1], kernel), Window(kernel))
    }
    let w = sample([24, 1, 1, shape.channels], 3)
    let g = LazyMap(sample([shape.images, shape.height, shape.width, 24], 4))
    let share = SeparableConvolution.Share(
      g, branches, w, depthwise: [true, true], isPointwiseNeeded: true)
    var places: [SeparableConvolution.InputGradient?] = branches.map { _ in
      .init(Tensor(uninitialized: shape), accumulating: false)
    }
    let kernels = SeparableConvolution.gradients(
      g, branches, w, into: &places, depthwise: [true, true], isPointwiseNeeded: true)
    expectShare(share, is: places[0]!.total + places[1]!.total, "x")
    #expect(
      share.kernels.depthwise == kernels.depthwise && share.kernels.pointwise == kernels.pointwise)
  }
}
