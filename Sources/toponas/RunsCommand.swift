import CommandLineParsing
import Foundation
import Reports

/// `toponas runs`: which runs there are, and how far they are.
struct RunsCommand: Command {
  static let spec = CommandSpec(
    "runs", summary: "List runs, and how far they are.",
    discussion: """
      A run is running, finished, interrupted (stopped, or killed), or failed; `toponas search --resume RUN` \
      goes on with an interrupted one. Validation accuracy is that of the supernet after the last epoch.
      """,
    operand: OptionSpec(
      "dir", .text(placeholder: "DIR"), help: "The folder that holds the runs, or one run.",
      default: "runs"),
    options: [CommonOptions.json])

  static func run(_ options: ParsedOptions, _ console: Console) throws {
    let folder = options.text("dir") ?? "runs"
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
      throw RunsCommandError.noFolder(folder)
    }
    let paths = names.contains("config.json") ? [folder] : names.sorted().map { "\(folder)/\($0)" }
    let runs = paths.compactMap { path in
      (try? RunFolder(opening: path)).flatMap { summary($0, console) }
    }
    if options.flag("json") ?? false { return try console.print(json: ["runs": runs]) }
    try console.print(runs.isEmpty ? "no runs in \(folder)" : table(runs))
  }

  /// A run that cannot be read is told, and does not hide the others.
  private static func summary(_ folder: RunFolder, _ console: Console) -> RunSummary? {
    do {
      // The training of a derived cell has a configuration too, with the cell in it.
      let config = try JSONLeaves(folder.text(of: "config.json") ?? "{}")
      return config.values["genotype"] == nil ? try RunSummary(folder) : nil
    } catch {
      console.error("warning: \(error)")
      return nil
    }
  }

  private static func table(_ runs: [RunSummary]) -> String {
    let head = ["run", "state", "method", "space", "epochs", "val acc", "time", "genotype"]
    let rows = runs.map { run in
      [
        run.path, run.state.rawValue, run.method,
        "\(run.space.rawValue)\(run.isSimplified ? "" : ", plain")",
        "\(run.epochs)/\(run.epochsWanted)", run.validationAccuracy.map(percent) ?? "",
        duration(run.seconds), shortened(run.genotype ?? ""),
      ]
    }
    return TextTable(head: head, numeric: [4, 5, 6], rows: rows).text
  }

  /// Cells of the DARTS space fill several lines; `--json` has them whole.
  private static func shortened(_ genotype: String) -> String {
    genotype.count > 90 ? "\(genotype.prefix(87))..." : genotype
  }
}

/// One run, as far as its folder tells.
struct RunSummary: Encodable {
  enum State: String, Encodable {
    case running, finished, interrupted, failed

    /// That of a run now.
    init(of folder: RunFolder) {
      self =
        if RunLock.isHeld(folder) { .running } else if folder.has("summary.json") {
          .finished
        } else if folder.has(SearchFailure.file) { .failed } else { .interrupted }
    }
  }

  let path: String
  let state: State
  let method: String
  let space: SearchedSpace
  let isSimplified: Bool
  /// Epochs done.
  let epochs: Int
  let epochsWanted: Int
  /// Of the supernet, after the last epoch.
  let validationAccuracy: Double?
  let genotype: String?
  /// Wall time of the epochs.
  let seconds: Double

  init(_ folder: RunFolder) throws {
    let plan = try SearchPlan(config: "\(folder.path)/config.json")
    let metrics = try RunHistory.metrics(of: folder)
    method = plan.method.name.rawValue
    path = folder.path
    state = State(of: folder)
    space = plan.space
    isSimplified = plan.isSimplified
    epochs = metrics.count
    epochsWanted = plan.settings.epochs
    validationAccuracy = metrics.last?.validationAccuracy
    genotype = metrics.last?.genotype
    seconds = metrics.reduce(0) { $0 + $1.seconds }
  }
}

/// Why there is nothing to list.
enum RunsCommandError: Error, Equatable, CustomStringConvertible {
  /// There is no such folder.
  case noFolder(String)

  /// The message for the user, with a hint on the last line.
  var description: String {
    switch self {
    case .noFolder(let path):
      """
      no folder at \(path)
      Hint: toponas search leaves its runs in runs/, or where --out says.
      """
    }
  }
}
