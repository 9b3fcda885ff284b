import Autodiff
import NeuralNetworks
import Tensors

/// A network of derived cells, which is trained from scratch: it has weights, and no architecture parameters.
public protocol DiscreteNetwork: Layer {
  /// Sets what is left out in training from now on.
  func setDropPath(_ dropPath: DropPath)
  /// The class scores [N, classes] of images [N, H, W, 3], and in training those of an auxiliary head, if any.
  func callAsFunction(
    _ images: Tensor, in pass: ForwardPass
  ) -> (scores: Variable, auxiliaryScores: Variable?)
}

/// The network in which the cells of a genotype are trained: the macro structure of their space with derived cells.
///
/// Each edge has its operations, in their original form whatever space they were searched in; the batch norms have gain
/// and bias, unless the space does without in its cells.
public final class DerivedNetwork<Genotype: SpaceGenotype>: DiscreteNetwork {
  /// The cells it is made of.
  public let genotype: Genotype
  /// What is left out in training; DARTS raises its probability from epoch to epoch.
  ///
  /// Every training pass draws from it. Set anew before each step, with a generator of that step, it makes training
  /// depend on seed, epoch and step alone.
  public var dropPath = DropPath.off
  private let network: LayeredNetwork<DerivedCell>

  /// Creates the network with random weights.
  ///
  /// - Parameters:
  ///   - genotype: the cells.
  ///   - channels: C, those of the nodes of the first cells.
  ///   - cells: the number of cells, as the macro structure counts them.
  ///   - classes: how many classes.
  ///   - hasAuxiliaryHead: whether a second classifier is trained, where the macro structure has a place for it.
  ///   - seed: where the weights come from.
  public init(
    _ genotype: Genotype, channels: Int, cells: Int, classes: Int, hasAuxiliaryHead: Bool = false,
    seed: RandomGenerator
  ) {
    self.genotype = genotype
    let affine = genotype.space.derivedNormsHaveGain
    let (graphs, plan) = (
      genotype.cells,
      genotype.plan(
        NetworkSize(channels: channels, cells: cells, hasAuxiliaryHead: hasAuxiliaryHead),
        classes: classes)
    )
    network = LayeredNetwork(plan, seed: seed) { place, kind in
      DerivedCell(
        graphs[kind], place, preprocessesInputs: plan.preprocessesInputs, affine: affine, seed: seed
      )
    }
  }

  /// Sets what is left out in training from now on.
  public func setDropPath(_ dropPath: DropPath) { self.dropPath = dropPath }

  /// The class scores [N, classes] of images [N, H, W, 3], and in training those of the auxiliary head, if any.
  public func callAsFunction(
    _ images: Tensor, in pass: ForwardPass
  ) -> (scores: Variable, auxiliaryScores: Variable?) {
    network(images, in: pass) { cell, inputs in cell(inputs, &dropPath, in: pass) }
  }

  /// The weights, from the stem to the classifier; the auxiliary head's before the classifier's.
  public var parameters: [Parameter] { network.parameters }
  /// The running statistics, from the stem to the last batch norm.
  public var buffers: [Parameter] { network.buffers }
}
