import Datasets
import NeuralNetworks
import SearchSpaces
import Tensors

/// The three phases of ST-NAS: epochs of sampled training, one unit of Langevin steps, and generations of an evolution.
///
/// What is random in a unit follows from the seed and the number of the unit. So does what a generation proposes, from
/// the pool as it was when the generation began; the accuracies that were measured in it since are kept apart.
final class STNASSearch<Network: Supernet>: SteppedSearch {
  /// What a unit does.
  enum Phase: Equatable {
    case training(epoch: Int)
    case sampling
    case generation(Int)
  }

  let units: Int
  var progress = SearchProgress()
  let network: Network
  let algorithm: STNAS
  let settings: SearchSettings
  let genes: Genes
  let halves: SearchHalves
  private let seed: RandomGenerator
  private let calibration: [Batch]
  private let images: ImageSet
  var optimizer: SGD
  private var langevin: SGLD
  /// w_m, the weight samples so far.
  var samples: [[Tensor]] = []
  /// All that was seen and measured before this unit.
  var pool: EvolutionPool
  /// How many genomes each generation has measured, the random population first.
  var measured: [Int] = []
  /// The accuracy of each step of this unit, where it is a generation.
  var accuracies: [Double] = []
  /// What the last unit has measured.
  private var latest: [ScoredArchitecture] = []

  init(_ network: Network, _ task: SearchTask, _ algorithm: STNAS) throws(SearchError) {
    (self.network, self.algorithm, settings) = (network, algorithm, task.settings)
    (units, images) = (algorithm.units(task.settings), task.images)
    seed = task.seed.stream("st-nas")
    genes = Genes(network.space)
    halves = try SearchHalves(task.images, batchSize: settings.batchSize, seed: task.seed)
    calibration = Array(
      halves.training.evaluationBatches.prefix(algorithm.calibrationBatches))
    optimizer = SGD(
      learningRate: settings.learningRate, momentum: settings.momentum,
      weightDecay: settings.weightDecay, isNesterov: settings.isNesterov)
    langevin = SGLD(
      learningRate: algorithm.samplingRate, weightDecay: settings.weightDecay,
      temperature: algorithm.temperature, examples: halves.trainingCount,
      noise: seed.stream("noise"))
    pool = EvolutionPool(budget: algorithm.budget, parents: algorithm.evolution.parents)
  }

  /// The k best that were measured, the best last; before the first generation what the supernet stands for.
  var results: [Network.Genotype] {
    pool.members.isEmpty
      ? [network.genotype] : pool.best.reversed().map { genotype($0.genome) }
  }

  /// The table of all that was measured, with the accuracy by each weight sample.
  var records: [UnitRecord] {
    [
      ScoredArchitecture.record(
        latest, samples: algorithm.sampling.samples, total: pool.members.count)
    ]
  }

  /// What unit `unit`, counted from 0, does.
  func phase(_ unit: Int) -> Phase {
    switch unit - settings.epochs {
    case ..<0: .training(epoch: unit)
    case 0: .sampling
    case let number: .generation(number - 1)
    }
  }

  /// The steps of a unit; those of a generation that is yet to come are the most that it can have.
  func work(in unit: Int) -> UnitWork {
    switch phase(unit) {
    case .training:
      return UnitWork(
        steps: halves.stepsPerEpoch, evaluations: halves.validation.evaluationBatchCount)
    case .sampling: return UnitWork(steps: algorithm.sampling.steps, evaluations: 0)
    case .generation(let number):
      let rule = algorithm.evolution
      let most = number == 0 ? rule.population : rule.mutants + rule.crossovers
      let count = number < measured.count ? measured[number] : most
      return UnitWork(steps: count * algorithm.sampling.samples, evaluations: 0)
    }
  }

  /// Steps of the weights, or of the evolution, which recomputes running statistics and evaluates.
  func stepKind(in unit: Int) -> StepKind {
    guard case .generation = phase(unit) else { return StepKind() }
    return StepKind(
      "score", batches: calibration.count + halves.validation.evaluationBatchCount)
  }

  func runUnit(_ report: (SearchEvent<EvolutionMetrics>) throws -> Void) throws -> EvolutionMetrics
  {
    latest = []
    let metrics =
      switch phase(progress.units) {
      case .training(let epoch): try train(epoch, report)
      case .sampling: try sample(report)
      case .generation(let number): try evolve(number, report)
      }
    progress = SearchProgress(units: progress.units + 1)
    accuracies = []
    return metrics
  }

  private func genotype(_ genome: [Int]) -> Network.Genotype {
    Network.Genotype(genes.derivedEdges(genome), of: network.space)
  }

  // MARK: The weights

  private func train(
    _ epoch: Int, _ report: (SearchEvent<EvolutionMetrics>) throws -> Void
  ) throws -> EvolutionMetrics {
    optimizer.learningRate = cosineLearningRate(
      epoch: epoch, of: settings.epochs, from: settings.learningRate,
      to: settings.minimumLearningRate)
    let (batches, steps) = (halves.training.epoch(epoch), halves.stepsPerEpoch)
    try takeSteps(steps, report) { (step) throws(NonFinite) in
      let result = try gradients(step, batches[step], clip: settings.gradientClip)
      optimizer.step(network.parameters, result.gradients, at: result.places)
      return (result.loss, result.correct)
    }
    // An architecture drawn at random stands for all.
    let (clock, path) = (ContinuousClock(), draw("evaluation", steps))
    let start = clock.now
    recalibrate(network, path, on: calibration)
    let accuracy = try evaluate(network, on: halves.validation, path) {
      try report(.evaluation(unit: epoch + 1))
    }.accuracy
    return metrics(
      images: settings.batchSize, accuracy: accuracy,
      evaluationSeconds: (clock.now - start).seconds)
  }

  private func sample(
    _ report: (SearchEvent<EvolutionMetrics>) throws -> Void
  ) throws -> EvolutionMetrics {
    let (steps, perEpoch) = (algorithm.sampling.steps, halves.stepsPerEpoch)
    langevin.steps = progress.steps
    try takeSteps(steps, report) { (step) throws(NonFinite) in
      let batches = halves.training.epoch(settings.epochs + step / perEpoch)
      let result = try gradients(step, batches[step % perEpoch], clip: .infinity)
      langevin.step(network.parameters, result.gradients, at: result.places)
      if algorithm.sampling.sample(after: step + 1) != nil {
        samples.append(network.parameters.map(\.value))
      }
      return (result.loss, result.correct)
    }
    return metrics(images: settings.batchSize, accuracy: nil)
  }

  /// The clipped gradients of an architecture that is drawn for a step, on a batch.
  private func gradients(
    _ step: Int, _ batch: Batch, clip: Double
  ) throws(NonFinite) -> SampledResult {
    var result = sampledGradients(of: network, batch, draw("path", step))
    try result.clip(to: clip)
    return result
  }

  private func draw(_ purpose: String, _ step: Int) -> SampledPath {
    var generator = seed.stream(purpose, progress.units, step)
    return genes.path(genes.uniform(using: &generator))
  }

  // MARK: The architectures

  private func evolve(
    _ number: Int, _ report: (SearchEvent<EvolutionMetrics>) throws -> Void
  ) throws -> EvolutionMetrics {
    var (next, genomes) = try proposed(in: number, pool)
    let count = algorithm.sampling.samples
    try takeSteps(genomes.count * count, report) { (step) throws(NonFinite) in
      let result = measure(genomes[step / count], samples[step % count])
      accuracies.append(result.accuracy)
      return (
        result.loss, Int((result.accuracy * Double(halves.validationCount)).rounded())
      )
    }
    latest = genomes.enumerated().map { index, genome in
      ScoredArchitecture(
        unit: progress.units + 1, genotype: "\(genotype(genome))", cost: cost(of: genome),
        accuracies: Array(accuracies[index * count..<(index + 1) * count]))
    }
    for (genome, measured) in zip(genomes, latest) { next.add(genome, fitness: measured.score) }
    pool = next
    measured.append(genomes.count)
    let best = pool.best.first?.fitness
    return metrics(
      images: halves.validationCount, accuracy: best,
      scores: EvolutionMetrics.Scores(best: best ?? 0, of: latest.map(\.score)))
  }

  /// What a generation measures, and the pool that has seen it: a function of the pool before it.
  ///
  /// The random population is drawn until it has its size, within limits; over-budget genomes do not count.
  func proposed(
    in generation: Int, _ pool: EvolutionPool
  ) throws(SearchError) -> (pool: EvolutionPool, genomes: [[Int]]) {
    var (next, genomes): (EvolutionPool, [[Int]]) = (pool, [])
    func see(_ genome: [Int]) {
      // Only what is measured is reported with its cost; without a limit the rest needs none.
      let cost = algorithm.budget.isOpen ? .zero : cost(of: genome)
      if next.see(genome, cost: cost) == .kept { genomes.append(genome) }
    }
    var generator = generation == 0 ? populationSeed : seed.stream("generation", generation)
    let rule = algorithm.evolution
    guard generation == 0 else {
      rule.proposals(of: pool.best, choices: genes.choices, using: &generator).forEach(see)
      return (next, genomes)
    }
    for _ in 0..<20 * rule.population where genomes.count < rule.population {
      see(genes.uniform(using: &generator))
    }
    if genomes.isEmpty { see(genes.first) }
    guard !genomes.isEmpty else {
      throw .nothingWithinBudget(draws: next.seen.count, small: cost(of: genes.first))
    }
    return (next, genomes)
  }

  /// What the random population follows from.
  private var populationSeed: RandomGenerator {
    algorithm.populationSeed.map { RandomGenerator(seed: $0).stream("population") }
      ?? seed.stream("generation", 0)
  }

  /// What the network costs in which a genome is trained from scratch.
  private func cost(of genome: [Int]) -> NetworkCost {
    networkCost(
      of: genotype(genome), classes: images.classNames.count, imageExtent: images.extent)
  }

  /// Loss and accuracy of an architecture with one weight sample.
  private func measure(_ genome: [Int], _ weights: [Tensor]) -> (loss: Double, accuracy: Double) {
    for (parameter, value) in zip(network.parameters, weights) { parameter.value = value }
    let path = genes.path(genome)
    recalibrate(network, path, on: calibration)
    return evaluate(network, on: halves.validation, path)
  }

  // MARK: Reports

  /// The report of this unit, each step of which saw `images`.
  private func metrics(
    images: Int, accuracy: Double?, evaluationSeconds: Double = 0,
    scores: EvolutionMetrics.Scores? = nil
  ) -> EvolutionMetrics {
    let steps = Double(max(1, progress.steps))
    let common = UnitMetrics(
      progress, found: results[results.count - 1], accuracy: accuracy,
      evaluationSeconds: evaluationSeconds,
      columns: [
        ReportColumn(EvolutionMetrics.lossTitle, progress.lossSum / steps, .decimals(4)),
        ReportColumn(
          EvolutionMetrics.accuracyTitle, Double(progress.correct) / (steps * Double(images)),
          .percent),
        ReportColumn("best score", scores?.best ?? 0, .percent),
        ReportColumn("seen", Double(pool.seen.count), .decimals(0)),
      ])
    return EvolutionMetrics(common, scores)
  }
}
