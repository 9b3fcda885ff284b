import CommandLineParsing
import Reports
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
    options: SearchedEdge.options + [
      OptionSpec(
        "variant", .choice(Grouping.Variant.allCases.map(\.rawValue)),
        help: "Which operations share modules: T all with a convolution, P at the end only those "
          + "with equally many stages, S only modules without weights.",
        default: "T"),
      OptionSpec(
        "floating", .choice(FloatingModuleSharing.allCases.map(\.rawValue) + ["none"]),
        help: "How modules in the middle are shared: A one cascade, B the last block, C a cascade "
          + "whose second stage has weights of its own.",
        default: "A"),
      OptionSpec(
        "kernel-norm", .integer(0...4),
        help: "Kernel normalization: 0 none, 1 unit norm, 2 mean removed, 3 Frobenius norm, "
          + "4 unit norm with a trained gain.",
        default: "1"),
      OptionSpec(
        "merge", .choice(["where-it-pays", "always"]), help: "Which convolutions are merged.",
        default: "where-it-pays"),
      OptionSpec(
        "join-pools", .flag, help: "Let pools share the batch norm of the convolutions.",
        default: "--no-join-pools"),
      OptionSpec(
        "weights", .choice(NestedWeights.allCases.map(\.rawValue)),
        help: "Weights of nested sums: N1 from one logit a candidate, N2 from logits of their own.",
        default: "N1"),
      OptionSpec(
        "svg", .text(placeholder: "DIR"),
        help: "Draw the edge before, after and after each step into this folder."),
      OptionSpec(
        "dot", .text(placeholder: "DIR"),
        help: "Write the edge before and after for Graphviz into this folder."),
      OptionSpec("json", .flag, help: "Print one JSON object instead."),
    ])

  static func run(_ options: ParsedOptions, _ console: Console) throws {
    let result = SimplifiedEdge(try SearchedEdge(options), simplifier(options))
    let files =
      try (options.text("svg").map { try result.draw(into: PictureFolder($0)) } ?? [])
      + (options.text("dot").map { try result.writeGraphs(into: PictureFolder($0)) } ?? [])
    if options.flag("json") ?? false {
      try console.print(json: SimplificationSummary(result, files: files))
    } else {
      let written = files.map { "wrote \($0)" }.joined(separator: "\n")
      try console.print(result.text + (files.isEmpty ? "" : "\n\n\(written)"))
    }
  }

  private static func simplifier(_ options: ParsedOptions) -> Simplifier {
    let floating = options.text("floating") ?? FloatingModuleSharing.cascade.rawValue
    return Simplifier(
      grouping: Grouping(
        options.text("variant").flatMap(Grouping.Variant.init) ?? .total,
        joinsPools: options.flag("join-pools") ?? false),
      floating: FloatingModuleSharing(rawValue: floating),
      normalization: KernelNormalization(rawValue: "KN-\(options.integer("kernel-norm") ?? 1)")
        ?? .unitNorm,
      merging: options.text("merge") == "always" ? .always : .whereItPays,
      weights: options.text("weights").flatMap(NestedWeights.init) ?? .derived)
  }
}
