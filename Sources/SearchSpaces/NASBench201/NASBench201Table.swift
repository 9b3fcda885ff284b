/// The accuracies of all 15,625 cells of NAS-Bench-201, read from a table with commas.
///
/// The first row names the columns. `arch_str` holds the cell; every column whose name ends in `valid` or `test`, such as
/// `cifar10_valid` and `ImageNet16-120 x-test`, holds accuracies in percent, with a sign or without; others are passed
/// over. Each cell has one row, in any order.
public struct NASBench201Table: Sendable {
  /// What the table says of a cell in one column.
  public struct Measurement: Hashable, Codable, Sendable {
    /// A share in [0, 1].
    public let accuracy: Double
    /// 1 for the highest accuracy; equal ones have equal ranks.
    public let rank: Int

    /// Creates a measurement.
    public init(accuracy: Double, rank: Int) {
      (self.accuracy, self.rank) = (accuracy, rank)
    }
  }

  /// The columns of accuracies in the order of the table, for example `cifar10_valid` and `cifar10_test`.
  public let columns: [String]
  /// Shares in [0, 1] of each column, in the order of `NASBench201Genotype.ordinal`.
  private let accuracies: [[Double]]

  /// Reads the text of a table; `file` is only for messages.
  public init(parsing text: String, file: String) throws(NASBench201TableError) {
    do throws(NASBench201TableError.Problem) {
      var rows = TableRows()
      try rows.readAll(text)
      (columns, accuracies) = (rows.columns.map(\.name), rows.accuracies)
    } catch {
      throw NASBench201TableError(file: file, problem: error)
    }
  }

  /// The accuracy of a cell in a column, a share in [0, 1]; nil if there is no such column.
  public func accuracy(of genotype: NASBench201Genotype, in column: String) -> Double? {
    columns.firstIndex(of: column).map { accuracies[$0][genotype.ordinal] }
  }

  /// What every column says of a cell.
  public func measurements(of genotype: NASBench201Genotype) -> [String: Measurement] {
    let pairs = zip(columns, accuracies).map { name, all in
      let own = all[genotype.ordinal]
      return (name, Measurement(accuracy: own, rank: 1 + all.count { $0 > own }))
    }
    return Dictionary(pairs, uniquingKeysWith: { first, _ in first })
  }
}

/// The rows of a table while they are read.
private struct TableRows {
  private(set) var columns: [(name: String, place: Int)] = []
  private(set) var accuracies: [[Double]] = []
  private static let columnLimit = 100
  /// The line on which each cell was found.
  private var found = [Int?](repeating: nil, count: NASBench201Genotype.count)

  mutating func readAll(_ text: String) throws(NASBench201TableError.Problem) {
    var rows = CommaSeparatedRows(text)
    let head = try next(&rows)?.fields ?? []
    let cells = try readHead(head)
    while let row = try next(&rows) {
      guard row.fields.count == head.count else {
        throw .fieldCount(line: row.line, expected: head.count, found: row.fields.count)
      }
      try read(row, cell: row.fields[cells])
    }
    let missing = found.indices.filter { found[$0] == nil }
    guard missing.isEmpty else {
      throw .missing(missing.count, example: NASBench201Genotype(ordinal: missing[0]))
    }
    try checkUnits()
  }

  private func next(
    _ rows: inout CommaSeparatedRows
  ) throws(NASBench201TableError.Problem) -> CommaSeparatedRows.Row? {
    do { return try rows.next() } catch { throw .badQuote(line: error.line) }
  }

  /// Notes the columns of accuracies; returns the one of the cells.
  private mutating func readHead(
    _ head: [String]
  ) throws(NASBench201TableError.Problem) -> Int {
    columns = head.enumerated().filter { ColumnName.isOfAccuracies($1) }.map { ($1, $0) }
    guard let cells = head.firstIndex(where: ColumnName.isOfCells), !columns.isEmpty else {
      throw .badHead(found: head)
    }
    // Before a place is made for each cell in each of them.
    guard columns.count <= Self.columnLimit else {
      throw .tooManyColumns(limit: Self.columnLimit, found: columns.count)
    }
    for (index, column) in columns.enumerated() {
      guard !columns[..<index].contains(where: { $0.name == column.name }) else {
        throw .repeatedColumn(column.name)
      }
    }
    accuracies = columns.map { _ in [Double](repeating: 0, count: NASBench201Genotype.count) }
    return cells
  }

  private mutating func read(
    _ row: CommaSeparatedRows.Row, cell text: String
  ) throws(NASBench201TableError.Problem) {
    let ordinal: Int
    do { ordinal = try NASBench201Genotype(parsing: text).ordinal } catch {
      throw .notACell(line: row.line, error)
    }
    if let first = found[ordinal] { throw .repeated(line: row.line, first: first) }
    found[ordinal] = row.line
    for (index, column) in columns.enumerated() {
      let field = row.fields[column.place]
      guard let accuracy = Self.accuracy(field) else {
        throw .notAnAccuracy(line: row.line, column: column.name, found: field)
      }
      accuracies[index][ordinal] = accuracy
    }
  }

  /// The share that a field means, `94.37` or `94.37 %`.
  private static func accuracy(_ field: String) -> Double? {
    var digits = field[...]
    if digits.last == "%" { digits = digits.dropLast().prefix { $0 != " " } }
    guard let percent = Double(digits), 0...100 ~= percent else { return nil }
    // The nearest number to 0.9437 is not the nearest to 94.37 over 100.
    return Double("\(digits)e-2") ?? percent / 100
  }

  /// Percentages of which none is above 1 are shares; where a cell that passes nothing on is better than most, they are
  /// error rates.
  private func checkUnits() throws(NASBench201TableError.Problem) {
    for (column, all) in zip(columns, accuracies) {
      let nothing = all[0]
      if nothing > 0.5, all.filter({ $0 < nothing }).count > all.count / 2 {
        throw .errorRates(column: column.name, found: Self.percent(nothing))
      }
      if let highest = all.max(), highest > 0, highest <= 0.01 {
        throw .shares(column: column.name, highest: Self.percent(highest))
      }
    }
  }

  /// A share as the table has it.
  private static func percent(_ share: Double) -> Double { (share * 1e8).rounded() / 1e6 }
}

/// What the name of a column says.
private enum ColumnName {
  private static let parts: Set = ["valid", "val", "validation", "test"]
  private static let units: Set = ["acc", "accuracy", "percent", "top1"]

  /// Whether it holds the cells.
  static func isOfCells(_ name: String) -> Bool {
    ["arch_str", "arch", "architecture"].contains(name.lowercased())
  }

  /// Whether it holds accuracies: `cifar10_valid`, `ImageNet16-120 x-test`, `cifar100_test_accuracy (%)`.
  static func isOfAccuracies(_ name: String) -> Bool {
    var words = name.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
    if let last = words.last, units.contains(last) { words.removeLast() }
    return words.last.map(parts.contains) ?? false
  }
}
