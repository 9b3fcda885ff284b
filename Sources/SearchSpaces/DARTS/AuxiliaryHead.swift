import Autodiff
import NeuralNetworks
import Tensors

/// The auxiliary classifier of the DARTS networks for CIFAR; it helps to train the first cells.
///
///     ReLU, 5x5 average pooling of stride 3 to 2 x 2
///     1x1 convolution to 128, BN, ReLU
///     2x2 convolution to 768, BN, ReLU
///     linear
///
/// AuxiliaryHeadCIFAR [published: quark0/darts]: x [N, 8, 8, inputs], result [N, classes].
final class AuxiliaryHead: Layer {
  private let narrow: ConvolutionAndNorm
  private let wide: ConvolutionAndNorm
  private let classifier: Linear
  private var layers: [any Layer] { [narrow, wide, classifier] }
  var parameters: [Parameter] { layers.flatMap(\.parameters) }
  var buffers: [Parameter] { layers.flatMap(\.buffers) }

  init(_ name: String, inputs: Int, classes: Int, seed: RandomGenerator) {
    narrow = ConvolutionAndNorm(
      "\(name).narrow", inputs: inputs, outputs: 128, Window(1), seed: seed)
    wide = ConvolutionAndNorm("\(name).wide", inputs: 128, outputs: 768, Window(2), seed: seed)
    classifier = Linear("\(name).classifier", inputs: 768, outputs: classes, seed: seed)
  }

  func callAsFunction(_ x: Variable, in pass: ForwardPass) -> Variable {
    let pooled = Self.pooled(relu(x))
    let y = wide(narrow(pooled, in: pass), in: pass, afterReLU: true)
    // One pixel is left, so its average is the pixel.
    return classifier(globalAverage(relu(y)), in: pass)
  }

  /// The means of the four 5x5 windows of stride 3 that fit into 8 x 8 pixels.
  ///
  /// A padded window of stride 1 around row and column 2 or 5 lies inside the image. To pool around all
  /// pixels and pick four is more work than need be, and very little beside that of a cell.
  static func pooled(_ x: Variable) -> Variable {
    precondition(
      x.shape.height == 8 && x.shape.width == 8,
      "the auxiliary head is made for maps of 8 x 8 pixels, found shape \(x.shape)")
    return selectPixels(averagePool(x, Window(5)), rows: [2, 5], columns: [2, 5])
  }
}
