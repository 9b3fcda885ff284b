import Autodiff
import Datasets
import NeuralNetworks
import SearchSpaces
import Tensors

/// One step of a search: a batch of the training half moves the weights, one of the validation half alpha.
///
/// Equation: D1-4 [published: quark0/darts]. min over alpha of L_val(w*(alpha), alpha),
/// w*(alpha) = arg min over w of L_train(w, alpha). Each step moves w on a batch of the training half and alpha on one
/// of the validation half: w first in [published: D-X-Y/AutoDL-Projects], alpha first in [published: quark0/darts].
/// Both steps run batch norm in training mode and so update its running statistics.
///
/// Differs in small things: from both, a shuffled pass over the validation half instead of random images, and full
/// batches only; from AutoDL-Projects, halves instead of a fixed split file, and clipping of the weights' gradients
/// alone.
public final class SearchStep<Network: Supernet> {
  private let network: Network
  private let settings: SearchSettings
  private let relaxation: any Relaxation
  private let training: BatchLoader
  let validation: BatchLoader
  private var weightOptimizer: SGD
  private var alphaOptimizer: Adam
  private var epoch: Epoch

  /// The batches of one epoch.
  private struct Epoch {
    let number: Int
    let training: BatchLoader.Epoch
    let validation: BatchLoader.Epoch
  }

  /// Prepares the steps on `images`, whose first half trains weights and whose second trains alpha.
  public init(
    _ network: Network, _ images: ImageSet, _ settings: SearchSettings,
    relaxation: any Relaxation = SoftmaxRelaxation(), seed: RandomGenerator
  ) throws(SearchError) {
    self.network = network
    self.settings = settings
    self.relaxation = relaxation
    let (first, second) = images.halves()
    guard first.count >= settings.batchSize else {
      throw .tooFewImages(perHalf: first.count, batchSize: settings.batchSize)
    }
    training = BatchLoader(
      first, batchSize: settings.batchSize, augmentation: .standard,
      generator: seed.stream("training"))
    validation = BatchLoader(
      second, batchSize: settings.batchSize, augmentation: .standard,
      generator: seed.stream("validation"))
    weightOptimizer = SGD(
      learningRate: settings.learningRate, momentum: settings.momentum,
      weightDecay: settings.weightDecay, isNesterov: settings.isNesterov)
    alphaOptimizer = Adam(
      learningRate: settings.alphaLearningRate,
      betas: (settings.alphaBeta1, settings.alphaBeta2),
      weightDecay: settings.alphaWeightDecay)
    epoch = Epoch(number: 0, training: training.epoch(0), validation: validation.epoch(0))
  }

  /// Steps an epoch: each takes one batch of either half.
  public var stepsPerEpoch: Int { min(training.batchesPerEpoch, validation.batchesPerEpoch) }

  /// Learning rate of the weights in this epoch.
  public var learningRate: Double { weightOptimizer.learningRate }

  /// The parts of a step, in their order.
  public var parts: [SearchStepPart] {
    settings.movesAlphaFirst ? [.alpha, .weights] : [.weights, .alpha]
  }

  /// Goes on to an epoch, counted from 0: its learning rate, its order of images.
  public func begin(epoch number: Int) {
    weightOptimizer.learningRate = cosineLearningRate(
      epoch: number, of: settings.epochs, from: settings.learningRate,
      to: settings.minimumLearningRate)
    epoch = Epoch(
      number: number, training: training.epoch(number), validation: validation.epoch(number))
  }

  /// Runs one part of step `index` of this epoch, counted from 0; mean loss and right answers of its batch.
  public func run(
    _ part: SearchStepPart, _ index: Int
  ) throws(SearchError) -> (loss: Double, correct: Int) {
    switch part {
    case .weights: try moveWeights(index)
    case .alpha: try moveAlpha(index)
    }
  }

  private func moveWeights(_ index: Int) throws(SearchError) -> (loss: Double, correct: Int) {
    let parameters = network.parameters
    let result = lossAndGradients(
      of: network, epoch.training[index], relaxation, differentiating: parameters)
    try check(Double(result.loss), index, "training")
    var gradients = result.gradients
    try check(clipByGlobalNorm(&gradients, to: settings.gradientClip), index, "training")
    weightOptimizer.step(parameters, gradients)
    return (Double(result.loss), result.correct)
  }

  private func moveAlpha(_ index: Int) throws(SearchError) -> (loss: Double, correct: Int) {
    let result = firstOrderArchitectureGradient(
      of: network, validation: epoch.validation[index], relaxation)
    try check(Double(result.loss), index, "validation")
    for gradient in result.gradients { try check(gradient.total(), index, "validation") }
    alphaOptimizer.step(network.architectureParameters, result.gradients)
    return (Double(result.loss), result.correct)
  }

  /// Fails unless a number of step `index` is finite.
  func check(_ number: Double, _ index: Int, _ which: String) throws(SearchError) {
    guard number.isFinite else {
      throw .nonFinite(epoch: epoch.number + 1, step: index + 1, which: which)
    }
  }
}

/// The two parts of a search step.
public enum SearchStepPart: String, CaseIterable, Sendable {
  /// Alpha moves on a batch of the validation half.
  case alpha
  /// The weights move on a batch of the training half.
  case weights
}
