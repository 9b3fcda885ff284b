import CommandLineParsing
import Datasets
import DifferentiableSearch
import Reports
import SearchSpaces
import Tensors
import TopologicalSimplification

/// `toponas search`: searches a cell and leaves a run folder.
///
/// The only place where search methods and topological simplification meet.
struct SearchCommand: Command {
  static let spec = CommandSpec(
    "search", summary: "Search a cell by first-order DARTS.",
    discussion: """
      Trains a supernet that holds all cells of the space: its weights on one half of the images, its \
      architecture parameter alpha on the other. Ends with the derived cell, its cost, and the run folder.

      Presets: tiny (under a minute on 2 cores), small (a CIFAR-10 subset, minutes), paper (the published \
      setting of DARTS on NAS-Bench-201, days; TopoNAS's own settings are not known). Every other option \
      overrides its preset.
      """,
    options: [
      OptionSpec(
        "preset", .choice(SearchPreset.allCases.map(\.rawValue)),
        help: "Which numbers to start from.",
        default: "tiny"),
      OptionSpec(
        "space", .choice(["nasbench201"]), help: "The search space.", default: "nasbench201"),
      OptionSpec(
        "simplify", .flag,
        help: "Simplify the supernet's topology before the search, or search it as it is.",
        default: "--simplify"),
      OptionSpec(
        "data", .text(placeholder: "DIR"),
        help:
          "Folder with CIFAR-10 in binary form (data_batch_1.bin ...); small and paper need it.",
        default: "synthetic images"),
      OptionSpec(
        "train-images", .integer(2...1_000_000),
        help: "Images to use, evenly from all classes; half train weights, half alpha.",
        default: numbers { $0.trainImages.map(String.init) ?? "all" }),
      OptionSpec(
        "epochs", .integer(1...100_000), help: "Passes over the training half.",
        default: numbers { "\($0.epochs)" }),
      OptionSpec(
        "batch", .integer(1...4096), help: "Images a step.", default: numbers { "\($0.batch)" }),
      OptionSpec(
        "channels", .integer(1...512), help: "Channels C of the first stage.",
        default: numbers { "\($0.channels)" }),
      OptionSpec(
        "cells", .integer(1...100), help: "Cells N in each of the three stages.",
        default: numbers { "\($0.cells)" }),
      OptionSpec(
        "seed", .integer(0...Int.max), help: "Everything random follows from it.", default: "1"),
      OptionSpec(
        "threads", .integer(1...256), help: "Threads to use; no result depends on it.",
        default: "one a processor"),
      OptionSpec(
        "out", .text(placeholder: "DIR"), help: "The run folder to create.",
        default: "a free name in runs/"),
      OptionSpec("quiet", .flag, help: "Print the result alone."),
    ])

  /// A number of all presets: `8 / 16 / 16`.
  private static func numbers(_ text: (SearchPreset.Numbers) -> String) -> String {
    SearchPreset.allCases.map { "\(text($0.numbers)) (\($0.rawValue))" }.joined(separator: ", ")
  }

  static func run(_ options: ParsedOptions, _ console: Console) throws {
    var console = console
    console.isQuiet = options.flag("quiet") ?? false
    let threads = options.integer("threads") ?? allowedProcessors()
    try Threads.$limit.withValue(threads) { try search(options, console) }
  }

  private static func search(_ options: ParsedOptions, _ console: Console) throws {
    let plan = try SearchPlan(options)
    let images = try plan.loadImages()
    let simplification = Simplifier().simplify(SearchSpace.nasBench201.paths[0])
    let space =
      plan.isSimplified ? Simplifier().simplify(SearchSpace.nasBench201) : .nasBench201
    let network = NASBench201Supernet(
      space, channels: plan.channels, cellsPerStage: plan.cells, classes: images.classNames.count,
      seed: plan.seedGenerator)
    let loop = try SearchLoop(network, images, plan.settings, seed: plan.seedGenerator)
    let folder = try RunFolder(
      creating: options.text("out") ?? RunFolder.freePath(plan.defaultFolder))
    try folder.write(json: plan, to: "config.json")
    announce(
      plan, images, network, simplification.steps, stepsPerEpoch: loop.stepsPerEpoch, console)
    var log = SearchLog(folder, epochs: plan.settings.epochs, space: space, console)
    let genotype = try loop.run { try log.receive($0) }
    try finish(plan, genotype, log, classes: images.classNames.count, folder, console)
  }

  private static func announce(
    _ plan: SearchPlan, _ images: ImageSet, _ network: NASBench201Supernet, _ steps: [RewriteStep],
    stepsPerEpoch: Int, _ console: Console
  ) {
    let plain = steps[0].before
    let used = plan.isSimplified ? steps[steps.count - 1].after : plain
    let weights = network.parameters.reduce(0) { $0 + $1.value.shape.count }
    let rewrites = plan.isSimplified ? steps.map { "\n" + line($0) }.joined() : ""
    console.progress(
      """
      space    \(plan.space), \(plan.isSimplified ? "simplified" : "plain"): an edge runs \
      \(used.modules) of \(plain.modules) modules, \(grouped(used.macs)) of \(grouped(plain.macs)) MACs \
      (16 channels, 32 x 32)\(rewrites)
      network  C = \(plan.channels), N = \(plan.cells): \(grouped(weights)) weights, \
      \(network.alpha.value.shape.count) alphas
      data     \(plan.data ?? "synthetic images"): \(grouped(images.count)) images of \
      \(images.classNames.count) classes, half for the weights, half for alpha
      search   first-order DARTS, \(plan.settings.epochs) epochs of \(stepsPerEpoch) steps, \
      batch \(plan.settings.batchSize), seed \(plan.seed), \(Threads.current) threads
      """)
  }

  /// One rewrite: `PMS suffix BN {nor_conv_1x1, nor_conv_3x3}: 6 -> 5 modules, exact at one-hot weights`.
  private static func line(_ step: RewriteStep) -> String {
    """
             \(step.rule.rawValue) \(step.subject) {\(step.operations.joined(separator: ", "))}: \
    \(step.before.modules) -> \(step.after.modules) modules, exact \(step.exactness.rawValue)
    """
  }

  private static func finish(
    _ plan: SearchPlan, _ genotype: NASBench201Genotype, _ log: SearchLog, classes: Int,
    _ folder: RunFolder, _ console: Console
  ) throws {
    guard let last = log.last else { return }
    let size = networkCost(of: genotype)
    try console.print(
      """
      genotype  \(genotype)
      cost      \(decimals(Double(size.macs) / 1e6, 2)) M MACs, \
      \(decimals(Double(size.parameters) / 1e6, 3)) M parameters as a network of the benchmark (C = 16, N = 5)
      supernet  validation accuracy \(percent(last.validationAccuracy)) \
      (chance \(percent(1 / Double(classes)))); not the accuracy of the derived cell
      search    \(decimals(log.seconds, 1)) s, \(decimals(last.secondsPerStep * 1000, 1)) ms a step \
      (alpha and weights), peak memory \(last.peakMemoryBytes / 1_048_576) MiB
      run       \(folder.path)
      compare   \(plan.counterpartCommand)
      """)
    try folder.write(json: ["nasbench201": genotype.description], to: "genotype.json")
    try folder.write(
      json: SearchSummary(
        genotype: genotype.description, macs: size.macs, parameters: size.parameters,
        seconds: log.seconds, secondsPerStep: last.secondsPerStep,
        peakMemoryBytes: last.peakMemoryBytes, validationAccuracy: last.validationAccuracy),
      to: "summary.json")
  }
}

/// The result of a search, as `summary.json` holds it.
private struct SearchSummary: Encodable {
  let genotype: String
  /// Of the derived cell in the benchmark's network, C = 16, N = 5.
  let macs: Int
  let parameters: Int
  let seconds: Double
  let secondsPerStep: Double
  let peakMemoryBytes: Int
  /// Of the supernet.
  let validationAccuracy: Double
}
