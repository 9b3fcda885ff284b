import Autodiff
import NeuralNetworks
import Tensors

/// A convolution and a batch norm with gain and bias.
final class ConvolutionAndNorm: Layer {
  let convolution: Convolution2D
  let norm: BatchNorm
  var parameters: [Parameter] { convolution.parameters + norm.parameters }
  var buffers: [Parameter] { norm.buffers }

  init(_ name: String, inputs: Int, outputs: Int, _ window: Window, seed: RandomGenerator) {
    convolution = Convolution2D(
      "\(name).conv", inputs: inputs, outputs: outputs, window, seed: seed)
    norm = BatchNorm("\(name).bn", channels: outputs, affine: true)
  }

  func callAsFunction(_ x: Variable, in pass: ForwardPass, afterReLU: Bool = false)
    -> Variable
  {
    norm(convolution(x, in: pass, afterReLU: afterReLU), in: pass)
  }
}

/// The fixed block that halves the image and doubles the channels.
///
/// Two ReLU-Conv3x3-BN, the first of stride 2, plus a shortcut of 2x2 average pooling and a 1x1 convolution.
final class ResidualBlock: Layer {
  private let first: ConvolutionAndNorm
  private let second: ConvolutionAndNorm
  private let shortcut: Convolution2D
  var parameters: [Parameter] { first.parameters + second.parameters + shortcut.parameters }
  var buffers: [Parameter] { first.buffers + second.buffers }

  init(_ name: String, inputs: Int, seed: RandomGenerator) {
    let outputs = 2 * inputs
    first = ConvolutionAndNorm(
      "\(name).first", inputs: inputs, outputs: outputs, Window(3, stride: 2), seed: seed)
    second = ConvolutionAndNorm(
      "\(name).second", inputs: outputs, outputs: outputs, Window(3), seed: seed)
    shortcut = Convolution2D(
      "\(name).shortcut", inputs: inputs, outputs: outputs, Window(1), seed: seed)
  }

  func callAsFunction(_ x: Variable, in pass: ForwardPass) -> Variable {
    let halved = first(x, in: pass, afterReLU: true)
    let y = second.convolution(halved, in: pass, afterReLU: true)
    let direct = shortcut(averagePool(x, Window(2, stride: 2)), in: pass)
    return mixture([
      .normalized(y, second.norm.normalization(of: y.value, in: pass)), .identity(direct),
    ])
  }
}
