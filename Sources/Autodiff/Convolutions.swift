import Tensors

/// Dense convolution: x [N, H, W, I], w [O, k, k, I], result [N, H', W', O].
///
/// With `afterReLU` it is the convolution of max(x, 0), which is never stored. The moments of the result
/// are written to `moments`.
public func convolution(
  _ x: Variable, _ w: Variable, _ window: Window, afterReLU: Bool = false,
  moments: ChannelMoments.Sums? = nil
) -> Variable {
  let (input, weights) = (x.value, w.value)
  let y = Convolution.forward(input, weights, window, afterReLU: afterReLU, moments: moments)
  return .lazyResult(of: "convolution", [x, w], y) { [x = x.slot, w = w.slot] g, gradients in
    guard gradients.needs(x) else {
      return gradients.add(
        Convolution.weightGradient(input, g, window, afterReLU: afterReLU), to: w)
    }
    let needsWeights = gradients.needs(w)
    let backward = Convolution.Backward(
      g, weights, window, of: input.shape, mask: afterReLU ? input : nil,
      weightsOf: needsWeights ? (input, [window]) : nil)
    gradients.add(backward, of: input.shape, to: x, now: !gradients.canWait(at: w, for: x)) {
      if needsWeights { $0.add(backward.weightGradients[0], to: w) }
    }
  }
}

/// Adds a number to each channel: x [..., C], b [C].
public func addBias(_ x: Variable, _ b: Variable) -> Variable {
  let y = ChannelwiseSum.forward([.init(x.value, scale: 1)], shift: b.value)
  return .result(of: "addBias", [x, b], y) { [x = x.slot, b = b.slot] g, gradients in
    gradients.add(g, to: x)
    gradients.add(Tensor(vector: ChannelwiseProducts.sums(g, []).sum), to: b)
  }
}

/// Linear map: x [N, I], w [O, I], result x w^T [N, O].
public func linear(_ x: Variable, _ w: Variable) -> Variable {
  let (rows, inputs, outputs) = (x.shape[0], x.shape[1], w.shape[0])
  // The rows are the pixels of one image that a pointwise convolution maps.
  let image = x.value.reshaped(to: [1, 1, rows, inputs])
  let weights = w.value.reshaped(to: [outputs, 1, 1, inputs])
  let y = Convolution.forward(image, weights, Window(1)).reshaped(to: [rows, outputs])
  return .result(of: "linear", [x, w], y) { [x = x.slot, w = w.slot] g, gradients in
    let g = g.reshaped(to: [1, 1, rows, outputs])
    gradients.add(
      Convolution.weightGradient(image, g, Window(1)).reshaped(to: [outputs, inputs]), to: w)
    guard gradients.needs(x) else { return }
    var dx = Tensor.zeros(image.shape)
    Convolution.inputGradient(g, weights, Window(1), into: &dx, accumulating: false)
    gradients.add(dx.reshaped(to: [rows, inputs]), to: x)
  }
}

/// A reduction of the image to half its height and width: x [N, H, W, I], result [N, H / 2, W / 2, O].
///
/// Half of the channels see the even pixels, the other half the odd ones, so that all pixels count
/// though each convolution has a single tap. H and W are even.
/// Shapes: even and odd [O / 2, 1, 1, I]. With `afterReLU` it is the reduction of max(x, 0).
///
/// FactorizedReduce without its batch norm [published: quark0/darts].
public func factorizedReduction(
  _ x: Variable, even: Variable, odd: Variable, afterReLU: Bool = false
) -> Variable {
  concatenateChannels(
    [(even, 0), (odd, 1)].map { kernel, offset in
      convolution(subsample(x, offset: offset), kernel, Window(1), afterReLU: afterReLU)
    })
}
