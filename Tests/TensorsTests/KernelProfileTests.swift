import TestSupport
import Testing

@testable import Tensors

@Suite("Kernel profile")
struct KernelProfileTests {
  /// The calls by name while `body` runs under a profile.
  private func calls(_ body: () -> Void) -> [String: Int] {
    let profile = KernelProfile()
    KernelProfile.$current.withValue(profile, operation: body)
    return profile.entries.mapValues(\.calls)
  }

  @Test func aLoopIsNamedByItsFileAndFunction() {
    let recorded = calls { parallelFor(3) { _ in } }
    #expect(recorded == ["KernelProfileTests.aLoopIsNamedByItsFileAndFunction": 1])
  }

  @Test func `kernels bear their own names, not those of their helpers`() {
    let (x, w) = (sample([2, 4, 4, 3], 1), sample([3, 3, 3, 3], 2))
    let (taps, window) = (sample([3, 3, 3, 1], 3), Window(3))
    var total = Tensor.zeros(x.shape)
    let recorded = calls {
      _ = Convolution.forward(x, w, window)
      _ = Convolution.forward(x, w, window, afterReLU: true)
      Convolution.inputGradient(x, w, window, into: &total, accumulating: true)
      _ = Convolution.weightGradient(x, x, window)
      _ = DepthwiseConvolution.forward(x, taps, window)
      DepthwiseConvolution.inputGradient(x, taps, window, into: &total, accumulating: true)
      _ = DepthwiseConvolution.weightGradient(x, x, window)
      _ = AveragePooling.inputGradient(x, window, shape: x.shape)
      let y = MaxPooling.forward(x, window)
      _ = MaxPooling.inputGradient(x, window, x: x, y: y)
      _ = ChannelMoments.of(x)
      _ = ChannelwiseProducts.sums(x, [.init(x)])
      _ = ChannelwiseSum.forward([.init(x, scale: 2)])
      _ = Subsampling.forward(x, offset: 1)
      _ = x + x - x
      _ = x.relu()
    }
    #expect(
      recorded == [
        "Convolution.forward": 2, "Convolution.inputGradient": 1, "Convolution.weightGradient": 1,
        "DepthwiseConvolution.forward": 1, "DepthwiseConvolution.inputGradient": 1,
        "DepthwiseConvolution.weightGradient": 1, "AveragePooling.inputGradient": 1,
        "MaxPooling.forward": 1, "MaxPooling.inputGradient": 1, "ChannelMoments.of": 1,
        "ChannelwiseProducts.sums": 1, "ChannelwiseSum.forward": 1, "Subsampling.forward": 1,
        "Elementwise.+": 1, "Elementwise.-": 1, "Elementwise.relu": 1,
        // The sums of tasks are added up in loops of their own: here for two weight gradients.
        "Correlation.sum": 2,
      ])
  }

  @Test(arguments: [1, 2]) func `a loop inside a loop is part of the outer one`(_ threads: Int) {
    let profile = KernelProfile()
    Threads.$limit.withValue(threads) {
      KernelProfile.$current.withValue(profile) {
        parallelFor(4, file: "M/Outer.swift", function: "run()") { _ in
          parallelFor(4, file: "M/Inner.swift", function: "run()") { _ in }
        }
        parallelFor(1, file: "M/Outer.swift", function: "run()") { _ in }
      }
    }
    #expect(profile.entries.mapValues(\.calls) == ["Outer.run": 2])
  }

  @Test func `the time of a loop is that of the wall`() throws {
    let clock = ContinuousClock()
    let profile = KernelProfile()
    let whole = clock.measure {
      KernelProfile.$current.withValue(profile) {
        parallelFor(2, file: "M/A.swift", function: "run()") { _ in
          let end = clock.now + .milliseconds(2)
          while clock.now < end {}
        }
      }
    }
    let time = try #require(profile.entries["A.run"]?.time)
    #expect(time >= .milliseconds(2) && time <= whole)
  }

  @Test func `outside nothing is recorded`() {
    let profile = KernelProfile()
    KernelProfile.$current.withValue(profile) {}
    parallelFor(4) { _ in }
    KernelProfile.$current.withValue(profile) {
      KernelProfile.$current.withValue(nil) { parallelFor(4) { _ in } }
    }
    #expect(profile.entries.isEmpty)
  }
}
