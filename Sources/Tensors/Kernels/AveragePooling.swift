/// Average pooling that counts only pixels inside the image (`count_include_pad = false`).
///
/// Shapes: x [N, H, W, C]; y [N, H', W', C], H' by `Window.outputExtent`. Dilation 1.
///
/// The count of pixels in a window is a product of a row count and a column count, so the pooling is a sum
/// over rows and then one over columns, each divided by its count. Its transpose is the same, divided
/// first: one loop, `boxSums`, serves both.
public enum AveragePooling {
  /// The pooled x.
  public static func forward(_ x: Tensor, _ window: Window) -> Tensor {
    Share(pooling: LazyMap(x), window)
      .alone(of: window.outputShape(x.shape, channels: x.shape.channels))
  }

  /// The gradient with respect to x of `shape`, given that of the pooled x.
  public static func inputGradient(_ gradient: Tensor, _ window: Window, shape: Shape) -> Tensor {
    Share(gradient: LazyMap(gradient), window, of: shape).alone(of: shape)
  }

  /// For each of several maps of one shape, the sum of `gradient` times the pooled map: the derivative with respect to the
  /// weight of its pool.
  ///
  /// It is the sum of the map times what `inputGradient` makes of the gradient, which is made once and not stored.
  package static func products(_ gradient: Tensor, _ window: Window, _ maps: [Tensor]) -> [Double] {
    for map in maps { expectSameShape(map, maps[0], "maps whose pools are added") }
    let shape = maps[0].shape
    let share = Share(gradient: LazyMap(gradient), window, of: shape)
    let (sources, size) = (maps.map(\.pointer), shape.imageSize)
    let totals = Storage(zeros: shape.images * maps.count * lanes)
    parallelFor(shape.images) { n in
      let total = totals.base + n * maps.count * lanes
      share.forEachSum(of: n, on: nil) { sum, offset, valid in
        let sum = first(valid, of: sum)
        for k in sources.indices {
          var product = load(total + k * lanes)
          addProduct(&product, sum, load(sources[k] + n * size + offset, count: valid))
          store(product, total + k * lanes)
        }
      }
    }
    return maps.indices.map { k in
      (0..<shape.images).reduce(0) {
        $0 + Double(sum(load(totals.base + ($1 * maps.count + k) * lanes)))
      }
    }
  }

  /// The lanes that are valid; the others, which hold anything, become 0.
  @inline(__always) private static func first(_ valid: Int, of sum: Vector) -> Vector {
    if valid >= lanes { return sum }
    var v = Vector.zero
    for lane in 0..<valid { v[lane] = sum[lane] }
    return v
  }

  /// A pool, or the gradient of what was pooled, as a share of a map.
  package struct Share: MapShare {
    private let map: LazyMap
    private let reader: LazyMapReader
    private let rows: BoxSum
    private let columns: BoxSum
    /// Scalars of an image of the result.
    private let size: Int

    /// The pooled `map`.
    package init(pooling map: LazyMap, _ window: Window) {
      check(window)
      let shape = map.shape
      self.map = map
      reader = LazyMapReader(map)
      rows = Coverage(window, extent: shape.height).pooling
      columns = Coverage(window, extent: shape.width).pooling
      size = window.outputShape(shape, channels: shape.channels).imageSize
    }

    /// The gradient of a map of `shape` that was pooled, given the `gradient` of its pool.
    package init(gradient: LazyMap, _ window: Window, of shape: Shape) {
      check(window)
      precondition(
        gradient.shape == window.outputShape(shape, channels: shape.channels),
        "gradient \(gradient.shape) of pooling \(window) does not belong to input \(shape)")
      map = gradient
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
          let v = accumulating ? Tensors.add(load(output + offset, count: valid), sum) : sum
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
    // The sums over the rows, one vector a column.
    let line = Storage(count: columns.before.count * lanes)
    for (y, box) in rows.boxes.enumerated() {
      let results = y * columns.boxes.count * channels
      for block in stride(from: 0, to: channels, by: lanes) {
        addRows(source + block, box, step: channels, rows, columns, to: line.base)
        var offset = results + block
        for (x, box) in columns.boxes.enumerated() {
          let sum = neighbors(box, of: line.base)
          body(multiply(sum, splat(rows.after[y] * columns.after[x])), offset, channels - block)
          offset += channels
        }
      }
    }
    withExtendedLifetime(line) {}
  }

  /// Writes to a line of vectors the sum of some rows, whose pixels are `step` apart, each times its factor and that of
  /// the column.
  @inline(__always)
  private static func addRows(
    _ source: UnsafePointer<Scalar>, _ box: Range<Int>, step: Int, _ rows: BoxSum,
    _ columns: BoxSum, to line: UnsafeMutablePointer<Scalar>
  ) {
    let width = columns.before.count
    let row = width * step
    let first = source + box.lowerBound * row
    if box.count == 3 {  // the usual window, without a loop
      let f = (
        splat(rows.before[box.lowerBound]), splat(rows.before[box.lowerBound + 1]),
        splat(rows.before[box.lowerBound + 2])
      )
      for w in 0..<width {
        let at = first + w * step
        var sum = multiply(load(at), f.0)
        addProduct(&sum, load(at + row), f.1)
        addProduct(&sum, load(at + 2 * row), f.2)
        store(multiply(sum, splat(columns.before[w])), line + w * lanes)
      }
    } else {
      for w in 0..<width {
        var sum = Vector.zero
        for h in 0..<box.count {
          addProduct(
            &sum, load(first + h * row + w * step), splat(rows.before[box.lowerBound + h]))
        }
        store(multiply(sum, splat(columns.before[w])), line + w * lanes)
      }
    }
  }

  /// The sum of some neighboring vectors of a line.
  @inline(__always)
  private static func neighbors(_ box: Range<Int>, of line: UnsafeMutablePointer<Scalar>) -> Vector
  {
    let first = line + box.lowerBound * lanes
    if box.count == 3 {
      return add(add(load(first), load(first + lanes)), load(first + 2 * lanes))
    }
    var sum = Vector.zero
    for w in 0..<box.count { sum = add(sum, load(first + w * lanes)) }
    return sum
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
