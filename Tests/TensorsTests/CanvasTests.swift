import TestSupport
import Testing

@testable import Tensors

@Suite("Canvases")
struct CanvasTests {
  static let windows = [
    Window(1), Window(3), Window(3, dilation: 2), Window(5, dilation: 2), Window(3, stride: 2),
    Window(5, stride: 2),
  ]

  /// Memory of the pool that was used before, and may be handed out again.
  private func soil(_ count: Int) {
    let used = Storage(count: count)
    used.base.update(repeating: .nan, count: count)
  }

  @Test(arguments: windows, [(1, 1), (4, 4), (7, 5)])
  func `a canvas is the image inside zeros, whatever was in the memory before`(
    _ window: Window, _ extent: (height: Int, width: Int)
  ) {
    let (height, width) = extent
    let canvases = [
      Canvas.input(window, height: height, width: width, channels: 16),
      Canvas.gradient(window, height: height, width: width, channels: 16),
      Canvas.tiled(height: height, width: width, channels: 16),
    ]
    for canvas in canvases {
      let map = sample([3, canvas.image.height, canvas.image.width, 16], 1)
      soil(2 * canvas.size)
      let memory = canvas.blank(2)
      // The second canvas is drawn on twice.
      for (place, n) in [(0, 0), (1, 1), (1, 2)] {
        canvas.draw(
          LazyMapReader(LazyMap(map)), image: n, height: canvas.image.height,
          width: canvas.image.width, on: memory.base + place * canvas.size)
      }
      let drawn = (0..<2 * canvas.size).map { memory.base[$0] }
      #expect(drawn == expected(canvas, map, image: 0) + expected(canvas, map, image: 2))
    }
  }

  /// Image `n` as the canvas says where it lies, scalar by scalar.
  private func expected(_ canvas: Canvas, _ map: Tensor, image n: Int) -> [Scalar] {
    var scalars = [Scalar](repeating: 0, count: canvas.size)
    for h in 0..<canvas.image.height {
      for w in 0..<canvas.image.width {
        let (row, column) = (canvas.origin + h * canvas.spread, canvas.origin + w * canvas.spread)
        for c in 0..<canvas.channels {
          scalars[row * canvas.lineStep + column * canvas.channels + c] = map[n, h, w, c]
        }
      }
    }
    return scalars
  }
}
