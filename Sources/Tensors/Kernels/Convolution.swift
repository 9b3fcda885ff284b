/// Dense convolution: every output channel sees every input channel.
///
/// Shapes: x [N, H, W, I]; w [O, k, k, I]; y [N, H', W', O], H' by `Window.outputExtent`. Any number of
/// channels. With `afterReLU` the input is max(x, 0), which costs nothing and stores nothing.
public enum Convolution {
  /// y[n, p, o] = sum over taps t and channels i of x[n, stride p + dilation t - padding, i] w[o, t, i].
  public static func forward(
    _ x: Tensor, _ w: Tensor, _ window: Window, afterReLU: Bool = false
  ) -> Tensor {
    let outputs = checkedOutputs(x.shape, w.shape, window)
    var y = Tensor(uninitialized: window.outputShape(x.shape, channels: outputs))
    let task = Task(x.shape, y.shape, window, afterReLU: afterReLU)
    let target = y.mutablePointer
    let packed = task.correlation.packed(w.pointer)
    let imageSize = y.shape.count / max(1, y.shape.images)
    task.forEachImage(of: x) { n, source in
      task.correlation.run(source, packed, into: .init(base: target + n * imageSize))
    }
    return y
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
    let outputs = checkedOutputs(shape, w.shape, window)
    precondition(
      gradient.shape == window.outputShape(shape, channels: outputs),
      "a gradient of shape \(gradient.shape) does not belong to input \(shape), weights \(w.shape)")
    let canvas = Canvas.gradient(
      window, height: shape.height, width: shape.width, channels: outputs)
    let correlation = Correlation(
      Window(window.kernel, dilation: window.dilation), outputHeight: shape.height,
      outputWidth: shape.width, outputs: shape.channels, channels: outputs,
      sourceLine: canvas.lineStep)
    let flipped = flippedAndTransposed(w)
    let packed = correlation.packed(flipped.pointer)
    let target = total.mutablePointer
    let source = gradient.pointer
    let (height, width) = (gradient.shape.height, gradient.shape.width)
    let imageSize = shape.height * shape.width * shape.channels
    parallelRanges(shape.images, size: imagesPerTask(shape.images)) { images in
      let needsCanvas = window.kernel > 1 || window.stride > 1
      let drawn = needsCanvas ? canvas.blank() : nil
      for n in images {
        let image = source + n * height * width * outputs
        if let drawn { canvas.draw(image, height: height, width: width, on: drawn.base) }
        correlation.run(
          drawn.map { UnsafePointer($0.base) } ?? image, packed,
          into: .init(
            base: target + n * imageSize, mask: x.map { $0.pointer + n * imageSize },
            accumulates: accumulating))
      }
      withExtendedLifetime(drawn) {}
    }
    withExtendedLifetime(flipped) {}
  }

  /// The gradient with respect to w [O, k, k, I], given `gradient` with respect to y.
  public static func weightGradient(
    _ x: Tensor, _ gradient: Tensor, _ window: Window, afterReLU: Bool = false
  ) -> Tensor {
    let outputs = gradient.shape.channels
    precondition(
      gradient.shape == window.outputShape(x.shape, channels: outputs),
      "a gradient of shape \(gradient.shape) does not belong to input \(x.shape), window \(window)")
    var w = Tensor(uninitialized: [outputs, window.kernel, window.kernel, x.shape.channels])
    let task = Task(x.shape, gradient.shape, window, afterReLU: afterReLU)
    let parts = (0..<task.count).map { _ in task.correlation.blankWeightGradient() }
    let source = gradient.pointer
    let imageSize = gradient.shape.height * gradient.shape.width * outputs
    task.forEachImage(of: x) { n, image in
      task.correlation.accumulateWeightGradient(
        image, source + n * imageSize, into: parts[n / task.size])
    }
    task.correlation.weightGradient(of: parts, into: w.mutablePointer)
    return w
  }

  /// How the images of one convolution are prepared and shared out.
  private struct Task {
    let input: Shape
    let canvas: Canvas
    let needsCanvas: Bool
    let afterReLU: Bool
    let correlation: Correlation
    /// Images a task, and tasks.
    let size: Int
    var count: Int { (input.images + size - 1) / size }

    init(_ input: Shape, _ output: Shape, _ window: Window, afterReLU: Bool) {
      self.input = input
      self.afterReLU = afterReLU
      needsCanvas = window.padding > 0 || afterReLU
      canvas = .input(
        window, height: input.height, width: input.width, channels: input.channels)
      correlation = Correlation(
        window, outputHeight: output.height, outputWidth: output.width, outputs: output.channels,
        channels: input.channels, sourceLine: canvas.lineStep)
      size = imagesPerTask(input.images)
    }

    /// Calls `body` with each image's number and its pixels, inside a border where one is needed.
    func forEachImage(
      of x: Tensor, function: StaticString = #function, _ body: (Int, UnsafePointer<Scalar>) -> Void
    ) {
      let pixels = x.pointer
      parallelRanges(input.images, size: size, function: function) { images in
        let drawn = needsCanvas ? canvas.blank() : nil
        for n in images {
          let image = pixels + n * input.height * input.width * input.channels
          guard let drawn else {
            body(n, image)
            continue
          }
          canvas.draw(
            image, height: input.height, width: input.width, on: drawn.base, afterReLU: afterReLU)
          body(n, UnsafePointer(drawn.base))
        }
        withExtendedLifetime(drawn) {}
      }
    }
  }

  private static func checkedOutputs(_ x: Shape, _ w: Shape, _ window: Window) -> Int {
    precondition(
      w.rank == 4 && w[1] == window.kernel && w[2] == window.kernel && w[3] == x.channels,
      "weights of shape \(w) do not fit input \(x) and window \(window): "
        + "expected [O, \(window.kernel), \(window.kernel), \(x.channels)]")
    return w[0]
  }

  /// [O, k, k, I] to [I, k, k, O], both kernel axes reversed.
  private static func flippedAndTransposed(_ w: Tensor) -> Tensor {
    let (outputs, taps, inputs) = (w.shape[0], w.shape[1] * w.shape[2], w.shape[3])
    var result = Tensor(uninitialized: [inputs, w.shape[1], w.shape[2], outputs])
    let (source, target) = (w.pointer, result.mutablePointer)
    for o in 0..<outputs {
      for t in 0..<taps {
        for i in 0..<inputs {
          target[(i * taps + taps - 1 - t) * outputs + o] = source[(o * taps + t) * inputs + i]
        }
      }
    }
    return result
  }
}

extension Naive {
  /// The twin of `Convolution.forward`.
  public static func convolution(_ x: Tensor, _ w: Tensor, _ window: Window) -> Tensor {
    var y = Tensor.zeros(window.outputShape(x.shape, channels: w.shape[0]))
    forEachProduct(x.shape, w.shape[0], window) { at in y[at.y] += x[at.x] * w[at.w] }
    return y
  }

  /// The twin of `Convolution.inputGradient`.
  public static func convolutionInputGradient(
    _ gradient: Tensor, _ w: Tensor, _ window: Window, inputShape: Shape
  ) -> Tensor {
    var dx = Tensor.zeros(inputShape)
    forEachProduct(inputShape, w.shape[0], window) { at in dx[at.x] += gradient[at.y] * w[at.w] }
    return dx
  }

  /// The twin of `Convolution.weightGradient`.
  public static func convolutionWeightGradient(
    _ x: Tensor, _ gradient: Tensor, _ window: Window
  ) -> Tensor {
    let outputs = gradient.shape.channels
    var dw = Tensor.zeros([outputs, window.kernel, window.kernel, x.shape.channels])
    forEachProduct(x.shape, outputs, window) { at in dw[at.w] += x[at.x] * gradient[at.y] }
    return dw
  }

  /// Visits every product x * w of a dense convolution with the flat indices of x, w and y.
  private static func forEachProduct(
    _ x: Shape, _ outputs: Int, _ window: Window, _ body: ((x: Int, w: Int, y: Int)) -> Void
  ) {
    let (k, width) = (window.kernel, window.outputExtent(x.width))
    for n in 0..<x.images {
      forEachTap(window, height: x.height, width: x.width) { row, column, i, j, h, w in
        for o in 0..<outputs {
          for c in 0..<x.channels {
            let output = (n * window.outputExtent(x.height) + row) * width + column
            let input = (n * x.height + h) * x.width + w
            body(
              (input * x.channels + c, ((o * k + i) * k + j) * x.channels + c, output * outputs + o)
            )
          }
        }
      }
    }
  }
}
