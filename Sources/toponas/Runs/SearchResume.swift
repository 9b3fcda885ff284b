import CommandLineParsing
import Datasets
import Messages
import Reports
import SearchMethods
import SearchSpaces
import Tensors

/// A run that is to go on: `toponas search --resume RUN`.
struct SearchResume {
  private let folder: RunFolder
  /// The plan of the run.
  private let plan: SearchPlan
  private let console: Console

  /// Reads the configuration of the run; the other options may not contradict it.
  init(_ path: String, _ options: ParsedOptions, _ console: Console) throws {
    let found = try RunFolder(opening: path)
    // What is finished is only read; anything else is read when no other process can change it.
    folder = found.has("summary.json") ? found : try found.locked()
    plan = try SearchPlan(of: folder)
    self.console = console
    try plan.checkAgreement(options.values, not: options.beginnings, run: path)
  }

  /// Goes on with the search, or tells that there is nothing left to do.
  func run(_ options: ParsedOptions) throws {
    if folder.has("summary.json") { return try tellFinished() }
    if let warning = plan.buildWarning { console.error(warning) }
    let benchmark = try plan.benchmark(options.text("nasbench"))
    let found = try plan.findImages(options)
    try plan.check(found.form)
    let predicted = try plan.checkedMemory(images: found.count)
    found.tellOmissions(console)
    let images = try found.load()
    func resume(_ network: some Supernet) throws {
      try SearchRun(
        plan, images, network, predictedBytes: predicted, benchmark: benchmark, console
      ).resume(in: folder, CheckpointPace(options))
    }
    try StorageMeter.$current.withValue(StorageMeter()) {
      try resume(plan.supernet(classes: plan.imageForm.classes))
    }
  }

  private func tellFinished() throws {
    let metrics = try RunHistory.metrics(of: folder)
    try console.print(
      """
      finished  \(counted(metrics.count, "epoch")); nothing is left to do
      genotype  \(verbatim: printable(metrics.last?.genotype ?? ""))
      run       \(folder.path)
      """)
  }
}
