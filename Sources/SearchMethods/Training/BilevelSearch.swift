import Autodiff
import Datasets
import NeuralNetworks
import SearchSpaces
import Tensors

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
/// The search knows neither which paths the supernet runs nor which method gives the gradients.
///
/// Explained in chapter 07.
public final class BilevelSearch<Network: Supernet>: Search {
  /// The supernet, whose weights and architecture parameters the search moves.
  public let network: Network
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

  /// Steps per epoch: each takes one batch of either half.
  public var stepsPerEpoch: Int { halves.stepsPerEpoch }

  /// The epochs.
  public var units: Int { settings.epochs }
  /// The steps of an epoch, and the batches of the validation half, after the last epoch twice: once for the supernet,
  /// once for the derived cell with its weights.
  public func work(in unit: Int) -> UnitWork {
    let evaluations = halves.validation.evaluationBatchCount
    return UnitWork(
      steps: stepsPerEpoch, evaluations: unit == units - 1 ? 2 * evaluations : evaluations)
  }
  /// The derived cell.
  public var results: [Network.Genotype] { [network.genotype] }
  /// The architecture parameters, and what the method observes.
  public var records: [UnitRecord] {
    [network.architectureRecord(unit: progress.units)]
      + step.observations(afterEpoch: max(0, progress.units - 1)).records
  }

  /// Runs the next epoch, or the rest of the one that was interrupted.
  public func runUnit(
    _ report: (SearchEvent<EpochMetrics>) throws -> Void
  ) throws -> EpochMetrics {
    let metrics = try runEpoch(progress.units, report)
    progress = SearchProgress(units: metrics.epoch)
    return metrics
  }

  private func runEpoch(
    _ epoch: Int, _ report: (SearchEvent<EpochMetrics>) throws -> Void
  ) throws -> EpochMetrics {
    let clock = ContinuousClock()
    let (start, secondsBefore) = (clock.now, progress.stepSeconds.reduce(0, +))
    step.learningRate = cosineLearningRate(
      epoch: epoch, of: settings.epochs, from: settings.learningRate,
      to: settings.minimumLearningRate)
    step.moment = SearchMoment(epoch: epoch, of: settings.epochs)
    let (training, validation) = (halves.training.epoch(epoch), halves.validation.epoch(epoch))
    try takeSteps(stepsPerEpoch, report) { (index) throws(NonFinite) in
      step.moment.step = index
      return try step.isAlphaFrozen
        ? step.weightStep(training[index])
        : step(training: training[index], validation: validation[index]).training
    }
    // Whether this process did the steps or the one that was interrupted.
    step.moment.step = stepsPerEpoch
    let found = try evaluate(step.relaxation(for: .evaluation), report)
    try checkEvaluation(found.loss, afterSteps: stepsPerEpoch)
    let derived =
      epoch + 1 == units ? try evaluate(DerivedRelaxation(of: network), report).accuracy : nil
    let (genotype, observations) = (network.genotype, step.observations(afterEpoch: epoch))
    return EpochMetrics(
      epoch: epoch + 1, learningRate: step.learningRate,
      trainingLoss: progress.lossSum / Double(stepsPerEpoch),
      trainingAccuracy: Double(progress.correct) / Double(stepsPerEpoch * settings.batchSize),
      validationLoss: found.loss, validationAccuracy: found.accuracy, derivedAccuracy: derived,
      alphaEntropy: meanEntropy(network.logCandidateWeights), skipCount: genotype.skipCount,
      genotype: "\(genotype)", seconds: secondsBefore + (clock.now - start).seconds,
      secondsPerStep: progress.medianStepSeconds,
      peakTensorBytes: StorageMeter.current?.peakBytes,
      peakMemoryBytes: ProcessMemory.residentBytes,
      observed: observations.columns.isEmpty ? nil : observations.columns,
      remarks: observations.notes.isEmpty ? nil : observations.notes)
  }

  /// Loss and accuracy on the validation half, in evaluation mode.
  private func evaluate(
    _ relaxation: any Relaxation, _ report: (SearchEvent<EpochMetrics>) throws -> Void
  ) throws -> (loss: Double, accuracy: Double) {
    try SearchMethods.evaluate(network, on: halves.validation, relaxation) {
      try report(.evaluation(unit: progress.units + 1))
    }
  }
}

extension BilevelSearch: SteppedSearch {}
