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
  /// Mean entropy of the candidates' weights over the edges, in nats.
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
  /// A loss or a gradient became infinite or not a number.
  case nonFinite(epoch: Int, step: Int, which: String)
  /// The data do not fill a single batch.
  case tooFewImages(perHalf: Int, batchSize: Int)

  /// The message for the user, with a hint on the last line.
  public var description: String {
    switch self {
    case .nonFinite(let epoch, let step, let which):
      """
      the \(which) loss or its gradient is not a finite number in epoch \(epoch), step \(step)
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
  /// The steps of an epoch are done, and one more batch of its evaluation begins.
  case evaluation(epoch: Int)
  /// An epoch is done; alpha [edges, candidates] after it.
  case epoch(EpochMetrics, alpha: [Tensor])
}

/// The alternation of weight steps and alpha steps.
///
/// Equation: D1-4 [published: quark0/darts]. min over alpha of L_val(w*(alpha), alpha),
/// w*(alpha) = arg min over w of L_train(w, alpha). Each step moves w on a batch of the training half and alpha on one
/// of the validation half: w first in [published: D-X-Y/AutoDL-Projects], alpha first in [published: quark0/darts].
/// Both steps run batch norm in training mode and so update its running statistics.
///
/// Differs in small things: from both, a shuffled pass over the validation half instead of random images, and full
/// batches only; from AutoDL-Projects, halves instead of a fixed split file, and clipping of the weights' gradients
/// alone.
///
/// The loop knows neither which paths the supernet runs nor which method searches.
public final class SearchLoop<Network: Supernet> {
  let network: Network
  let settings: SearchSettings
  private let halves: SearchHalves
  var step: SearchStep<Network>
  /// How far the search is.
  public internal(set) var progress = SearchProgress()

  /// Prepares a search on `images`, whose first half trains weights and whose second trains alpha.
  public init(
    _ network: Network, _ images: ImageSet, _ settings: SearchSettings,
    method: any SearchMethod = DARTS(), seed: RandomGenerator
  ) throws(SearchError) {
    self.network = network
    self.settings = settings
    halves = try SearchHalves(images, batchSize: settings.batchSize, seed: seed)
    step = SearchStep(network, settings, method: method)
  }

  /// Steps an epoch: each takes one batch of either half.
  public var stepsPerEpoch: Int { halves.stepsPerEpoch }

  /// Runs the epochs that are left and returns the derived cell.
  ///
  /// What `report` throws ends the search. Whenever it is called, `state` is what the search can go on from.
  public func run(_ report: (SearchEvent) throws -> Void) throws -> Network.Genotype {
    while progress.epochs < settings.epochs {
      let metrics = try runEpoch(progress.epochs, report)
      progress = SearchProgress(epochs: metrics.epoch)
      try report(.epoch(metrics, alpha: network.architectureParameters.map(\.value)))
    }
    return network.genotype
  }

  private func runEpoch(
    _ epoch: Int, _ report: (SearchEvent) throws -> Void
  ) throws -> EpochMetrics {
    let clock = ContinuousClock()
    let (start, secondsBefore) = (clock.now, progress.stepSeconds.reduce(0, +))
    step.learningRate = cosineLearningRate(
      epoch: epoch, of: settings.epochs, from: settings.learningRate,
      to: settings.minimumLearningRate)
    // A search that is resumed behind the last step still evaluates at this moment.
    step.moment = SearchMoment(epoch: epoch, of: settings.epochs, step: progress.steps)
    let (training, validation) = (halves.training.epoch(epoch), halves.validation.epoch(epoch))
    for index in progress.steps..<stepsPerEpoch {
      let begin = clock.now
      step.moment.step = index
      let result = try telling(epoch, index) { () throws(NonFinite) in
        try step.isAlphaFrozen
          ? step.weightStep(training[index])
          : step(training: training[index], validation: validation[index]).training
      }
      progress.add(result, seconds: (clock.now - begin).seconds)
      try report(
        .step(epoch: epoch + 1, step: index + 1, steps: stepsPerEpoch, loss: result.loss))
    }
    let (validationLoss, validationAccuracy) = try evaluate(
      network, on: halves.validation, step.relaxation(for: .evaluation)
    ) { try report(.evaluation(epoch: epoch + 1)) }
    try telling(epoch, stepsPerEpoch - 1) { () throws(NonFinite) in
      try NonFinite.check(validationLoss, "evaluation")
    }
    let genotype = network.genotype
    return EpochMetrics(
      epoch: epoch + 1, learningRate: step.learningRate,
      trainingLoss: progress.lossSum / Double(stepsPerEpoch),
      trainingAccuracy: Double(progress.correct) / Double(stepsPerEpoch * settings.batchSize),
      validationLoss: validationLoss, validationAccuracy: validationAccuracy,
      alphaEntropy: meanEntropy(network.logCandidateWeights), skipCount: genotype.skipCount,
      genotype: "\(genotype)", seconds: secondsBefore + (clock.now - start).seconds,
      secondsPerStep: progress.stepSeconds.sorted()[stepsPerEpoch / 2],
      peakMemoryBytes: ProcessMemory.peakBytes)
  }

  /// Tells where a number that is not finite occurred; epoch and step are counted from 0.
  private func telling<Result>(
    _ epoch: Int, _ step: Int, _ body: () throws(NonFinite) -> Result
  ) throws(SearchError) -> Result {
    do { return try body() } catch {
      throw .nonFinite(epoch: epoch + 1, step: step + 1, which: error.which)
    }
  }
}

/// The mean over all rows of the entropy of their softmax, in nats: log M at the start, 0 when decided.
public func meanEntropy(_ logits: [Tensor]) -> Double {
  let rows = logits.flatMap { logits -> [Double] in
    let width = logits.shape.channels
    let logP = logits.logSoftmax().doubles
    return stride(from: 0, to: logP.count, by: width).map { start in
      logP[start..<start + width].reduce(0) { $0 - Double(Elementary.exp(Scalar($1))) * $1 }
    }
  }
  return rows.reduce(0, +) / Double(max(1, rows.count))
}

extension Duration {
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
