/// A depthwise convolution one image at a time.
///
/// The image is drawn as blocks of sixteen channels, each inside its border: [C / 16][H + 2p][W + 2p][16].
/// A lane is a channel.
struct DepthwiseImages {
  /// The shape of the convolution of all images.
  let result: Shape
  private let kernel: Int
  private let map: LazyMap
  private let reader: LazyMapReader
  private let easel: Canvas
  private let stencil: Stencil
  private let taps: Storage

  init(_ x: LazyMap, _ w: Tensor, _ window: Window) {
    let shape = x.shape
    checkKernel(w.shape, channels: shape.channels, window)
    kernel = window.kernel
    map = x
    reader = LazyMapReader(x)
    result = window.outputShape(shape, channels: shape.channels)
    easel = .input(window, height: shape.height, width: shape.width, channels: lanes)
    stencil = Stencil(
      window, height: result.height, width: result.width, canvasLine: easel.lineStep)
    taps = blockedTaps(w, flipped: false)
  }

  private var channels: Int { result.channels }

  /// Memory for one image at a time; the borders stay zero.
  func canvas() -> Storage { easel.blank(blocks(of: channels)) }

  /// Draws image `n`, line by line, so that the map is read in the order of memory.
  func draw(_ n: Int, on canvas: Storage) {
    let (height, width) = (map.shape.height, map.shape.width)
    for y in 0..<height {
      for block in 0..<blocks(of: channels) {
        easel.drawLine(
          y, reader, image: n, height: height, width: width, first: block * lanes,
          on: canvas.base + block * easel.size)
      }
    }
  }

  /// y of the image on `canvas`, [H', W', C].
  func run(_ canvas: Storage, into y: UnsafeMutablePointer<Scalar>, accumulating: Bool) {
    for block in 0..<blocks(of: channels) {
      stencil.run(
        canvas.base + block * easel.size, taps.base + block * stencil.taps * lanes,
        pixelStep: channels, into: .init(base: y + block * lanes, accumulates: accumulating),
        valid: channels - block * lanes)
    }
  }

  /// Memory for the sums of `addWeightGradient`, one a task, contents undefined.
  func weightGradientStorage(tasks: Int) -> [Storage] {
    (0..<tasks).map { _ in Storage(count: weightCount) }
  }

  /// Zeroes the sums of a task.
  func clearWeightGradient(_ sums: Storage) {
    sums.base.update(repeating: 0, count: weightCount)
  }

  private var weightCount: Int { blocks(of: channels) * stencil.taps * lanes }

  /// Adds the share of the image on `canvas`, given its `gradient` [H', W', C].
  func addWeightGradient(
    _ canvas: Storage, _ gradient: UnsafePointer<Scalar>, to sums: Storage
  ) {
    for block in 0..<blocks(of: channels) {
      stencil.accumulateWeightGradient(
        canvas.base + block * easel.size, gradient + block * lanes, pixelStep: channels,
        into: sums.base + block * stencil.taps * lanes)
    }
  }

  /// The sum of the shares, [C, k, k, 1].
  func weightGradient(of parts: [Storage]) -> Tensor {
    var w = Tensor(uninitialized: [channels, kernel, kernel, 1])
    let (target, taps) = (w.mutablePointer, stencil.taps)
    let total = sum(of: parts, count: blocks(of: channels) * taps * lanes)
    for c in 0..<channels {
      let block = total.base + c / lanes * taps * lanes + c % lanes
      for t in 0..<taps { target[c * taps + t] = block[t * lanes] }
    }
    return w
  }
}

/// The gradient of a depthwise convolution's input, one image at a time.
struct DepthwiseInputGradient {
  private let input: Shape
  private let gradient: Shape
  private let easel: Canvas
  private let stencil: Stencil
  private let taps: Storage

  init(_ w: Tensor, _ window: Window, input: Shape, gradient: Shape) {
    checkKernel(w.shape, channels: input.channels, window)
    precondition(
      gradient == window.outputShape(input, channels: input.channels),
      "a gradient of shape \(gradient) does not belong to input \(input), window \(window)")
    self.input = input
    self.gradient = gradient
    easel = .gradient(window, height: input.height, width: input.width, channels: lanes)
    stencil = Stencil(
      Window(window.kernel, dilation: window.dilation), height: input.height, width: input.width,
      canvasLine: easel.lineStep)
    taps = blockedTaps(w, flipped: true)
  }

  /// Memory for one block at a time; the border stays zero.
  func canvas() -> Storage { easel.blank() }

  /// Image `n` of the gradient gives image `to.n` of the result; 0 where the `rectifier` cut the input.
  func run(
    _ map: LazyMapReader, _ n: Int, on canvas: Storage,
    into to: (base: UnsafeMutablePointer<Scalar>, n: Int), _ rectifier: Rectifier?,
    accumulating: Bool
  ) {
    for block in 0..<blocks(of: input.channels) {
      let first = block * lanes
      easel.draw(
        map, image: n, height: gradient.height, width: gradient.width, first: first,
        on: canvas.base)
      let offset = to.n * input.imageSize + first
      var target = Destination(base: to.base + offset, accumulates: accumulating)
      rectifier?.mask(&target, at: offset, channel: first)
      stencil.run(
        canvas.base, taps.base + block * stencil.taps * lanes, pixelStep: input.channels,
        into: target, valid: input.channels - first)
    }
  }
}

/// Where a ReLU in front of a convolution let its input pass.
struct Rectifier {
  private let term: ChannelwiseSum.Term
  private let shift: Tensor

  /// The ReLU of a map; nil if it has none.
  init?(_ map: LazyMap) {
    guard map.isRectified else { return nil }
    precondition(map.terms.count == 1, "a ReLU of a sum of maps has to be stored")
    term = map.terms[0]
    shift = map.shift ?? .zeros([map.shape.channels])
  }

  /// Masks sixteen channels from `channel` on; `offset` is where the first of them lies.
  func mask(_ target: inout Destination, at offset: Int, channel: Int) {
    target.mask = term.x.pointer + offset
    target.maskScale = load(term.scale.pointer + channel)
    target.maskShift = load(shift.pointer + channel)
  }
}

/// The arithmetic of a depthwise convolution on one block of one image.
///
/// A tile is up to 8 neighbouring pixels. One step along the kernel's row shifts the pixels of a tile by
/// `dilation`, so that all but `dilation` of them are in registers already: loads are what would limit it.
private struct Stencil {
  let height: Int
  let width: Int
  /// Distances on the canvas between outputs above each other and beside each other.
  let lineStep: Int
  let pixelStep: Int
  private let kernel: Int
  private let dilation: Int
  /// Distance on the canvas between the rows of the kernel.
  private let rowStep: Int

  init(_ window: Window, height: Int, width: Int, canvasLine: Int) {
    self.height = height
    self.width = width
    lineStep = window.stride * canvasLine
    pixelStep = window.stride * lanes
    kernel = window.kernel
    dilation = window.dilation
    rowStep = window.dilation * canvasLine
  }

  var taps: Int { kernel * kernel }

  /// Every output of the block.
  func run(
    _ source: UnsafePointer<Scalar>, _ w: UnsafePointer<Scalar>, pixelStep outputStep: Int,
    into target: Destination, valid: Int
  ) {
    forEachTile { y, x, rows in
      let from = source + y * lineStep + x * pixelStep
      var sums = Column()
      forEachTap(from, rows) { pixels, tap in sums.addProduct(pixels, load(w + tap * lanes)) }
      target.write(
        sums, (y * width + x) * outputStep, stride: outputStep, rows: rows, valid: valid)
    }
  }

  /// sums[t] += sum over pixels of source[pixel + t] * gradient[pixel].
  func accumulateWeightGradient(
    _ source: UnsafePointer<Scalar>, _ gradient: UnsafePointer<Scalar>,
    pixelStep gradientStep: Int, into sums: UnsafeMutablePointer<Scalar>
  ) {
    forEachTile { y, x, rows in
      var g = Column(
        loading: gradient + (y * width + x) * gradientStep,
        .init(stride: gradientStep, count: rows))
      if rows < Column.rows { g.clearRows(from: rows) }
      forEachTap(source + y * lineStep + x * pixelStep, rows) { pixels, tap in
        let sum = sums + tap * lanes
        store(add(load(sum), g.dot(pixels)), sum)
      }
    }
  }

  /// Calls `body(line, first pixel, number of pixels)`.
  @inline(__always) private func forEachTile(_ body: (Int, Int, Int) -> Void) {
    for y in 0..<height {
      for x in Swift.stride(from: 0, to: width, by: Column.rows) {
        body(y, x, min(Column.rows, width - x))
      }
    }
  }

  /// Calls `body` with the pixels under each tap, for the tile at `source`.
  @inline(__always) private func forEachTap(
    _ source: UnsafePointer<Scalar>, _ rows: Int, _ body: (Column, Int) -> Void
  ) {
    // Numbers that the compiler knows, so that it unrolls the loops over the taps.
    let isWhole = pixelStep == lanes && rows == Column.rows
    switch (isWhole, kernel, dilation) {
    case (true, 3, 1): slide(source, 3, by: 1, body)
    case (true, 5, 1): slide(source, 5, by: 1, body)
    case (true, 3, 2): slide(source, 3, by: 2, body)
    case (true, 5, 2): slide(source, 5, by: 2, body)
    default:
      let pixels = Column.Offsets(stride: pixelStep, count: rows)
      for row in 0..<kernel {
        for column in 0..<kernel {
          let tap = source + row * rowStep + column * dilation * lanes
          body(Column(loading: tap, pixels), row * kernel + column)
        }
      }
    }
  }

  @inline(__always) private func slide(
    _ source: UnsafePointer<Scalar>, _ kernel: Int, by step: Int, _ body: (Column, Int) -> Void
  ) {
    var line = source
    for row in 0..<kernel {
      var pixels = Column(loading: line, .init(stride: lanes, count: Column.rows))
      body(pixels, row * kernel)
      for column in 1..<kernel {
        let next = line + (Column.rows + (column - 1) * step) * lanes
        pixels.append(load(next))
        if step == 2 { pixels.append(load(next + lanes)) }
        body(pixels, row * kernel + column)
      }
      line += rowStep
    }
  }
}

/// Weights [C, k, k, 1] as [C / 16][taps][16], zero-filled; with `flipped` both axes are reversed.
private func blockedTaps(_ w: Tensor, flipped: Bool) -> Storage {
  let (channels, taps) = (w.shape[0], w.shape[1] * w.shape[2])
  let blocked = Storage(zeros: blocks(of: channels) * taps * lanes)
  let source = w.pointer
  for c in 0..<channels {
    for t in 0..<taps {
      blocked.base[(c / lanes * taps + t) * lanes + c % lanes] =
        source[c * taps + (flipped ? taps - 1 - t : t)]
    }
  }
  return blocked
}

private func checkKernel(_ w: Shape, channels: Int, _ window: Window) {
  precondition(window.kernel % 2 == 1, "a depthwise kernel is odd, found window \(window)")
  precondition(
    w == [channels, window.kernel, window.kernel, 1],
    "depthwise weights of shape \(w) do not fit \(channels) channels and window \(window): "
      + "expected [\(channels), \(window.kernel), \(window.kernel), 1]")
}
