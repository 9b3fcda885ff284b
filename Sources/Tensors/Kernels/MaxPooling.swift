/// Max pooling; padding never wins.
///
/// Shapes: x [N, H, W, C]; y [N, H', W', C], H' by `Window.outputExtent`. Dilation 1. If several pixels of a
/// window are equal, the gradient goes to the first in row-major order. A NaN in the window wins.
public enum MaxPooling {
  /// The largest x of each window.
  public static func forward(_ x: Tensor, _ window: Window) -> Tensor {
    precondition(window.dilation == 1, "pooling has no dilation, found window \(window)")
    var y = Tensor(uninitialized: window.outputShape(x.shape, channels: x.shape.channels))
    let (source, target) = (x.pointer, y.mutablePointer)
    let (inputSize, outputSize) = (x.shape.imageSize, y.shape.imageSize)
    let (width, channels) = (x.shape.width, x.shape.channels)
    forEachWindow(x.shape, window) { n, output, rows, columns in
      for c in stride(from: 0, to: channels, by: lanes) {
        let image = source + n * inputSize + c
        var best = splat(-.infinity)
        for h in rows {
          for w in columns { best = largest(best, load(image + (h * width + w) * channels)) }
        }
        store(best, target + n * outputSize + output + c, count: channels - c)
      }
    }
    return y
  }

  /// The gradient with respect to x, given `gradient` with respect to `y`, the pooled x.
  public static func inputGradient(
    _ gradient: Tensor, _ window: Window, x: Tensor, y: Tensor
  ) -> Tensor {
    precondition(
      gradient.shape == y.shape
        && y.shape == window.outputShape(x.shape, channels: x.shape.channels),
      "gradient \(gradient.shape) of pooling \(window) does not belong to input \(x.shape)")
    var dx = Tensor.zeros(x.shape)
    let (source, pooled, upstream) = (x.pointer, y.pointer, gradient.pointer)
    let target = dx.mutablePointer
    let (inputSize, outputSize) = (x.shape.imageSize, y.shape.imageSize)
    let (width, channels) = (x.shape.width, x.shape.channels)
    forEachWindow(x.shape, window) { n, output, rows, columns in
      for c in stride(from: 0, to: channels, by: lanes) {
        let best = load(pooled + n * outputSize + output + c)
        var remaining = load(upstream + n * outputSize + output + c)
        for h in rows {
          for w in columns {
            let at = n * inputSize + (h * width + w) * channels + c
            let candidate = load(source + at)
            let share = selectEqual(candidate, best, remaining, .zero)
            remaining = selectEqual(candidate, best, .zero, remaining)
            store(add(load(target + at), share), target + at, count: channels - c)
          }
        }
      }
    }
    return dx
  }

  /// The larger of two; NaN beats every number.
  @inline(__always) private static func largest(_ best: Vector, _ x: Vector) -> Vector {
    selectEqual(x, x, selectLess(best, x, x, best), x)
  }

  /// Calls `body(image, offset of the output, input rows, input columns)` for every window.
  @inline(__always)
  private static func forEachWindow(
    _ x: Shape, _ window: Window, function: StaticString = #function,
    _ body: (Int, Int, Range<Int>, Range<Int>) -> Void
  ) {
    let rows = AveragePooling.Coverage(window, extent: x.height).taken
    let columns = AveragePooling.Coverage(window, extent: x.width).taken
    parallelFor(x.images, function: function) { n in
      for row in 0..<rows.count {
        for column in 0..<columns.count {
          let output = (row * columns.count + column) * x.channels
          body(n, output, rows[row], columns[column])
        }
      }
    }
  }
}

extension Naive {
  /// The twin of `MaxPooling.forward`.
  public static func maxPooling(_ x: Tensor, _ window: Window) -> Tensor {
    let shape = window.outputShape(x.shape, channels: x.shape.channels)
    var y = Tensor(repeating: -.infinity, shape: shape)
    for n in 0..<shape.images {
      forEachTap(window, height: x.shape.height, width: x.shape.width) { row, column, _, _, h, w in
        for c in 0..<shape.channels {
          y[n, row, column, c] = max(y[n, row, column, c], x[n, h, w, c])
        }
      }
    }
    return y
  }

  /// The twin of `MaxPooling.inputGradient`, for inputs without ties.
  public static func maxPoolingInputGradient(
    _ gradient: Tensor, _ window: Window, x: Tensor
  ) -> Tensor {
    let y = maxPooling(x, window)
    var dx = Tensor.zeros(x.shape)
    for n in 0..<y.shape.images {
      forEachTap(window, height: x.shape.height, width: x.shape.width) { row, column, _, _, h, w in
        for c in 0..<y.shape.channels where x[n, h, w, c] == y[n, row, column, c] {
          dx[n, h, w, c] += gradient[n, row, column, c]
        }
      }
    }
    return dx
  }
}
