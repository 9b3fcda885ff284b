/// The square window that a convolution or a pooling slides over the image.
///
/// Padding is "same": `dilation * (kernel - 1) / 2` zero rows and columns on each side (none for an
/// even kernel such as 2), so that a window of stride 1 and odd kernel keeps height and width.
public struct Window: Hashable, Sendable, CustomStringConvertible {
  /// Taps along each axis.
  public let kernel: Int
  /// Pixels between neighbouring outputs.
  public let stride: Int
  /// Pixels between neighbouring taps.
  public let dilation: Int

  /// Creates a window; all three numbers are at least 1.
  public init(_ kernel: Int, stride: Int = 1, dilation: Int = 1) {
    precondition(
      kernel >= 1 && stride >= 1 && dilation >= 1,
      "kernel, stride and dilation are at least 1: \(kernel), \(stride), \(dilation)")
    self.kernel = kernel
    self.stride = stride
    self.dilation = dilation
  }

  /// Zero rows (and columns) on each side.
  public var padding: Int { kernel % 2 == 0 ? 0 : dilation * (kernel - 1) / 2 }

  /// Pixels from the first to the last tap.
  public var reach: Int { dilation * (kernel - 1) }

  /// The extent of the output along an axis of `extent` pixels.
  public func outputExtent(_ extent: Int) -> Int {
    let slack = extent + 2 * padding - reach - 1
    precondition(slack >= 0, "a window of \(self) does not fit into \(extent) pixels")
    return slack / stride + 1
  }

  /// The shape of the output for `input` [N, H, W, _], with `channels` channels.
  public func outputShape(_ input: Shape, channels: Int) -> Shape {
    [input.images, outputExtent(input.height), outputExtent(input.width), channels]
  }

  /// For example `3x3`, `5x5 stride 2`, `3x3 dilation 2`.
  public var description: String {
    "\(kernel)x\(kernel)" + (stride == 1 ? "" : " stride \(stride)")
      + (dilation == 1 ? "" : " dilation \(dilation)")
  }
}

extension Naive {
  /// Calls `body(output row, output column, tap row, tap column, input row, input column)` for every
  /// tap that falls inside the image: the one loop that the naive kernels share.
  static func forEachTap(
    _ window: Window, height: Int, width: Int, _ body: (Int, Int, Int, Int, Int, Int) -> Void
  ) {
    for y in 0..<window.outputExtent(height) {
      for x in 0..<window.outputExtent(width) {
        for i in 0..<window.kernel {
          for j in 0..<window.kernel {
            let row = y * window.stride + i * window.dilation - window.padding
            let column = x * window.stride + j * window.dilation - window.padding
            guard 0..<height ~= row, 0..<width ~= column else { continue }
            body(y, x, i, j, row, column)
          }
        }
      }
    }
  }
}

/// The naive twins of the kernels: the formula as a loop, to read and to test against.
public enum Naive {}
