/// A row of taps of an image: a window along one axis, which keeps the other as it is.
public struct Strip: Hashable, Sendable, CustomStringConvertible {
  /// Which way a row of taps lies.
  public enum Direction: Hashable, Sendable {
    /// Along the width: 1 x k.
    case horizontal
    /// Along the height: k x 1.
    case vertical
  }

  /// The taps along the axis.
  public let window: Window
  /// The axis.
  public let direction: Direction

  /// Creates a row of taps.
  public init(_ window: Window, _ direction: Direction) {
    self.window = window
    self.direction = direction
  }

  /// The height and width of the output for images of `height` x `width` pixels.
  public func outputExtents(height: Int, width: Int) -> (height: Int, width: Int) {
    switch direction {
    case .horizontal: (height, window.outputExtent(width))
    case .vertical: (window.outputExtent(height), width)
    }
  }

  /// The shape of the output for `input` [N, H, W, _], with `channels` channels.
  public func outputShape(_ input: Shape, channels: Int) -> Shape {
    let (height, width) = outputExtents(height: input.height, width: input.width)
    return [input.images, height, width, channels]
  }

  /// The shape of the weights of a dense convolution: [O, 1, k, I] or [O, k, 1, I].
  public func weightShape(inputs: Int, outputs: Int) -> Shape {
    switch direction {
    case .horizontal: [outputs, 1, window.kernel, inputs]
    case .vertical: [outputs, window.kernel, 1, inputs]
    }
  }

  /// For example `1x7`, `7x1 stride 2`.
  public var description: String {
    let extents = direction == .horizontal ? "1x\(window.kernel)" : "\(window.kernel)x1"
    return extents + "\(window)".dropFirst("\(window.kernel)x\(window.kernel)".count)
  }
}

/// The taps of a strip as channels: x [N, H, W, C]; y [N, H', W', k C], the first tap's channels first.
///
/// A convolution along one axis is a pointwise one of what this gives. It takes k times the memory of x, which is no
/// matter for an operation that no search has.
public enum StripTaps {
  /// y[n, p, t C + c] = x[n, stride p + dilation t - padding, c], 0 outside the image.
  public static func forward(_ x: Tensor, _ strip: Strip) -> Tensor {
    let (shape, channels) = (x.shape, x.shape.channels)
    var y = Tensor.zeros(outputShape(shape, strip))
    let (source, target) = (x.pointer, y.mutablePointer)
    parallelFor(shape.images) { n in
      forEachTap(of: n, shape, strip) { from, to in
        (target + to * channels).update(from: source + from * channels, count: channels)
      }
    }
    return y
  }

  /// The gradient with respect to x of `shape`, given `gradient` with respect to y.
  public static func inputGradient(_ gradient: Tensor, shape: Shape, _ strip: Strip) -> Tensor {
    precondition(
      gradient.shape == outputShape(shape, strip),
      "a gradient of shape \(gradient.shape) does not belong to the taps of \(strip) on \(shape)")
    var dx = Tensor.zeros(shape)
    let (source, target, channels) = (gradient.pointer, dx.mutablePointer, shape.channels)
    parallelFor(shape.images) { n in
      forEachTap(of: n, shape, strip) { to, from in
        for c in 0..<channels { target[to * channels + c] += source[from * channels + c] }
      }
    }
    return dx
  }

  private static func outputShape(_ shape: Shape, _ strip: Strip) -> Shape {
    strip.outputShape(shape, channels: strip.window.kernel * shape.channels)
  }

  /// Calls `body(pixel of x, tap of y)` for every tap of image `n` that lies inside the image.
  private static func forEachTap(
    of n: Int, _ shape: Shape, _ strip: Strip, _ body: (Int, Int) -> Void
  ) {
    let (window, isHorizontal) = (strip.window, strip.direction == .horizontal)
    let output = strip.outputExtents(height: shape.height, width: shape.width)
    for i in 0..<output.height {
      for j in 0..<output.width {
        for tap in 0..<window.kernel {
          let along =
            (isHorizontal ? j : i) * window.stride + tap * window.dilation - window.padding
          let (row, column) = isHorizontal ? (i, along) : (along, j)
          guard 0..<shape.height ~= row, 0..<shape.width ~= column else { continue }
          body(
            (n * shape.height + row) * shape.width + column,
            ((n * output.height + i) * output.width + j) * window.kernel + tap)
        }
      }
    }
  }
}
