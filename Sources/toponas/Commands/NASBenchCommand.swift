import CommandLineParsing
import Messages
import Reports
import Runs
import SearchSpaces

/// `toponas nasbench`: what the table of NAS-Bench-201 says of a cell.
struct NASBenchCommand: Command {
  static let spec = CommandSpec(
    "nasbench", summary: "Look cells up in the table of NAS-Bench-201.",
    discussion: """
      With --genotype: the accuracies that the benchmark measured when it trained the cell from scratch, the rank among \
      all 15,625 cells (1 is best; equal accuracies have equal ranks), and the isomorphism class. The benchmark's rule \
      compares expressions and finds 6,466 classes; cells of one class compute the same, but some of different classes \
      do too, since the rule neither drops zeros nor flattens sums (without these 4,930 are left). The cells were \
      trained one by one, so that accuracies differ inside a class.

      With --best: the cells with the highest accuracies in a column, of those whose network (C = 16, N = 5) is not \
      larger than --max-params and --max-macs. A search must not choose by a column of the test set.

      The table is a CSV file with commas. Its first line names the columns: arch_str, the cell, and accuracies in \
      percent on any data set, whose names end in _valid or _test; other columns are ignored. There is one row per \
      cell.
      """,
    options: [
      tableOption("table", isRequired: true),
      GenotypeInput.option(of: "A cell of NAS-Bench-201"),
      OptionSpec("best", .integer(1...15_625), help: "How many of the best cells to list."),
      OptionSpec(
        "by", .text(placeholder: "COLUMN"), help: "With --best: the column that decides.",
        default: "the first of the table"),
      OptionSpec(
        "max-params", .text(placeholder: "P"),
        help: "With --best: at most this many parameters; 500000, 500k and 0.5M are the same."),
      OptionSpec(
        "max-macs", .text(placeholder: "M"),
        help: "With --best: at most this many multiply-accumulates per image, for example 60M."),
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
    let wantsJSON = options.flag("json") ?? false
    guard let count = options.integer("best") else {
      let result = try cell(options, console)
      return wantsJSON ? try console.print(json: result) : try console.print(text: result.text)
    }
    let result = try best(count, options)
    return wantsJSON ? try console.print(json: result) : try console.print(text: result.text)
  }

  private static func cell(
    _ options: ParsedOptions, _ console: Console
  ) throws -> BenchmarkedCell {
    if let other = ["by", "max-params", "max-macs"].first(where: options.isGiven) {
      throw NASBenchCommandError.onlyWithBest(option: other)
    }
    guard let text = options.text("genotype") else { throw NASBenchCommandError.nothingAsked }
    let input = try GenotypeInput(text, remark: console.error)
    guard let cell = input.genotype.cellOfBenchmark else {
      throw NASBenchCommandError.otherSpace(input.space)
    }
    return BenchmarkedCell(cell, try NASBench201Table(file: options.requiredText("table")))
  }

  private static func best(_ count: Int, _ options: ParsedOptions) throws -> BestCells {
    guard !options.isGiven("genotype") else { throw NASBenchCommandError.bothAsked }
    let (parameters, macs) = (
      try limit(options, "max-params"), try limit(options, "max-macs")
    )
    let table = try NASBench201Table(file: options.requiredText("table"))
    let column = options.text("by") ?? table.columns[0]
    guard table.columns.contains(column) else {
      throw NASBenchCommandError.noColumn(column, among: table.columns)
    }
    return BestCells(
      count, by: column, in: table, maximumParameters: parameters, maximumMACs: macs)
  }

  /// A number that may have a unit: `0.5M`.
  private static func limit(
    _ options: ParsedOptions, _ name: String
  ) throws(NASBenchCommandError) -> Double? {
    guard let text = options.text(name) else { return nil }
    let units = ["k": 1e3, "m": 1e6, "g": 1e9]
    let unit = text.lowercased().last.flatMap { units[String($0)] }
    guard let number = Double(unit == nil ? text : String(text.dropLast())), number > 0,
      number.isFinite
    else { throw .notALimit(option: name, found: text) }
    return number * (unit ?? 1)
  }
}

/// Why nothing can be looked up.
enum NASBenchCommandError: UserError, Equatable {
  /// The cells are those of another space.
  case otherSpace(SearchedSpace)
  /// Neither a cell nor the best ones are asked for.
  case nothingAsked
  /// Both are.
  case bothAsked
  /// An option that only the best ones have.
  case onlyWithBest(option: String)
  /// The table has no such column.
  case noColumn(String, among: [String])
  /// A text that is no number.
  case notALimit(option: String, found: String)

  /// The code with which a program ends that reports it.
  var exitCode: ExitCode { .usage }

  /// The message for the user, with a hint on the last line.
  var message: Message {
    switch self {
    case .otherSpace(let space):
      """
      --genotype: expected a cell of NAS-Bench-201, found \(space.entry.words.genotype)
      Hint: the benchmark has none of them; toponas evaluate trains them.
      """
    case .nothingAsked:
      """
      --genotype or --best is needed
      Hint: --genotype looks a cell up, --best 10 lists the ten best.
      """
    case .bothAsked:
      """
      --genotype and --best: expected one of them
      Hint: --genotype shows the rank of a cell.
      """
    case .onlyWithBest(let option):
      """
      --\(option): only together with --best
      Hint: add --best 10.
      """
    case .noColumn(let column, let columns):
      """
      --by \(printable(column)): expected one of \(columns.joined(separator: ", "))
      Hint: columns of accuracies are those whose names end in _valid or _test.
      """
    case .notALimit(let option, let found):
      """
      --\(option) \(printable(found)): expected a number above 0, such as 500000, 500k or 0.5M
      Hint: networks of the benchmark have 0.07M to 1.53M parameters and 8M to 221M multiply-accumulates.
      """
    }
  }
}
