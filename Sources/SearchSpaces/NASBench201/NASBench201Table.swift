/// The accuracies of all 15,625 cells of NAS-Bench-201, read from a table with commas.
///
/// The first line names the columns. `arch_str` holds the cell; every column whose name ends in `_valid` or `_test`
/// holds accuracies in percent; others are passed over. Each cell has one row, in any order.
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
      var rows = TableRows(text)
      try rows.readAll()
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
  private let lines: [Substring]
  /// The line on which each cell was found.
  private var found = [Int?](repeating: nil, count: NASBench201Genotype.count)

  init(_ text: String) {
    lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
  }

  mutating func readAll() throws(NASBench201TableError.Problem) {
    let head = lines[0].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    columns = head.enumerated().filter { $1.hasSuffix("_valid") || $1.hasSuffix("_test") }
      .map { ($1, $0) }
    guard let cells = head.firstIndex(of: "arch_str"), !columns.isEmpty else {
      throw .badHead(found: head)
    }
    // Before a place is made for each cell in each of them.
    guard columns.count <= Self.columnLimit else {
      throw .tooManyColumns(limit: Self.columnLimit, found: columns.count)
    }
    accuracies = columns.map { _ in [Double](repeating: 0, count: NASBench201Genotype.count) }
    for (index, line) in lines.enumerated().dropFirst() where !line.isEmpty {
      let fields = line.split(separator: ",", omittingEmptySubsequences: false)
      guard fields.count == head.count else {
        throw .fieldCount(line: index + 1, expected: head.count, found: fields.count)
      }
      try read(fields, cell: String(fields[cells]), line: index + 1)
    }
    let missing = found.indices.filter { found[$0] == nil }
    guard missing.isEmpty else {
      throw .missing(missing.count, example: NASBench201Genotype(ordinal: missing[0]))
    }
  }

  private mutating func read(
    _ fields: [Substring], cell text: String, line: Int
  ) throws(NASBench201TableError.Problem) {
    let ordinal: Int
    do { ordinal = try NASBench201Genotype(parsing: text).ordinal } catch {
      throw .notACell(line: line, error)
    }
    if let first = found[ordinal] { throw .repeated(line: line, first: first) }
    found[ordinal] = line
    for (index, column) in columns.enumerated() {
      let field = fields[column.place]
      guard let percent = Double(field), 0...100 ~= percent else {
        throw .notAnAccuracy(line: line, column: column.name, found: String(field))
      }
      // The nearest number to 0.9437 is not the nearest to 94.37 over 100.
      accuracies[index][ordinal] = Double("\(field)e-2") ?? percent / 100
    }
  }
}
