import Datasets
import NeuralNetworks
import SearchSpaces
import Tensors

/// The steps and draws of random search with weight sharing.
///
/// An architecture is drawn as logits, independent of each other, and has the candidate with the largest weight on every
/// edge; that the derivation sees the same logits makes it choose edges at random too, where it chooses any. A step moves
/// the weights of the architecture alone.
final class RandomSearchLoop<Network: Supernet>: SteppedSearch {
  let units: Int
  var progress = SearchProgress()
  private let network: Network
  private let algorithm: RandomSearch
  private let settings: SearchSettings
  private let images: ImageSet
  private let halves: SearchHalves
  private let seed: RandomGenerator
  private let genes: Genes
  private var optimizer: SGD
  /// The logits of the best architecture.
  private var best: [Tensor]

  init(
    _ network: Network, _ task: SearchTask, _ algorithm: RandomSearch
  ) throws(SearchError) {
    (self.network, self.algorithm, settings) = (network, algorithm, task.settings)
    images = task.images
    (units, seed) = (task.settings.epochs, task.seed.stream("random search"))
    halves = try SearchHalves(task.images, batchSize: settings.batchSize, seed: task.seed)
    genes = Genes(network.space)
    optimizer = SGD(
      learningRate: settings.learningRate, momentum: settings.momentum,
      weightDecay: settings.weightDecay, isNesterov: settings.isNesterov)
    best = network.architectureParameters.map(\.value)
  }

  var results: [Network.Genotype] {
    take(best)
    return [network.genotype]
  }

  func work(in unit: Int) -> UnitWork {
    UnitWork(
      steps: halves.stepsPerEpoch,
      evaluations: (algorithm.samples + 1) * halves.validation.evaluationBatchCount)
  }

  func runUnit(_ report: (SearchEvent<UnitMetrics>) throws -> Void) throws -> UnitMetrics {
    let (epoch, clock) = (progress.units, ContinuousClock())
    optimizer.learningRate = cosineLearningRate(
      epoch: epoch, of: units, from: settings.learningRate, to: settings.minimumLearningRate)
    let batches = halves.training.epoch(epoch)
    try takeSteps(halves.stepsPerEpoch, report) { (index) throws(NonFinite) in
      take(draw(epoch, index))
      var result = sampledGradients(of: network, batches[index], path)
      try result.clip(to: settings.gradientClip)
      optimizer.step(network.parameters, result.gradients, at: result.places)
      return (result.loss, result.correct)
    }
    let start = clock.now
    let (accuracy, mean) = try keepBest(epoch, report)
    let metrics = UnitMetrics(
      progress, found: results[0], accuracy: accuracy,
      evaluationSeconds: (clock.now - start).seconds,
      columns: [
        ReportColumn("train loss", progress.lossSum / Double(progress.steps), .decimals(4)),
        ReportColumn("mean acc", mean, .percent), ReportColumn("best acc", accuracy, .percent),
      ])
    progress = SearchProgress(units: epoch + 1)
    return metrics
  }

  /// Draws architectures and keeps the best; the best so far is measured anew, with the weights as they are now.
  ///
  /// Only those within the budget are measured. What `report` throws leaves the best as it was, so that a resumed search
  /// measures the same ones.
  private func keepBest(
    _ epoch: Int, _ report: (SearchEvent<UnitMetrics>) throws -> Void
  ) throws -> (best: Double, mean: Double) {
    let drawn = (0..<algorithm.samples).compactMap {
      drawWithinBudget(epoch, halves.stepsPerEpoch + $0)
    }
    let candidates = (isWithinBudget(best) ? [best] : []) + drawn
    guard !candidates.isEmpty else {
      take(best)
      throw SearchError.nothingWithinBudget(
        draws: algorithm.samples * Self.tries, small: cost(of: network.genotype))
    }
    let measured = try candidates.map { logits in
      take(logits)
      let accuracy = try evaluate(network, on: halves.validation, path) {
        try report(.evaluation(unit: epoch + 1))
      }.accuracy
      return (accuracy: accuracy, logits: logits)
    }
    // The first of equally good ones, so that the best so far stays.
    let winner = measured.reduce(measured[0]) { $1.accuracy > $0.accuracy ? $1 : $0 }
    best = winner.logits
    return (winner.accuracy, measured.reduce(0) { $0 + $1.accuracy } / Double(measured.count))
  }

  /// The logits of an architecture.
  private func draw(_ epoch: Int, _ number: Int) -> [Tensor] {
    var generator = seed.stream("architecture", epoch, number)
    return draw(&generator)
  }

  /// The first architecture within the budget of so many that are drawn; nil if there is none.
  private func drawWithinBudget(_ epoch: Int, _ number: Int) -> [Tensor]? {
    var generator = seed.stream("architecture", epoch, number)
    for _ in 0..<Self.tries {
      let logits = draw(&generator)
      if isWithinBudget(logits) { return logits }
    }
    return nil
  }

  /// How many architectures are drawn at most to find one within the budget.
  private static var tries: Int { 100 }

  private func draw(_ generator: inout RandomGenerator) -> [Tensor] {
    best.map { .normal($0.shape, using: &generator) }
  }

  private func isWithinBudget(_ logits: [Tensor]) -> Bool {
    if algorithm.budget.isOpen { return true }
    take(logits)
    return algorithm.budget.allows(cost(of: network.genotype))
  }

  private func cost(of genotype: Network.Genotype) -> NetworkCost {
    networkCost(of: genotype, classes: images.classNames.count, imageExtent: images.extent)
  }

  private func take(_ logits: [Tensor]) {
    for (parameter, logits) in zip(network.architectureParameters, logits) {
      parameter.value = logits
    }
  }

  /// The architecture of the logits that were taken; an edge that every architecture of the space has is not `none`.
  private var path: SampledPath { genes.path(genes.strongest(network.logCandidateWeights)) }
}

// MARK: - State

extension RandomSearchLoop {
  private var kept: [Parameter] { network.parameters + network.buffers }

  /// Weights, running statistics, the memory of SGD, and the best architecture.
  ///
  /// An epoch that is interrupted while it evaluates draws and evaluates anew.
  var state: SearchState {
    var state = SearchState(progress: progress)
    state.put("value", kept.map(\.value), of: kept)
    state.put("velocity", optimizer.velocities, of: network.parameters)
    state.put("best", best, of: network.architectureParameters)
    return state
  }

  func restore(_ state: SearchState) throws(SearchStateError) {
    try state.checkProgress(
      epochs: units, stepsPerEpoch: halves.stepsPerEpoch, batchSize: settings.batchSize)
    var rest = state
    let values = try rest.take("value", of: kept)
    let velocities = try rest.take(
      "velocity", of: state.progress.hasBegun ? network.parameters : [])
    let best = try rest.take("best", of: network.architectureParameters)
    try rest.checkAllTaken()
    for (parameter, value) in zip(kept, values) { parameter.value = value }
    (optimizer.velocities, self.best, progress) = (velocities, best, state.progress)
  }
}
