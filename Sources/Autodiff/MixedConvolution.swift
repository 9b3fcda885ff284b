import Tensors

/// Dense convolution by a weighted sum of constant kernels, where the weights' gradient is wanted.
///
/// This is what a step of alpha needs of a merged convolution, and it comes without the gradient of the
/// merged kernel, the most expensive part of a backward pass. With y = sum of p_k w_k * x and g the gradient of y,
/// the derivative with respect to p_k is <g, w_k * x>: the gradient of the part's own, smaller kernel, times
/// that kernel. That of the largest part follows from sum of p_k d_k = <g, y>.
///
/// - Parameters:
///   - x: the map [N, H, W, I].
///   - parts: the kernels w_k [O, k, k, I], each with its window; taps outside its own window are 0.
///   - merged: their weighted sum [O, K, K, I].
///   - weights: p [parts.count].
///   - window: the window of the sum.
///   - afterReLU: whether max(x, 0) is convolved.
///   - moments: where those of y are written.
/// - Returns: y [N, H', W', O].
public func convolution(
  _ x: Variable, mixing parts: [(kernel: Tensor, window: Window)], merged: Tensor,
  weights: Variable, _ window: Window, afterReLU: Bool, moments: ChannelMoments.Sums? = nil
) -> Variable {
  precondition(
    weights.shape == [parts.count],
    "\(parts.count) kernels need as many weights, found shape \(weights.shape)")
  let (input, shares) = (x.value, weights.value.doubles)
  let y = Convolution.forward(input, merged, window, afterReLU: afterReLU, moments: moments)
  // What remains of <g, y> gives the derivative of the largest kernel, the most expensive; but a weight near 0
  // would enlarge its rounding.
  let largest = parts.indices.max { parts[$0].kernel.shape.count < parts[$1].kernel.shape.count }
  let implied = largest.flatMap { shares[$0] > 0.01 ? $0 : nil }
  let explicit = parts.indices.filter { $0 != implied }
  return .lazyResult(of: "mixedConvolution", [x, weights], y) {
    [x = x.slot, weights = weights.slot] g, gradients in
    guard gradients.needs(x) else {
      let derivatives = parts.map {
        Convolution.weightGradient(input, g, $0.window, afterReLU: afterReLU).dot($0.kernel)
      }
      return gradients.add(Tensor(vector: derivatives), to: weights)
    }
    let backward = Convolution.Backward(
      g, merged, window, of: input.shape, mask: afterReLU ? input : nil,
      weightsOf: (input, explicit.map { parts[$0].window }), productWith: y)
    gradients.accumulate(into: x, shape: input.shape) { total, accumulating in
      backward.run(into: &total, accumulating: accumulating)
    }
    var derivatives = [Double](repeating: 0, count: parts.count)
    for (k, gradient) in zip(explicit, backward.weightGradients) {
      derivatives[k] = gradient.dot(parts[k].kernel)
    }
    if let implied {
      let others = zip(shares, derivatives).reduce(0) { $0 + $1.0 * $1.1 }
      derivatives[implied] = (backward.product - others) / shares[implied]
    }
    gradients.add(Tensor(vector: derivatives), to: weights)
  }
}
