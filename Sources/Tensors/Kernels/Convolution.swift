/// Dense convolution: every output channel sees every input channel.
///
/// Shapes: x [N, H, W, I]; w [O, k, k, I]; y [N, H', W', O], H' by `Window.outputExtent`. Any number of
/// channels. With `afterReLU` the input is max(x, 0), which costs nothing and stores nothing.
public enum Convolution {
  /// y[n, p, o] = sum over taps t and channels i of x[n, stride p + dilation t - padding, i] w[o, t, i].
  ///
  /// Writes those of the images of y to `moments`.
  public static func forward(
    _ x: Tensor, _ w: Tensor, _ window: Window, afterReLU: Bool = false,
    moments: ChannelMoments.Sums? = nil
  ) -> Tensor {
    let outputs = checkedOutputs(x.shape, w.shape, window)
    var y = Tensor(uninitialized: window.outputShape(x.shape, channels: outputs))
    let map = LazyMap(x, afterReLU: afterReLU)
    let isTiled = ConvolutionAlgorithm.current.usesWinograd(window, x.shape, outputs: outputs)
    let input = isTiled ? DrawnImages.tiled(map) : .input(map, window)
    let correlation: any ImageCorrelation =
      isTiled ? WinogradCorrelation(input, w) : DirectCorrelation(input, w, window, y.shape)
    let (target, imageSize) = (y.mutablePointer, y.shape.imageSize)
    let pixels = y.shape.height * y.shape.width
    parallelRanges(x.shape.images, size: imagesPerTask(x.shape.images)) { images in
      let (canvas, scratch) = (input.scratch(correlation.group), correlation.scratch())
      for group in images.groups(of: correlation.group) {
        correlation.run(
          input.images(group, on: canvas), images: group.count, on: scratch,
          into: .init(base: target + group.lowerBound * imageSize))
        for n in group { moments?.set(n, to: target + n * imageSize, pixels: pixels) }
      }
    }
    withExtendedLifetime(input) {}
    return y
  }

  /// The gradient with respect to x, given `gradient` with respect to y.
  ///
  /// It is added to `total` if `accumulating`, and written there otherwise. With `reluInput`, the
  /// x that went through the ReLU on the way in, the result is 0 wherever that x was not positive.
  public static func inputGradient(
    _ gradient: LazyMap, _ w: Tensor, _ window: Window, reluInput x: Tensor? = nil,
    into total: inout Tensor, accumulating: Bool
  ) {
    if let x { expectSameShape(x, total, "the input in front of the ReLU and its gradient") }
    Backward(gradient, w, window, of: total.shape, mask: x)
      .run(into: &total, accumulating: accumulating)
  }

  /// The gradient with respect to w [O, k, k, I], given `gradient` with respect to y.
  public static func weightGradient(
    _ x: Tensor, _ gradient: LazyMap, _ window: Window, afterReLU: Bool = false
  ) -> Tensor {
    checkGradient(gradient.shape, of: x.shape, gradient.shape.channels, window)
    let isTiled = ConvolutionAlgorithm.current.usesWinograd(
      window, x.shape, outputs: gradient.shape.channels)
    let gradient = isTiled ? DrawnImages.tiled(gradient) : .inPlace(gradient)
    let weights = gradient.kernelGradient(x, window, afterReLU: afterReLU)
    parallelRanges(x.shape.images, size: imagesPerTask(x.shape.images)) { images in
      let (canvas, task) = (gradient.scratch(weights.group), weights.task(images))
      for group in images.groups(of: weights.group) {
        weights.add(group, gradient.images(group, on: canvas), task)
      }
      weights.finish(task)
    }
    withExtendedLifetime(gradient) {}
    return weights.total
  }

  /// Both gradients in one pass over the images, so that the gradient of y is evaluated once, in the cache.
  ///
  /// The gradient with respect to x is added to `total`, or written there, as `inputGradient` does it.
  /// - Returns: the gradient with respect to w.
  public static func gradients(
    _ gradient: LazyMap, _ x: Tensor, _ w: Tensor, _ window: Window, afterReLU: Bool,
    into total: inout Tensor, accumulating: Bool
  ) -> Tensor {
    expectSameShape(x, total, "the input and its gradient")
    let backward = Backward(
      gradient, w, window, of: x.shape, mask: afterReLU ? x : nil, weightsOf: (x, [window]))
    backward.run(into: &total, accumulating: accumulating)
    return backward.weightGradients[0]
  }

  /// `inputGradient` of a stored gradient.
  public static func inputGradient(
    _ gradient: Tensor, _ w: Tensor, _ window: Window, reluInput x: Tensor? = nil,
    into total: inout Tensor, accumulating: Bool
  ) {
    inputGradient(
      LazyMap(gradient), w, window, reluInput: x, into: &total, accumulating: accumulating)
  }

  /// `weightGradient` of a stored gradient.
  public static func weightGradient(
    _ x: Tensor, _ gradient: Tensor, _ window: Window, afterReLU: Bool = false
  ) -> Tensor {
    weightGradient(x, LazyMap(gradient), window, afterReLU: afterReLU)
  }

  static func checkedOutputs(_ x: Shape, _ w: Shape, _ window: Window) -> Int {
    precondition(
      w.rank == 4 && w[1] == window.kernel && w[2] == window.kernel && w[3] == x.channels,
      "weights of shape \(w) do not fit input \(x) and window \(window): "
        + "expected [O, \(window.kernel), \(window.kernel), \(x.channels)]")
    return w[0]
  }

  static func checkGradient(
    _ gradient: Shape, of x: Shape, _ outputs: Int, _ window: Window
  ) {
    precondition(
      gradient == window.outputShape(x, channels: outputs),
      "a gradient of shape \(gradient) does not belong to input \(x), window \(window), "
        + "\(outputs) output channels")
  }
}

extension Naive {
  /// A kernel [O, k, k, I] turned to [I, k, k, O], both kernel axes reversed: that which convolves gradients.
  static func turned(_ w: Tensor) -> Tensor {
    let (outputs, taps, inputs) = (w.shape[0], w.shape[1] * w.shape[2], w.shape[3])
    var result = Tensor.zeros([inputs, w.shape[1], w.shape[2], outputs])
    for o in 0..<outputs {
      for tap in 0..<taps {
        for i in 0..<inputs {
          result[(i * taps + taps - 1 - tap) * outputs + o] = w[(o * taps + tap) * inputs + i]
        }
      }
    }
    return result
  }

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
