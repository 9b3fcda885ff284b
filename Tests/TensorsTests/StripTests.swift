import Autodiff
import TestSupport
import Testing

@testable import Tensors

@Suite("Windows along one axis")
struct StripTests {
  static let strips = [
    Window(1), Window(3), Window(7), Window(7, stride: 2), Window(3, stride: 2, dilation: 2),
  ].flatMap { [Strip($0, .horizontal), Strip($0, .vertical)] }

  @Test(arguments: strips)
  func `a convolution along one axis is one with a kernel that is zero elsewhere`(_ strip: Strip) {
    let window = strip.window
    let (x, w) = (
      sample([2, 9, 8, 3], 1), sample(strip.weightShape(inputs: 3, outputs: 5), 2)
    )
    let y = convolution(.constant(x), .constant(w), strip).value
    // The middle row, or the middle column, of a square kernel of stride 1.
    let k = window.kernel
    var square = Tensor.zeros([5, k, k, 3])
    for o in 0..<5 {
      for tap in 0..<k {
        for c in 0..<3 {
          let (i, j) = strip.direction == .horizontal ? (k / 2, tap) : (tap, k / 2)
          square[o, i, j, c] = w[(o * k + tap) * 3 + c]
        }
      }
    }
    let whole = Naive.convolution(x, square, Window(k, dilation: window.dilation))
    let (rows, columns) =
      strip.direction == .horizontal ? (1, window.stride) : (window.stride, 1)
    #expect(y.shape == [2, (9 + rows - 1) / rows, (8 + columns - 1) / columns, 5])
    for n in 0..<2 {
      for i in 0..<y.shape.height {
        for j in 0..<y.shape.width {
          for o in 0..<5 {
            #expect(
              abs(y[n, i, j, o] - whole[n, i * rows, j * columns, o]) < 1e-4, "\(n) \(i) \(j)")
          }
        }
      }
    }
  }

  @Test(arguments: strips, [false, true])
  func `its gradients agree with differences`(_ strip: Strip, _ afterReLU: Bool) {
    let x = sampleAwayFromZero([2, 5, 4, 2], 1)
    expectGradients(at: [x, sample(strip.weightShape(inputs: 2, outputs: 3), 2)]) {
      convolution($0[0], $0[1], strip, afterReLU: afterReLU)
    }
  }

  @Test func `names`() {
    #expect(Self.strips.map(\.description)[4...5] == ["1x7", "7x1"])
    #expect(
      Strip(Window(7, stride: 2, dilation: 3), .vertical).description == "7x1 stride 2 dilation 3")
  }

  @Test func `weights of another shape are refused`() async {
    await #expect(processExitsWith: .failure) {
      _ = convolution(
        .constant(.zeros([1, 4, 4, 2])), .constant(.zeros([2, 7, 1, 2])),
        Strip(Window(7), .horizontal))
    }
  }
}
