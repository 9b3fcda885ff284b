import CommandLineParsing
import Foundation
import Messages
import Reports
import Runs

/// `toponas runs`: which runs there are, and how far they are.
struct RunsCommand: Command {
  static let spec = CommandSpec(
    "runs", summary: "List runs and their progress.",
    discussion: """
      A run is a search, or the training of a derived cell by `toponas evaluate`. It is running, finished, \
      interrupted (stopped, or killed), or failed; `toponas search --resume RUN` or `toponas evaluate --resume RUN` \
      goes on with an interrupted one. Validation accuracy is that of the supernet of a search, test accuracy that of \
      a trained cell, after the last epoch.
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
    try runs.isEmpty ? console.print("no runs in \(folder)") : console.print(text: table(runs))
  }

  /// The summary of a run; nil, with a warning, if the run cannot be read: the others are still listed.
  private static func summary(_ folder: RunFolder, _ console: Console) -> RunSummary? {
    do {
      return try RunSummary(folder)
    } catch {
      console.error("warning: \(error)")
      return nil
    }
  }

  private static func table(_ runs: [RunSummary]) -> String {
    let head = [
      "run", "state", "command", "method", "space", "epochs", "val acc", "test acc", "time",
      "genotype",
    ]
    let rows = runs.map { run in
      [
        run.path, run.state.rawValue, run.command.rawValue, run.method ?? "",
        "\(run.space.rawValue)\(run.isSimplified == false ? ", plain" : "")",
        "\(run.epochs)/\(run.epochsWanted)", run.validationAccuracy.map(percent) ?? "",
        run.testAccuracy.map(percent) ?? "", duration(run.seconds), shortened(run.genotype ?? ""),
      ]
    }
    return TextTable(head: head, numeric: [5, 6, 7, 8], rows: rows).text
  }

  /// Cells of the DARTS space fill several lines; `--json` has them whole.
  private static func shortened(_ genotype: String) -> String {
    genotype.count > 90 ? "\(genotype.prefix(87))..." : genotype
  }
}

/// Why there is nothing to list.
enum RunsCommandError: UserError, Equatable {
  /// There is no such folder.
  case noFolder(String)

  /// The code with which a program ends that reports it.
  var exitCode: ExitCode { .noInput }

  /// The message for the user, with a hint on the last line.
  var message: Message {
    switch self {
    case .noFolder(let path):
      """
      no folder at \(path)
      Hint: toponas search leaves its runs in runs/, or where --out says.
      """
    }
  }
}
