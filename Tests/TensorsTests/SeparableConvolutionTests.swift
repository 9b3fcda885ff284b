import TestSupport
import Testing

@testable import Tensors

@Suite("Separable convolutions equal their naive twins")
struct SeparableConvolutionTests {
  /// Two branches, the first normalized and rectified, with the windows given.
  struct Case: CustomTestStringConvertible, Sendable {
    let shape: Shape
    let outputs: Int
    let windows: [Window]

    var w: Tensor { sample([outputs, 1, 1, shape.channels], 40) }

    var branches: [SeparableConvolution.Branch] {
      windows.enumerated().map { index, window in
        let (c, x) = (shape.channels, sample(shape, index))
        let kernel = sample([c, window.kernel, window.kernel, 1], 10 + index)
        let scaled = ChannelwiseSum.Term(x, scale: sample([c], 20 + index))
        let input =
          index == 0
          ? LazyMap([scaled], shift: sample([c], 30), afterReLU: true)
          : LazyMap(x, afterReLU: index == 1)
        return .init(input, kernel, window)
      }
    }

    var testDescription: String { "\(shape) -> \(outputs), \(windows)" }
  }

  static let cases =
    adversarialChannels.map { Case(shape: [3, 5, 9, $0], outputs: 17, windows: [Window(3)]) }
    + adversarialExtents.map {
      Case(
        shape: [2, $0.height, $0.width, 17], outputs: 5,
        windows: [Window(5), Window(3, dilation: 2), Window(5, dilation: 2), Window(3)])
    }
    + [
      Case(
        shape: [19, 8, 8, 16], outputs: 16,
        windows: [Window(3, stride: 2), Window(5, stride: 2, dilation: 2)])
    ]

  @Test(arguments: cases) func `moments of the images as they are written`(_ test: Case) {
    let sums = ChannelMoments.Sums(parts: test.shape.images, channels: test.outputs)
    let expected = Naive.channelMoments(
      SeparableConvolution.forward(test.branches, test.w, moments: sums))
    expectClose(sums.pair.mean, expected.mean, absolute: 1e-4)
    expectClose(sums.pair.variance, expected.variance, absolute: 1e-4, relative: 1e-4)
  }

  @Test(arguments: cases) func forward(_ test: Case) {
    expectClose(
      SeparableConvolution.forward(test.branches, test.w),
      Naive.separableConvolution(test.branches, test.w), absolute: 1e-3)
  }

  @Test(arguments: cases) func gradients(_ test: Case) throws {
    let (branches, w) = (test.branches, test.w)
    let y = Naive.separableConvolution(branches, w)
    let g = LazyMap([.init(sample(y.shape, 50), scale: 0.5), .init(y, scale: -0.1)])
    let inputs = branches.map { sample($0.x.shape, 60) }
    var places = inputs.enumerated().map {
      Optional(SeparableConvolution.InputGradient($1, accumulating: $0 > 0))
    }
    let kernels = SeparableConvolution.gradients(
      g, branches, w, into: &places, depthwise: branches.map { _ in true }, isPointwiseNeeded: true)

    let sums = branches.map { Naive.depthwiseConvolution($0.x.evaluated(), $0.w, $0.window) }
    let sum = sums.dropFirst().reduce(sums[0], +)
    let gradient = g.evaluated()
    expectClose(
      try #require(kernels.pointwise),
      Naive.convolutionWeightGradient(sum, gradient, Window(1)), absolute: 2e-3)
    let inner = Naive.convolutionInputGradient(gradient, w, Window(1), inputShape: sum.shape)
    for (index, branch) in branches.enumerated() {
      let x = branch.x.evaluated()
      expectClose(
        try #require(kernels.depthwise[index]),
        Naive.depthwiseConvolutionWeightGradient(x, inner, branch.window), absolute: 2e-3)
      let dx = Naive.depthwiseConvolutionInputGradient(
        inner, branch.w, branch.window, inputShape: x.shape)
      let passed = branch.x.isRectified ? dx.keeping(wherePositive: x) : dx
      expectClose(
        try #require(places[index]).total, index > 0 ? inputs[index] + passed : passed,
        absolute: 2e-3)
    }
  }

  @Test func `only what is asked for is computed`() throws {
    let test = Self.cases[Self.cases.count - 1]
    let g = LazyMap(sample(SeparableConvolution.forward(test.branches, test.w).shape, 50))
    func run(
      inputs: [Bool], depthwise: [Bool], pointwise: Bool
    ) -> ([Tensor?], SeparableConvolution.KernelGradients) {
      var places = inputs.map {
        $0 ? SeparableConvolution.InputGradient(.zeros(test.shape), accumulating: false) : nil
      }
      let kernels = SeparableConvolution.gradients(
        g, test.branches, test.w, into: &places, depthwise: depthwise, isPointwiseNeeded: pointwise)
      return (places.map { $0?.total }, kernels)
    }
    let all = run(inputs: [true, true], depthwise: [true, true], pointwise: true)
    for (inputs, depthwise, pointwise) in [
      ([true, false], [false, true], false), ([false, false], [false, false], true),
      ([true, true], [false, false], false),
    ] {
      let some = run(inputs: inputs, depthwise: depthwise, pointwise: pointwise)
      #expect(some.0 == zip(all.0, inputs).map { $1 ? $0 : nil })
      #expect(some.1.depthwise == zip(all.1.depthwise, depthwise).map { $1 ? $0 : nil })
      #expect(some.1.pointwise == (pointwise ? all.1.pointwise : nil))
    }
  }

  @Test func `the same bytes for any number of threads`() {
    let test = Self.cases[Self.cases.count - 1]
    func run(_ threads: Int) -> [Tensor] {
      Threads.$limit.withValue(threads) {
        let y = SeparableConvolution.forward(test.branches, test.w)
        var places: [SeparableConvolution.InputGradient?] = test.branches.map {
          .init(.zeros($0.x.shape), accumulating: true)
        }
        let kernels = SeparableConvolution.gradients(
          LazyMap(y), test.branches, test.w, into: &places, depthwise: [true, true],
          isPointwiseNeeded: true)
        return [y]
          + (places.map { $0?.total } + kernels.depthwise + [kernels.pointwise]).compactMap { $0 }
      }
    }
    let alone = run(1)
    #expect(alone.count == 6)
    for threads in [2, 3, 8] { #expect(run(threads) == alone) }
  }
}
