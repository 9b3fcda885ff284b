import CommandLineParsing
import Reports
import Tensors

/// `toponas evaluate`: trains a derived cell from scratch and leaves a run folder.
struct EvaluateCommand: Command {
  static let spec = CommandSpec(
    "evaluate", summary: "Train the network of a derived cell from its start, and test it.",
    discussion: """
      Builds the network that a genotype stands for, with its operations in their original form however the space \
      was searched, trains it on all training images and tests it after every epoch.

      A cell of NAS-Bench-201 is trained as the benchmark does: SGD with Nesterov momentum, learning rate 0.1 to 0 on \
      a cosine, weight decay 5e-4, crop and flip. Cells of DARTS are trained as DARTS does: learning rate 0.025 to 0, \
      weight decay 3e-4, gradients clipped to 5, crop, flip and cutout, drop path that grows from epoch to epoch, an \
      auxiliary head.

      Ctrl-C saves and ends; --resume goes on, with the same result as without the interruption. The run folder keeps \
      the trained weights, and a page on the training, report.html; `toponas export` writes the weights for PyTorch, and --weights reads such a file: with --epochs 0 \
      it only tests them.

      Presets change the size alone: tiny (about a minute on 2 cores), small (minutes), paper (the published size: \
      hours/weeks). Where a default is a/b, it is a for a cell of nasbench201 and b for cells of darts.
      """,
    options: [
      GenotypeInput.option(),
      OptionSpec(
        "preset", .choice(SearchPreset.allCases.map(\.rawValue)),
        help: "Which numbers to start from.", default: "tiny"),
      OptionSpec(
        "data", .text(placeholder: "DIR"),
        help:
          "Folder with CIFAR-10 or CIFAR-100 in binary form, or with the folders train and test (or val), each with "
          + "a folder of PPM or PGM pictures for each class; small and paper need it. Without epochs only the images "
          + "to test on are needed.",
        default: "synthetic images"),
      OptionSpec(
        "train-images", .integer(1...1_000_000),
        help: "Images to train on, evenly from all classes.",
        default: numbers { $0.trainImages.map(String.init) ?? "all" }),
      OptionSpec(
        "test-images", .integer(1...1_000_000),
        help: "Images to test on, evenly from all classes.",
        default: numbers { $0.testImages.map(String.init) ?? "all" }),
      OptionSpec(
        "epochs", .integer(0...100_000),
        help: "Passes over the training images; 0, with --weights, only tests.",
        default: numbers { "\($0.epochs)" }),
      OptionSpec(
        "batch", .integer(1...4096), help: "Images a step.", default: numbers { "\($0.batch)" }),
      OptionSpec(
        "channels", .integer(1...512), help: "Channels C of the first cells.",
        default: numbers { "\($0.channels)" }),
      OptionSpec(
        "cells", .integer(1...100),
        help: "Cells: N in each of the three stages of nasbench201, all of darts (2 or more).",
        default: numbers { "\($0.cells)" }),
      OptionSpec(
        "learning-rate", .number(0...100), help: "Learning rate in the first epoch.",
        default: "0.1/0.025"),
      OptionSpec(
        "cutout", .integer(0...64),
        help: "Side of the square, in pixels, that is cut out of each training image; 0 is none.",
        default: "0/16"),
      OptionSpec(
        "drop-path", .number(0...0.999),
        help: "For darts: how likely an image loses an operation; grows from 0 to this.",
        default: "0.2"),
      OptionSpec(
        "auxiliary", .flag,
        help:
          "For darts: a second classifier in training, its loss times 0.4; for images of 32 x 32 pixels alone.",
        default: "--auxiliary"),
      CommonOptions.seed, CommonOptions.threads,
      OptionSpec(
        "out", .text(placeholder: "DIR"), help: "The run folder to create.",
        default: "a free name in runs/"),
      CommonOptions.dryRun,
      OptionSpec(
        "weights", .text(placeholder: "FILE"),
        help:
          "Start from the weights in this safetensors file, which `toponas export` or PyTorch wrote, instead of "
          + "random ones. Cell and size are then those that the file names, if it does."),
      OptionSpec(
        "resume", .text(placeholder: "RUN"),
        help: "Go on with the run in this folder, with its options, from its last checkpoint."),
      CheckpointPace.option,
      OptionSpec("quiet", .flag, help: "Print the result alone."),
    ])

  private static func numbers(_ text: (SearchPreset.TrainingNumbers) -> String) -> String {
    SearchPreset.list { text($0.trainingNumbers(for: $1)) }
  }

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
    let plan = try EvaluationPlan(options, weights: weights, remark: console.error)
    let found = try plan.findImages(options)
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
    try plan.checkAgreement(options, run: path)
    if folder.has("summary.json") {
      let epochs = counted(plan.settings.epochs, "epoch")
      return try console.print("finished  \(epochs); nothing is left to do\nrun       \(path)")
    }
    if let warning = plan.buildWarning { console.error(warning) }
    let images = try plan.findImages(options)
    try plan.check((images.training ?? images.test).form)
    try EvaluationRun(plan, images, console).resume(in: folder, CheckpointPace(options))
  }
}
