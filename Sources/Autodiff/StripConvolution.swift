import Tensors

/// Dense convolution along one axis: x [N, H, W, I], w [O, 1, k, I] or [O, k, 1, I], result [N, H', W', O].
///
/// The other axis stays as it is, whatever the stride. With `afterReLU` it is the convolution of max(x, 0).
public func convolution(
  _ x: Variable, _ w: Variable, _ strip: Strip, afterReLU: Bool = false
) -> Variable {
  let (inputs, outputs) = (x.shape.channels, w.shape[0])
  let expected = strip.weightShape(inputs: inputs, outputs: outputs)
  precondition(
    w.shape == expected,
    "weights of shape \(w.shape) do not fit input \(x.shape) and strip \(strip): expected \(expected)"
  )
  return convolution(
    taps(x, strip), reshaped(w, to: [outputs, 1, 1, strip.window.kernel * inputs]), Window(1),
    afterReLU: afterReLU)
}

/// The taps of a strip as channels: x [N, H, W, C], result [N, H', W', k C].
private func taps(_ x: Variable, _ strip: Strip) -> Variable {
  .result(of: "stripTaps", [x], StripTaps.forward(x.value, strip)) {
    [x = x.slot, shape = x.shape] g, gradients in
    gradients.add(StripTaps.inputGradient(g, shape: shape, strip), to: x)
  }
}

/// The same numbers in another shape.
private func reshaped(_ x: Variable, to shape: Shape) -> Variable {
  .result(of: "reshaped", [x], x.value.reshaped(to: shape)) {
    [x = x.slot, before = x.shape] g, gradients in
    gradients.add(g.reshaped(to: before), to: x)
  }
}
