import CommandLineParsing
import Datasets
import DifferentiableSearch
import Reports
import Tensors

/// A run that is to go on: `toponas search --resume RUN`.
struct SearchResume {
  private let folder: RunFolder
  /// The plan of the run, with the images where they are now.
  private let plan: SearchPlan
  private let data: String?
  private let console: Console

  /// Reads the configuration of the run; the other options may not contradict it.
  init(_ path: String, _ options: ParsedOptions, _ console: Console) throws {
    folder = try RunFolder(opening: path)
    plan = try SearchPlan(config: "\(path)/config.json")
    data = options.text("data") ?? plan.data
    self.console = console
    let contradicting = try Self.contradictions(options, plan)
    guard contradicting.isEmpty else {
      throw SearchPlanError.contradictsRun(options: contradicting, run: path)
    }
  }

  /// The options that would make another plan of it; where the images are is no matter of the plan.
  private static func contradictions(
    _ options: ParsedOptions, _ plan: SearchPlan
  ) throws -> [String] {
    let same = try JSONText.line(SearchPlan(options.only([]), over: plan))
    return SearchCommand.spec.options.map(\.name).filter { name in
      guard options.isGiven(name), name != "data" else { return false }
      if ["out", "config", "dry-run"].contains(name) { return true }
      guard let other = try? SearchPlan(options.only([name]), over: plan) else { return true }
      return (try? JSONText.line(other)) != same
    }
  }

  /// Goes on with the search, or tells that there is nothing left to do.
  func run(_ options: ParsedOptions) throws {
    if folder.has("summary.json") { return try tellFinished() }
    let lock = try RunLock(folder)
    defer { withExtendedLifetime(lock) {} }
    if plan.build != kernelBuild || plan.version != Toponas.version {
      console.error(
        "warning: the run began with \(plan.version) (\(plan.build)), this is \(Toponas.version) "
          + "(\(kernelBuild)): the last bits may differ")
    }
    try plan.memoryDemand.check()
    let benchmark = try plan.benchmark(options)
    let images = try plan.loadImages(from: data)
    func resume(_ network: some SizedSupernet) throws {
      try SearchRun(plan, images, network, benchmark: benchmark, console)
        .resume(in: folder, CheckpointPace(options))
    }
    try resume(plan.supernet(classes: images.classNames.count))
  }

  private func tellFinished() throws {
    let metrics = try RunHistory.metrics(of: folder)
    try console.print(
      """
      finished  \(counted(metrics.count, "epoch")); nothing is left to do
      genotype  \(metrics.last?.genotype ?? "")
      run       \(folder.path)
      """)
  }
}
