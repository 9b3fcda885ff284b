import Autodiff
import NeuralNetworks
import Tensors

/// All of the network of NAS-Bench-201 but what is in its cells.
///
///     stem (3x3 convolution to C, BN)
///     N cells at C channels, 32 x 32
///     residual block to 2 C, N cells at 16 x 16
///     residual block to 4 C, N cells at 8 x 8
///     BN, ReLU, global average, linear
///
/// Macro structure of D5 [published: D-X-Y/AutoDL-Projects]. Its batch norms have gain and bias.
struct NASBench201Backbone<Cell: Layer> {
  private let stem: ConvolutionAndNorm
  private let stages: [(reduction: ResidualBlock?, cells: [Cell])]
  private let lastNorm: BatchNorm
  private let classifier: Linear

  /// Creates the layers with random weights; `makeCell` gets the channels and the name of a cell.
  init(
    channels: Int, cellsPerStage: Int, classes: Int, seed: RandomGenerator,
    makeCell: (Int, String) -> Cell
  ) {
    stem = ConvolutionAndNorm("stem", inputs: 3, outputs: channels, Window(3), seed: seed)
    stages = (0..<3).map { stage in
      let width = channels << stage
      let reduction =
        stage == 0 ? nil : ResidualBlock("reduction\(stage)", inputs: width / 2, seed: seed)
      let cells = (0..<cellsPerStage).map { makeCell(width, "cells.\(stage * cellsPerStage + $0)") }
      return (reduction, cells)
    }
    lastNorm = BatchNorm("lastNorm", channels: 4 * channels, affine: true)
    classifier = Linear("classifier", inputs: 4 * channels, outputs: classes, seed: seed)
  }

  /// From the stem to the classifier.
  var layers: [any Layer] {
    [stem]
      + stages.flatMap { stage in [stage.reduction].compactMap { $0 } + stage.cells as [any Layer] }
      + [lastNorm, classifier]
  }

  /// The class scores [N, classes] of images [N, 32, 32, 3]; `apply` is what a cell does with a map.
  func callAsFunction(
    _ images: Tensor, in pass: ForwardPass, _ apply: (Cell, Variable) -> Variable
  ) -> Variable {
    var x = stem(.constant(images), in: pass)
    for stage in stages {
      if let reduction = stage.reduction { x = reduction(x, in: pass) }
      for cell in stage.cells { x = apply(cell, x) }
    }
    return classifier(globalAverage(relu(lastNorm(x, in: pass))), in: pass)
  }
}
