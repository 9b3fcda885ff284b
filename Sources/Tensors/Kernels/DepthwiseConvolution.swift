/// Depthwise convolution: every channel has its own kernel and sees only itself.
///
/// Shapes: x [N, H, W, C]; w [C, k, k, 1]; y [N, H', W', C], H' by `Window.outputExtent`. Any odd k, any
/// number of channels. With `afterReLU` the input is max(x, 0).
///
/// Sixteen channels at a time are copied into a bordered block [H + 2p, W + 2p, 16]; a lane is a channel.
public enum DepthwiseConvolution {
  /// y[n, p, c] = sum over taps t of x[n, stride p + dilation t - padding, c] w[c, t].
  public static func forward(
    _ x: Tensor, _ w: Tensor, _ window: Window, afterReLU: Bool = false
  ) -> Tensor {
    var y = Tensor(uninitialized: window.outputShape(x.shape, channels: x.shape.channels))
    forward(x, w, window, afterReLU: afterReLU, into: &y, accumulating: false)
    return y
  }

  /// `total` becomes, or with `accumulating` gains, the convolution.
  public static func forward(
    _ x: Tensor, _ w: Tensor, _ window: Window, afterReLU: Bool, into total: inout Tensor,
    accumulating: Bool
  ) {
    let channels = x.shape.channels
    check(w.shape, channels: channels, window)
    precondition(
      total.shape == window.outputShape(x.shape, channels: channels),
      "convolution \(window) of \(x.shape) does not have the shape \(total.shape)")
    let canvas = Canvas.input(window, height: x.shape.height, width: x.shape.width, channels: lanes)
    let stencil = Stencil(
      window, height: total.shape.height, width: total.shape.width, canvasLine: canvas.lineStep)
    let taps = blockedTaps(w, flipped: false)
    let target = total.mutablePointer
    forEachBlock(of: x, canvas, afterReLU: afterReLU) { n, block, source in
      let base = target + n * stencil.pixels * channels + block * lanes
      stencil.run(
        source, taps.base + block * stencil.taps * lanes, pixelStep: channels,
        into: .init(base: base, accumulates: accumulating), valid: channels - block * lanes)
    }
  }

  /// The gradient with respect to x, given `gradient` with respect to y.
  ///
  /// It is added to `total` if `accumulating`, and written there otherwise. With `reluInput`, the
  /// x that went through the ReLU on the way in, the result is 0 wherever that x was not positive.
  public static func inputGradient(
    _ gradient: Tensor, _ w: Tensor, _ window: Window, reluInput x: Tensor? = nil,
    into total: inout Tensor, accumulating: Bool
  ) {
    let shape = total.shape
    if let x { expectSameShape(x, total, "the input in front of the ReLU and its gradient") }
    check(w.shape, channels: shape.channels, window)
    precondition(
      gradient.shape == window.outputShape(shape, channels: shape.channels),
      "a gradient of shape \(gradient.shape) does not belong to input \(shape), window \(window)")
    let canvas = Canvas.gradient(window, height: shape.height, width: shape.width, channels: lanes)
    let stencil = Stencil(
      Window(window.kernel, dilation: window.dilation), height: shape.height, width: shape.width,
      canvasLine: canvas.lineStep)
    let taps = blockedTaps(w, flipped: true)
    let target = total.mutablePointer
    forEachBlock(of: gradient, canvas, afterReLU: false) { n, block, source in
      let offset = n * stencil.pixels * shape.channels + block * lanes
      stencil.run(
        source, taps.base + block * stencil.taps * lanes, pixelStep: shape.channels,
        into: .init(
          base: target + offset, mask: x.map { $0.pointer + offset }, accumulates: accumulating),
        valid: shape.channels - block * lanes)
    }
  }

  /// The gradient with respect to w [C, k, k, 1], given `gradient` with respect to y.
  public static func weightGradient(
    _ x: Tensor, _ gradient: Tensor, _ window: Window, afterReLU: Bool = false
  ) -> Tensor {
    let channels = x.shape.channels
    precondition(
      gradient.shape == window.outputShape(x.shape, channels: channels),
      "a gradient of shape \(gradient.shape) does not belong to input \(x.shape), window \(window)")
    let canvas = Canvas.input(window, height: x.shape.height, width: x.shape.width, channels: lanes)
    let stencil = Stencil(
      window, height: gradient.shape.height, width: gradient.shape.width,
      canvasLine: canvas.lineStep)
    let size = imagesPerTask(x.shape.images)
    let parts = (0..<(x.shape.images + size - 1) / size).map { _ in
      Storage(zeros: blocks(of: channels) * stencil.taps * lanes)
    }
    let source = gradient.pointer
    forEachBlock(of: x, canvas, afterReLU: afterReLU) { n, block, image in
      stencil.accumulateWeightGradient(
        image, source + n * stencil.pixels * channels + block * lanes, pixelStep: channels,
        into: parts[n / size].base + block * stencil.taps * lanes)
    }
    var w = Tensor(uninitialized: [channels, window.kernel, window.kernel, 1])
    let target = w.mutablePointer
    for c in 0..<channels {
      for t in 0..<stencil.taps {
        let at = (c / lanes * stencil.taps + t) * lanes + c % lanes
        target[c * stencil.taps + t] = parts.reduce(0) { $0 + $1.base[at] }
      }
    }
    return w
  }

  /// The arithmetic on one block of one image.
  private struct Stencil {
    let height: Int
    let width: Int
    /// Distances on the canvas between outputs above each other and beside each other.
    let lineStep: Int
    let pixelStep: Int
    let offsets: [Int]

    var pixels: Int { height * width }
    var taps: Int { offsets.count }

    init(_ window: Window, height: Int, width: Int, canvasLine: Int) {
      self.height = height
      self.width = width
      lineStep = window.stride * canvasLine
      pixelStep = window.stride * lanes
      let taps = 0..<window.kernel
      offsets = taps.flatMap { i in
        taps.map { j in window.dilation * (i * canvasLine + j * lanes) }
      }
    }

    /// Up to 8 neighbouring pixels at a time, every tap loaded once for all of them.
    func run(
      _ source: UnsafePointer<Scalar>, _ w: UnsafePointer<Scalar>, pixelStep outputStep: Int,
      into target: Destination, valid: Int
    ) {
      offsets.withUnsafeBufferPointer { offsets in
        for y in 0..<height {
          for x in Swift.stride(from: 0, to: width, by: Column.rows) {
            let rows = min(Column.rows, width - x)
            let pixels = Column.Offsets(stride: pixelStep, count: rows)
            let from = source + y * lineStep + x * pixelStep
            var sums = Column()
            var tap = w
            for offset in offsets {
              sums.addProduct(Column(loading: from + offset, pixels), load(tap))
              tap += lanes
            }
            let to = (y * width + x) * outputStep
            sums.forEachRow(stride: outputStep, count: rows) {
              target.write($0, to + $1, valid: valid)
            }
          }
        }
      }
    }

    /// sums[t] += sum over pixels of source[pixel + t] * gradient[pixel].
    func accumulateWeightGradient(
      _ source: UnsafePointer<Scalar>, _ gradient: UnsafePointer<Scalar>,
      pixelStep gradientStep: Int, into sums: UnsafeMutablePointer<Scalar>
    ) {
      offsets.withUnsafeBufferPointer { offsets in
        for y in 0..<height {
          for x in Swift.stride(from: 0, to: width, by: Column.rows) {
            let rows = min(Column.rows, width - x)
            let pixels = Column.Offsets(stride: pixelStep, count: rows)
            var g = Column(
              loading: gradient + (y * width + x) * gradientStep,
              .init(stride: gradientStep, count: rows))
            if rows < Column.rows { g.clearRows(from: rows) }
            let from = source + y * lineStep + x * pixelStep
            var sum = sums
            for offset in offsets {
              let share = g.dot(Column(loading: from + offset, pixels))
              store(add(load(sum), share), sum)
              sum += lanes
            }
          }
        }
      }
    }
  }

  /// Calls `body(image, block, block's pixels inside a border)`.
  private static func forEachBlock(
    of x: Tensor, _ canvas: Canvas, afterReLU: Bool, function: StaticString = #function,
    _ body: (Int, Int, UnsafePointer<Scalar>) -> Void
  ) {
    let (height, width, channels) = (x.shape.height, x.shape.width, x.shape.channels)
    let pixels = x.pointer
    let size = imagesPerTask(x.shape.images)
    parallelRanges(x.shape.images, size: size, function: function) { images in
      let drawn = canvas.blank()
      for n in images {
        for block in 0..<blocks(of: channels) {
          canvas.drawBlock(
            pixels + n * height * width * channels + block * lanes, pixelStep: channels,
            height: height, width: width, on: drawn.base, afterReLU: afterReLU)
          body(n, block, UnsafePointer(drawn.base))
        }
      }
      withExtendedLifetime(drawn) {}
    }
  }

  /// Weights [C, k, k, 1] as [C / 16][taps][16], zero-filled; with `flipped` both axes are reversed.
  private static func blockedTaps(_ w: Tensor, flipped: Bool) -> Storage {
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

  private static func check(_ w: Shape, channels: Int, _ window: Window) {
    precondition(window.kernel % 2 == 1, "a depthwise kernel is odd, found window \(window)")
    precondition(
      w == [channels, window.kernel, window.kernel, 1],
      "depthwise weights of shape \(w) do not fit \(channels) channels and window \(window): "
        + "expected [\(channels), \(window.kernel), \(window.kernel), 1]")
  }
}

extension Naive {
  /// The twin of `DepthwiseConvolution.forward`.
  public static func depthwiseConvolution(_ x: Tensor, _ w: Tensor, _ window: Window) -> Tensor {
    var y = Tensor.zeros(window.outputShape(x.shape, channels: x.shape.channels))
    forEachProduct(x.shape, window) { at in y[at.y] += x[at.x] * w[at.w] }
    return y
  }

  /// The twin of `DepthwiseConvolution.inputGradient`.
  public static func depthwiseConvolutionInputGradient(
    _ gradient: Tensor, _ w: Tensor, _ window: Window, inputShape: Shape
  ) -> Tensor {
    var dx = Tensor.zeros(inputShape)
    forEachProduct(inputShape, window) { at in dx[at.x] += gradient[at.y] * w[at.w] }
    return dx
  }

  /// The twin of `DepthwiseConvolution.weightGradient`.
  public static func depthwiseConvolutionWeightGradient(
    _ x: Tensor, _ gradient: Tensor, _ window: Window
  ) -> Tensor {
    var dw = Tensor.zeros([x.shape.channels, window.kernel, window.kernel, 1])
    forEachProduct(x.shape, window) { at in dw[at.w] += x[at.x] * gradient[at.y] }
    return dw
  }

  /// Visits every product x * w of a depthwise convolution with the flat indices of x, w and y.
  private static func forEachProduct(
    _ x: Shape, _ window: Window, _ body: ((x: Int, w: Int, y: Int)) -> Void
  ) {
    let (k, width) = (window.kernel, window.outputExtent(x.width))
    for n in 0..<x.images {
      forEachTap(window, height: x.height, width: x.width) { row, column, i, j, h, w in
        for c in 0..<x.channels {
          let output = (n * window.outputExtent(x.height) + row) * width + column
          let input = (n * x.height + h) * x.width + w
          body((input * x.channels + c, (c * k + i) * k + j, output * x.channels + c))
        }
      }
    }
  }
}
