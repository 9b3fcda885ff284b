import Tensors
import TestSupport
import Testing

@Suite("Channelwise kernels equal their naive twins")
struct ChannelwiseKernelTests {
  static let shapes: [Shape] =
    adversarialChannels.map { [3, 7, 5, $0] } + [[1, 1, 1, 5], [70, 8, 8, 16], [64, 9, 9, 1]]

  /// Up to four terms are added in one go: 6 are a go of four and one of two.
  @Test(arguments: shapes, [1, 3, 6]) func sum(_ shape: Shape, _ count: Int) {
    let c = shape.channels
    let terms = (0..<count).map {
      ChannelwiseSum.Term(sample(shape, $0), scale: sample([c], 10 + $0))
    }
    let shift = sample([c], 20)
    let expected = Naive.channelwiseSum(terms, shift: shift)
    expectClose(ChannelwiseSum.forward(terms, shift: shift), expected)
    let start = sample(shape, 30)
    var total = start
    ChannelwiseSum.forward(terms, shift: shift, into: &total, accumulating: true)
    expectClose(total, start + expected, "added")
  }

  @Test(arguments: shapes) func products(_ shape: Shape) {
    let g = sample(shape, 1)
    let terms = [
      ChannelwiseProducts.Term(sample(shape, 2)),
      ChannelwiseProducts.Term(sample(shape, 3), center: sample([shape.channels], 4)),
    ]
    let (sum, products) = ChannelwiseProducts.sums(g, terms)
    for (term, product) in zip(terms, products) {
      let naive = Naive.channelwiseProducts(g, term)
      expectClose(sum, naive.sum, absolute: 1e-3)
      expectClose(product, naive.product, absolute: 1e-3)
    }
  }

  @Test(arguments: shapes) func moments(_ shape: Shape) {
    let x = sample(shape, 1)
    let (mean, variance) = ChannelMoments.of(x)
    let naive = Naive.channelMoments(x)
    expectClose(mean, naive.mean)
    expectClose(variance, naive.variance)
  }

  @Test func `a large mean does not cancel the variance`() {
    let x = sample([4, 8, 8, 16]).map { 4096 + $0 }
    expectClose(
      ChannelMoments.of(x).variance, Naive.channelMoments(x).variance, absolute: 0, relative: 1e-4)
  }

  @Test(arguments: shapes) func globalAverage(_ shape: Shape) {
    let x = sample(shape)
    let y = GlobalAverage.forward(x)
    expectClose(y, Naive.globalAverage(x))
    let g = sample(y.shape, 1)
    let dx = GlobalAverage.inputGradient(g, shape: shape)
    expectClose(dx.dot(x), g.dot(y), absolute: 1e-3, "the transpose of the mean")
  }

  @Test func `the same bytes for any number of threads`() {
    let x = sample([64, 8, 8, 16], 1)
    func run(_ threads: Int) -> [Double] {
      Threads.$limit.withValue(threads) {
        let (mean, variance) = ChannelMoments.of(x)
        let (sum, products) = ChannelwiseProducts.sums(x, [.init(x)])
        var total = x
        ChannelwiseSum.forward([.init(x, scale: 0.3)], into: &total, accumulating: true)
        let spread = AveragePooling.inputGradient(x, Window(3), shape: x.shape)
        let derivatives = AveragePooling.products(x, Window(3), [x, total])
        return mean + variance + sum + products[0] + total.doubles + spread.doubles + derivatives
      }
    }
    let alone = run(1)
    for threads in [2, 3, 8] { #expect(run(threads) == alone) }
  }

  @Test func `a NaN shows in the moments of its channel alone`() {
    var x = sample([2, 4, 4, 3])
    x[0, 2, 2, 1] = .nan
    let (mean, variance) = ChannelMoments.of(x)
    #expect(mean.map(\.isNaN) == [false, true, false])
    #expect(variance.map(\.isNaN) == [false, true, false])
  }

  @Test func `channels are concatenated and sliced`() {
    let (a, b) = (sample([2, 3, 3, 4], 1), sample([2, 3, 3, 17], 2))
    let both = Tensor.concatenatingChannels([a, b])
    #expect(both.shape == [2, 3, 3, 21])
    #expect(both.channels(0..<4) == a)
    #expect(both.channels(4..<21) == b)
  }
}

@Suite("Functions of rows")
struct RowFunctionTests {
  @Test func `log-sum-exp neither overflows nor loses small numbers`() {
    expectClose(logSumExp([1000, 1000]), 1000.6931471805599)
    expectClose(logSumExp([-1000, -1000]), -999.3068528194401)
    #expect(logSumExp([]) == -.infinity)
    #expect(logSumExp([-.infinity, -.infinity]) == -.infinity)
    expectClose(logSumExp([-.infinity, 2]), 2)
    #expect(logSumExp([.nan, 1]).isNaN && logSumExp([1, .nan]).isNaN)
  }

  @Test func `softmax is a distribution and ignores a common shift`() {
    let x = sample([3, 5])
    let p = x.softmax()
    for row in 0..<3 { expectClose((0..<5).reduce(0) { $0 + p[row * 5 + $1] }, 1) }
    expectClose(x.map { $0 + 100 }.softmax(), p, absolute: 1e-4)
  }

  @Test func `the loss of a certain and right answer is 0, of no idea log K`() {
    let certain = Tensor([50, 0, 0], shape: [1, 3])
    expectClose(CrossEntropy.forward(certain, labels: [0]), 0)
    expectClose(CrossEntropy.forward(.zeros([2, 10]), labels: [3, 4]), 2.302585093)
  }

  @Test func `the loss refuses a label outside the classes`() async {
    await #expect(processExitsWith: .failure) {
      _ = CrossEntropy.forward(.zeros([1, 3]), labels: [3])
    }
  }
}
