import Benchmarks
import CommandLineParsing
import Runs
import SearchSpaces
import Tensors

/// `toponas bench step`: how long a step of a search takes, and where.
struct BenchStepCommand: Command {
  static let spec = CommandSpec(
    "bench step", summary: "Time a step of first-order DARTS.",
    discussion: """
      Runs steps as `toponas search` does, optimizers, clipping and the making of batches included, on \
      synthetic images, and times the step of alpha and the step of the weights apart: the time that passes, \
      and the time of processors, all threads together, which other programs disturb less. The default size is \
      the published one. \(SpaceEntry.slashes)
      """,
    options: OptionSpec.all(SearchPlan.spaceSettings)
      + OptionSpec.all(
        SearchPlan.sizeSettings { number in
          SizePreset.paper.text { number($0.searchSize($1)) }
        }) + [
        OptionSpec("steps", .integer(1...500), help: "Steps that are timed.", default: "10"),
        OptionSpec("warm-up", .integer(0...100), help: "Steps before them.", default: "2"),
        CommonOptions.seed, OptionSpec(convolutionSetting(\SearchPlan.convolution).setting),
        CommonOptions.threads,
        OptionSpec(
          "profile", .flag,
          help: "Show which parallel loops the time goes to, by file and function.",
          default: "--no-profile"), CommonOptions.json,
      ])

  static func run(_ options: ParsedOptions, _ console: Console) throws {
    try CommonOptions.withThreads(options, console) {
      let plan = try SearchPlan(options.values, standard: .paper)
      let predicted = try plan.checkedMemory(images: 0)
      BenchedMachine.current.warn(console)
      let result = try StorageMeter.$current.withValue(StorageMeter()) {
        try plan.withConvolution {
          try report(on: plan.supernet(classes: 10), plan, predictedBytes: predicted, options)
        }
      }
      let wantsJSON = options.flag("json") ?? false
      try wantsJSON ? console.print(json: result) : console.print(text: result.text)
    }
  }

  private static func report(
    on network: some Supernet, _ plan: SearchPlan, predictedBytes: Int,
    _ options: ParsedOptions
  ) throws -> StepReport {
    let warmUp = options.integer("warm-up") ?? 2
    let times = try StepBenchmark(
      plan, network, steps: options.integer("steps") ?? 10, warmUp: warmUp,
      isProfiled: options.flag("profile") ?? false)
    return StepReport(
      plan, network, times, warmUp: warmUp, predictedBytes: predictedBytes,
      tensorBytes: StorageMeter.current?.peakBytes ?? 0)
  }
}
