/// Average pooling that counts only pixels inside the image (`count_include_pad = false`).
///
/// Shapes: x [N, H, W, C]; y [N, H', W', C], H' by `Window.outputExtent`. Dilation 1.
///
/// The count of pixels in a window is a product of a row count and a column count. So with r(y) and
/// s(x) their reciprocals the pooling is y[p] = r s sum of x, and its transpose is the same kind of sum
/// over the gradient times r s: one loop, `boxSums`, serves both.
public enum AveragePooling {
  /// `total` becomes, or with `accumulating` gains, `weight` times the pooled x.
  public static func forward(
    _ x: Tensor, _ window: Window, weight: Scalar = 1, into total: inout Tensor, accumulating: Bool
  ) {
    check(window)
    precondition(
      total.shape == window.outputShape(x.shape, channels: x.shape.channels),
      "pooling \(window) of \(x.shape) does not have the shape \(total.shape)")
    let rows = Coverage(window, extent: x.shape.height)
    let columns = Coverage(window, extent: x.shape.width)
    let target = total.mutablePointer
    let (source, channels) = (x.pointer, x.shape.channels)
    let (inputSize, outputSize) = (x.shape.imageSize, total.shape.imageSize)
    parallelFor(x.shape.images) { n in
      let output = target + n * outputSize
      boxSums(
        source + n * inputSize, width: x.shape.width, channels: channels,
        rows.taken, columns.taken
      ) { sum, y, x, offset, valid in
        let scale = weight / Scalar(rows.taken[y].count * columns.taken[x].count)
        var v = accumulating ? load(output + offset) : .zero
        addProduct(&v, sum, splat(scale))
        store(v, output + offset, count: valid)
      }
    }
  }

  /// The pooled x.
  public static func forward(_ x: Tensor, _ window: Window) -> Tensor {
    var y = Tensor(uninitialized: window.outputShape(x.shape, channels: x.shape.channels))
    forward(x, window, into: &y, accumulating: false)
    return y
  }

  /// `total` becomes, or with `accumulating` gains, `weight` times the gradient with respect to x.
  ///
  /// Returns the sum of `gradient` times the pooled `x`, which is the derivative with respect to the
  /// weight. It is found as the sum of x times the unweighted result, so nothing is pooled again.
  @discardableResult
  public static func inputGradient(
    _ gradient: Tensor, _ window: Window, weight: Scalar = 1, x: Tensor, into total: inout Tensor,
    accumulating: Bool
  ) -> Double {
    check(window)
    let channels = x.shape.channels
    precondition(
      total.shape == x.shape && gradient.shape == window.outputShape(x.shape, channels: channels),
      "gradient \(gradient.shape) of pooling \(window) does not belong to input \(x.shape)")
    let rows = Coverage(window, extent: x.shape.height)
    let columns = Coverage(window, extent: x.shape.width)
    let (inputSize, outputSize) = (x.shape.imageSize, gradient.shape.imageSize)
    let (source, input, target) = (gradient.pointer, x.pointer, total.mutablePointer)
    let (height, width) = (gradient.shape.height, gradient.shape.width)
    let products = Storage(count: x.shape.images)
    parallelFor(x.shape.images) { n in
      let scaled = Storage(count: outputSize)
      for p in 0..<height * width {
        let count = rows.taken[p / width].count * columns.taken[p % width].count
        scale(
          source + n * outputSize + p * channels, by: 1 / Scalar(count),
          into: scaled.base + p * channels, count: channels)
      }
      let (x, output) = (input + n * inputSize, target + n * inputSize)
      var product = Vector.zero
      boxSums(
        scaled.base, width: width, channels: channels, rows.given, columns.given
      ) { sum, _, _, offset, valid in
        var v = accumulating ? load(output + offset) : .zero
        addProduct(&v, sum, splat(weight))
        store(v, output + offset, count: valid)
        if valid >= lanes {
          addProduct(&product, sum, load(x + offset))
        } else {
          for lane in 0..<valid { product[lane] += sum[lane] * x[offset + lane] }
        }
      }
      products.base[n] = sum(product)
      withExtendedLifetime(scaled) {}
    }
    return (0..<x.shape.images).reduce(0) { $0 + Double(products.base[$1]) }
  }

  /// Which indices a window connects along one axis.
  struct Coverage {
    /// For each output, the inputs it takes from.
    let taken: [Range<Int>]
    /// For each input, the outputs it gives to.
    let given: [Range<Int>]

    init(_ window: Window, extent: Int) {
      taken = (0..<window.outputExtent(extent)).map { output in
        let first = output * window.stride - window.padding
        return max(0, first)..<min(extent, first + window.kernel)
      }
      given = (0..<extent).map { [taken] input in
        let outputs = taken.indices.filter { taken[$0].contains(input) }
        return (outputs.first ?? 0)..<(outputs.last.map { $0 + 1 } ?? 0)
      }
    }
  }

  /// Calls `body` with the sum of the source over rows[y] x columns[x], for every y and x and every
  /// block of sixteen channels: (sum, y, x, offset of the block in a map of that size, valid lanes).
  @inline(__always)
  private static func boxSums(
    _ source: UnsafePointer<Scalar>, width: Int, channels: Int, _ rows: [Range<Int>],
    _ columns: [Range<Int>], _ body: (Vector, Int, Int, Int, Int) -> Void
  ) {
    for (y, box) in rows.enumerated() {
      for block in stride(from: 0, to: channels, by: lanes) {
        for (x, line) in columns.enumerated() {
          var sum = Vector.zero
          for h in box {
            for w in line { sum = add(sum, load(source + (h * width + w) * channels + block)) }
          }
          body(sum, y, x, (y * columns.count + x) * channels + block, channels - block)
        }
      }
    }
  }

  private static func check(_ window: Window) {
    precondition(window.dilation == 1, "pooling has no dilation, found window \(window)")
  }
}

extension Shape {
  /// Scalars of one image of [N, H, W, C].
  var imageSize: Int { height * width * channels }
}

extension Naive {
  /// The twin of `AveragePooling.forward`.
  public static func averagePooling(_ x: Tensor, _ window: Window) -> Tensor {
    var y = Tensor.zeros(window.outputShape(x.shape, channels: x.shape.channels))
    forEachAverage(x.shape, window) { at, share in y[at.y] += share * x[at.x] }
    return y
  }

  /// The twin of `AveragePooling.inputGradient`.
  public static func averagePoolingInputGradient(
    _ gradient: Tensor, _ window: Window, inputShape: Shape
  ) -> Tensor {
    var dx = Tensor.zeros(inputShape)
    forEachAverage(inputShape, window) { at, share in dx[at.x] += share * gradient[at.y] }
    return dx
  }

  /// Visits every pair (input, output) of an average with the share of the input in the output.
  private static func forEachAverage(
    _ x: Shape, _ window: Window, _ body: ((x: Int, y: Int), Scalar) -> Void
  ) {
    let output = window.outputShape(x, channels: x.channels)
    var counts = [Int](repeating: 0, count: output.height * output.width)
    forEachTap(window, height: x.height, width: x.width) { row, column, _, _, _, _ in
      counts[row * output.width + column] += 1
    }
    forEachTap(window, height: x.height, width: x.width) { row, column, _, _, h, w in
      for i in 0..<x.images * x.channels {
        let (n, c, p) = (i / x.channels, i % x.channels, row * output.width + column)
        let input = (n * x.height + h) * x.width + w
        let y = (n * output.height * output.width + p) * x.channels + c
        body((input * x.channels + c, y), 1 / Scalar(counts[p]))
      }
    }
  }
}
