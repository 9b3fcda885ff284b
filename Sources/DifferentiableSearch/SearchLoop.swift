import Autodiff
import Datasets
import NeuralNetworks
import SearchSpaces
import Tensors

/// What happened in one epoch.
///
/// Losses are mean cross entropies; accuracies are shares in [0, 1].
public struct EpochMetrics: Codable, Sendable {
  /// The epoch, counted from 1.
  public let epoch: Int
  /// Learning rate of the weights.
  public let learningRate: Double
  /// Mean loss of the weight steps.
  public let trainingLoss: Double
  /// Accuracy in the weight steps.
  public let trainingAccuracy: Double
  /// Loss of the supernet on the validation half, in evaluation mode, after the epoch.
  public let validationLoss: Double
  /// Accuracy of the supernet on the validation half, in evaluation mode, after the epoch.
  public let validationAccuracy: Double
  /// Mean entropy of softmax(alpha) over the edges, in nats.
  public let alphaEntropy: Double
  /// Skip connections in the derived cell.
  public let skipCount: Int
  /// The derived cell.
  public let genotype: String
  /// Wall time of the epoch, in seconds.
  public let seconds: Double
  /// Median wall time of one alpha step and one weight step together, in seconds.
  public let secondsPerStep: Double
  /// Most memory of the process so far, in bytes.
  public let peakMemoryBytes: Int
}

/// Why a search stopped.
public enum SearchError: Error, Equatable, CustomStringConvertible {
  /// A loss became infinite or not a number.
  case nonFiniteLoss(epoch: Int, step: Int, which: String)
  /// The data do not fill a single batch.
  case tooFewImages(perHalf: Int, batchSize: Int)

  /// The message for the user, with a hint on the last line.
  public var description: String {
    switch self {
    case .nonFiniteLoss(let epoch, let step, let which):
      """
      the \(which) loss is not a finite number in epoch \(epoch), step \(step)
      Hint: lower the learning rate, or check the images.
      """
    case .tooFewImages(let perHalf, let batchSize):
      """
      each half of the training images has \(perHalf) images, fewer than a batch of \(batchSize)
      Hint: lower --batch, or raise --train-images.
      """
    }
  }
}

/// What a search reports while it runs.
public enum SearchEvent: Sendable {
  /// A step is done: `step` of `steps` in `epoch`, both counted from 1.
  case step(epoch: Int, step: Int, steps: Int, loss: Double)
  /// An epoch is done; alpha [edges, candidates] after it.
  case epoch(EpochMetrics, alpha: [Tensor])
}

/// First-order DARTS: weight steps on one half of the data alternate with alpha steps on the other.
///
/// The loop does not know which paths the supernet runs.
public final class SearchLoop<Network: Supernet> {
  private let network: Network
  private let settings: SearchSettings
  private let relaxation: any Relaxation
  private let training: BatchLoader
  private let validation: BatchLoader
  private var weightOptimizer: SGD
  private var alphaOptimizer: Adam

  /// Prepares a search on `images`, whose first half trains weights and whose second trains alpha.
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
      weightDecay: settings.weightDecay, isNesterov: true)
    alphaOptimizer = Adam(
      learningRate: settings.alphaLearningRate, betas: (0.5, 0.999),
      weightDecay: settings.alphaWeightDecay)
  }

  /// Steps an epoch: each takes one batch of either half.
  public var stepsPerEpoch: Int { min(training.batchesPerEpoch, validation.batchesPerEpoch) }

  /// Runs all epochs and returns the derived cell.
  public func run(_ report: (SearchEvent) -> Void) throws(SearchError) -> Network.Genotype {
    for epoch in 0..<settings.epochs {
      report(
        .epoch(try runEpoch(epoch, report), alpha: network.architectureParameters.map(\.value)))
    }
    return network.genotype
  }

  private func runEpoch(
    _ epoch: Int, _ report: (SearchEvent) -> Void
  ) throws(SearchError) -> EpochMetrics {
    let clock = ContinuousClock()
    let start = clock.now
    weightOptimizer.learningRate = cosineLearningRate(
      epoch: epoch, of: settings.epochs, from: settings.learningRate,
      to: settings.minimumLearningRate)
    var (loss, correct, durations) = (0.0, 0, [Double]())
    for step in 0..<stepsPerEpoch {
      let begin = clock.now
      let result = try weightStep(epoch, step)
      try alphaStep(epoch, step)
      durations.append((clock.now - begin).seconds)
      loss += Double(result.loss)
      correct += result.correct
      report(
        .step(epoch: epoch + 1, step: step + 1, steps: stepsPerEpoch, loss: Double(result.loss)))
    }
    let (validationLoss, validationAccuracy) = evaluate(network, on: validation, relaxation)
    let genotype = network.genotype
    return EpochMetrics(
      epoch: epoch + 1, learningRate: weightOptimizer.learningRate,
      trainingLoss: loss / Double(stepsPerEpoch),
      trainingAccuracy: Double(correct) / Double(stepsPerEpoch * settings.batchSize),
      validationLoss: validationLoss, validationAccuracy: validationAccuracy,
      alphaEntropy: meanEntropy(network.architectureParameters), skipCount: genotype.skipCount,
      genotype: "\(genotype)", seconds: (clock.now - start).seconds,
      secondsPerStep: durations.sorted()[durations.count / 2],
      peakMemoryBytes: ProcessMemory.peakBytes)
  }

  /// One step of the weights on the training half: D1-4, inner problem.
  private func weightStep(_ epoch: Int, _ step: Int) throws(SearchError) -> BatchResult {
    let parameters = network.parameters
    let result = lossAndGradients(
      of: network, training.trainingBatch(epoch: epoch, index: step), relaxation,
      differentiating: parameters)
    try check(result, epoch, step, "training")
    var gradients = result.gradients
    clipByGlobalNorm(&gradients, to: settings.gradientClip)
    weightOptimizer.step(parameters, gradients)
    return result
  }

  /// One step of alpha on the validation half: D1-7.
  private func alphaStep(_ epoch: Int, _ step: Int) throws(SearchError) {
    let parameters = network.architectureParameters
    let result = lossAndGradients(
      of: network, validation.trainingBatch(epoch: epoch, index: step), relaxation,
      differentiating: parameters)
    try check(result, epoch, step, "validation")
    alphaOptimizer.step(parameters, result.gradients)
  }

  private func check(
    _ result: BatchResult, _ epoch: Int, _ step: Int, _ which: String
  ) throws(SearchError) {
    guard result.loss.isFinite else {
      throw .nonFiniteLoss(epoch: epoch + 1, step: step + 1, which: which)
    }
  }
}

/// The mean over all rows of the entropy of their softmax, in nats: log M at the start, 0 when decided.
public func meanEntropy(_ logits: [Parameter]) -> Double {
  let rows = logits.flatMap { parameter -> [Double] in
    let width = parameter.value.shape.channels
    let logP = parameter.value.logSoftmax().doubles
    return stride(from: 0, to: logP.count, by: width).map { start in
      logP[start..<start + width].reduce(0) { $0 - Double(Elementary.exp(Scalar($1))) * $1 }
    }
  }
  return rows.reduce(0, +) / Double(max(1, rows.count))
}

extension Duration {
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
