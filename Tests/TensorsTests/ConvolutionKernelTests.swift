import TestSupport
import Testing

@testable import Tensors

/// A shape on which a convolution kernel is compared with its naive twin.
struct ConvolutionCase: CustomTestStringConvertible, Sendable {
  let images: Int
  let height: Int
  let width: Int
  let inputs: Int
  let outputs: Int
  let window: Window
  var x: Tensor { sample([images, height, width, inputs], 1) }
  var w: Tensor { sample([outputs, window.kernel, window.kernel, inputs], 2) }
  var g: Tensor { sample(window.outputShape(x.shape, channels: outputs), 3) }
  var testDescription: String {
    "[\(images), \(height), \(width), \(inputs)] -> \(outputs), \(window)"
  }
}

@Suite("Dense convolution kernels equal their naive twins")
struct ConvolutionKernelTests {
  static let windows = [
    Window(1), Window(1, stride: 2), Window(3), Window(3, stride: 2), Window(3, dilation: 2),
    Window(3, stride: 2, dilation: 2), Window(5),
  ]

  /// Every window on every extent, and every pair of channel counts on the common windows.
  static let cases: [ConvolutionCase] =
    windows.flatMap { window in
      adversarialExtents.map {
        ConvolutionCase(
          images: 2, height: $0.height, width: $0.width, inputs: 5, outputs: 17, window: window)
      }
    }
    + [Window(1), Window(3)].flatMap { window in
      adversarialChannels.flatMap { inputs in
        adversarialChannels.map { outputs in
          ConvolutionCase(
            images: 3, height: 4, width: 9, inputs: inputs, outputs: outputs, window: window)
        }
      }
    }
    + [
      ConvolutionCase(
        images: 37, height: 6, width: 6, inputs: 3, outputs: 16, window: Window(3, stride: 2))
    ]

  @Test(arguments: cases) func `moments of the images as they are written`(
    _ test: ConvolutionCase
  ) {
    let sums = ChannelMoments.Sums(parts: test.images, channels: test.outputs)
    let y = Convolution.forward(test.x, test.w, test.window, moments: sums)
    let expected = Naive.channelMoments(y)
    expectClose(sums.pair.mean, expected.mean, absolute: 1e-4)
    expectClose(sums.pair.variance, expected.variance, absolute: 1e-4, relative: 1e-4)
  }

  @Test(arguments: cases.filter { $0.window.kernel > 1 })
  func `a backward pass for a smaller kernel, with a product`(_ test: ConvolutionCase) {
    let (w, own, other) = (
      test.window, Window(1, stride: test.window.stride), sample(test.g.shape, 4)
    )
    let backward = Convolution.Backward(
      LazyMap(test.g), test.w, w, of: test.x.shape, mask: nil, weightsOf: (test.x, [own]),
      productWith: other)
    var dx = Tensor(repeating: .nan, shape: test.x.shape)
    backward.run(into: &dx, accumulating: false)
    expectClose(
      dx, Naive.convolutionInputGradient(test.g, test.w, w, inputShape: test.x.shape),
      absolute: 1e-3)
    expectClose(
      backward.weightGradients[0], Naive.convolutionWeightGradient(test.x, test.g, own),
      absolute: 1e-3)
    expectClose(backward.product, test.g.dot(other), absolute: 1e-2)
  }

  @Test(arguments: cases) func forward(_ test: ConvolutionCase) {
    let (x, w) = (test.x, test.w)
    expectClose(
      Convolution.forward(x, w, test.window), Naive.convolution(x, w, test.window), absolute: 1e-4)
    expectClose(
      Convolution.forward(x, w, test.window, afterReLU: true),
      Naive.convolution(x.relu(), w, test.window), absolute: 1e-4, "afterReLU")
  }

  @Test(arguments: cases) func inputGradient(_ test: ConvolutionCase) {
    let (x, w, g) = (test.x, test.w, test.g)
    let expected = Naive.convolutionInputGradient(g, w, test.window, inputShape: x.shape)
    var dx = Tensor(repeating: .nan, shape: x.shape)
    Convolution.inputGradient(g, w, test.window, into: &dx, accumulating: false)
    expectClose(dx, expected, absolute: 1e-4)
    Convolution.inputGradient(
      g, w, test.window, reluInput: x, into: &dx, accumulating: true)
    expectClose(
      dx, expected + expected.keeping(wherePositive: x), absolute: 2e-4, "afterReLU, added")
  }

  @Test(arguments: cases) func weightGradient(_ test: ConvolutionCase) {
    let (x, g) = (test.x, test.g)
    expectClose(
      Convolution.weightGradient(x, g, test.window),
      Naive.convolutionWeightGradient(x, g, test.window), absolute: 2e-4)
    expectClose(
      Convolution.weightGradient(x, g, test.window, afterReLU: true),
      Naive.convolutionWeightGradient(x.relu(), g, test.window), absolute: 2e-4, "afterReLU")
  }

  @Test(arguments: [Window(1), Window(3), Window(3, stride: 2)])
  func `the same bytes for any number of threads`(_ window: Window) {
    let test = ConvolutionCase(
      images: 19, height: 8, width: 8, inputs: 16, outputs: 16, window: window)
    let taps = sample([16, window.kernel, window.kernel, 1], 5)
    func run(_ threads: Int) -> [Tensor] {
      Threads.$limit.withValue(threads) {
        var (dense, depthwise) = (Tensor.zeros(test.x.shape), Tensor.zeros(test.x.shape))
        Convolution.inputGradient(test.g, test.w, window, into: &dense, accumulating: true)
        DepthwiseConvolution.inputGradient(
          test.g, taps, window, into: &depthwise, accumulating: true)
        return [
          Convolution.forward(test.x, test.w, window), dense,
          Convolution.weightGradient(test.x, test.g, window),
          DepthwiseConvolution.forward(test.x, taps, window), depthwise,
          DepthwiseConvolution.weightGradient(test.x, test.g, window),
        ]
      }
    }
    let alone = run(1)
    for threads in [2, 3, 8] { #expect(run(threads) == alone) }
  }

  @Test func `no images give no outputs`() {
    let y = Convolution.forward(.zeros([0, 4, 4, 3]), sample([2, 3, 3, 3]), Window(3))
    #expect(y.shape == [0, 4, 4, 2])
  }

  @Test func `a NaN comes through the rectifier`() {
    let x = Tensor(repeating: .nan, shape: [1, 2, 2, 1])
    let y = Convolution.forward(
      x, Tensor(repeating: 1, shape: [1, 1, 1, 1]), Window(1), afterReLU: true)
    #expect(y.scalars.allSatisfy { $0.isNaN })
  }

  @Test func `weights that do not fit are refused`() async {
    await #expect(processExitsWith: .failure) {
      _ = Convolution.forward(.zeros([1, 4, 4, 3]), .zeros([8, 3, 3, 4]), Window(3))
    }
  }
}

@Suite("Depthwise kernels equal their naive twins")
struct DepthwiseKernelTests {
  static let windows =
    [1, 3, 5, 7, 9].map { Window($0) } + [
      Window(3, stride: 2), Window(5, stride: 2), Window(3, dilation: 2), Window(5, dilation: 2),
      Window(3, stride: 2, dilation: 2), Window(5, stride: 2, dilation: 2),
    ]
  static let cases: [ConvolutionCase] =
    windows.flatMap { window in
      adversarialExtents.map {
        ConvolutionCase(
          images: 2, height: $0.height, width: $0.width, inputs: 17, outputs: 17, window: window)
      }
    }
    + adversarialChannels.map {
      ConvolutionCase(
        images: 3, height: 4, width: 9, inputs: $0, outputs: $0, window: Window(5, dilation: 2))
    }

  static func w(_ test: ConvolutionCase) -> Tensor {
    sample([test.inputs, test.window.kernel, test.window.kernel, 1], 2)
  }

  @Test(arguments: cases) func forward(_ test: ConvolutionCase) {
    let (x, w) = (test.x, Self.w(test))
    expectClose(
      DepthwiseConvolution.forward(x, w, test.window),
      Naive.depthwiseConvolution(x, w, test.window), absolute: 1e-4)
    expectClose(
      DepthwiseConvolution.forward(x, w, test.window, afterReLU: true),
      Naive.depthwiseConvolution(x.relu(), w, test.window), absolute: 1e-4, "afterReLU")
  }

  @Test(arguments: cases) func inputGradient(_ test: ConvolutionCase) {
    let (x, w, g) = (test.x, Self.w(test), test.g)
    let expected = Naive.depthwiseConvolutionInputGradient(g, w, test.window, inputShape: x.shape)
    var dx = Tensor(repeating: .nan, shape: x.shape)
    DepthwiseConvolution.inputGradient(g, w, test.window, into: &dx, accumulating: false)
    expectClose(dx, expected, absolute: 1e-4)
    DepthwiseConvolution.inputGradient(
      g, w, test.window, reluInput: x, into: &dx, accumulating: true)
    expectClose(
      dx, expected + expected.keeping(wherePositive: x), absolute: 2e-4, "afterReLU, added")
  }

  @Test(arguments: cases) func weightGradient(_ test: ConvolutionCase) {
    let (x, g) = (test.x, test.g)
    expectClose(
      DepthwiseConvolution.weightGradient(x, g, test.window),
      Naive.depthwiseConvolutionWeightGradient(x, g, test.window), absolute: 2e-4)
    expectClose(
      DepthwiseConvolution.weightGradient(x, g, test.window, afterReLU: true),
      Naive.depthwiseConvolutionWeightGradient(x.relu(), g, test.window), absolute: 2e-4,
      "afterReLU")
  }
}
