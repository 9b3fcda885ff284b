import CommandLineParsing
import Files
import Foundation
import Messages
import Reports
import Runs

/// `toponas report`: a page of HTML on one run or several.
struct ReportCommand: Command {
  static let spec = CommandSpec(
    "report", summary: "Write a page of HTML on searches, or on trainings.",
    discussion: """
      One file without scripts that needs nothing else: the result, the command that repeats it, the cell, and \
      curves; of a search also the weights of all operations over the epochs, and what the simplification changes. \
      Several searches, or several trainings of `toponas evaluate`, are compared; for finished ones that differ \
      in the seed alone it shows mean and standard deviation (of a sample, n - 1).

      A run that is running, was interrupted or has failed is shown as far as it got. Every run writes report.html \
      into its own folder when it ends.
      """,
    operand: OptionSpec(
      "run", .text(placeholder: "RUN"), help: "The folders of the runs.", isList: true),
    options: [
      OptionSpec(
        "out", .text(placeholder: "FILE"), help: "The file to write; an older one is replaced.",
        default: "report.html in the folder of the run, if it is only one")
    ])

  static func run(_ options: ParsedOptions, _ console: Console) throws {
    let paths = options.texts("run")
    guard let first = paths.first else { throw ReportCommandError.noRun }
    let out = options.text("out")
    guard out != nil || paths.count == 1 else {
      throw ReportCommandError.noFile(runs: paths.count)
    }
    let folders = try once(paths).map { path throws(RunFolderError) in
      try RunFolder(opening: path)
    }
    let page = try page(folders)
    if let out {
      try OutputFile(path: out).write(page)
    } else {
      try folders[0].write(page, to: ReportFile.name)
    }
    try console.print("wrote \(out ?? "\(first)/\(ReportFile.name)")")
  }

  /// The page on runs of one kind.
  private static func page(_ folders: [RunFolder]) throws -> String {
    let kinds = Set(folders.compactMap(\.kind))
    guard kinds.count <= 1 else { throw ReportCommandError.bothKinds }
    return kinds == [.evaluate]
      ? TrainingReport(try folders.map { try ReportedTraining($0) }).html
      : RunReport(try folders.map { try ReportedRun($0) }).html
  }

  /// Each folder once, however often it is named: twice in a mean it would narrow the deviation.
  private static func once(_ paths: [String]) -> [String] {
    var known: Set<String> = []
    return paths.filter { known.insert(realPath($0) ?? $0).inserted }
  }
}

/// Why there is no report.
enum ReportCommandError: UserError, Equatable {
  /// No run was named.
  case noRun
  /// Several runs, and no file for them.
  case noFile(runs: Int)
  /// Searches and trainings have nothing that could be compared.
  case bothKinds

  /// The code with which a program ends that reports it.
  var exitCode: ExitCode { .usage }

  /// The message for the user, with a hint on the last line.
  var message: Message {
    switch self {
    case .noRun:
      """
      expected the folder of a run, found nothing
      Hint: toponas runs lists the runs.
      """
    case .noFile(let runs):
      """
      a report on \(counted(runs, "run")) needs --out FILE
      Hint: for example --out report.html.
      """
    case .bothKinds:
      """
      expected searches or trainings, found both
      Hint: make a page for each kind; toponas runs shows which is which.
      """
    }
  }
}
