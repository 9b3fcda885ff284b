import Autodiff
import NeuralNetworks
import Tensors

/// What brings the two inputs of a DARTS cell to its channels and its image size.
///
/// ReLU-Conv1x1-BN each; for the first input after a reduction cell, whose image is twice as large,
/// ReLU-FactorizedReduction-BN [published: quark0/darts].
final class CellPreprocessing: Layer {
  private let first: any RectifiedMap
  private let second: any RectifiedMap
  var parameters: [Parameter] { first.parameters + second.parameters }
  var buffers: [Parameter] { first.buffers + second.buffers }

  init(_ place: DARTSCellPlace, name: String, seed: RandomGenerator) {
    func convolution(_ name: String, inputs: Int) -> ConvolutionAndNorm {
      ConvolutionAndNorm(name, inputs: inputs, outputs: place.channels, Window(1), seed: seed)
    }
    first =
      place.followsReduction
      ? FactorizedReduction(
        "\(name).input0", inputs: place.inputs.beforeLast, outputs: place.channels, seed: seed)
      : convolution("\(name).input0", inputs: place.inputs.beforeLast)
    second = convolution("\(name).input1", inputs: place.inputs.last)
  }

  /// Nodes 0 and 1 of the cell.
  func callAsFunction(
    _ beforeLast: Variable, _ last: Variable, in pass: ForwardPass
  ) -> [Variable] {
    [first(beforeLast, in: pass, afterReLU: true), second(last, in: pass, afterReLU: true)]
  }
}

/// A layer that can take the ReLU before it along.
private protocol RectifiedMap: Layer {
  func callAsFunction(_ x: Variable, in pass: ForwardPass, afterReLU: Bool) -> Variable
}

extension ConvolutionAndNorm: RectifiedMap {}
extension FactorizedReduction: RectifiedMap {}
