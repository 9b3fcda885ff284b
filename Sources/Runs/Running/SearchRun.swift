import Datasets
import Messages
import Reports
import SearchMethods
import SearchSpaces
import Tensors
import TopologicalSimplification

/// One search: what it announces, what it leaves in its folder, what it prints at its end.
package struct SearchRun<Network: Supernet> {
  private let plan: SearchPlan
  private let images: ImageSet
  private let network: Network
  private let space: SearchSpace
  private let predictedBytes: Int
  private let benchmark: NASBench201Table?
  private let output: any RunOutput

  /// With `benchmark` the derived cells are looked up, which changes nothing of the search.
  ///
  /// `predictedBytes` is what tensors are predicted to hold at the peak of the search.
  package init(
    _ plan: SearchPlan, _ images: ImageSet, _ network: Network, predictedBytes: Int,
    benchmark: NASBench201Table? = nil, _ output: any RunOutput
  ) {
    self.predictedBytes = predictedBytes
    self.benchmark = benchmark
    self.plan = plan
    self.images = images
    self.network = network
    space = plan.searchSpace
    self.output = output
  }

  /// Searches; `path` is where the user wants the results, nil a free name in `runs/`.
  package func run(into path: String?, _ pace: CheckpointPace) throws {
    let loop = try plan.search(network, images)
    let run = try RunInProgress(
      beginning: plan, at: path, usually: plan.defaultFolder, [images], pace, output)
    try search(loop, run)
  }

  /// Prints what a search would do, and how long it would take; writes nothing.
  package func rehearse(into path: String?) throws {
    let dryRun = try DryRun(at: path, usually: plan.defaultFolder)
    let loop = try plan.search(network, images)
    let units = (0..<loop.units).map { (work: loop.work(in: $0), kind: loop.stepKind(in: $0)) }
    let time = try measuredPace().text(units)
    let text = announcement(stepsPerUnit: units[0].work.steps, predictedPeaks(isShown: true))
    try dryRun.tell(text, time: time, output)
  }

  /// Measured on the first images, in short epochs, in all of which alpha moves.
  private func measuredPace() throws -> MeasuredPace {
    let (algorithm, epochs) = plan.searchMethod.rehearsal
    var settings = plan.settings
    (settings.epochs, settings.frozenEpochs) = (epochs, 0)
    let few = images.selecting(0..<min(images.count, 2 * settings.batchSize))
    return try plan.withConvolution {
      try MeasuredPace { try plan.search(network, few, settings, by: algorithm) }
    }
  }

  /// Goes on with the search in a folder that this process has locked.
  package func resume(in folder: RunFolder, _ pace: CheckpointPace) throws {
    let loop = try plan.search(network, images)
    let run = try RunInProgress(resuming: plan, in: folder, [images], loop, pace, output)
    try search(loop, run)
  }

  private func search<Loop: Search>(_ loop: Loop, _ run: RunInProgress) throws {
    let past = try RunHistory.cutBack(
      run.folder, to: loop.progress.units, tables: loop.records, as: Loop.Report.self)
    let peaks = predictedPeaks(isShown: !output.isQuiet)
    if !output.isQuiet {
      output.progress(text: announcement(stepsPerUnit: loop.work(in: 0).steps, peaks))
    }
    var log = SearchLog(
      run.folder, units: loop.units, past: past, derivedEdges: { network.genotype.edgeCount },
      benchmark: benchmark, output)
    try run.work(loop) {
      try loop.run { event in
        try log.receive(event, loop.records)
        try run.keep(loop, isLast: loop.isFinished)
      }
      try finish(loop, log, run.folder, peaks)
    }
  }

  /// What is searched, on what, and how.
  private func announcement(stepsPerUnit: Int, _ peaks: SpaceCost.Pair<Int?>) -> String {
    let edge = plan.plainSpace.cells[0].operations[0].path
    let extent = images.extent
    let size = MapSize(channels: 16, height: extent, width: extent)
    let simplified = plan.simplifier?.simplify(edge)
    let (plain, used) = (cost(of: edge, at: size), cost(of: simplified?.path ?? edge, at: size))
    return
      """
      space    \(plan.space.rawValue), \(plan.isSimplified ? "simplified" : "plain"): an edge runs \
      \(used.modules) of \(plain.modules) modules, \(grouped(used.macs)) of \(grouped(plain.macs)) MACs \
      (16 channels, \(extent) x \(extent))\((simplified?.steps ?? []).map { "\n" + line($0) }.joined())
      network  \(plan.sizeText): \(grouped(network.weightCount)) weights, \(network.logitCount) \
      \((["alphas"] + space.nodeForm.parameters(of: space.edges).map { $0.name + "s" })
        .joined(separator: " and "))
      data     \(shown(plan.data ?? "synthetic images")): \(grouped(images.count)) images of \
      \(images.classNames.count) classes\(images.extent == ImageExtent.usual ? "" : ", \(extent) x \(extent) pixels"), \
      \(plan.searchMethod.useOfImages)
      search   \(plan.searchMethod), \(counted(plan.settings.epochs, "epoch"))\(frozen) of \
      \(counted(stepsPerUnit, "step")), batch \(plan.settings.batchSize), seed \(plan.seed), \
      \(counted(Threads.current, "thread"))
      memory   \(memory(peaks))
      """
  }

  /// The epochs in which alpha stands still.
  private var frozen: String {
    let count = plan.settings.frozenEpochs
    return count > 0 ? " (alpha frozen in the first \(count))" : ""
  }

  /// The predicted peaks on the plain and on the simplified space: that of the search, and the other one if it is shown.
  private func predictedPeaks(isShown: Bool) -> SpaceCost.Pair<Int?> {
    guard plan.isSimplified else { return .init(before: predictedBytes, after: nil) }
    let plain = isShown ? plan.predictedBytes(of: plan.plainSpace) : nil
    return .init(before: plain, after: predictedBytes)
  }

  /// The predicted peak, for the plain space too.
  private func memory(_ peaks: SpaceCost.Pair<Int?>) -> String {
    let plain =
      plan.isSimplified ? peaks.before.map { ", on the plain space \(mebibytes($0))" } ?? "" : ""
    return "a predicted peak of \(mebibytes(predictedBytes)) in tensors\(plain)"
  }

  /// One rewrite: `PMS suffix BN {nor_conv_1x1, nor_conv_3x3}: 6 -> 5 modules, exact at one-hot weights`.
  private func line(_ step: RewriteStep) -> String {
    """
             \(step.rule.name) \(step.subject) {\(step.operations.joined(separator: ", "))}: \
    \(step.before.modules) -> \(step.after.modules) modules, exact \(step.exactness.rawValue)
    """
  }

  private func accuracy(_ share: Double?) -> Message {
    guard let share else { return "" }
    let chance = percent(1 / Double(images.classNames.count))
    return
      "supernet  validation accuracy \(percent(share)) (chance \(chance)); not the accuracy of the derived cell\n"
  }

  private func finish<Loop: Search>(
    _ loop: Loop, _ log: SearchLog<Loop.Report>, _ folder: RunFolder,
    _ peaks: SpaceCost.Pair<Int?>
  ) throws {
    guard let last = log.last, let found = loop.results.last else { return }
    let genotype = found as? any SpaceGenotype
    let size = genotype?.size(for: plan.imageForm)
    let lookedUp = found.cellOfBenchmark.flatMap { benchmark?.text(of: $0) }
    try folder.write(json: [plan.space.rawValue: found.description], to: "genotype.json")
    if loop.results.count > 1 {
      let series = [plan.space.rawValue: loop.results.map(\.description)]
      try folder.write(json: series, to: "genotypes.json")
    }
    try folder.write(
      json: SearchSummary(
        genotype: found.description, macs: size?.macs, parameters: size?.parameters,
        seconds: log.seconds, secondsPerStep: log.secondsPerStep,
        peakTensorBytes: log.peak.tensors, peakMemoryBytes: log.peak.process,
        validationAccuracy: last.accuracy),
      to: "summary.json")
    let report = try ReportFile.write(to: folder, output) {
      var run = try ReportedRun(folder, state: .finished)
      run.knownPeaks = peaks
      return RunReport([run]).html
    }
    var cost: Message = ""
    if let genotype, let size {
      cost = """
        cost      \(decimals(Double(size.macs) / 1e6, 2)) M MACs, \
        \(decimals(Double(size.parameters) / 1e6, 3)) M parameters as \(genotype.network(for: plan.imageForm))

        """
    }
    let series =
      loop.results.count > 1
      ? "series    \(loop.results.count) architectures in \(folder.path)/genotypes.json\n"
        as Message
      : ""
    try output.result(
      """
      genotype  \(verbatim: "\(found)")
      \(cost)\
      \(series)\
      \(lookedUp.map { "benchmark \($0)\n" as Message } ?? "")\
      \(accuracy(last.accuracy))\
      search    \(decimals(log.seconds, 1)) s, \(decimals(log.secondsPerStep * 1000, 1)) ms per step
      memory    \(log.peak)
      run       \(folder.path)
      \(report.map { "report    \($0)\n" as Message } ?? "")\
      compare   \(verbatim: plan.counterpartCommand(config: "\(folder.path)/config.json"))
      """)
  }
}

/// The result of a search, as `summary.json` holds it.
package struct SearchSummary: Codable {
  package let genotype: String
  /// The MACs of the network in which the derived cells are trained from scratch; nil where there is no such network.
  package let macs: Int?
  package let parameters: Int?
  package let seconds: Double
  /// The median over the epochs of their medians.
  package let secondsPerStep: Double
  /// The most bytes that tensors held at one time; nil in runs of programs that did not count them.
  package let peakTensorBytes: Int?
  /// The peak memory of the process, or of the largest one if the search was resumed.
  package let peakMemoryBytes: Int
  /// The accuracy of the supernet; nil where nothing was trained.
  package let validationAccuracy: Double?
}

extension SearchSummary {
  /// Reads the text of `summary.json`; nil if it is damaged, so that no search can have left it.
  package init?(text: String) {
    guard let summary = try? JSONText.decode(SearchSummary.self, from: text),
      0...1e12 ~= summary.seconds, 1e-9...1e12 ~= summary.secondsPerStep,
      summary.peakMemoryBytes > 0, summary.peakTensorBytes ?? 1 > 0,
      0...1 ~= summary.validationAccuracy ?? 0
    else { return nil }
    self = summary
  }
}
