import DifferentiableSearch
import Reports

/// The epochs that a run folder tells of.
enum RunHistory {
  /// The metrics of all epochs whose lines are whole.
  static func metrics<Metrics: Decodable>(
    of folder: RunFolder, as _: Metrics.Type = EpochMetrics.self
  ) throws -> [Metrics] {
    try folder.lines(of: "metrics.jsonl").enumerated().map { index, line in
      do { return try JSONText.decode(Metrics.self, from: line) } catch {
        throw RunHistoryError.badLine(file: "\(folder.path)/metrics.jsonl", line: index + 1)
      }
    }
  }

  /// Cuts off what was written after `epochs` epochs, and returns the metrics of these.
  static func cutBack<Metrics: Decodable>(
    _ folder: RunFolder, to epochs: Int, as _: Metrics.Type = EpochMetrics.self
  ) throws -> [Metrics] {
    let lines = try folder.lines(of: "metrics.jsonl")
    guard lines.count >= epochs else {
      throw RunHistoryError.tooShort(
        file: "\(folder.path)/metrics.jsonl", epochs: epochs, found: lines.count)
    }
    try keep(Array(lines.prefix(epochs)), of: "metrics.jsonl", in: folder)
    let alphas = try folder.lines(of: "alphas.csv")
    let rows = alphas.dropFirst().prefix { row in
      Int(row.prefix { $0 != "," }).map { $0 <= epochs } ?? false
    }
    try keep(epochs > 0 ? Array(alphas.prefix(1) + rows) : [], of: "alphas.csv", in: folder)
    return try metrics(of: folder, as: Metrics.self)
  }

  private static func keep(
    _ lines: [String], of name: String, in folder: RunFolder
  ) throws {
    let text = lines.map { $0 + "\n" }.joined()
    guard try folder.text(of: name) ?? "" != text else { return }
    try text.isEmpty ? folder.remove(name) : folder.write(text, to: name)
  }
}

/// Why the record of the epochs cannot be continued.
enum RunHistoryError: Error, Equatable, CustomStringConvertible {
  /// A line is not the metrics of an epoch.
  case badLine(file: String, line: Int)
  /// Epochs are missing that the checkpoint has behind it.
  case tooShort(file: String, epochs: Int, found: Int)

  /// The message for the user, with a hint on the last line.
  var description: String {
    switch self {
    case .badLine(let file, let line):
      """
      \(file), line \(line): expected the metrics of an epoch as JSON
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
