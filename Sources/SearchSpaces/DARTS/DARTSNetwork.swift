import Autodiff
import NeuralNetworks
import Tensors

/// The network in which the derived cells of the DARTS space are trained from scratch, for CIFAR.
///
///     stem (3x3 convolution to 3 C, BN)
///     cells, each reading the two outputs before it; two of them halve the image and double C
///     global average, linear
///
/// NetworkCIFAR [published: quark0/darts]: 20 cells and C = 36 in the paper. All batch norms have gain and
/// bias, and there is none after a pool.
public final class DARTSNetwork {
  /// The cells it is made of.
  public let genotype: DARTSGenotype
  /// What is left out in training; the paper raises its probability from epoch to epoch.
  ///
  /// Every training pass draws from it. Set anew before each step, with a generator of that step, it makes training
  /// depend on seed, epoch and step alone.
  public var dropPath = DropPath.off
  private let stem: ConvolutionAndNorm
  private let cells: [DiscreteDARTSCell]
  private let auxiliary: (place: Int, head: AuxiliaryHead)?
  private let classifier: Linear

  /// Creates the network with random weights.
  ///
  /// - Parameters:
  ///   - genotype: the cells.
  ///   - channels: C, those of the nodes of the first cells.
  ///   - layers: how many cells, at least 2.
  ///   - classes: how many classes.
  ///   - hasAuxiliaryHead: whether a second classifier reads the output of cell 2 layers / 3 in training.
  ///   - seed: where the weights come from.
  public init(
    _ genotype: DARTSGenotype, channels: Int, layers: Int, classes: Int,
    hasAuxiliaryHead: Bool = false, seed: RandomGenerator
  ) {
    self.genotype = genotype
    let plan = DARTSCellPlan.network(of: genotype, channels: channels, layers: layers)
    stem = ConvolutionAndNorm("stem", inputs: 3, outputs: 3 * channels, Window(3), seed: seed)
    cells = plan.enumerated().map { index, plan in
      DiscreteDARTSCell(genotype, plan, name: "cells.\(index)", seed: seed)
    }
    let branch = 2 * layers / 3
    auxiliary =
      hasAuxiliaryHead
      ? (
        branch,
        AuxiliaryHead("auxiliary", inputs: plan[branch].outputs, classes: classes, seed: seed)
      ) : nil
    classifier = Linear(
      "classifier", inputs: plan[layers - 1].outputs, outputs: classes, seed: seed)
  }

  /// The class scores [N, classes] of images [N, 32, 32, 3], and in training those of the auxiliary head.
  public func callAsFunction(
    _ images: Tensor, in pass: ForwardPass
  ) -> (scores: Variable, auxiliaryScores: Variable?) {
    let stemmed = stem(.constant(images), in: pass)
    var (beforeLast, last) = (stemmed, stemmed)
    var auxiliaryScores: Variable?
    for (index, cell) in cells.enumerated() {
      (beforeLast, last) = (last, cell(beforeLast, last, &dropPath, in: pass))
      if let auxiliary, auxiliary.place == index, pass.mode == .training {
        auxiliaryScores = auxiliary.head(last, in: pass)
      }
    }
    return (classifier(globalAverage(last), in: pass), auxiliaryScores)
  }
}

extension DARTSNetwork: Layer {
  private var layers: [any Layer] {
    [stem] + cells + [auxiliary?.head].compactMap { $0 } + [classifier] as [any Layer]
  }
  /// The weights, from the stem to the classifier; the auxiliary head's before the classifier's.
  public var parameters: [Parameter] { layers.flatMap(\.parameters) }
  /// The running statistics, from the stem to the head.
  public var buffers: [Parameter] { layers.flatMap(\.buffers) }
}
