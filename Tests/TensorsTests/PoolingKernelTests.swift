import Tensors
import TestSupport
import Testing

@Suite("Pooling kernels equal their naive twins")
struct PoolingKernelTests {
  static let windows = [Window(3), Window(3, stride: 2), Window(2, stride: 2), Window(5)]
  static let shapes: [Shape] =
    adversarialExtents.filter { $0.height > 1 }.map { [2, $0.height, $0.width, 17] }
    + adversarialChannels.map { [2, 4, 6, $0] }

  @Test(arguments: windows, shapes) func average(_ window: Window, _ shape: Shape) {
    let x = sample(shape)
    expectClose(AveragePooling.forward(x, window), Naive.averagePooling(x, window))
  }

  @Test(arguments: windows, shapes) func averageGradient(_ window: Window, _ shape: Shape) {
    let g = sample(window.outputShape(shape, channels: shape.channels), 1)
    expectClose(
      AveragePooling.inputGradient(g, window, shape: shape),
      Naive.averagePoolingInputGradient(g, window, inputShape: shape))
  }

  @Test(arguments: windows, shapes) func maximum(_ window: Window, _ shape: Shape) {
    let x = sampleWithoutTies(shape)
    let y = MaxPooling.forward(x, window)
    expectClose(y, Naive.maxPooling(x, window), absolute: 0, relative: 0)
    let g = sample(y.shape, 1)
    expectClose(
      MaxPooling.inputGradient(g, window, x: x, y: y),
      Naive.maxPoolingInputGradient(g, window, x: x))
  }

  @Test(arguments: [Window(3), Window(3, stride: 2), Window(5)])
  func `an image of one pixel is its own average and maximum`(_ window: Window) {
    let x = sample([3, 1, 1, 17])
    expectClose(AveragePooling.forward(x, window), x)
    #expect(MaxPooling.forward(x, window) == x)
    #expect(MaxPooling.inputGradient(x, window, x: x, y: x) == x)
  }

  @Test func `the average of a constant is that constant, at the border too`() {
    let x = Tensor(repeating: 3, shape: [1, 4, 5, 2])
    expectClose(AveragePooling.forward(x, Window(3)), x)
  }

  @Test func `of equal pixels the first one gets the gradient`() {
    let x = Tensor(repeating: 1, shape: [1, 2, 2, 1])
    let y = MaxPooling.forward(x, Window(2, stride: 2))
    let dx = MaxPooling.inputGradient(Tensor([7], shape: y.shape), Window(2, stride: 2), x: x, y: y)
    #expect(dx.scalars == [7, 0, 0, 0])
  }

  @Test(arguments: 0..<4) func `a NaN wins the maximum wherever it stands`(_ position: Int) {
    var x = Tensor([1, 2, 3, 4], shape: [1, 2, 2, 1])
    x[position] = .nan
    #expect(MaxPooling.forward(x, Window(2, stride: 2)).item.isNaN)
  }
}
