import Datasets
import Messages
import NeuralNetworks
import SearchSpaces
import Tensors

/// The steps of weights and alpha, with the optimizers that make them.
///
/// Each takes the batch it is given; `BilevelSearch` gives it those of an epoch.
public struct SearchStep<Network: Supernet> {
  private let network: Network
  private let settings: SearchSettings
  private let method: any SearchMethod
  var weightOptimizer: SGD
  var alphaOptimizer: Adam
  /// When the next step is: methods change with time.
  public var moment: SearchMoment

  /// Prepares the optimizers of a search.
  public init(
    _ network: Network, _ settings: SearchSettings, method: any SearchMethod = DARTS()
  ) {
    self.network = network
    self.settings = settings
    self.method = method
    moment = SearchMoment(of: settings.epochs)
    weightOptimizer = SGD(
      learningRate: settings.learningRate, momentum: settings.momentum,
      weightDecay: settings.weightDecay, isNesterov: settings.isNesterov)
    alphaOptimizer = Adam(
      learningRate: settings.alphaLearningRate,
      betas: (settings.alphaBeta1, settings.alphaBeta2),
      weightDecay: settings.alphaWeightDecay)
  }

  /// Learning rate of the weights.
  public var learningRate: Double {
    get { weightOptimizer.learningRate }
    set { weightOptimizer.learningRate = newValue }
  }

  /// Loss and right answers on a batch, before the step; without the gradients, whose memory is free again.
  public typealias Result = (loss: Double, correct: Int)

  /// The parts of a step, in their order.
  public var parts: [SearchStepPart] {
    settings.movesAlphaFirst ? [.alpha, .weights] : [.weights, .alpha]
  }

  /// Whether the weights move alone in this epoch.
  public var isAlphaFrozen: Bool { moment.epoch < settings.frozenEpochs }

  /// How alpha becomes weights in a pass at this moment.
  public func relaxation(for pass: SearchPass) -> any Relaxation {
    method.relaxation(
      for: pass, at: moment, parameters: network.architectureParameters.map(\.value.shape))
  }

  /// What the method observes after an epoch, counted from 0.
  func observations(afterEpoch epoch: Int) -> MethodObservations {
    method.observations(of: network, at: SearchMoment(epoch: epoch, of: settings.epochs))
  }

  /// Both steps, in the order of the settings.
  public mutating func callAsFunction(
    training: Batch, validation: Batch
  ) throws(NonFinite) -> (training: Result, validation: Result) {
    if settings.movesAlphaFirst {
      let alpha = try alphaStep(validation, training: training)
      return (try weightStep(training), alpha)
    }
    return (try weightStep(training), try alphaStep(validation, training: training))
  }

  /// One step of the weights on a batch of the training half.
  public mutating func weightStep(_ batch: Batch) throws(NonFinite) -> Result {
    let parameters = network.parameters
    let result = lossAndGradients(
      of: network, batch, relaxation(for: .weights), differentiating: parameters)
    try NonFinite.check(Double(result.loss), "training")
    var gradients = result.gradients
    try NonFinite.check(clipByGlobalNorm(&gradients, to: settings.gradientClip), "training")
    weightOptimizer.step(parameters, gradients)
    return (Double(result.loss), result.correct)
  }

  /// One step of alpha on a batch of the validation half; some methods ask for one of the training half too.
  public mutating func alphaStep(
    _ batch: Batch, training: @escaping @autoclosure () -> Batch
  ) throws(NonFinite) -> Result {
    let result = method.architectureGradient(
      ArchitectureStep(
        network: network, validation: batch, training: training,
        relaxation: relaxation(for: .alpha), moment: moment, settings: settings,
        weightOptimizer: weightOptimizer))
    try NonFinite.check(Double(result.loss), "validation")
    for gradient in result.gradients { try NonFinite.check(gradient.total(), "validation") }
    alphaOptimizer.step(network.architectureParameters, result.gradients)
    return (Double(result.loss), result.correct)
  }
}

/// The two parts of a search step.
public enum SearchStepPart: String, CaseIterable, Sendable {
  /// Alpha moves on a batch of the validation half.
  case alpha
  /// The weights move on a batch of the training half.
  case weights
}

/// A loss or a gradient that is infinite or not a number.
public struct NonFinite: UserError, Equatable {
  /// For example `training`.
  public let which: String

  /// The code with which a program ends that reports it.
  public var exitCode: ExitCode { .failed }

  /// The message for the user, with a hint on the last line.
  public var message: Message {
    """
    the \(which) loss or its gradient is not a finite number
    Hint: the learning rate is too large for this network, or the images are damaged.
    """
  }

  /// Throws if `number` is not finite.
  static func check(_ number: Double, _ which: String) throws(NonFinite) {
    guard number.isFinite else { throw NonFinite(which: which) }
  }
}
