import Autodiff
import NeuralNetworks
import Tensors

/// What brings an input of a DARTS cell to the cell's channels and image size.
///
/// ReLU, 1x1 convolution and batch norm, or, after a reduction cell, ReLU, factorized reduction and
/// batch norm [published: quark0/darts].
final class Preprocessing: Layer {
  private let kernels: [Parameter]
  private let norm: BatchNorm
  var parameters: [Parameter] { kernels + norm.parameters }
  var buffers: [Parameter] { norm.buffers }

  /// Creates the layer; with `halving` it halves height and width.
  init(
    _ name: String, inputs: Int, outputs: Int, halving: Bool, affine: Bool, seed: RandomGenerator
  ) {
    let widths = halving ? [outputs / 2, outputs - outputs / 2] : [outputs]
    kernels = widths.enumerated().map { index, width in
      let fullName = "\(name).\(index).weight"
      var generator = seed.stream(fullName)
      return Parameter(fullName, Kaiming.uniform([width, 1, 1, inputs], using: &generator))
    }
    norm = BatchNorm("\(name).bn", channels: outputs, affine: affine)
  }

  func callAsFunction(_ x: Variable, in pass: ForwardPass) -> Variable {
    let weights = kernels.map(pass.variable)
    let y =
      weights.count == 2
      ? factorizedReduction(x, even: weights[0], odd: weights[1], afterReLU: true)
      : convolution(x, weights[0], Window(1), afterReLU: true)
    return norm(y, in: pass)
  }
}
