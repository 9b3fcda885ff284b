import Datasets
import DifferentiableSearch
import Reports
import SearchSpaces
import Tensors
import TopologicalSimplification

/// One training of a derived cell: what it announces, what it leaves in its folder, what it prints at its end.
struct EvaluationRun {
  private let plan: EvaluationPlan
  private let training: ImageSet
  private let test: ImageSet
  private let network: any DiscreteNetwork
  private let cost: NetworkCost
  private let console: Console

  /// Loads the images and builds the network.
  init(_ plan: EvaluationPlan, _ console: Console) throws {
    (self.plan, self.console) = (plan, console)
    (training, test) = try plan.loadImages()
    network = plan.network(classes: training.classNames.count)
    cost = plan.cost(classes: training.classNames.count)
  }

  /// Trains; `path` is where the user wants the results, nil a free name in `runs/`.
  func run(into path: String?) throws {
    let loop = try makeLoop()
    let folder = try RunFolder(creating: path ?? RunFolder.freePath(plan.defaultFolder))
    try folder.write(json: plan, to: "config.json")
    try folder.write(json: [plan.space.rawValue: plan.genotype], to: "genotype.json")
    console.progress(announcement(stepsPerEpoch: loop.stepsPerEpoch))
    var log = EvaluationLog(folder, epochs: plan.settings.epochs, console)
    try loop.run { try log.receive($0) }
    try finish(log, folder)
  }

  private func makeLoop() throws -> TrainingLoop {
    try TrainingLoop(network, training, test: test, plan.settings, seed: plan.seedGenerator)
  }

  /// Prints what a training would do, and how long it would take; writes nothing.
  func rehearse(into path: String?) throws {
    let folder = path ?? RunFolder.freePath(plan.defaultFolder)
    guard RunFolder.isFree(folder) else { throw RunFolderError.exists(folder) }
    let (steps, batch) = (try makeLoop().stepsPerEpoch, plan.settings.batchSize)
    let time = try measuredPace().text(
      epochs: plan.settings.epochs, steps: steps, evaluations: (test.count + batch - 1) / batch)
    try console.print(
      """
      \(announcement(stepsPerEpoch: steps))
      time     \(time)
      run      \(folder) would be its folder; nothing was written
      """)
  }

  /// Measured on the first images, in epochs of one step.
  private func measuredPace() throws -> MeasuredPace {
    var (settings, pace) = (plan.settings, MeasuredPace())
    settings.epochs = 1000
    let batch = settings.batchSize
    let loop = try TrainingLoop(
      network, training.selecting(0..<batch), test: test.selecting(0..<min(batch, test.count)),
      settings, seed: plan.seedGenerator)
    do {
      try loop.run { event in
        guard case .epoch(let metrics) = event else { return }
        try pace.add(seconds: metrics.seconds, secondsPerStep: metrics.secondsPerStep)
      }
    } catch is MeasuredPace.IsKnown {}
    return pace
  }

  /// What is trained, on what, and how.
  private func announcement(stepsPerEpoch: Int) -> String {
    """
    network  \(plan.space.rawValue), \(plan.sizeText): \(size)
    data     \(plan.data ?? "synthetic images"): \(grouped(training.count)) training images, \
    \(grouped(test.count)) test images of \(training.classNames.count) classes
    train    \(counted(plan.settings.epochs, "epoch")) of \(counted(stepsPerEpoch, "step")), batch \
    \(plan.settings.batchSize), seed \(plan.seed), \(Threads.current) threads
    """
  }

  /// The parameters of the auxiliary head.
  private var auxiliary: Int {
    network.parameters.reduce(-cost.parameters) { $0 + $1.value.shape.count }
  }

  private var size: String {
    "\(grouped(cost.parameters)) parameters"
      + (auxiliary > 0
        ? " (the auxiliary head, in training only, has \(grouped(auxiliary)) more)" : "")
      + ", \(decimals(Double(cost.macs) / 1e6, 2)) M MACs"
  }

  private func finish(_ log: EvaluationLog, _ folder: RunFolder) throws {
    guard let last = log.last else { return }
    try folder.write(
      json: EvaluationSummary(
        genotype: plan.genotype, testAccuracy: last.testAccuracy, testLoss: last.testLoss,
        trainingAccuracy: last.trainingAccuracy, parameters: cost.parameters,
        auxiliaryParameters: auxiliary, macs: cost.macs, seconds: log.seconds,
        secondsPerStep: last.secondsPerStep, peakMemoryBytes: last.peakMemoryBytes),
      to: "summary.json")
    try console.print(
      """
      genotype  \(plan.genotype)
      network   \(plan.sizeText): \(size)
      test      accuracy \(percent(last.testAccuracy)), loss \(decimals(last.testLoss, 4)) after \
      \(counted(last.epoch, "epoch"))
      training  \(decimals(log.seconds, 1)) s, \(decimals(last.secondsPerStep * 1000, 1)) ms a step, \
      peak memory \(mebibytes(last.peakMemoryBytes))
      run       \(folder.path)
      """)
  }
}

/// The result of a training, as `summary.json` holds it.
private struct EvaluationSummary: Encodable {
  let genotype: String
  /// After the last epoch, which need not be the best.
  let testAccuracy: Double
  let testLoss: Double
  let trainingAccuracy: Double
  /// Without the auxiliary head.
  let parameters: Int
  let auxiliaryParameters: Int
  /// For one image.
  let macs: Int
  let seconds: Double
  let secondsPerStep: Double
  let peakMemoryBytes: Int
}

/// Takes what a training reports to the run folder and to the screen.
private struct EvaluationLog {
  private let folder: RunFolder
  private let epochs: Int
  private let console: Console
  /// The last epoch.
  private(set) var last: TrainingMetrics?
  /// Wall time of all epochs so far.
  private(set) var seconds = 0.0

  init(_ folder: RunFolder, epochs: Int, _ console: Console) {
    (self.folder, self.epochs, self.console) = (folder, epochs, console)
  }

  /// Shows and writes one event; throws if the run folder cannot be written, which ends the training.
  mutating func receive(_ event: TrainingEvent) throws {
    switch event {
    case .step(let epoch, let step, let steps, let loss):
      console.status(
        "epoch \(epoch) of \(epochs)  step \(step) of \(steps)  loss \(decimals(loss, 3))"
          + (remaining.map { "  \($0) left" } ?? ""))
    case .epoch(let metrics):
      if metrics.epoch == 1 { console.progress(Self.header) }
      last = metrics
      seconds += metrics.seconds
      console.progress(row(metrics))
      try folder.append(json: metrics, to: "metrics.jsonl")
    }
  }

  private static let header =
    "epoch  train loss  train acc  test loss  test acc  ms/step  remaining"

  private func row(_ m: TrainingMetrics) -> String {
    [
      padded("\(m.epoch)", 5), padded(decimals(m.trainingLoss, 4), 12),
      padded(percent(m.trainingAccuracy), 11), padded(decimals(m.testLoss, 4), 11),
      padded(percent(m.testAccuracy), 10), padded(decimals(m.secondsPerStep * 1000, 1), 9),
      padded(remaining ?? "", 11),
    ].joined()
  }

  /// From the second epoch on: the first one warms up.
  private var remaining: String? {
    guard let last, last.epoch > 1 || epochs == 1 else { return nil }
    return duration(seconds / Double(last.epoch) * Double(epochs - last.epoch))
  }
}
