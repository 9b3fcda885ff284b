import Tensors

/// Dense convolution by a weighted sum of constant kernels, where the weights' gradient is wanted.
///
/// This is what a step of alpha needs of a merged convolution, and it comes without the gradient of the
/// merged kernel, the dearest part of a backward pass. With y = sum of p_k w_k * x and g the gradient of y,
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
  return .result(of: "mixedConvolution", [x, weights], y) {
    [x = x.slot, weights = weights.slot] g, gradients in
    /// <g, w_k * x>.
    func derivative(_ part: (kernel: Tensor, window: Window)) -> Double {
      Convolution.weightGradient(input, g, part.window, afterReLU: afterReLU).dot(part.kernel)
    }
    if gradients.needs(weights) {
      gradients.add(Tensor(vector: derivatives(parts, shares, g, y, derivative)), to: weights)
    }
    gradients.accumulate(into: x, shape: input.shape) { total, accumulating in
      Convolution.inputGradient(
        g, merged, window, reluInput: afterReLU ? input : nil, into: &total,
        accumulating: accumulating)
    }
  }
}

/// The derivatives with respect to all weights, that of the largest kernel by what remains of <g, y>.
///
/// A weight near 0 would enlarge the rounding of what remains; then that kernel is treated as the others.
private func derivatives(
  _ parts: [(kernel: Tensor, window: Window)], _ shares: [Double], _ g: Tensor, _ y: Tensor,
  _ derivative: ((kernel: Tensor, window: Window)) -> Double
) -> [Double] {
  let sizes = parts.map(\.kernel.shape.count)
  guard let largest = sizes.indices.max(by: { sizes[$0] < sizes[$1] }), shares[largest] > 0.01
  else { return parts.map(derivative) }
  var all = parts.indices.map { $0 == largest ? 0 : derivative(parts[$0]) }
  let total = ChannelwiseProducts.sums(g, [.init(y)]).products[0].reduce(0, +)
  all[largest] = (total - zip(shares, all).reduce(0) { $0 + $1.0 * $1.1 }) / shares[largest]
  return all
}
