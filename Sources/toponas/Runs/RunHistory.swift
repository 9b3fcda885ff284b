import Messages
import Reports
import SearchMethods

/// The epochs that a run folder tells of.
enum RunHistory {
  /// The metrics of all epochs whose lines are whole.
  static func metrics<Metrics: LoggedMetrics>(
    of folder: RunFolder, as _: Metrics.Type = EpochMetrics.self
  ) throws -> [Metrics] {
    try metrics(
      in: folder.lines(of: "metrics.jsonl"), file: "\(folder.path)/metrics.jsonl", as: Metrics.self)
  }

  /// The metrics of all epochs from the first on, from a line each; `file` is only for messages.
  static func metrics<Metrics: LoggedMetrics>(
    in lines: [String], file: String, as _: Metrics.Type = EpochMetrics.self
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
  static func medianSecondsPerStep(_ seconds: [Double]) -> Double {
    seconds.isEmpty ? 0 : seconds.sorted()[seconds.count / 2]
  }

  /// Cuts off what was written after `epochs` epochs, and returns the metrics of these.
  static func cutBack<Metrics: LoggedMetrics>(
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

/// What a line of `metrics.jsonl` holds, of a search or of the training of a derived cell.
protocol LoggedMetrics: Decodable {
  var epoch: Int { get }
  var seconds: Double { get }
  var secondsPerStep: Double { get }
  var peakTensorBytes: Int? { get }
  var peakMemoryBytes: Int { get }
  /// Whether times and sizes are some that a process can have had, so that their sums can be told.
  var isPossible: Bool { get }
}

extension LoggedMetrics {
  fileprivate var hasPossibleSizes: Bool {
    0...1e12 ~= seconds && 0...1e12 ~= secondsPerStep && peakMemoryBytes >= 0
      && peakTensorBytes ?? 0 >= 0
  }
}

extension EpochMetrics: LoggedMetrics {
  var isPossible: Bool { hasPossibleSizes && skipCount >= 0 }
}

extension TrainingMetrics: LoggedMetrics {
  var isPossible: Bool { hasPossibleSizes }
}

/// Why the record of the epochs cannot be continued.
enum RunHistoryError: UserError, Equatable {
  /// A line is not what it should be: the metrics of an epoch.
  case badLine(file: String, line: Int, expected: String)
  /// Epochs are missing that the checkpoint has behind it.
  case tooShort(file: String, epochs: Int, found: Int)

  /// The message for the user, with a hint on the last line.
  var message: Message {
    switch self {
    case .badLine(let file, let line, let expected):
      """
      \(file), line \(line): expected \(expected)
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
