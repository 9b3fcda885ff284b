import Autodiff
import Datasets
import NeuralNetworks
import SearchSpaces
import Tensors

/// The run of DOTS: operations in one network, pairs of edges in another.
///
/// The first network is that of the whole space. After its search two candidates of each edge survive, and a second
/// network of the same space, whose nodes weight their edges by pairs, evaluates these alone. Weights, running
/// statistics and both optimizers are then new; the cosine of the learning rate goes on. Its weights are drawn from
/// the seed of the run, as those of the first network were.
///
/// From the published code this differs in small things: full batches only; the phases of a run that has not 70 epochs
/// (`DOTSSchedule`); a network that is the space's own, without a further batch norm and ReLU before the global pooling.
/// Its options for a second-order topology search, which calls a method that does not exist, and for another number of
/// cells in it, which nothing reads, have no counterpart.
final class DOTSSearch<Network: Supernet>: SteppedSearch {
  let network: Network
  /// The network of the survivors, from the first epoch of the topology's phases on.
  var topologyNetwork: (any Supernet)?
  var progress = SearchProgress()
  let settings: SearchSettings
  let schedule: DOTSSchedule
  private let halves: SearchHalves
  /// All images, for the topology search.
  private let whole: BatchLoader
  let makeNetwork: (SearchSpace) -> any Supernet
  let groups: OperationGroups
  let topology: CellTopology
  var weightOptimizer: SGD
  var architectureOptimizer: Adam

  init(_ network: Network, _ task: SearchTask, _ method: DOTS) throws(SearchError) {
    (self.network, settings, makeNetwork) = (network, task.settings, task.makeNetwork)
    guard settings.epochs >= 2 else { throw .tooFewEpochs(settings.epochs, needed: 2) }
    schedule = DOTSSchedule(
      epochs: settings.epochs, firstTemperature: method.firstTemperature,
      lastTemperature: method.lastTemperature)
    halves = try SearchHalves(task.images, batchSize: settings.batchSize, seed: task.seed)
    whole = BatchLoader(
      task.images, batchSize: settings.batchSize, augmentation: .standard,
      generator: task.seed.stream("whole"))
    groups = OperationGroups(network.space.primitives)
    topology = CellTopology(network.space.edges, sizes: .two)
    (weightOptimizer, architectureOptimizer) = Self.optimizers(settings, betas: settings.alphaBeta1)
    for alpha in network.architectureParameters { alpha.value = .zeros(alpha.value.shape) }
  }

  /// New optimizers; in the topology search the first moment of Adam decays by 0.9 [published: guyuchao/DOTS].
  static func optimizers(
    _ settings: SearchSettings, betas beta1: Double
  ) -> (SGD, Adam) {
    (
      SGD(
        learningRate: settings.learningRate, momentum: settings.momentum,
        weightDecay: settings.weightDecay, isNesterov: settings.isNesterov),
      Adam(
        learningRate: settings.alphaLearningRate, betas: (beta1, settings.alphaBeta2),
        weightDecay: settings.alphaWeightDecay)
    )
  }

  var units: Int { schedule.epochs }

  func work(in unit: Int) -> UnitWork {
    let evaluations = halves.validation.evaluationBatchCount
    return UnitWork(
      steps: schedule.phase(unit) == .topologySearch
        ? whole.batchesPerEpoch : halves.stepsPerEpoch,
      evaluations: unit == units - 1 ? 2 * evaluations : evaluations)
  }

  func stepKind(in unit: Int) -> StepKind { StepKind(schedule.phase(unit).rawValue) }

  /// The network that is trained now.
  var current: any Supernet { topologyNetwork ?? network }
}

// MARK: - An epoch

extension DOTSSearch {
  func runUnit(_ report: (SearchEvent<DOTSMetrics>) throws -> Void) throws -> DOTSMetrics {
    let (epoch, clock, before) = (progress.units, ContinuousClock(), progress.stepSeconds)
    let (start, phase) = (clock.now, schedule.phase(epoch))
    weightOptimizer.learningRate = cosineLearningRate(
      epoch: epoch, of: units, from: settings.learningRate, to: settings.minimumLearningRate)
    let (training, validation) = (
      phase == .topologySearch ? whole.epochInOrder(epoch) : halves.training.epoch(epoch),
      halves.validation.epoch(epoch)
    )
    let (steps, relaxation) = (work(in: epoch).steps, relaxation(epoch))
    try takeSteps(steps, report) { (index) throws(NonFinite) in
      if phase == .operationSearch {
        try moveArchitecture(of: network, on: validation[index], relaxation)
      }
      return try moveWeights(
        of: current, on: training[index], relaxation, withArchitecture: phase == .topologySearch)
    }
    let found = try evaluate(current, on: halves.validation, relaxation) {
      try report(.evaluation(unit: epoch + 1))
    }
    try checkEvaluation(found.loss, afterSteps: steps)
    var derived: Double?
    if epoch == units - 1 {
      derived = try evaluate(
        current, on: halves.validation,
        DerivedRelaxation(derivedEdges, edges: topology.edges.count)
      ) { try report(.evaluation(unit: epoch + 1)) }.accuracy
    }
    let metrics = metrics(
      phase, found, derived, seconds: before.reduce(0, +) + (clock.now - start).seconds)
    progress = SearchProgress(units: epoch + 1)
    if epoch + 1 == schedule.change { beginTopology(in: makeTopologyNetwork()) }
    return metrics
  }

  /// Moves alpha on a batch of the validation half.
  private func moveArchitecture(
    of network: some Supernet, on batch: Batch, _ relaxation: any Relaxation
  ) throws(NonFinite) {
    let alphas = network.architectureParameters
    let result = lossAndGradients(of: network, batch, relaxation, differentiating: alphas)
    try NonFinite.check(Double(result.loss), "validation")
    for gradient in result.gradients { try NonFinite.check(gradient.total(), "validation") }
    architectureOptimizer.step(alphas, result.gradients)
  }

  /// Moves the weights on a batch, and then, if wanted, the architecture by the gradient of the same pass.
  private func moveWeights(
    of network: some Supernet, on batch: Batch, _ relaxation: any Relaxation,
    withArchitecture: Bool
  ) throws(NonFinite) -> (loss: Double, correct: Int) {
    let weights = network.parameters
    let architecture = withArchitecture ? network.architectureParameters : []
    let result = lossAndGradients(
      of: network, batch, relaxation, differentiating: weights + architecture)
    try NonFinite.check(Double(result.loss), "training")
    var gradients = Array(result.gradients.prefix(weights.count))
    try NonFinite.check(clipByGlobalNorm(&gradients, to: settings.gradientClip), "training")
    weightOptimizer.step(weights, gradients)
    guard withArchitecture else { return (Double(result.loss), result.correct) }
    let rest = Array(result.gradients.dropFirst(weights.count))
    for gradient in rest { try NonFinite.check(gradient.total(), "training") }
    architectureOptimizer.step(architecture, rest)
    return (Double(result.loss), result.correct)
  }

  private func metrics(
    _ phase: DOTSPhase, _ found: (loss: Double, accuracy: Double), _ derived: Double?,
    seconds: Double
  ) -> DOTSMetrics {
    let temperature = schedule.temperature(progress.units)
    let (genotype, images) = (genotype, progress.steps * settings.batchSize)
    return DOTSMetrics(
      epoch: progress.units + 1, phase: phase, learningRate: weightOptimizer.learningRate,
      temperature: temperature, trainingLoss: progress.lossSum / Double(progress.steps),
      trainingAccuracy: Double(progress.correct) / Double(images), validationLoss: found.loss,
      validationAccuracy: found.accuracy, undecided: undecided(temperature),
      derivedAccuracy: derived, skipCount: genotype.skipCount, genotype: "\(genotype)",
      seconds: seconds, secondsPerStep: progress.medianStepSeconds,
      peakTensorBytes: StorageMeter.current?.peakBytes,
      peakMemoryBytes: ProcessMemory.residentBytes)
  }
}

// MARK: - Tables

extension DOTSSearch {
  /// The logits of the operations, which stand still from the change of the network on; the balance weights of the two
  /// survivors of each edge; and the marginals of the edges.
  var records: [UnitRecord] {
    let (space, numbers) = (network.space, balanceAndPairs)
    let temperature = Scalar(schedule.temperature(max(0, progress.units - 1)))
    func table(
      _ name: String, _ columns: [String], _ make: (Tensor, Tensor) -> Tensor
    ) -> UnitRecord {
      let rows = space.cells.indices.flatMap { kind in
        let values = make(numbers[kind].balance, numbers[kind].pairs)
        return space.edges.enumerated().map { edge, ends in
          ["\(progress.units)", space.cells[kind].name, "\(ends.source)->\(ends.target)"]
            + columns.indices.map { "\(values[edge * columns.count + $0])" }
        }
      }
      return UnitRecord(name, columns: ["epoch", "cell", "edge"] + columns, rows: rows)
    }
    return [
      network.architectureRecord(unit: progress.units),
      table("balance", ["plain", "convolution"]) { balance, _ in
        balanceWeights(.constant(balance), temperature: temperature).value
      },
      table("marginals", ["q"]) { _, pairs in
        edgeMarginals(
          subsetProbabilities(.constant(pairs), topology, temperature: temperature), topology
        ).value
      },
    ]
  }
}
