import Autodiff
import NeuralNetworks
import Tensors

/// Halves the image and changes the channels: a factorized reduction and a batch norm.
///
/// x [N, H, W, inputs], H and W even; result [N, H / 2, W / 2, outputs].
final class FactorizedReduction: Layer {
  private let even: Parameter
  private let odd: Parameter
  private let norm: BatchNorm
  var parameters: [Parameter] { [even, odd] + norm.parameters }
  var buffers: [Parameter] { norm.buffers }

  init(_ name: String, inputs: Int, outputs: Int, affine: Bool = true, seed: RandomGenerator) {
    func kernel(_ part: String, _ outputs: Int) -> Parameter {
      var generator = seed.stream("\(name).\(part)")
      return Parameter(
        "\(name).\(part).weight", Kaiming.uniform([outputs, 1, 1, inputs], using: &generator))
    }
    even = kernel("even", outputs / 2)
    odd = kernel("odd", outputs - outputs / 2)
    norm = BatchNorm("\(name).bn", channels: outputs, affine: affine)
  }

  func callAsFunction(_ x: Variable, in pass: ForwardPass, afterReLU: Bool = false) -> Variable {
    let y = factorizedReduction(
      x, even: pass.variable(even), odd: pass.variable(odd), afterReLU: afterReLU)
    return norm(y, in: pass)
  }
}
