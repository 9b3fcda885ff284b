import CommandLineParsing
import Files
import Messages
import Reports

/// `toponas report`: a page of HTML on one search or several.
struct ReportCommand: Command {
  static let spec = CommandSpec(
    "report", summary: "Write a page of HTML on searches.",
    discussion: """
      One file without scripts that needs nothing else: the result and the command that repeats it, curves, the \
      weights of all operations over the epochs, and what the simplification changes. Several runs are compared; \
      of finished ones that differ in the seed alone it shows mean and standard deviation (of a sample, n - 1).

      A search that is running, was interrupted or has failed is shown as far as it came. Every search writes \
      report.html into its own folder when it ends.
      """,
    operand: OptionSpec("run", .texts(placeholder: "RUN"), help: "The folders of the runs."),
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
    let page = try RunReport(folders.map { try ReportedRun($0) }).html
    if let out {
      try OutputFile(path: out).write(page)
    } else {
      try folders[0].write(page, to: RunReport.file)
    }
    try console.print("wrote \(out ?? "\(first)/\(RunReport.file)")")
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
    }
  }
}
