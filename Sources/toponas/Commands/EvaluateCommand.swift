import CommandLineParsing
import Reports
import Runs
import SearchSpaces
import Tensors

/// `toponas evaluate`: trains a derived cell from scratch and leaves a run folder.
struct EvaluateCommand: Command {
  static let spec = CommandSpec(
    "evaluate", summary: "Train the network of a derived cell from scratch, and test it.",
    discussion: """
      Builds the network that a genotype stands for, with its operations in their original form even if the search \
      space was simplified, trains it on all training images and tests it after every epoch.

      A cell of NAS-Bench-201 is trained as the benchmark does: SGD with Nesterov momentum, learning rate 0.1 to 0 on \
      a cosine, weight decay 5e-4, crop and flip. Cells of DARTS are trained as DARTS does: learning rate 0.025 to 0, \
      weight decay 3e-4, gradients clipped to 5, crop, flip and cutout, drop path that grows from epoch to epoch, an \
      auxiliary head. Cells of GOLD-NAS are trained in the same way, in a network of as many cells as the genotype has, \
      without gains and biases in the batch norms of cells.

      Ctrl-C saves and ends; --resume goes on, with the same result as without the interruption. The run folder keeps \
      the trained weights, and a page on the training, report.html; `toponas export` writes the weights for PyTorch, and --weights reads such a file: with --epochs 0 \
      it only tests them.

      Presets change the size alone: tiny (about a minute on 2 cores), small (minutes), paper (the published size: \
      hours/weeks). \(SpaceEntry.slashes)
      """,
    options: OptionSpec.all(EvaluationPlan.settings) + [
      CommonOptions.threads,
      OptionSpec(
        "out", .text(placeholder: "DIR"), help: "The run folder to create.",
        default: "a free name in runs/"),
      CommonOptions.dryRun,
      OptionSpec(
        "resume", .text(placeholder: "RUN"),
        help: "Go on with the run in this folder, with its options, from its last checkpoint."),
      CheckpointPace.option,
      OptionSpec("quiet", .flag, help: "Print the result alone."),
    ])

  static func run(_ options: ParsedOptions, _ console: Console) throws {
    var console = console
    console.isQuiet = options.flag("quiet") ?? false
    try CommonOptions.withThreads(options, console) {
      try StorageMeter.$current.withValue(StorageMeter()) { try evaluate(options, console) }
    }
  }

  private static func evaluate(_ options: ParsedOptions, _ console: Console) throws {
    if let run = options.text("resume") { return try resume(run, options, console) }
    // Read once: it may be a pipe.
    let weights = try options.text("weights").map { try WeightsSource($0) }
    let run = try begin(options, weights, console)
    try weights.map(run.load)
    if options.flag("dry-run") ?? false { return try run.rehearse(into: options.text("out")) }
    try run.run(into: options.text("out"), CheckpointPace(options))
  }

  /// The training that the options ask for, with its images loaded.
  private static func begin(
    _ options: ParsedOptions, _ weights: WeightsSource?, _ console: Console
  ) throws -> EvaluationRun {
    let plan = try EvaluationPlan(options.values, weights: weights, remark: console.error)
    let found = try plan.findImages(now: options.text("data"))
    let form = (found.training ?? found.test).form
    let fitted = plan.fitted(to: form)
    if plan.settings.auxiliaryWeight != fitted.settings.auxiliaryWeight {
      guard options.flag("auxiliary") != true else {
        throw EvaluationPlanError.noAuxiliaryHead(extent: form.extent)
      }
      console.progress("note     no auxiliary head, which is made for images of 32 x 32 pixels")
    }
    return try EvaluationRun(fitted, found, console)
  }

  private static func resume(_ path: String, _ options: ParsedOptions, _ console: Console) throws {
    let found = try RunFolder(opening: path)
    // What is finished is only read; anything else is read when no other process can change it.
    let folder = found.has("summary.json") ? found : try found.locked()
    let plan = try EvaluationPlan(of: folder)
    try plan.checkAgreement(options.values, not: options.beginnings, run: path)
    if folder.has("summary.json") {
      let epochs = counted(plan.settings.epochs, "epoch")
      return try console.print("finished  \(epochs); nothing is left to do\nrun       \(path)")
    }
    if let warning = plan.buildWarning { console.error(warning) }
    let images = try plan.findImages(now: options.text("data"))
    try plan.check((images.training ?? images.test).form)
    try EvaluationRun(plan, images, console).resume(in: folder, CheckpointPace(options))
  }
}
