import Autodiff
import Datasets
import NeuralNetworks
import SearchSpaces
import Tensors

/// The gradual search of GOLD-NAS in a network.
///
/// One epoch: steps of weights and gates on the same batches (B-2, B-15), operations that became too weak being skipped
/// from then on (B-1); an evaluation; gates leave (B-7, B-10), the weight of the penalty moves (B-6); an evaluation of
/// what is left; an architecture may be emitted (B-8, B-13).
///
/// The last fifth of the images trains nothing: the published search has the test images for that.
final class GOLDNASSearch<Network: Supernet>: SteppedSearch {
  let units: Int
  var progress = SearchProgress()
  let network: Network
  private let method: GOLDNAS
  let settings: SearchSettings
  private let training: BatchLoader
  private let heldOut: BatchLoader
  var step: OneLevelStep
  var gradual: GradualSearch
  /// What was emitted, the largest first.
  var series: [ParetoPoint] = []
  var isFinished = false

  init(_ network: Network, _ task: SearchTask, _ method: GOLDNAS) throws(SearchError) {
    (self.network, self.method, settings) = (network, method, task.settings)
    units = task.settings.epochs
    let (images, batch) = (task.images, task.settings.batchSize)
    let middle = images.count - images.count / 5
    guard middle >= batch, middle < images.count else {
      throw .tooFewForParts(
        training: middle, heldOut: images.count - middle, batchSize: batch)
    }
    training = BatchLoader(
      images, at: 0..<middle, batchSize: batch, augmentation: .oneLevel,
      generator: task.seed.stream("training"))
    heldOut = BatchLoader(
      images, at: middle..<images.count, batchSize: batch, augmentation: .none,
      generator: task.seed.stream("held out"))
    step = OneLevelStep(
      learningRate: settings.learningRate, gateLearningRate: settings.alphaLearningRate,
      momentum: settings.momentum, weightDecay: settings.weightDecay,
      gradientClip: settings.gradientClip)
    let gates = GatedSupernet(
      network.space, size: task.size, classes: images.classNames.count, imageExtent: images.extent)
    gradual = GradualSearch(
      gates.cells, baseCost: gates.baseCost,
      minimumCost: method.minimumCost ?? GOLDNAS.publishedShare * gates.wholeCost,
      rule: method.rule,
      schedule: PenaltySchedule(
        start: method.penaltyStart(steps: training.batchesPerEpoch), growth: method.penaltyGrowth,
        enough: method.rule.passes),
      series: ParetoSeries(stableEpochs: method.stableEpochs))
    // All gates start at 1/2, without noise.
    for (gate, cell) in zip(gateParameters, network.space.cells) {
      gate.value = Tensor(
        cell.operations.flatMap(\.initialLogits).map { Scalar($0) }, shape: gate.value.shape)
    }
  }

  var gateParameters: [Parameter] { network.architectureParameters }

  /// The series, the last of which is what the gates stand for now.
  var results: [Network.Genotype] {
    let all = series.map(\.cells)
    let now = gradual.point.cells
    return (all.last == now ? all : all + [now]).map(genotype)
  }

  private func genotype(_ cells: [[Int]]) -> Network.Genotype {
    let count = network.space.candidates.count
    return Network.Genotype(
      cells.map { $0.map { DerivedEdge(edge: $0 / count, candidate: $0 % count) } },
      of: network.space)
  }

  func work(in unit: Int) -> UnitWork {
    UnitWork(steps: training.batchesPerEpoch, evaluations: heldOut.evaluationBatchCount)
  }
}

// MARK: - An epoch

extension GOLDNASSearch {
  func runUnit(
    _ report: (SearchEvent<GradualMetrics>) throws -> Void
  ) throws -> GradualMetrics {
    let (epoch, clock, before) = (progress.units, ContinuousClock(), progress.stepSeconds)
    let start = clock.now
    let batches = training.epoch(epoch)
    try takeSteps(training.batchesPerEpoch, report) { (index) throws(NonFinite) in
      try move(on: batches[index])
    }
    let loss = try evaluated { try report(.evaluation(unit: epoch + 1)) }
    let weight = gradual.schedule.weight
    let end = endEpoch()
    // Where nothing left, the network is the same.
    let after = end.removals.isEmpty ? loss.accuracy : evaluated {}.accuracy
    let metrics = metrics(
      loss, after: after, weight: weight, end,
      seconds: before.reduce(0, +) + (clock.now - start).seconds)
    progress = SearchProgress(units: epoch + 1)
    isFinished = end.isFinished || progress.units == units
    return metrics
  }

  /// Moves weights and gates on one batch.
  private func move(on batch: Batch) throws(NonFinite) -> (loss: Double, correct: Int) {
    gradual.closeGates(gateParameters.map(\.value))
    let weights = network.parameters
    let pass = ForwardPass(.training, differentiating: weights + gateParameters)
    let (scores, auxiliary) = network.allScores(batch.images, relaxation, in: pass)
    let entropy = crossEntropy(scores, labels: batch.labels)
    let loss = oneLevelLoss(
      crossEntropy: entropy, auxiliary: auxiliary.map { crossEntropy($0, labels: batch.labels) },
      penalty: penalty(in: pass), penaltyWeight: gradual.schedule.weight)
    try NonFinite.check(Double(loss.item), "training")
    let gradients = pass.gradients(of: loss)
    let norm = step(
      weights: weights, Array(gradients.prefix(weights.count)), gates: gateParameters,
      Array(gradients.dropFirst(weights.count)))
    try NonFinite.check(norm, "training")
    return (Double(entropy.item), correctCount(scores.value, batch.labels))
  }

  private var relaxation: GateRelaxation { GateRelaxation(gradual.cells) }

  /// R, the sum over the kinds of cells.
  private func penalty(in pass: ForwardPass) -> Variable {
    let terms = zip(gateParameters, gradual.cells).map {
      method.penalty(pass.variable($0), of: $1)
    }
    return terms.dropFirst().reduce(terms[0], +)
  }

  private func evaluated(
    _ beforeBatch: () throws -> Void
  ) rethrows -> (loss: Double, accuracy: Double) {
    try evaluate(network, on: heldOut, relaxation, beforeBatch: beforeBatch)
  }

  private func endEpoch() -> GradualSearch.EpochEnd {
    var logits = gateParameters.map(\.value)
    let isLast = progress.units + 1 == units
    var end = gradual.endEpoch(&logits)
    for (gate, value) in zip(gateParameters, logits) { gate.value = value }
    // The last architecture belongs to the series, whatever ends the search.
    if isLast, !end.isFinished { end.points.append(gradual.point) }
    series += end.points
    return end
  }

  private func metrics(
    _ before: (loss: Double, accuracy: Double), after: Double, weight: Double,
    _ end: GradualSearch.EpochEnd, seconds: Double
  ) -> GradualMetrics {
    let (space, now) = (network.space, gradual.point)
    let count = space.candidates.count
    return GradualMetrics(
      epoch: progress.units + 1, trainingLoss: progress.lossSum / Double(progress.steps),
      trainingAccuracy: Double(progress.correct) / Double(progress.steps * settings.batchSize),
      validationLoss: before.loss, accuracyBefore: before.accuracy, accuracyAfter: after,
      penaltyWeight: weight, gateCount: now.cells.joined().count, cost: now.cost,
      removals: end.removals.map { removal in
        let edge = space.edges[removal.gate / count]
        return GradualMetrics.Removal(
          cell: space.cells[removal.cell].name, edge: "\(edge.source)->\(edge.target)",
          operation: space.primitives[removal.gate % count].rawValue, share: removal.share)
      },
      points: end.points.map { point in
        SeriesPoint(
          genotype: "\(genotype(point.cells))",
          accuracy: point.cells == now.cells ? after : before.accuracy, cost: point.cost)
      },
      skipCount: genotype(now.cells).skipCount, genotype: "\(genotype(now.cells))",
      seconds: seconds, secondsPerStep: progress.medianStepSeconds,
      peakTensorBytes: StorageMeter.current?.peakBytes,
      peakMemoryBytes: ProcessMemory.residentBytes)
  }

  /// The gates as the table `gates`: a row for each cell and edge, a column for each operation; 0 for what has left.
  var records: [UnitRecord] {
    let (space, count) = (network.space, network.space.candidates.count)
    let rows = space.cells.indices.flatMap { kind in
      let values = gradual.cells[kind].gates(gateParameters[kind].value)
      return space.edges.indices.map { edge in
        [
          "\(progress.units)", space.cells[kind].name,
          "\(space.edges[edge].source)->\(space.edges[edge].target)",
        ] + (0..<count).map { "\(values[edge * count + $0])" }
      }
    }
    return [
      UnitRecord(
        "gates", columns: ["epoch", "cell", "edge"] + space.primitives.map(\.rawValue), rows: rows)
    ]
  }
}
