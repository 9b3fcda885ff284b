import CommandLineParsing
import Messages
import Reports
import Runs
import SearchSpaces
import Tensors
import TopologicalSimplification

/// `toponas nonlinearity`: which operations are linear, and what that means for merging them.
struct NonlinearityCommand: Command {
  static let spec = CommandSpec(
    "nonlinearity", summary: "Measure how far the operations of a space are from linear.",
    discussion: """
      Classifies each candidate by its modules, names the first module that keeps its convolutions from \
      being merged with others, and measures it with random weights on random maps x and y: additivity \
      |f(x+y) - f(x) - f(y)| / |f(x+y)|, homogeneity |f(cx) - c f(x)| / |f(cx)| for c = 2 or -1, the larger, \
      and affinity, which is additivity with the constant f(0) taken off. All are 0 for linear functions.

      The mixing error of two operations is how wrong it is to merge their kernels first and to apply the \
      rest once; pairs that do not become one chain of modules have none. In evaluation mode there are two: one \
      for batch norms with the same running statistics, one for batch norms with statistics of their own, as \
      training leaves them. Operations of one stage are merged exactly in the first case only, and in the second \
      after each batch norm is folded into its kernel (TS-8).
      """,
    options: SearchedEdge.options + [
      OptionSpec(
        "channels", .integer(2...512), help: "Channels C of the random maps.", default: "16"),
      OptionSpec(
        "seed", .integer(0...Int.max), help: "Weights and maps follow from it.", default: "1"),
      OptionSpec(
        "mode", .choice(["training", "evaluation"]),
        help: "Batch norm by the statistics of the batch, or by running statistics.",
        default: "training"),
      OptionSpec(
        "svg", .text(placeholder: "DIR"), help: "Draw the measured values into this folder."),
      CommonOptions.json,
    ])

  static func run(_ options: ParsedOptions, _ console: Console) throws {
    let report = NonlinearityReport(
      try SearchedEdge(options), channels: options.integer("channels") ?? 16,
      options.text("mode") == "evaluation" ? .evaluation : .training,
      seed: options.integer("seed") ?? 1)
    let file = try options.text("svg").map {
      try PictureFolder($0).write(report.chart.svg, to: "nonlinearity.svg")
    }
    if options.flag("json") ?? false {
      try console.print(json: NonlinearitySummary(report, files: [file].compactMap { $0 }))
    } else {
      try console.print(text: report.text + (file.map { "\n\nwrote \(shown($0))" } ?? ""))
    }
  }
}
