/// Average pooling that counts only pixels inside the image (`count_include_pad = false`).
///
/// Shapes: x [N, H, W, C]; y [N, H', W', C], H' by `Window.outputExtent`. Dilation 1.
///
/// The count of pixels in a window is a product of a row count and a column count, so the pooling is a sum
/// over rows and then one over columns, each divided by its count. Its transpose is the same, divided
/// first: one loop, `boxSums`, serves both.
public enum AveragePooling {
  /// `total` becomes, or with `accumulating` gains, `weight` times the pooled x.
  public static func forward(
    _ x: Tensor, _ window: Window, weight: Scalar = 1, into total: inout Tensor, accumulating: Bool
  ) {
    precondition(
      total.shape == window.outputShape(x.shape, channels: x.shape.channels),
      "pooling \(window) of \(x.shape) does not have the shape \(total.shape)")
    let share = Share(pooling: x, window, weight: weight)
    let target = total.mutablePointer
    parallelFor(x.shape.images) { n in
      share.add(n..<n + 1, to: target, accumulating: accumulating)
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
    expectSameShape(total, x, "the gradient of what was pooled, and that map,")
    let share = Share(gradient: LazyMap(gradient), window, of: x.shape)
    let size = x.shape.imageSize
    let (input, target) = (x.pointer, total.mutablePointer)
    let products = Storage(count: x.shape.images)
    parallelFor(x.shape.images) { n in
      let (x, output) = (input + n * size, target + n * size)
      var product = Vector.zero
      share.forEachSum(of: n, on: nil) { sum, offset, valid in
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
    }
    return (0..<x.shape.images).reduce(0) { $0 + Double(products.base[$1]) }
  }

  /// The sum of `gradient` times the pooled x: the derivative with respect to the weight of a pool.
  package static func product(_ gradient: Tensor, _ x: Tensor, _ window: Window) -> Double {
    let share = Share(pooling: x, window, weight: 1)
    let (g, size) = (gradient.pointer, gradient.shape.imageSize)
    let products = Storage(count: x.shape.images)
    parallelFor(x.shape.images) { n in
      var product = Vector.zero
      share.forEachSum(of: n, on: nil) { sum, offset, valid in
        let g = g + n * size + offset
        if valid >= lanes {
          addProduct(&product, sum, load(g))
        } else {  // the other lanes hold anything, not numbers perhaps
          for lane in 0..<valid { product[lane] += sum[lane] * g[lane] }
        }
      }
      products.base[n] = sum(product)
    }
    return (0..<x.shape.images).reduce(0) { $0 + Double(products.base[$1]) }
  }

  /// A weighted pool, or the gradient of what was pooled, as a share of a map.
  package struct Share: MapShare {
    private let map: LazyMap
    private let reader: LazyMapReader
    private let weight: Scalar
    private let rows: BoxSum
    private let columns: BoxSum
    /// Scalars of an image of the result.
    private let size: Int

    /// `weight` times the pooled x.
    package init(pooling x: Tensor, _ window: Window, weight: Scalar) {
      check(window)
      (map, self.weight) = (LazyMap(x), weight)
      reader = LazyMapReader(map)
      rows = Coverage(window, extent: x.shape.height).pooling
      columns = Coverage(window, extent: x.shape.width).pooling
      size = window.outputShape(x.shape, channels: x.shape.channels).imageSize
    }

    /// The gradient of a map of `shape` that was pooled, given the `gradient` of its pool.
    package init(gradient: LazyMap, _ window: Window, of shape: Shape) {
      check(window)
      precondition(
        gradient.shape == window.outputShape(shape, channels: shape.channels),
        "gradient \(gradient.shape) of pooling \(window) does not belong to input \(shape)")
      (map, weight) = (gradient, 1)
      reader = LazyMapReader(map)
      rows = Coverage(window, extent: shape.height).transposed
      columns = Coverage(window, extent: shape.width).transposed
      size = shape.imageSize
    }

    package func add(
      _ images: Range<Int>, to target: UnsafeMutablePointer<Scalar>, accumulating: Bool
    ) {
      let scratch = reader.scratch(map.shape)
      for n in images {
        let output = target + n * size
        forEachSum(of: n, on: scratch) { sum, offset, valid in
          var v = accumulating ? load(output + offset, count: valid) : .zero
          addProduct(&v, sum, splat(weight))
          store(v, output + offset, count: valid)
        }
      }
    }

    /// Calls `body` with the sums of image `n`, which is evaluated on `scratch` if it is not stored.
    @inline(__always)
    fileprivate func forEachSum(
      of n: Int, on scratch: Storage?, _ body: (Vector, Int, Int) -> Void
    ) {
      let source = reader.image(n, of: map.shape, on: scratch)
      boxSums(source, channels: map.shape.channels, rows, columns, body)
    }
  }

  /// Which indices a window connects along one axis.
  struct Coverage {
    /// For each output, the inputs it takes from.
    let taken: [Range<Int>]
    /// For each input, the outputs it gives to.
    let given: [Range<Int>]

    init(_ window: Window, extent: Int) {
      let (stride, padding, kernel) = (window.stride, window.padding, window.kernel)
      let outputs = window.outputExtent(extent)
      taken = (0..<outputs).map { output in
        let first = output * stride - padding
        return max(0, first)..<min(extent, first + kernel)
      }
      given = (0..<extent).map { input in
        let after = min(outputs, (input + padding) / stride + 1)
        let first = max(0, input + padding - kernel + stride) / stride
        return min(first, after)..<after
      }
    }

    private var reciprocals: [Scalar] { taken.map { 1 / Scalar($0.count) } }

    /// The average of what each output takes.
    var pooling: BoxSum {
      BoxSum(boxes: taken, before: given.map { _ in 1 }, after: reciprocals)
    }

    /// The sum of what each input gets.
    var transposed: BoxSum {
      BoxSum(boxes: given, before: reciprocals, after: given.map { _ in 1 })
    }
  }

  /// Sums of neighbors along one axis.
  struct BoxSum {
    /// For each result, the neighbors that are added up.
    let boxes: [Range<Int>]
    /// What each of them is multiplied by before.
    let before: [Scalar]
    /// What each result is multiplied by.
    let after: [Scalar]
  }

  /// Calls `body` with the sum of the source over rows and columns, for every result and every block of
  /// sixteen channels: (sum, offset of the block in the map of the results, valid lanes).
  @inline(__always)
  private static func boxSums(
    _ source: UnsafePointer<Scalar>, channels: Int, _ rows: BoxSum, _ columns: BoxSum,
    _ body: (Vector, Int, Int) -> Void
  ) {
    let width = columns.before.count
    // The sums over the rows, one vector a column.
    let line = Storage(count: width * lanes)
    for (y, box) in rows.boxes.enumerated() {
      let results = y * columns.boxes.count * channels
      for block in stride(from: 0, to: channels, by: lanes) {
        addRows(
          source + block, box, step: channels, width, times: rows.before, to: line.base)
        var offset = results + block
        for (x, box) in columns.boxes.enumerated() {
          var sum = Vector.zero
          for w in box { addProduct(&sum, load(line.base + w * lanes), splat(columns.before[w])) }
          body(multiply(sum, splat(rows.after[y] * columns.after[x])), offset, channels - block)
          offset += channels
        }
      }
    }
    withExtendedLifetime(line) {}
  }

  /// Writes the sum of some rows of `width` vectors, `step` apart, each times its factor, to a line of vectors.
  @inline(__always)
  private static func addRows(
    _ source: UnsafePointer<Scalar>, _ box: Range<Int>, step: Int, _ width: Int,
    times factors: [Scalar], to line: UnsafeMutablePointer<Scalar>
  ) {
    factors.withUnsafeBufferPointer { factors in
      for w in 0..<width {
        var sum = Vector.zero
        for h in box {
          addProduct(&sum, load(source + (h * width + w) * step), splat(factors[h]))
        }
        store(sum, line + w * lanes)
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
