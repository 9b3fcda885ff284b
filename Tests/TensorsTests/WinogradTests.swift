import TestSupport
import Testing

@testable import Tensors

@Suite("Winograd's matrices, and their spelling in instructions")
struct WinogradTransformTests {
  static let matrices = WinogradMatrices()
  /// Rounding, in units of the values at hand.
  static let rounding = isDoublePrecision ? 1e-14 : 1e-5

  static let numbers = sample([36 * 16])

  /// Every lane of a vector that stands for a small matrix holds another number.
  static func number(_ i: Int, _ j: Int, _ lane: Int) -> Double {
    Double(numbers[(6 * i + j) * 16 + lane])
  }

  static func vector(_ i: Int, _ j: Int) -> Vector {
    var v = Vector.zero
    for lane in 0..<16 { v[lane] = Scalar(number(i, j, lane)) }
    return v
  }

  static func matrix(_ rows: Int, _ columns: Int, lane: Int) -> [[Double]] {
    (0..<rows).map { i in (0..<columns).map { number(i, $0, lane) } }
  }

  /// Expects left M left^T, for M of `extent` rows and columns.
  func expect(
    _ place: (Int, Int) -> Vector, is left: [[Double]], extent: Int,
    _ location: SourceLocation = #_sourceLocation
  ) {
    for lane in 0..<16 {
      let expected = Self.matrix(extent, extent, lane: lane).between(left)
      for (i, row) in expected.enumerated() {
        expectClose(
          row.indices.map { Double(place(i, $0)[lane]) }, row, absolute: 10 * Self.rounding,
          "lane \(lane), row \(i)", sourceLocation: location)
      }
    }
  }

  @Test func `the matrices as they are documented`() {
    let a: Double = 0.5.squareRoot()
    let b: Double = 2.0.squareRoot()
    let (half, third, sixth): (Double, Double, Double) = (0.5, 1.0 / 3, 1.0 / 6)
    let m = Self.matrices
    let input: [[Double]] = [
      [1, 0, -2.5, 0, 1, 0], [0, -b, -2, a, 1, 0], [0, b, -2, -a, 1, 0],
      [0, -a, -half, b, 1, 0], [0, a, -half, -b, 1, 0], [0, 1, 0, -2.5, 0, 1],
    ]
    // a = b / 2, so that 2a/3 = b/3.
    let kernel: [[Double]] = [
      [1, 0, 0], [-2 * third, -b * third, -third], [-2 * third, b * third, -third],
      [sixth, b * sixth, third], [sixth, -b * sixth, third], [0, 0, 1],
    ]
    let output: [[Double]] = [
      [1, 1, 1, 1, 1, 0], [0, a, -a, b, -b, 0], [0, half, half, 2, 2, 0],
      [0, a * half, -a * half, 2 * b, -2 * b, 1],
    ]
    for (actual, expected) in [(m.input, input), (m.kernel, kernel), (m.output, output)] {
      expectClose(
        actual.flatMap { $0 }, expected.flatMap { $0 }, absolute: 1e-14, relative: 1e-14)
    }
  }

  @Test func `each transform is the product by its matrix from both sides`() {
    let m = Self.matrices
    let input = Winograd.input(Self.vector)
    expect({ input[$0][$1] }, is: m.input, extent: 6)
    let kernel = Winograd.kernel(Self.vector)
    expect({ kernel[$0][$1] }, is: m.kernel, extent: 3)
    let output = Winograd.output(Self.vector)
    expect({ output[$0][$1] }, is: m.output, extent: 6)
    let outputGradient = Winograd.outputGradient(Self.vector)
    expect({ outputGradient[$0][$1] }, is: m.output.transposed, extent: 4)
    let kernelGradient = Winograd.kernelGradient(Self.vector)
    expect({ kernelGradient[$0][$1] }, is: m.kernel.transposed, extent: 6)
  }
}

@Suite("Winograd's formula is the convolution")
struct WinogradIdentityTests {
  static let x = sample([2, 6, 9, 2], 1)
  static let w = sample([3, 3, 3, 2], 2)
  static let dy = sample([2, 6, 9, 3], 3)

  /// The convolution in double precision.
  static func convolution(_ x: Tensor, _ w: Tensor) -> [Double] {
    let (height, width, outputs) = (x.shape.height, x.shape.width, w.shape[0])
    var y = [Double](repeating: 0, count: x.shape.pixels * outputs)
    products(x.shape, outputs, height, width) { x0, w0, y0 in
      y[y0] += Double(x[x0]) * Double(w[w0])
    }
    return y
  }

  static func weightGradient(_ x: Tensor, _ dy: Tensor) -> [Double] {
    let outputs = dy.shape.channels
    var dw = [Double](repeating: 0, count: 9 * outputs * x.shape.channels)
    products(x.shape, outputs, x.shape.height, x.shape.width) { x0, w0, y0 in
      dw[w0] += Double(x[x0]) * Double(dy[y0])
    }
    return dw
  }

  private static func products(
    _ x: Shape, _ outputs: Int, _ height: Int, _ width: Int, _ body: (Int, Int, Int) -> Void
  ) {
    for n in 0..<x.images {
      Naive.forEachTap(Window(3), height: height, width: width) { row, column, i, j, h, v in
        for o in 0..<outputs {
          for c in 0..<x.channels {
            body(
              ((n * height + h) * width + v) * x.channels + c,
              ((o * 3 + i) * 3 + j) * x.channels + c,
              ((n * height + row) * width + column) * outputs + o)
          }
        }
      }
    }
  }

  static func difference(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).map { abs($0 - $1) }.max() ?? .nan
  }

  @Test func `the outputs, in double precision`() {
    #expect(
      Self.difference(Naive.winograd(Self.x, Self.w), Self.convolution(Self.x, Self.w)) < 1e-13)
  }

  @Test func `the gradient of the kernel, in double precision`() {
    #expect(
      Self.difference(
        Naive.winogradWeightGradient(Self.x, Self.dy), Self.weightGradient(Self.x, Self.dy))
        < 1e-12)
  }

  @Test func `other points are as good in exact arithmetic`() {
    let matrices = WinogradMatrices(points: [0, 1, -1, 2, -2])
    #expect(
      Self.difference(
        Naive.winograd(Self.x, Self.w, matrices), Self.convolution(Self.x, Self.w)) < 1e-12)
  }

  static let wrong: [(String, @Sendable (inout WinogradMatrices) -> Void)] = [
    (
      "the points of another algorithm in A",
      { $0.output = WinogradMatrices(points: [0, 1, -1, 2, -2]).output }
    ),
    (
      "the points of another algorithm in G",
      { $0.kernel = WinogradMatrices(points: [0, 1, -1, 2, -2]).kernel }
    ),
    ("a and b interchanged in B", { $0.input.swapAt(1, 3) }),
    ("B in place of its transpose", { $0.input = $0.input.transposed }),
    (
      "the sign of a in A",
      { $0.output = $0.output.map { [$0[0], $0[2], $0[1], $0[3], $0[4], $0[5]] } }
    ),
    ("infinity left out of A", { $0.output[3][5] = 0 }),
    (
      "the kernel turned, as in a true convolution", { $0.kernel = $0.kernel.map { $0.reversed() } }
    ),
  ]

  @Test(arguments: wrong.indices) func `a wrong matrix is no convolution`(_ index: Int) {
    var matrices = WinogradMatrices()
    Self.wrong[index].1(&matrices)
    #expect(
      Self.difference(
        Naive.winograd(Self.x, Self.w, matrices), Self.convolution(Self.x, Self.w)) > 0.1,
      "\(Self.wrong[index].0)")
  }
}

@Suite("Convolution kernels by Winograd equal their twins")
struct WinogradKernelTests {
  /// All extents with partial tiles and without, and all pairs of channels that Winograd takes, and some that it does not.
  static let cases: [ConvolutionCase] =
    (adversarialExtents + [(4, 4), (13, 30), (2, 5)]).map { height, width in
      ConvolutionCase(
        images: 2, height: height, width: width, inputs: 16, outputs: 32, window: Window(3))
    }
    + [16, 17, 48].flatMap { inputs in
      [16, 17, 48].map {
        ConvolutionCase(
          images: 3, height: 4, width: 9, inputs: inputs, outputs: $0, window: Window(3))
      }
    }
    + [
      ConvolutionCase(
        images: 37, height: 3, width: 6, inputs: 16, outputs: 16, window: Window(3)),
      ConvolutionCase(
        images: 2, height: 5, width: 7, inputs: 16, outputs: 16, window: Window(3, stride: 2)),
      ConvolutionCase(
        images: 2, height: 5, width: 7, inputs: 16, outputs: 16, window: Window(3, dilation: 2)),
      ConvolutionCase(images: 2, height: 5, width: 7, inputs: 4, outputs: 3, window: Window(3)),
    ]
  static let tolerance = isDoublePrecision ? 1e-12 : 1e-3

  func byWinograd<Result>(_ body: () -> Result) -> Result {
    ConvolutionAlgorithm.$current.withValue(.winograd, operation: body)
  }

  @Test(arguments: cases) func `outputs, and their moments`(_ test: ConvolutionCase) {
    let (x, w) = (test.x, test.w)
    let sums = ChannelMoments.Sums(parts: test.images, channels: test.outputs)
    let y = byWinograd { Convolution.forward(x, w, test.window, moments: sums) }
    expectClose(y, Naive.convolution(x, w, test.window), absolute: Self.tolerance)
    let expected = Naive.channelMoments(y)
    expectClose(sums.pair.mean, expected.mean, absolute: 1e-4)
    expectClose(sums.pair.variance, expected.variance, absolute: 1e-4, relative: 1e-4)
    let rectified = byWinograd { Convolution.forward(x, w, test.window, afterReLU: true) }
    expectClose(
      rectified, Naive.convolution(x.relu(), w, test.window), absolute: Self.tolerance, "afterReLU")
  }

  @Test(arguments: cases) func `the gradient of the input`(_ test: ConvolutionCase) {
    let (x, w, g) = (test.x, test.w, test.g)
    let expected = Naive.convolutionInputGradient(g, w, test.window, inputShape: x.shape)
    func gradient(_ mask: Tensor?, on start: Tensor?) -> Tensor {
      var dx = start ?? Tensor(repeating: .nan, shape: x.shape)
      byWinograd {
        Convolution.inputGradient(
          g, w, test.window, reluInput: mask, into: &dx, accumulating: start != nil)
      }
      return dx
    }
    let (plain, masked) = (gradient(nil, on: nil), gradient(x, on: nil))
    expectClose(plain, expected, absolute: Self.tolerance)
    #expect(masked == plain.keeping(wherePositive: x))
    #expect(gradient(nil, on: x) == x + plain)
    #expect(gradient(x, on: x) == x + masked)
  }

  @Test(arguments: cases) func `the gradient of the kernel, alone and with that of the input`(
    _ test: ConvolutionCase
  ) {
    let (x, w, g) = (test.x, test.w, test.g)
    let alone = byWinograd { Convolution.weightGradient(x, g, test.window, afterReLU: true) }
    expectClose(
      alone, Naive.convolutionWeightGradient(x.relu(), g, test.window), absolute: Self.tolerance)
    var (dx, expected) = (Tensor.zeros(x.shape), Tensor.zeros(x.shape))
    byWinograd {
      Convolution.inputGradient(
        g, w, test.window, reluInput: x, into: &expected, accumulating: false)
      let both = Convolution.gradients(
        LazyMap(g), x, w, test.window, afterReLU: true, into: &dx, accumulating: false)
      #expect(both == alone)
    }
    #expect(dx == expected)
  }

  @Test(arguments: cases)
  func `a backward pass for a smaller kernel, with a product`(_ test: ConvolutionCase) {
    let (own, other) = (Window(1, stride: test.window.stride), sample(test.g.shape, 4))
    let backward = byWinograd {
      Convolution.Backward(
        LazyMap(test.g), test.w, test.window, of: test.x.shape, mask: nil,
        weightsOf: (test.x, [own, test.window]), productWith: other)
    }
    var dx = Tensor.zeros(test.x.shape)
    backward.run(into: &dx, accumulating: false)
    expectClose(
      dx,
      Naive.convolutionInputGradient(test.g, test.w, test.window, inputShape: test.x.shape),
      absolute: Self.tolerance)
    for (gradient, window) in zip(backward.weightGradients, [own, test.window]) {
      expectClose(
        gradient, Naive.convolutionWeightGradient(test.x, test.g, window), absolute: Self.tolerance)
    }
    expectClose(backward.product, test.g.dot(other), absolute: 1e-2)
  }

  @Test func `a gradient that is computed where it is read`() {
    let (a, b) = (sample([3, 5, 6, 16], 1), sample([3, 5, 6, 16], 2))
    let w = sample([16, 3, 3, 16], 3)
    let scale = sample([16], 4)
    let lazy = LazyMap([.init(a, scale: scale), .init(b, scale: 2)], shift: scale)
    let stored = lazy.evaluated()
    func gradients(_ g: LazyMap) -> [Tensor] {
      var dx = Tensor.zeros(a.shape)
      let dw = byWinograd {
        Convolution.gradients(g, a, w, Window(3), afterReLU: false, into: &dx, accumulating: false)
      }
      return [dx, dw]
    }
    #expect(gradients(lazy) == gradients(LazyMap(stored)))
  }

  @Test(arguments: [(37, 6, 16, 32), (19, 8, 48, 16), (5, 1, 16, 16), (20, 17, 16, 16)])
  func `the same bytes for any number of threads`(
    _ images: Int, _ extent: Int, _ inputs: Int, _ outputs: Int
  ) {
    let test = ConvolutionCase(
      images: images, height: extent, width: extent, inputs: inputs, outputs: outputs,
      window: Window(3))
    func run(_ threads: Int) -> [Tensor] {
      Threads.$limit.withValue(threads) {
        byWinograd {
          var dx = test.x
          let dw = Convolution.gradients(
            LazyMap(test.g), test.x, test.w, Window(3), afterReLU: true, into: &dx,
            accumulating: true)
          return [Convolution.forward(test.x, test.w, Window(3)), dx, dw]
        }
      }
    }
    let alone = run(1)
    for threads in [2, 3, 5] { #expect(run(threads) == alone) }
  }

  /// In single precision, relative to the root mean square of the result: about 3e-7 directly and 9e-7 by Winograd.
  @Test func `rounding is a small multiple of that of the direct kernels`() {
    let (x, w) = (sample([2, 12, 12, 32], 1), sample([32, 3, 3, 32], 2))
    let g = sample([2, 12, 12, 32], 3)
    func results() -> [[Double]] {
      var dx = Tensor.zeros(x.shape)
      Convolution.inputGradient(g, w, Window(3), into: &dx, accumulating: false)
      return [
        Convolution.forward(x, w, Window(3)).doubles, dx.doubles,
        Convolution.weightGradient(x, g, Window(3)).doubles,
      ]
    }
    let exact = [
      WinogradIdentityTests.convolution(x, w),
      WinogradIdentityTests.convolution(g, Naive.turned(w)),
      WinogradIdentityTests.weightGradient(x, g),
    ]
    func meanSquare(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 } }
    func errors(_ results: [[Double]]) -> [Double] {
      zip(results, exact).map { result, exact in
        (meanSquare(zip(result, exact).map { $0 - $1 }) / meanSquare(exact)).squareRoot()
      }
    }
    let (direct, short) = (errors(results()), errors(byWinograd(results)))
    let unit = isDoublePrecision ? 1.2e-16 : 6e-8
    for (direct, short) in zip(direct, short) {
      #expect(direct < 10 * unit && short < 25 * unit, "\(direct), \(short)")
      // In double precision the sum that they are compared with rounds as the direct kernels do.
      #expect(isDoublePrecision || short < 4 * direct, "\(direct), \(short)")
    }
  }

  @Test func `where each algorithm takes the short convolutions`() {
    func takes(
      _ algorithm: ConvolutionAlgorithm, _ extent: Int, _ inputs: Int = 16, _ outputs: Int = 32,
      _ window: Window = Window(3)
    ) -> Bool {
      algorithm.usesWinograd(window, [2, extent, extent, inputs], outputs: outputs)
    }
    #expect(!takes(.direct, 32))
    for algorithm in [ConvolutionAlgorithm.winograd, .automatic] {
      #expect(takes(algorithm, 32) && takes(algorithm, 8) && takes(algorithm, 7))
      #expect(!takes(algorithm, 32, 3) && !takes(algorithm, 32, 16, 17))
      for window in [Window(1), Window(5), Window(3, stride: 2), Window(3, dilation: 2)] {
        #expect(!takes(algorithm, 32, 16, 32, window))
      }
    }
    // Two rows and columns fill a quarter of a tile, five 25 places of 64.
    for extent in [1, 2, 5] { #expect(takes(.winograd, extent) && !takes(.automatic, extent)) }
  }
}
