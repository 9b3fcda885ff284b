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
    parallelFor(x.shape.images) { n in
      forEachWindow(x.shape, window) { output, rows, columns in
        for c in stride(from: 0, to: channels, by: lanes) {
          let image = source + n * inputSize + c
          var best = splat(-.infinity)
          for h in rows {
            for w in columns { best = largest(best, load(image + (h * width + w) * channels)) }
          }
          store(best, target + n * outputSize + output + c, count: channels - c)
        }
      }
    }
    return y
  }

  /// The gradient with respect to x, given `gradient` with respect to `y`, the pooled x.
  public static func inputGradient(
    _ gradient: Tensor, _ window: Window, x: Tensor, y: Tensor
  ) -> Tensor {
    Share(gradient: LazyMap(gradient), window, x: x, y: y).alone(of: x.shape)
  }

  /// The gradient of what was pooled, as a share of a map.
  package struct Share: MapShare {
    private let gradient: LazyMap
    private let reader: LazyMapReader
    private let window: Window
    private let x: Tensor
    private let y: Tensor

    /// The gradient with respect to x, given that with respect to `y`, the pooled x.
    package init(gradient: LazyMap, _ window: Window, x: Tensor, y: Tensor) {
      precondition(
        gradient.shape == y.shape
          && y.shape == window.outputShape(x.shape, channels: x.shape.channels),
        "gradient \(gradient.shape) of pooling \(window) does not belong to input \(x.shape)")
      (self.gradient, self.window, self.x, self.y) = (gradient, window, x, y)
      reader = LazyMapReader(gradient)
    }

    package func add(
      _ images: Range<Int>, to target: UnsafeMutablePointer<Scalar>, accumulating: Bool
    ) {
      let (inputSize, outputSize) = (x.shape.imageSize, y.shape.imageSize)
      let scratch = reader.scratch(y.shape)
      for n in images {
        let dx = target + n * inputSize
        if !accumulating { dx.update(repeating: 0, count: inputSize) }
        spread(
          reader.image(n, of: y.shape, on: scratch), x.shape, window, x: x.pointer + n * inputSize,
          y: y.pointer + n * outputSize, to: dx)
      }
    }
  }

  /// Adds the gradient of an image [H', W', C] to what was the largest of each window.
  private static func spread(
    _ upstream: UnsafePointer<Scalar>, _ shape: Shape, _ window: Window, x: UnsafePointer<Scalar>,
    y: UnsafePointer<Scalar>, to dx: UnsafeMutablePointer<Scalar>
  ) {
    let (width, channels) = (shape.width, shape.channels)
    forEachWindow(shape, window) { output, rows, columns in
      for c in stride(from: 0, to: channels, by: lanes) {
        let best = load(y + output + c)
        var remaining = load(upstream + output + c)
        for h in rows {
          for w in columns {
            let at = (h * width + w) * channels + c
            let candidate = load(x + at)
            let share = selectEqual(candidate, best, remaining, .zero)
            remaining = selectEqual(candidate, best, .zero, remaining)
            store(add(load(dx + at), share), dx + at, count: channels - c)
          }
        }
      }
    }
  }

  /// The larger of two; NaN beats every number.
  @inline(__always) private static func largest(_ best: Vector, _ x: Vector) -> Vector {
    selectEqual(x, x, selectLess(best, x, x, best), x)
  }

  /// Calls `body(offset of the output, input rows, input columns)` for every window of an image.
  @inline(__always)
  private static func forEachWindow(
    _ x: Shape, _ window: Window, _ body: (Int, Range<Int>, Range<Int>) -> Void
  ) {
    let rows = AveragePooling.Coverage(window, extent: x.height).taken
    let columns = AveragePooling.Coverage(window, extent: x.width).taken
    for row in 0..<rows.count {
      for column in 0..<columns.count {
        body((row * columns.count + column) * x.channels, rows[row], columns[column])
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
