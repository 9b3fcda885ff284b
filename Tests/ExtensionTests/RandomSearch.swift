import Datasets
import NeuralNetworks
import SearchMethods
import SearchSpaces
import Tensors

/// Random search with weight sharing: every step trains a cell drawn at random, and the best of some is kept.
///
/// A cell is the arg max of random logits. The relaxation of GDAS, without noise, evaluates that cell and nothing else.
final class RandomSearch: Search {
  let units: Int
  private(set) var progress = SearchProgress()
  private let network: CellSupernet<CellGenotype>
  private let halves: SearchHalves
  private let batchSize: Int
  private let seed: RandomGenerator
  private var optimizer = SGD(learningRate: 0.025, momentum: 0.9)
  private var best: [Tensor]

  init(
    _ network: CellSupernet<CellGenotype>, _ images: ImageSet, epochs: Int, batchSize: Int,
    seed: RandomGenerator
  ) throws {
    (self.network, units, self.batchSize, self.seed) = (network, epochs, batchSize, seed)
    halves = try SearchHalves(images, batchSize: batchSize, seed: seed)
    best = network.alphas.map(\.value)
  }

  var results: [CellGenotype] {
    take(best)
    return [network.genotype]
  }

  func work(in unit: Int) -> UnitWork {
    UnitWork(
      steps: halves.stepsPerEpoch, evaluations: 3 * halves.validation.evaluationBatchCount)
  }

  func runUnit(_ report: (SearchEvent<UnitMetrics>) throws -> Void) throws -> UnitMetrics {
    let (epoch, steps, clock) = (progress.units, halves.stepsPerEpoch, ContinuousClock())
    for step in progress.steps..<steps {
      let start = clock.now
      take(draw(epoch, step))
      let result = lossAndGradients(
        of: network, halves.training.epoch(epoch)[step], sampled,
        differentiating: network.parameters)
      optimizer.step(network.parameters, result.gradients)
      progress.add(
        (Double(result.loss), result.correct), seconds: (clock.now - start) / .seconds(1))
      try report(.step(unit: epoch + 1, step: step + 1, steps: steps, loss: Double(result.loss)))
    }
    // The best so far is measured anew, with the weights as they are now.
    let start = clock.now
    var ranked: [(accuracy: Double, logits: [Tensor])] = []
    for logits in [best, draw(epoch, steps), draw(epoch, steps + 1)] {
      try report(.evaluation(unit: epoch + 1))
      take(logits)
      ranked.append((evaluate(network, on: halves.validation, sampled).accuracy, logits))
    }
    let winner = ranked.max { $0.accuracy < $1.accuracy } ?? ranked[0]
    best = winner.logits
    defer { progress = SearchProgress(units: epoch + 1) }
    return UnitMetrics(
      progress, found: results[0], accuracy: winner.accuracy,
      evaluationSeconds: (clock.now - start) / .seconds(1),
      columns: [
        ReportColumn("train loss", progress.lossSum / Double(steps), .decimals(4)),
        ReportColumn("best acc", winner.accuracy, .percent),
      ])
  }

  private var sampled: GumbelRelaxation {
    GumbelRelaxation(noises: network.alphas.map { .zeros($0.value.shape) }, temperature: 1)
  }

  private func draw(_ epoch: Int, _ step: Int) -> [Tensor] {
    var generator = seed.stream("cell", epoch, step)
    return network.alphas.map { .normal($0.value.shape, using: &generator) }
  }

  private func take(_ logits: [Tensor]) {
    for (alpha, logits) in zip(network.alphas, logits) { alpha.value = logits }
  }
}

// All that it goes on from: weights, running statistics, the memory of SGD, and the best cell.
extension RandomSearch {
  private var kept: [Parameter] { network.parameters + network.buffers }

  var state: SearchState {
    var state = SearchState(progress: progress)
    state.put("value", kept.map(\.value), of: kept)
    state.put("velocity", optimizer.velocities, of: network.parameters)
    state.put("best", best, of: network.alphas)
    return state
  }

  func restore(_ state: SearchState) throws(SearchStateError) {
    try state.checkProgress(
      epochs: units, stepsPerEpoch: halves.stepsPerEpoch, batchSize: batchSize)
    var rest = state
    let values = try rest.take("value", of: kept)
    let velocities = try rest.take(
      "velocity", of: state.progress.hasBegun ? network.parameters : [])
    let best = try rest.take("best", of: network.alphas)
    try rest.checkAllTaken()
    for (parameter, value) in zip(kept, values) { parameter.value = value }
    (optimizer.velocities, self.best, progress) = (velocities, best, state.progress)
  }
}
