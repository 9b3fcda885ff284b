import Tensors

/// The share of a window's taps that lie inside the image, for each pixel: [1, H', W', 1].
public func coverage(of window: Window, height: Int, width: Int) -> Tensor {
  let ones = Tensor(repeating: 1, shape: [1, height, width, 1])
  let k = window.kernel
  let mean = Tensor(repeating: 1 / Scalar(k * k), shape: [1, k, k, 1])
  return DepthwiseConvolution.forward(ones, mean, window)
}

/// Skip connection and average pooling of one input as one fixed depthwise convolution.
///
/// Valid, for both are linear and have no batch norm, but not worth it: a supernet does not use it. The
/// pool counts pixels inside the image only, so its part is divided by the coverage of the window.
///
/// Equation: TS-36b [reconstructed: high]. alpha_skip x + alpha_avg AvgPool(x) = x * (alpha_skip delta)
/// + (x * (alpha_avg / 9)) / coverage.
/// Shapes: x [N, H, W, C]; result the same.
///
/// Explained in chapter 09.
public func linearOperations(_ x: Tensor, skip: Scalar, averagePool: Scalar) -> Tensor {
  let (window, channels) = (Window(3), x.shape.channels)
  let mean = Tensor(repeating: averagePool / 9, shape: [channels, 3, 3, 1])
  var pooled = DepthwiseConvolution.forward(x, mean, window)
  let inside = coverage(of: window, height: x.shape.height, width: x.shape.width)
  let pixels = x.shape.height * x.shape.width
  pooled.withMutableScalars { scalars in
    for i in scalars.indices { scalars[i] /= inside[i / channels % pixels] }
  }
  return skip * x + pooled
}
