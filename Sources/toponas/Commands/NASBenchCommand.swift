import CommandLineParsing
import Messages
import SearchSpaces

/// `toponas nasbench`: what the table of NAS-Bench-201 says of a cell.
struct NASBenchCommand: Command {
  static let spec = CommandSpec(
    "nasbench", summary: "Look a cell up in the table of NAS-Bench-201.",
    discussion: """
      Shows the accuracies that the benchmark measured when it trained the cell for good, the rank among all 15,625 \
      cells (1 is best; equal accuracies have equal ranks), and the isomorphism class: cells that compute the same, \
      of which the benchmark counts 6,466. They were trained one by one, so that accuracies differ inside a class.

      The table is a text file with commas (CSV). Its first line names the columns: arch_str, the cell, and accuracies \
      in percent of any data set, whose names end in _valid or _test; others are passed over. There is one row for \
      each cell.
      """,
    options: [
      tableOption("table", isRequired: true),
      GenotypeInput.option(of: "A cell of NAS-Bench-201", isRequired: true),
      CommonOptions.json,
    ])

  /// The option that names the table.
  static func tableOption(
    _ name: String, _ more: String = "", isRequired: Bool = false
  ) -> OptionSpec {
    OptionSpec(
      name, .text(placeholder: "FILE"), help: "The table of NAS-Bench-201, with commas.\(more)",
      isRequired: isRequired)
  }

  static func run(_ options: ParsedOptions, _ console: Console) throws {
    guard case .nasBench201(let cell) = try GenotypeInput(options.requiredText("genotype")) else {
      throw NASBenchCommandError.otherSpace
    }
    let table = try NASBench201Table(file: options.requiredText("table"))
    let result = BenchmarkedCell(cell, table)
    if options.flag("json") ?? false {
      try console.print(json: result)
    } else {
      try console.print(text: result.text)
    }
  }
}

/// Why nothing can be looked up.
enum NASBenchCommandError: UserError, Equatable {
  /// The cells are those of DARTS.
  case otherSpace

  /// The code with which a program ends that reports it.
  var exitCode: ExitCode { .usage }

  /// The message for the user, with a hint on the last line.
  var message: Message {
    switch self {
    case .otherSpace:
      """
      --genotype: expected a cell of NAS-Bench-201, found cells of DARTS
      Hint: the benchmark has no DARTS cells; toponas evaluate trains them.
      """
    }
  }
}
