import Messages

/// Why a file is no table of NAS-Bench-201.
public struct NASBench201TableError: UserError, Equatable {
  /// What is wrong; lines are counted from 1.
  public enum Problem: Error, Equatable, Sendable {
    /// The file cannot be read.
    case unreadable(reason: String)
    /// The first line does not name the columns that are needed.
    case badHead(found: [String])
    /// The first line names more columns of accuracies than any table has.
    case tooManyColumns(limit: Int, found: Int)
    /// Two columns of accuracies have the same name.
    case repeatedColumn(String)
    /// A quote stands where none can, or has no other one.
    case badQuote(line: Int)
    /// The accuracies of a column are shares.
    case shares(column: String, highest: Double)
    /// The accuracies of a column are error rates: that of the cell of none alone.
    case errorRates(column: String, found: Double)
    /// A row has more or fewer fields than there are columns.
    case fieldCount(line: Int, expected: Int, found: Int)
    /// A row is for something that is no cell.
    case notACell(line: Int, GenotypeError)
    /// A field is not a number from 0 to 100.
    case notAnAccuracy(line: Int, column: String, found: String)
    /// A cell has a second row.
    case repeated(line: Int, first: Int)
    /// Cells have no row.
    case missing(Int, example: NASBench201Genotype)
  }

  /// The file.
  public let file: String
  /// What is wrong with it.
  public let problem: Problem

  /// Creates an error.
  public init(file: String, problem: Problem) {
    self.file = file
    self.problem = problem
  }

  /// The code with which a program ends that reports it.
  public var exitCode: ExitCode {
    if case .unreadable = problem { .noInput } else { .badData }
  }

  /// The message for the user, with a hint on the last line.
  public var message: Message {
    switch problem {
    case .unreadable(let reason):
      """
      cannot read \(file): \(reason)
      Hint: name the table of NAS-Bench-201, a text file with commas.
      """
    case .badHead(let found):
      """
      \(file), line 1: expected the names of columns, arch_str and at least one that ends in _valid or _test, \
      found \(found.prefix(8).map { "'\($0.prefix(40))'" }.joined(separator: ", "))
      Hint: \(Self.hint(head: found))
      """
    case .tooManyColumns(let limit, let found):
      """
      \(file), line 1: expected at most \(limit) columns that end in _valid or _test, found \(found)
      Hint: leave the others out.
      """
    case .repeatedColumn(let name):
      """
      \(file), line 1: expected columns of different names, found '\(name.prefix(40))' twice
      Hint: rename or remove one of them.
      """
    case .badQuote(let line):
      """
      \(file), line \(line): expected quotes in pairs around whole fields, found one by itself
      Hint: a quote within a field in quotes is written twice.
      """
    case .shares(let column, let highest):
      """
      \(file), \(column): expected accuracies in percent, found none above \(highest), so these are shares
      Hint: multiply the column by 100.
      """
    case .errorRates(let column, let found):
      """
      \(file), \(column): expected accuracies, found \(found) for the cell that passes nothing on, more than for most others
      Hint: these are error rates; subtract each from 100.
      """
    case .fieldCount(let line, let expected, let found):
      """
      \(file), line \(line): expected \(expected) fields, as many as line 1 has, found \(found)
      Hint: the file is damaged or cut off; fetch it again.
      """
    case .notACell(let line, let error):
      """
      \(file), line \(line), arch_str, \(error.messageInLine)
      Hint: a cell of NAS-Bench-201 is |op~0|+|op~0|op~1|+|op~0|op~1|op~2|.
      """
    case .notAnAccuracy(let line, let column, let found):
      """
      \(file), line \(line), \(column): expected an accuracy in percent, from 0 to 100, found '\(found.prefix(40))'
      Hint: \(found.contains(",") ? "write decimals with a point" : "the file is damaged; fetch it again").
      """
    case .repeated(let line, let first):
      """
      \(file), line \(line): the cell of this row has one already, line \(first)
      Hint: remove one of the two.
      """
    case .missing(let count, let example):
      """
      \(file): expected a row for each of \(NASBench201Genotype.count) cells, \(count) have none, the first of them \
      \(example)
      Hint: the file is cut off, or is another table; fetch it again.
      """
    }
  }

  /// What is most likely wrong with a first line.
  private static func hint(head: [String]) -> String {
    if head.count == 1, let separator = [";", "\t"].first(where: head[0].contains) {
      return "columns are parted by commas, not by \(separator == ";" ? "semicolons" : "tabs")."
    }
    return "a row is for example 6111,|nor_conv_3x3~0|+...,91.6067,94.3733 below "
      + "arch_index,arch_str,cifar10_valid,cifar10_test."
  }
}
