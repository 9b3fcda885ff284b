import Datasets
import NeuralNetworks
import SearchSpaces
import Tensors

/// A gradient-based search method: all in which it may differ from another, in the alternation of `BilevelSearch`.
///
/// It has no state. What it does follows from its own numbers, from the architecture parameters, and from the moment
/// of the search, so that a search that is resumed goes on as if it had not stopped. Its description names it with its
/// numbers.
public protocol SearchMethod: SearchAlgorithm {
  /// How the architecture parameters, of these shapes, become weights in one pass through the network.
  func relaxation(
    for pass: SearchPass, at moment: SearchMoment, parameters: [Shape]
  ) -> any Relaxation
  /// The loss on the validation batch, and the gradients of the architecture parameters.
  func architectureGradient(_ step: ArchitectureStep<some Supernet>) -> BatchResult
  /// What the method has to tell of a network after an epoch, whose moment is given.
  func observations<Network: Supernet>(
    of network: Network, at moment: SearchMoment
  ) -> MethodObservations
}

extension SearchMethod {
  /// The alternation of weight steps and steps of the architecture parameters by this method.
  public func search<Network: Supernet>(
    _ network: Network, _ task: SearchTask
  ) throws -> any Search {
    try BilevelSearch(network, task.images, task.settings, method: self, seed: task.seed)
  }
  /// The relaxation by a softmax.
  public func relaxation(
    for pass: SearchPass, at moment: SearchMoment, parameters: [Shape]
  ) -> any Relaxation { SoftmaxRelaxation() }
  /// The validation loss and its gradient, with the weights as they are.
  public func architectureGradient(_ step: ArchitectureStep<some Supernet>) -> BatchResult {
    firstOrderArchitectureGradient(
      of: step.network, validation: step.validation, step.relaxation)
  }
  /// Nothing besides what all report.
  public func observations<Network: Supernet>(
    of network: Network, at moment: SearchMoment
  ) -> MethodObservations { MethodObservations() }
}

/// What a pass through the supernet is for.
public enum SearchPass: String, CaseIterable, Sendable {
  /// The gradient of the weights.
  case weights
  /// The gradient of the architecture parameters.
  case alpha
  /// The loss after an epoch; no gradient.
  case evaluation
}

/// A moment of a search.
public struct SearchMoment: Hashable, Sendable {
  /// The epoch, counted from 0.
  public var epoch: Int
  /// How many epochs the search has.
  public var epochs: Int
  /// The step in the epoch, counted from 0; in the evaluation after the steps their number.
  public var step: Int

  /// Creates a moment.
  public init(epoch: Int = 0, of epochs: Int, step: Int = 0) {
    self.epoch = epoch
    self.epochs = epochs
    self.step = step
  }
}

/// What the gradient of the architecture may depend on.
public struct ArchitectureStep<Network: Supernet> {
  /// The network; its weights may be changed as long as they are restored.
  public let network: Network
  /// A batch of the half that trains alpha.
  public let validation: Batch
  /// A batch of the half that trains the weights; only methods that look ahead ask for it.
  public let training: () -> Batch
  /// How alpha becomes weights.
  public let relaxation: any Relaxation
  /// The moment of the search.
  public let moment: SearchMoment
  /// The numbers of the search.
  public let settings: SearchSettings
  /// What moves the weights, as it is now.
  public let weightOptimizer: SGD

  /// Creates a step by hand, to ask a method for its gradient outside of a search.
  public init(
    network: Network, validation: Batch, training: @escaping () -> Batch,
    relaxation: any Relaxation, moment: SearchMoment, settings: SearchSettings,
    weightOptimizer: SGD
  ) {
    self.network = network
    self.validation = validation
    self.training = training
    self.relaxation = relaxation
    self.moment = moment
    self.settings = settings
    self.weightOptimizer = weightOptimizer
  }
}
