import Tensors

// The layers of a network that are not searched.

extension NetworkPlan {
  /// What a layer costs apart from the operations of its cell; gains and biases count where the network has them.
  func fixedCost(of layer: Layer, affine: Bool) -> NetworkCost {
    let (inputs, output) = (layer.inputs, layer.output)
    switch layer.kind {
    case .stem:
      return convolutionAndNorm(
        9 * inputs[0].channels, outputs: output.channels, pixels: output.pixels)
    case .cell:
      guard preprocessesInputs else { return .zero }
      // A factorized reduction has as many weights as a 1x1 convolution, and the same image size after it.
      return inputs.map {
        convolutionAndNorm(
          $0.channels, outputs: layer.size.channels, pixels: layer.size.pixels, affine: affine)
      }.reduce(.zero, +)
    case .residualBlock:
      return residualBlockCost(inputs: inputs[0].channels, pixels: output.pixels)
    case .normalization: return NetworkCost(macs: 0, parameters: 2 * output.channels)
    case .auxiliaryHead:
      return convolutionAndNorm(inputs[0].channels, outputs: 128, pixels: 2 * 2)
        + convolutionAndNorm(128 * 2 * 2, outputs: 768, pixels: 1)
        + linearCost(768, output.channels)
    case .classifier: return linearCost(inputs[0].channels, output.channels)
    }
  }
}

/// A convolution of `taps` weights an output channel, and a batch norm, with gain and bias if `affine`.
private func convolutionAndNorm(
  _ taps: Int, outputs: Int, pixels: Int, affine: Bool = true
) -> NetworkCost {
  NetworkCost(
    macs: taps * outputs * pixels, parameters: taps * outputs + (affine ? 2 * outputs : 0))
}

/// A linear map with bias; the bias counts as in the other networks.
private func linearCost(_ inputs: Int, _ outputs: Int) -> NetworkCost {
  NetworkCost(macs: inputs * outputs + outputs, parameters: inputs * outputs + outputs)
}

/// The block that halves the image and doubles `inputs` channels, with `pixels` after it.
private func residualBlockCost(inputs: Int, pixels: Int) -> NetworkCost {
  let outputs = 2 * inputs
  let shortcut = inputs * outputs
  return convolutionAndNorm(9 * inputs, outputs: outputs, pixels: pixels)
    + convolutionAndNorm(9 * outputs, outputs: outputs, pixels: pixels)
    + NetworkCost(macs: shortcut * pixels, parameters: shortcut)
}
