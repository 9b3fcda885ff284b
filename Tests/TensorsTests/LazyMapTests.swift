import TestSupport
import Testing

@testable import Tensors

@Suite("Maps that are computed where they are read")
struct LazyMapTests {
  /// `count` terms and a shift, rectified if asked for; one more than are added at a time, too.
  private func map(_ shape: Shape, terms count: Int, afterReLU: Bool = false) -> LazyMap {
    let c = shape.channels
    return LazyMap(
      (0..<count).map { .init(sample(shape, $0), scale: sample([c], 10 + $0)) },
      shift: sample([c], 20), afterReLU: afterReLU)
  }

  private func naive(_ map: LazyMap) -> Tensor {
    let z = Naive.channelwiseSum(map.terms, shift: map.shift ?? .zeros([map.shape.channels]))
    return map.isRectified ? z.relu() : z
  }

  @Test(arguments: adversarialChannels, 1...6)
  func `an evaluated map is the sum of its terms`(_ channels: Int, _ terms: Int) {
    for afterReLU in [false, true] {
      let map = map([2, 3, 5, channels], terms: terms, afterReLU: afterReLU)
      expectClose(map.evaluated(), naive(map))
    }
  }

  @Test func `a stored map is not copied`() throws {
    let x = sample([1, 2, 2, 3])
    #expect(try #require(LazyMap(x).stored).sharesStorage(with: x))
    #expect(LazyMap(x, afterReLU: true).stored == nil)
    #expect(LazyMap([.init(x, scale: 2)]).stored == nil)
    #expect(LazyMap([.init(x, scale: 1)], shift: .zeros([3])).stored == nil)
  }

  // MARK: Convolutions that read one

  @Test(arguments: ConvolutionKernelTests.cases)
  func `both gradients of a convolution in one pass`(_ test: ConvolutionCase) {
    let (x, w, start) = (test.x, test.w, sample(test.x.shape, 7))
    let g = map(test.g.shape, terms: 2)
    let dx = Naive.convolutionInputGradient(naive(g), w, test.window, inputShape: x.shape)
    for afterReLU in [false, true] {
      var total = start
      let dw = Convolution.gradients(
        g, x, w, test.window, afterReLU: afterReLU, into: &total, accumulating: true)
      let read = afterReLU ? x.relu() : x
      expectClose(
        dw, Naive.convolutionWeightGradient(read, naive(g), test.window), absolute: 5e-4)
      expectClose(
        total, start + (afterReLU ? dx.keeping(wherePositive: x) : dx), absolute: 5e-4)
    }
  }

  @Test(arguments: ConvolutionKernelTests.cases)
  func `either gradient alone is the same`(_ test: ConvolutionCase) {
    let g = map(test.g.shape, terms: 2)
    var (both, alone) = (Tensor.zeros(test.x.shape), Tensor.zeros(test.x.shape))
    let dw = Convolution.gradients(
      g, test.x, test.w, test.window, afterReLU: true, into: &both, accumulating: false)
    Convolution.inputGradient(
      g, test.w, test.window, reluInput: test.x, into: &alone, accumulating: false)
    #expect(alone == both)
    #expect(Convolution.weightGradient(test.x, g, test.window, afterReLU: true) == dw)
  }
}
