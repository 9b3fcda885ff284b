import CommandLineParsing
import Runs
import SearchMethods
import SearchSpaces
import Tensors

/// `toponas bench export`: writes what another implementation needs to repeat some steps of a search.
struct BenchExportCommand: Command {
  static let spec = CommandSpec(
    "bench export", summary: "Write some search steps to a file, to repeat them in PyTorch.",
    discussion: """
      Builds the plain supernet of `toponas search --no-simplify --preset paper`, takes batches of synthetic \
      images, runs one step of alpha and weights on each pair, and writes a safetensors file: all weights and \
      alphas before and after, the batches, and the loss of every step. \
      Tests/Peers/check_equal.py repeats the steps in PyTorch and compares. \
      \(SpaceEntry.slashes)
      """,
    options: [
      OptionSpec(
        "space", .choice(SpaceEntry.all.map(\.name)), help: "The search space.",
        default: SpaceEntry.all[0].name),
      OptionSpec(
        "out", .text(placeholder: "FILE"), help: "The file; one of that name is replaced.",
        default: "peer-SPACE.safetensors"),
    ]
      + OptionSpec.all(
        SearchPlan.sizeSettings { number in
          SizePreset.paper.text { number($0.searchSize($1)) }
        }) + [
        OptionSpec("steps", .integer(1...1000), help: "Steps of alpha and weights.", default: "5"),
        CommonOptions.seed, CommonOptions.threads,
      ])

  static func run(_ options: ParsedOptions, _ console: Console) throws {
    let steps = try ExportedSteps(options.values)
    let threads = options.integer("threads") ?? allowedProcessors()
    let file = try Threads.$limit.withValue(threads) { try steps.run() }
    let path = options.text("out") ?? "peer-\(steps.space.rawValue).safetensors"
    try file.write(to: path)
    try console.print("wrote \(path): \(steps.summary)")
  }
}
