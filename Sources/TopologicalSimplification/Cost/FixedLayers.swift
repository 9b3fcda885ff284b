import SearchSpaces
import Tensors

// The layers of a network that are not searched.

extension NetworkCost {
  /// The cost of both.
  public static func + (a: NetworkCost, b: NetworkCost) -> NetworkCost {
    NetworkCost(macs: a.macs + b.macs, parameters: a.parameters + b.parameters)
  }

  static let zero = NetworkCost(macs: 0, parameters: 0)
}

/// A convolution of `taps` weights an output channel, and a batch norm, with gain and bias if `affine`.
func convolutionAndNorm(
  _ taps: Int, outputs: Int, pixels: Int, affine: Bool = true
) -> NetworkCost {
  NetworkCost(
    macs: taps * outputs * pixels, parameters: taps * outputs + (affine ? 2 * outputs : 0))
}

/// A linear map with bias; the bias counts as in the other networks.
func linearCost(_ inputs: Int, _ outputs: Int) -> NetworkCost {
  NetworkCost(macs: inputs * outputs + outputs, parameters: inputs * outputs + outputs)
}

/// The block that halves the image and doubles `inputs` channels, with `pixels` behind it.
func residualBlockCost(inputs: Int, pixels: Int) -> NetworkCost {
  let outputs = 2 * inputs
  let shortcut = inputs * outputs
  return convolutionAndNorm(9 * inputs, outputs: outputs, pixels: pixels)
    + convolutionAndNorm(9 * outputs, outputs: outputs, pixels: pixels)
    + NetworkCost(macs: shortcut * pixels, parameters: shortcut)
}
