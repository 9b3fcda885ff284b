import Datasets
import Messages
import Reports
import SearchMethods
import SearchSpaces
import Tensors
import TopologicalSimplification

/// One training of a derived cell: what it announces, what it leaves in its folder, what it prints at its end.
package struct EvaluationRun {
  private let plan: EvaluationPlan
  /// Empty if nothing is trained.
  private let training: ImageSet
  private let test: ImageSet
  private let network: any DiscreteNetwork
  private let output: any RunOutput
  private var classes: Int { plan.imageForm.classes }

  /// Loads the images that were found, and makes the network.
  package init(
    _ plan: EvaluationPlan, _ found: (training: RunImages?, test: RunImages),
    _ output: any RunOutput
  ) throws {
    (self.plan, self.output) = (plan, output)
    try plan.memoryDemand(images: (found.training?.count ?? 0) + found.test.count).check()
    found.training?.tellOmissions(output)
    found.test.tellOmissions(output)
    test = try found.test.load()
    training = try found.training?.load() ?? test.selecting([])
    network = plan.network(classes: plan.imageForm.classes)
  }

  /// Trains; `path` is where the user wants the results, nil a free name in `runs/`.
  package func run(into path: String?, _ pace: CheckpointPace) throws {
    let loop = try makeLoop()
    let run = try RunInProgress(
      beginning: plan, at: path, usually: plan.defaultFolder, [training, test], pace, output)
    try train(loop, run)
  }

  /// Goes on with the training in a folder that this process has locked.
  package func resume(in folder: RunFolder, _ pace: CheckpointPace) throws {
    // What a checkpoint holds needs the file no more.
    if let file = plan.weights, !folder.has("checkpoint.bin"),
      !folder.has("checkpoint.previous.bin")
    {
      do { try load(WeightsSource(file)) } catch {
        guard error.exitCode == .noInput else { throw error }
        throw EvaluationPlanError.weightsMoved(reason: "\(error)")
      }
    }
    let loop = try makeLoop()
    let run = try RunInProgress(
      resuming: plan, in: folder, [training, test], loop, pace, output)
    try train(loop, run)
  }

  /// Puts the numbers of a file of weights into the network.
  package func load(_ weights: WeightsSource) throws {
    try plan.weights(of: network, classes: classes).load(weights)
    for change in weights.changes {
      output.progress("note     \(weights.listing.file): \(change)")
    }
  }

  private func makeLoop() throws -> TrainingLoop {
    try TrainingLoop(network, training, test: test, plan.settings, seed: plan.seedGenerator)
  }

  /// Prints what a training would do, and how long it would take; writes nothing.
  package func rehearse(into path: String?) throws {
    let dryRun = try DryRun(at: path, usually: plan.defaultFolder)
    let (steps, batch) = (try makeLoop().stepsPerEpoch, plan.settings.batchSize)
    let time = try measuredPace().text(
      epochs: plan.settings.epochs, steps: steps, evaluations: (test.count + batch - 1) / batch)
    try dryRun.tell(announcement(stepsPerEpoch: steps), time: time, output)
  }

  /// Measured on the first images, in epochs of one step.
  private func measuredPace() throws -> MeasuredPace {
    var (settings, pace) = (plan.settings, MeasuredPace())
    settings.epochs = 1000
    let tested = test.selecting(0..<min(settings.batchSize, test.count))
    // Where nothing is trained, the time of a step does not count, and there are no images for it.
    let trained = training.count > 0 ? training.selecting(0..<settings.batchSize) : tested
    settings.batchSize = trained.count
    let loop = try TrainingLoop(
      network, trained, test: tested, settings, seed: plan.seedGenerator)
    do {
      try plan.withConvolution {
        try loop.run { event in
          guard case .epoch(let metrics) = event else { return }
          try pace.add(seconds: metrics.seconds, secondsPerStep: metrics.secondsPerStep)
        }
      }
    } catch is MeasuredPace.IsKnown {}
    return pace
  }

  private func train(_ loop: TrainingLoop, _ run: RunInProgress) throws {
    let epochs = plan.settings.epochs
    let past = try RunHistory.cutBack(run.folder, to: loop.progress.units)
    output.progress(text: announcement(stepsPerEpoch: loop.stepsPerEpoch))
    var log = EvaluationLog(run.folder, epochs: epochs, past: past, output)
    try run.work(loop) {
      try run.folder.write(json: [plan.space.rawValue: plan.genotype.text], to: "genotype.json")
      try loop.run { event in
        try log.receive(event)
        try run.keep(loop, isLast: loop.progress.units == epochs)
      }
      let tested =
        try log.last.map { ($0.testLoss, $0.testAccuracy) }
        ?? loop.test { try run.keep(loop, isLast: false) }
      guard tested.0.isFinite else { throw TrainingError.nonFiniteTest }
      try finish(log, loss: tested.0, accuracy: tested.1, run.folder)
    }
  }

  /// What is trained or tested, on what, and how.
  private func announcement(stepsPerEpoch: Int) -> String {
    let epochs = plan.settings.epochs
    let work =
      epochs == 0
      ? "test     as it is, seed \(plan.seed)"
      : "train    \(counted(epochs, "epoch")) of \(counted(stepsPerEpoch, "step")), batch "
        + "\(plan.settings.batchSize), seed \(plan.seed)"
    return
      """
      network  \(plan.space.rawValue), \(plan.sizeText): \(size)\(plan.weights.map { "\nweights  \(shown($0))" } ?? "")
      data     \(shown(plan.data ?? "synthetic images")): \
      \(epochs == 0 ? "" : "\(grouped(training.count)) training images, ")\
      \(grouped(test.count)) test images of \(classes) classes\(extent)
      \(work), \(counted(Threads.current, "thread"))
      """
  }

  /// The size of the images, if it is not the usual one.
  private var extent: String {
    let extent = plan.imageForm.extent
    return extent == ImageExtent.usual ? "" : ", \(extent) x \(extent) pixels"
  }

  private var cost: NetworkCost { plan.cost }

  /// The parameters that work in training only.
  private var auxiliary: Int {
    network.parameters.reduce(-cost.parameters) { $0 + $1.value.shape.count }
  }

  private var size: String {
    "\(grouped(cost.parameters)) parameters"
      + (auxiliary > 0
        ? " (the auxiliary head, in training only, has \(grouped(auxiliary)) more)" : "")
      + ", \(decimals(Double(cost.macs) / 1e6, 2)) M MACs"
  }

  private func finish(
    _ log: EvaluationLog, loss: Double, accuracy: Double, _ folder: RunFolder
  ) throws {
    // Without any epoch only the test took memory.
    var peak = log.peak
    peak.addThisProcess()
    try folder.write(
      json: EvaluationSummary(
        genotype: plan.genotype.text, testAccuracy: accuracy, testLoss: loss,
        trainingAccuracy: log.last?.trainingAccuracy, parameters: cost.parameters,
        auxiliaryParameters: auxiliary, macs: cost.macs, seconds: log.seconds,
        secondsPerStep: log.secondsPerStep, peakTensorBytes: peak.tensors,
        peakMemoryBytes: peak.process),
      to: "summary.json")
    let report = try ReportFile.write(to: folder, output) {
      TrainingReport([try ReportedTraining(folder, state: .finished)]).html
    }
    let epochs = log.last.map { " after \(counted($0.epoch, "epoch"))" } ?? ""
    let speed = log.secondsPerStep.map {
      "training  \(decimals(log.seconds, 1)) s, \(decimals($0 * 1000, 1)) ms per step\n"
    }
    try output.result(
      """
      genotype  \(verbatim: plan.genotype.text)
      network   \(plan.sizeText): \(size)
      test      accuracy \(percent(accuracy)), loss \(decimals(loss, 4))\(epochs)
      \(verbatim: speed ?? "")memory    \(peak)
      run       \(folder.path)\(report.map { "\nreport    \($0)" as Message } ?? "")
      """)
  }
}

/// The result of a training, as `summary.json` holds it.
package struct EvaluationSummary: Codable {
  package let genotype: String
  /// After the last epoch, which need not be the best.
  package let testAccuracy: Double
  package let testLoss: Double
  /// Nil where nothing was trained.
  package let trainingAccuracy: Double?
  /// Without the auxiliary head.
  package let parameters: Int
  package let auxiliaryParameters: Int
  /// For one image.
  package let macs: Int
  package let seconds: Double
  package let secondsPerStep: Double?
  /// The most bytes that tensors held at one time; nil in runs of programs that did not count them.
  package let peakTensorBytes: Int?
  /// The peak memory of the process, or of the largest one if the training was resumed.
  package let peakMemoryBytes: Int
}

extension EvaluationSummary {
  /// Reads that of a run; nil if it is not finished.
  package init?(in folder: RunFolder) throws {
    guard let text = try folder.text(of: "summary.json") else { return nil }
    guard let summary = try? JSONText.decode(EvaluationSummary.self, from: text),
      0...1 ~= summary.testAccuracy, summary.parameters >= 0, summary.macs >= 0
    else { throw RunHistoryError.badSummary(file: "\(folder.path)/summary.json") }
    self = summary
  }
}
