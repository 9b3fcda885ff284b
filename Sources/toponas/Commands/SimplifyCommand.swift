import CommandLineParsing
import Messages
import Reports
import Runs
import SearchSpaces
import TopologicalSimplification

/// `toponas simplify`: shows how an edge of a search space is simplified.
struct SimplifyCommand: Command {
  static let spec = CommandSpec(
    "simplify", summary: "Show the topological simplification of an edge, step by step.",
    discussion: """
      Rewrites the weighted sum of all candidates of one edge until no rule applies, and prints what each \
      step leaves: modules by type, multiply-accumulates (MACs) for 16 channels and a 32 x 32 image, and \
      where the step is exact. Then the edge before and after, and the equations.

      In a tree alpha is the weight of one candidate, A that of several, p a share within the group of the \
      sum, or of the kernel, in which it stands.
      """,
    options: SearchedEdge.options + OptionSpec.all(Simplification.settings) + [
      OptionSpec(
        "svg", .text(placeholder: "DIR"),
        help: "Draw the edge before, after and after each step into this folder."),
      OptionSpec(
        "html", .text(placeholder: "FILE"),
        help: "Write a page on which you go from step to step: one file, without scripts."),
      OptionSpec(
        "dot", .text(placeholder: "DIR"),
        help: "Write the edge before and after for Graphviz into this folder."),
      CommonOptions.json,
    ])

  static func run(_ options: ParsedOptions, _ console: Console) throws {
    let result = SimplifiedEdge(
      try SearchedEdge(options), try Simplification(options.values).simplifier)
    let files =
      try (options.text("svg").map { try result.draw(into: PictureFolder($0)) } ?? [])
      + (options.text("html").map { try write(SimplificationPage(result), to: $0) } ?? [])
      + (options.text("dot").map { try result.writeGraphs(into: PictureFolder($0)) } ?? [])
    if options.flag("json") ?? false {
      try console.print(json: SimplificationSummary(result, files: files))
    } else {
      let written = files.map { "wrote \(shown($0))" }.joined(separator: "\n")
      try console.print(text: result.text + (files.isEmpty ? "" : "\n\n\(written)"))
    }
  }
  private static func write(
    _ page: SimplificationPage, to file: String
  ) throws(OutputFileError) -> [String] {
    try OutputFile(path: file, option: "--html").write(page.html)
    return [file]
  }
}
