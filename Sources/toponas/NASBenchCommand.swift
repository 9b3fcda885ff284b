import CommandLineParsing
import SearchSpaces

/// `toponas nasbench`: what the table of NAS-Bench-201 says of a cell.
struct NASBenchCommand: Command {
  static let spec = CommandSpec(
    "nasbench", summary: "Look a cell up in the table of NAS-Bench-201.",
    discussion: """
      Shows the accuracies that the benchmark measured when it trained the cell for good, the rank among all 15,625 \
      cells (1 is best; equal accuracies have equal ranks), and the isomorphism class: cells that compute the same, \
      of which the benchmark counts 6,466. They were trained one by one, so that accuracies differ inside a class.

      The table is a text file with commas. Its first line names the columns: arch_str, the cell, and accuracies in \
      percent, whose names end in _valid or _test; others are passed over. There is one row for each cell.
      """,
    options: [
      tableOption("table"),
      OptionSpec(
        "genotype", .text(placeholder: "TEXT|FILE"),
        help: "A cell of NAS-Bench-201 as text, in a file, or in the genotype.json of a run."),
      CommonOptions.json,
    ])

  /// The option that names the table.
  static func tableOption(_ name: String, _ more: String = "") -> OptionSpec {
    OptionSpec(
      name, .text(placeholder: "FILE"), help: "The table of NAS-Bench-201, with commas.\(more)")
  }

  static func run(_ options: ParsedOptions, _ console: Console) throws {
    guard let table = options.text("table") else { throw NASBenchCommandError.missing("table") }
    guard let genotype = options.text("genotype") else {
      throw NASBenchCommandError.missing("genotype")
    }
    guard case .nasBench201(let cell) = try GenotypeInput(genotype) else {
      throw NASBenchCommandError.otherSpace
    }
    let result = try BenchmarkedCell(cell, NASBench201Table(file: table))
    if options.flag("json") ?? false {
      try console.print(json: result)
    } else {
      try console.print(result.text)
    }
  }
}

/// Why nothing can be looked up.
enum NASBenchCommandError: Error, Equatable, CustomStringConvertible {
  /// An option that must be given was not.
  case missing(String)
  /// The cells are those of DARTS.
  case otherSpace

  /// The message for the user, with a hint on the last line.
  var description: String {
    switch self {
    case .missing(let option):
      """
      --\(option) is needed
      Hint: toponas nasbench --table FILE --genotype runs/nasbench201-darts-simplified-seed1/genotype.json
      """
    case .otherSpace:
      """
      --genotype: expected a cell of NAS-Bench-201, found cells of DARTS
      Hint: the benchmark has no DARTS cells; toponas evaluate trains them.
      """
    }
  }
}
