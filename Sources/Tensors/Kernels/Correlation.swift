/// A convolution of one image as a matrix product that needs no im2col.
///
/// With channels innermost, the taps of one kernel row are one contiguous run of `kernel * C` scalars
/// of the padded image. So an output pixel is a sum over a few runs,
///
///     output[y, x, o] = sum over r, i of source[y * lineStep + x * pixelStep + runs[r] + i] * w[o, r, i]
///
/// and 8 pixels by 32 output channels of it are computed at a time in registers.
struct Correlation {
  /// Output pixels.
  let height: Int
  let width: Int
  /// Output channels.
  let outputs: Int
  /// Distance in the source between outputs above each other, and beside each other.
  let lineStep: Int
  let pixelStep: Int
  /// Where each run starts, relative to the first tap, and its length.
  let runs: [Int]
  let runLength: Int

  /// The correlation of a window over a source whose rows are `sourceLine` scalars and whose pixels
  /// are `channels` scalars.
  init(
    _ window: Window, outputHeight: Int, outputWidth: Int, outputs: Int, channels: Int,
    sourceLine: Int
  ) {
    height = outputHeight
    width = outputWidth
    self.outputs = outputs
    lineStep = window.stride * sourceLine
    pixelStep = window.stride * channels
    let taps = 0..<window.kernel
    if window.dilation == 1 {
      runs = taps.map { $0 * sourceLine }
      runLength = window.kernel * channels
    } else {
      runs = taps.flatMap { i in
        taps.map { j in window.dilation * (i * sourceLine + j * channels) }
      }
      runLength = channels
    }
  }

  /// Products a single output scalar sums up.
  var reduction: Int { runs.count * runLength }

  /// The first output channel and the number of vectors of each panel of output channels.
  private var panels: [(first: Int, vectors: Int)] {
    var panels: [(Int, Int)] = []
    var first = 0
    while first < outputs {
      let vectors = outputs - first > lanes ? vectorsPerTile : 1
      panels.append((first, vectors))
      first += vectors * lanes
    }
    return panels
  }

  /// Output channels rounded up to whole panels.
  private var paddedOutputs: Int { panels.last.map { $0.first + $0.vectors * lanes } ?? 0 }

  // MARK: Forward

  /// Weights [O, reduction] rearranged to panels [reduction][16 or 32], zero-filled.
  func packed(_ w: Tensor) -> Storage {
    let weights = w.pointer
    return packed { k, output, count in
      var row = Vector.zero
      for lane in 0..<count { row[lane] = weights[(output + lane) * reduction + k] }
      return row
    }
  }

  /// The same of the kernel that convolves gradients: w, whose outputs are its inputs, turned.
  ///
  /// The weights that a row needs are neighbours in w.
  func packed(turning w: Tensor) -> Storage {
    let (weights, taps) = (w.pointer, w.shape[1] * w.shape[2])
    return packed { k, output, count in
      let (tap, input) = k.quotientAndRemainder(dividingBy: w.shape[0])
      return load(weights + (input * taps + taps - 1 - tap) * outputs + output, count: count)
    }
  }

  /// Panels of what `weights(k, output, count)` returns: those of `count` outputs from `output` on.
  @inline(__always) private func packed(_ weights: (Int, Int, Int) -> Vector) -> Storage {
    let packed = Storage(count: paddedOutputs * reduction)
    for (first, vectors) in panels {
      var row = packed.base + first * reduction
      for k in 0..<reduction {
        for output in stride(from: first, to: first + vectors * lanes, by: lanes) {
          store(weights(k, output, min(lanes, outputs - output)), row)
          row += lanes
        }
      }
    }
    return packed
  }

  /// Computes every output of one image.
  func run(_ source: UnsafePointer<Scalar>, _ packed: Storage, into target: Destination) {
    runs.withUnsafeBufferPointer { runs in
      for (first, vectors) in panels {
        let panel = UnsafePointer(packed.base + first * reduction)
        let valid = outputs - first
        for y in 0..<height {
          for x in Swift.stride(from: 0, to: width, by: Column.rows) {
            let from = source + y * lineStep + x * pixelStep
            let to = (y * width + x) * outputs + first
            let rows = min(Column.rows, width - x)
            if vectors == 2 {
              wideTile(from, runs, panel, target, at: to, rows: rows, valid: valid)
            } else {
              tile(from, runs, panel, target, at: to, rows: rows, valid: valid)
            }
          }
        }
      }
    }
  }

  /// Up to 8 pixels by 32 output channels.
  @inline(__always)
  private func wideTile(
    _ source: UnsafePointer<Scalar>, _ runs: UnsafeBufferPointer<Int>,
    _ panel: UnsafePointer<Scalar>, _ target: Destination, at offset: Int, rows: Int, valid: Int
  ) {
    let pixels = Column.Offsets(stride: pixelStep, count: rows)
    var left = Column()
    var right = Column()
    var w = panel
    for run in runs {
      var x = source + run
      let end = x + runLength
      while x < end {
        let pixel = Column(broadcasting: x, pixels)
        left.addProduct(pixel, load(w))
        right.addProduct(pixel, load(w + lanes))
        x += 1
        w += 2 * lanes
      }
    }
    target.write(left, offset, stride: outputs, rows: rows, valid: lanes)
    target.write(right, offset + lanes, stride: outputs, rows: rows, valid: valid - lanes)
  }

  /// Up to 8 pixels by 16 output channels.
  @inline(__always)
  private func tile(
    _ source: UnsafePointer<Scalar>, _ runs: UnsafeBufferPointer<Int>,
    _ panel: UnsafePointer<Scalar>, _ target: Destination, at offset: Int, rows: Int, valid: Int
  ) {
    let pixels = Column.Offsets(stride: pixelStep, count: rows)
    var sums = Column()
    var w = panel
    for run in runs {
      var x = source + run
      let end = x + runLength
      while x < end {
        sums.addProduct(Column(broadcasting: x, pixels), load(w))
        x += 1
        w += lanes
      }
    }
    target.write(sums, offset, stride: outputs, rows: rows, valid: valid)
  }

  // MARK: Weight gradient

  /// Rows of a weight-gradient panel: the reduction, each run rounded up to whole columns.
  private var gradientRows: Int { runs.count * paddedRun }
  private var paddedRun: Int { (runLength + Column.rows - 1) / Column.rows * Column.rows }

  /// Memory for the sums of `accumulateWeightGradient`, contents undefined.
  func weightGradientStorage() -> Storage { Storage(count: paddedOutputs * gradientRows) }

  /// Zeroes the sums; a task does so itself, while they are on their way into its cache.
  func clearWeightGradient(_ sums: Storage) {
    sums.base.update(repeating: 0, count: paddedOutputs * gradientRows)
  }

  /// The gradient of one image's outputs, [height, width, outputs], perhaps on a canvas.
  struct Gradient {
    let base: UnsafePointer<Scalar>
    let lineStep: Int
    let pixelStep: Int
  }

  /// Adds one image's share: sums[r, i, o] += sum over y, x of source[y, x, r, i] * gradient[y, x, o].
  ///
  /// The last tile of a run may compute more inputs than there are; those rows are padding, never read.
  func accumulateWeightGradient(
    _ source: UnsafePointer<Scalar>, _ gradient: Gradient, into sums: Storage
  ) {
    // A band of the gradient stays in the first-level cache while all tiles pass over it.
    let band = max(1, 4096 / max(1, width * outputs))
    for top in Swift.stride(from: 0, to: height, by: band) {
      let lines = top..<min(top + band, height)
      for (first, vectors) in panels {
        let panel = sums.base + first * gradientRows
        for (index, run) in runs.enumerated() {
          for i in Swift.stride(from: 0, to: runLength, by: Column.rows) {
            let rows = panel + (index * paddedRun + i) * vectors * lanes
            if vectors == 2 {
              wideGradientTile(source + run + i, gradient, first, rows, lines)
            } else {
              gradientTile(source + run + i, gradient, first, rows, lines)
            }
          }
        }
      }
    }
  }

  /// 8 inputs by 32 outputs, over the pixels of some lines.
  @inline(__always)
  private func wideGradientTile(
    _ source: UnsafePointer<Scalar>, _ gradient: Gradient, _ first: Int,
    _ sums: UnsafeMutablePointer<Scalar>, _ lines: Range<Int>
  ) {
    let inputs = Column.Offsets(stride: 1, count: Column.rows)
    let rows = Column.Offsets(stride: 2 * lanes, count: Column.rows)
    var left = Column(loading: sums, rows)
    var right = Column(loading: sums + lanes, rows)
    for y in lines {
      var x = source + y * lineStep
      var g = gradient.base + y * gradient.lineStep + first
      for _ in 0..<width {
        let input = Column(broadcasting: x, inputs)
        left.addProduct(input, load(g))
        right.addProduct(input, load(g + lanes))
        x += pixelStep
        g += gradient.pixelStep
      }
    }
    left.forEachRow(stride: 2 * lanes, count: Column.rows) { store($0, sums + $1) }
    right.forEachRow(stride: 2 * lanes, count: Column.rows) { store($0, sums + lanes + $1) }
  }

  /// 8 inputs by 16 outputs, over the pixels of some lines.
  @inline(__always)
  private func gradientTile(
    _ source: UnsafePointer<Scalar>, _ gradient: Gradient, _ first: Int,
    _ sums: UnsafeMutablePointer<Scalar>, _ lines: Range<Int>
  ) {
    let inputs = Column.Offsets(stride: 1, count: Column.rows)
    let rows = Column.Offsets(stride: lanes, count: Column.rows)
    var column = Column(loading: sums, rows)
    for y in lines {
      var x = source + y * lineStep
      var g = gradient.base + y * gradient.lineStep + first
      for _ in 0..<width {
        column.addProduct(Column(broadcasting: x, inputs), load(g))
        x += pixelStep
        g += gradient.pixelStep
      }
    }
    column.forEachRow(stride: lanes, count: Column.rows) { store($0, sums + $1) }
  }

  /// Adds up partial sums in their order and rearranges them to [O, reduction].
  func weightGradient(of parts: [Storage], into w: UnsafeMutablePointer<Scalar>) {
    let total = sum(of: parts, count: paddedOutputs * gradientRows)
    for (first, vectors) in panels {
      let width = vectors * lanes
      let panel = total.base + first * gradientRows
      for lane in 0..<min(width, outputs - first) {
        let row = w + (first + lane) * reduction
        for run in 0..<runs.count {
          let (source, target) = (panel + run * paddedRun * width + lane, row + run * runLength)
          for i in 0..<runLength { target[i] = source[i * width] }
        }
      }
    }
    withExtendedLifetime(total) {}
  }
}

/// The sum of several partial sums of `count` scalars, a multiple of sixteen, in their order.
func sum(of parts: [Storage], count: Int) -> Storage {
  let total = Storage(count: count)
  parallelRanges(count, size: 1024) { range in
    (total.base + range.lowerBound).update(repeating: 0, count: range.count)
    for part in parts {
      for i in stride(from: range.lowerBound, to: range.upperBound, by: lanes) {
        store(add(load(total.base + i), load(part.base + i)), total.base + i)
      }
    }
  }
  return total
}
