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
    let convolution = DepthwiseImages(LazyMap(x, afterReLU: afterReLU), w, window)
    precondition(
      total.shape == convolution.result,
      "convolution \(window) of \(x.shape) does not have the shape \(total.shape)")
    let (target, imageSize) = (total.mutablePointer, total.shape.imageSize)
    parallelRanges(x.shape.images, size: imagesPerTask(x.shape.images)) { images in
      let canvas = convolution.canvas()
      for n in images {
        convolution.draw(n, on: canvas)
        convolution.run(canvas, into: target + n * imageSize, accumulating: accumulating)
      }
    }
    withExtendedLifetime(convolution) {}
  }

  /// The gradient with respect to x, given `gradient` with respect to y.
  ///
  /// It is added to `total` if `accumulating`, and written there otherwise. With `reluInput`, the
  /// x that went through the ReLU on the way in, the result is 0 wherever that x was not positive.
  public static func inputGradient(
    _ gradient: Tensor, _ w: Tensor, _ window: Window, reluInput x: Tensor? = nil,
    into total: inout Tensor, accumulating: Bool
  ) {
    if let x { expectSameShape(x, total, "the input in front of the ReLU and its gradient") }
    let inputs = DepthwiseInputGradient(w, window, input: total.shape, gradient: gradient.shape)
    let source = LazyMap(gradient)
    let reader = LazyMapReader(source)
    let mask = x.flatMap { Rectifier(LazyMap($0, afterReLU: true)) }
    let target = total.mutablePointer
    parallelRanges(gradient.shape.images, size: imagesPerTask(gradient.shape.images)) { images in
      let canvas = inputs.canvas()
      for n in images {
        inputs.run(reader, n, on: canvas, into: (target, n), mask, accumulating: accumulating)
      }
    }
    withExtendedLifetime((source, mask)) {}
  }

  /// The gradient with respect to w [C, k, k, 1], given `gradient` with respect to y.
  public static func weightGradient(
    _ x: Tensor, _ gradient: Tensor, _ window: Window, afterReLU: Bool = false
  ) -> Tensor {
    let zeros = Tensor.zeros([x.shape.channels, window.kernel, window.kernel, 1])
    let convolution = DepthwiseImages(LazyMap(x, afterReLU: afterReLU), zeros, window)
    precondition(
      gradient.shape == convolution.result,
      "a gradient of shape \(gradient.shape) does not belong to input \(x.shape), window \(window)")
    let size = imagesPerTask(x.shape.images)
    let parts = convolution.weightGradientStorage(tasks: (x.shape.images + size - 1) / size)
    let source = gradient.pointer
    parallelRanges(x.shape.images, size: size) { images in
      let canvas = convolution.canvas()
      convolution.clearWeightGradient(parts[images.lowerBound / size])
      for n in images {
        convolution.draw(n, on: canvas)
        convolution.addWeightGradient(
          canvas, source + n * gradient.shape.imageSize, to: parts[n / size])
      }
    }
    return convolution.weightGradient(of: parts)
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
