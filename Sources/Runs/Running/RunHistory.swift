import Messages
import Reports
import SearchMethods
import SearchSpaces

/// The epochs that a run folder tells of.
package enum RunHistory {
  /// The file with a line of JSON for each unit.
  package static let metricsFile = "metrics.jsonl"

  /// What a search reported after its units, whose lines are whole.
  package static func units(of folder: RunFolder, _ plan: SearchPlan) throws -> [any UnitReport] {
    try units(
      in: folder.lines(of: metricsFile), file: "\(folder.path)/\(metricsFile)",
      as: plan.method.entry.report)
  }

  /// What a search reported after its units, from a line each; `file` is only for messages.
  package static func units(
    in lines: [String], file: String, as report: any UnitReport.Type
  ) throws(RunHistoryError) -> [any UnitReport] {
    func read<Report: UnitReport>(
      _: Report.Type
    ) throws(RunHistoryError) -> [any UnitReport] {
      try metrics(in: lines, file: file, as: ReadUnit<Report>.self).map(\.report)
    }
    return try read(report)
  }

  /// The metrics of all epochs of a training whose lines are whole.
  package static func epochs(of folder: RunFolder) throws -> [TrainingMetrics] {
    try metrics(
      in: folder.lines(of: metricsFile), file: "\(folder.path)/\(metricsFile)",
      as: TrainingMetrics.self)
  }

  /// The metrics of all epochs from the first on, from a line each; `file` is only for messages.
  private static func metrics<Metrics: LoggedMetrics>(
    in lines: [String], file: String, as _: Metrics.Type
  ) throws(RunHistoryError) -> [Metrics] {
    var epochs: [Metrics] = []
    for line in lines {
      let metrics = try? JSONText.decode(Metrics.self, from: line)
      guard let metrics, metrics.epoch == epochs.count + 1, metrics.isPossible else {
        let number = epochs.count + 1
        throw .badLine(
          file: file, line: number, expected: "the metrics of epoch \(number) as JSON")
      }
      epochs.append(metrics)
    }
    return epochs
  }

  /// The median of the epochs' times; the later of the middle two, as everywhere in a run folder.
  package static func medianSecondsPerStep(_ seconds: [Double]) -> Double {
    seconds.isEmpty ? 0 : seconds.sorted()[seconds.count / 2]
  }

  /// Cuts off what a search wrote after `units` units, and returns what it reported of these.
  package static func cutBack<Report: UnitReport>(
    _ folder: RunFolder, to units: Int, tables: [UnitRecord], as _: Report.Type
  ) throws -> [Report] {
    try cutBack(folder, to: units, tables: tables, reading: ReadUnit<Report>.self).map(\.report)
  }

  /// Cuts off what a training wrote after `epochs` epochs, and returns the metrics of these.
  package static func cutBack(_ folder: RunFolder, to epochs: Int) throws -> [TrainingMetrics] {
    try cutBack(folder, to: epochs, tables: [], reading: TrainingMetrics.self)
  }

  /// All that is to stay is read before anything goes: of a damaged record nothing is lost.
  ///
  /// `tables` are those that grow
  /// with the epochs, as they are now.
  private static func cutBack<Metrics: LoggedMetrics>(
    _ folder: RunFolder, to epochs: Int, tables: [UnitRecord], reading _: Metrics.Type
  ) throws -> [Metrics] {
    let name = metricsFile
    let lines = Array(try folder.lines(of: name).prefix(epochs))
    let past = try metrics(in: lines, file: "\(folder.path)/\(name)", as: Metrics.self)
    guard past.count == epochs else {
      throw RunHistoryError.tooShort(
        file: "\(folder.path)/\(name)", epochs: epochs, found: past.count)
    }
    let rows = try tables.map { try linesToKeep(of: $0, in: folder, epochs: epochs) }
    try keep(lines, of: name, in: folder)
    for (table, rows) in zip(tables, rows) { try keep(rows, of: "\(table.name).csv", in: folder) }
    return past
  }

  /// The lines of the first `epochs` epochs in the file of a table, with its head; each must be like that of the same
  /// place in `table`.
  private static func linesToKeep(
    of table: UnitRecord, in folder: RunFolder, epochs: Int
  ) throws -> [String] {
    if let total = table.total {
      return try linesToKeep(of: table, total: total, in: folder, epochs: epochs)
    }
    guard epochs > 0, !table.rows.isEmpty else { return [] }
    let file = "\(folder.path)/\(table.name).csv"
    let count = 1 + epochs * table.rows.count
    let lines = try folder.lines(of: "\(table.name).csv").prefix(count)
    for (index, line) in lines.enumerated() {
      let fields = CommaSeparatedRows.fields(of: line) ?? [""]
      let (epoch, place) = (index - 1).quotientAndRemainder(dividingBy: table.rows.count)
      let isLikeIt =
        index == 0
        ? fields.count == table.columns.count && fields[0] == table.columns[0]
        : isRow(fields, of: epoch + 1, like: table.rows[place])
      guard isLikeIt else {
        throw RunHistoryError.badLine(
          file: file, line: index + 1,
          expected: index == 0
            ? "the names of \(table.columns.count) columns"
            : "\(table.columns.count) fields of epoch \(epoch + 1), numbers where other epochs have them"
        )
      }
    }
    guard lines.count == count else {
      throw RunHistoryError.tooShort(
        file: file, epochs: epochs, found: max(0, lines.count - 1) / table.rows.count)
    }
    return Array(lines)
  }

  /// The head and the first `total` lines of a table that grows by unlike many rows; each must be of a unit that is done.
  private static func linesToKeep(
    of table: UnitRecord, total: Int, in folder: RunFolder, epochs: Int
  ) throws -> [String] {
    guard epochs > 0 else { return [] }
    guard total > 0 else { return [table.columns.joined(separator: ",")] }
    let file = "\(folder.path)/\(table.name).csv"
    let lines = try folder.lines(of: "\(table.name).csv").prefix(1 + total)
    for (index, line) in lines.enumerated() {
      let fields = CommaSeparatedRows.fields(of: line) ?? [""]
      let isRow = fields.count == table.columns.count && 1...epochs ~= Int(fields[0]) ?? 0
      guard index == 0 ? fields == table.columns : isRow else {
        throw RunHistoryError.badLine(
          file: file, line: index + 1,
          expected: index == 0
            ? table.columns.joined(separator: ",")
            : "\(table.columns.count) fields, the first one an epoch from 1 to \(epochs)")
      }
    }
    guard lines.count == 1 + total else {
      throw RunHistoryError.tooFewRows(
        file: file, expected: total, found: max(0, lines.count - 1))
    }
    return Array(lines)
  }

  /// Whether a row has numbers where another one has them, and the same words.
  private static func isRow(_ fields: [String], of epoch: Int, like row: [String]) -> Bool {
    fields.count == row.count && fields[0] == "\(epoch)"
      && zip(fields, row).dropFirst().allSatisfy { found, like in
        Double(like) == nil ? found == like : Double(found) != nil
      }
  }

  private static func keep(
    _ lines: [String], of name: String, in folder: RunFolder
  ) throws {
    let text = lines.map { $0 + "\n" }.joined()
    guard try folder.text(of: name) ?? "" != text else { return }
    try text.isEmpty ? folder.remove(name) : folder.write(text, to: name)
  }
}

/// What a line of `metrics.jsonl` holds, of a search or of the training of a derived cell.
private protocol LoggedMetrics: Decodable {
  var epoch: Int { get }
  /// Whether times, sizes and shares are some that a process can have had, so that their sums can be told.
  var isPossible: Bool { get }
}

/// A line of a search, without what a table of NAS-Bench-201 added.
private struct ReadUnit<Report: UnitReport>: LoggedMetrics {
  let report: Report
  var epoch: Int { report.unit }
  var isPossible: Bool {
    RunHistory.arePossible(report.seconds, report.secondsPerStep, bytes: report.peakMemoryBytes)
      && report.peakTensorBytes ?? 0 >= 0 && report.skips ?? 0 >= 0
  }

  init(from decoder: any Decoder) throws { report = try Report(from: decoder) }
}

extension TrainingMetrics: LoggedMetrics {
  fileprivate var isPossible: Bool {
    RunHistory.arePossible(seconds, secondsPerStep, bytes: peakMemoryBytes)
      && peakTensorBytes ?? 0 >= 0
  }
}

extension RunHistory {
  fileprivate static func arePossible(
    _ seconds: Double, _ secondsPerStep: Double, bytes: Int
  ) -> Bool {
    0...1e12 ~= seconds && 0...1e12 ~= secondsPerStep && bytes >= 0
  }
}

/// Why what a run tells of its epochs cannot be read, or continued.
package enum RunHistoryError: UserError, Equatable {
  /// A line is not what it should be: the metrics of an epoch.
  case badLine(file: String, line: Int, expected: String)
  /// Epochs before the checkpoint are missing.
  case tooShort(file: String, epochs: Int, found: Int)
  /// Rows of a table are missing that the search had written before the checkpoint.
  case tooFewRows(file: String, expected: Int, found: Int)
  /// The result is not what it should be.
  case badSummary(file: String)

  /// The code with which a program ends that reports it.
  package var exitCode: ExitCode { .badData }

  /// The message for the user, with a hint on the last line.
  package var message: Message {
    switch self {
    case .badLine(let file, let line, let expected):
      """
      \(file), line \(line): expected \(expected)
      Hint: the file was changed or damaged; restore it from a copy.
      """
    case .badSummary(let file):
      """
      \(file): expected the result of a training as JSON
      Hint: the file was changed or damaged; restore it from a copy.
      """
    case .tooFewRows(let file, let expected, let found):
      """
      \(file): expected \(expected) rows below the head, found \(found)
      Hint: the file was changed or damaged; restore it from a copy.
      """
    case .tooShort(let file, let epochs, let found):
      """
      \(file): expected the \(counted(epochs, "epoch")) of the checkpoint, found \(found)
      Hint: the file was changed or damaged; restore it from a copy.
      """
    }
  }
}
