import CommandLineParsing
import Messages
import Runs

/// A command of the program: how it is called, and what it does.
protocol Command: Sendable {
  /// Its name, options and help.
  static var spec: CommandSpec { get }
  /// Runs it; what it throws becomes the message and the exit code.
  static func run(_ options: ParsedOptions, _ console: Console) throws
}

/// The program: its commands, and how they are called.
enum Toponas {
  static let version = programVersion

  private static let commands: [any Command.Type] = [
    SearchCommand.self, RunsCommand.self, ReportCommand.self, SimplifyCommand.self,
    CostCommand.self, NonlinearityCommand.self, GenotypeDrawCommand.self,
    GenotypeExplainCommand.self, GenotypeDiffCommand.self, GenotypeConvertCommand.self,
    EvaluateCommand.self, ExportCommand.self, NASBenchCommand.self, StudyCommand.self,
    DataFetchCommand.self, DataVerifyCommand.self, DataSubsetCommand.self, DataImportCommand.self,
    BenchKernelsCommand.self, BenchStepCommand.self,
    BenchExportCommand.self, CompletionsCommand.self,
  ]

  static let spec = ProgramSpec(
    "toponas", version: version,
    summary: "Gradient-based neural architecture search, with topological simplification.",
    commands: commands.map { $0.spec })

  /// Runs one command line and returns what the process should tell its caller.
  static func run(_ arguments: [String], _ console: Console) -> ExitCode {
    do {
      switch spec.parse(arguments) {
      case .help(let command):
        try console.print(text: spec.help(for: command, width: console.width))
      case .version: try console.print("\(spec.name) \(spec.version)")
      case .failure(let errors, let command):
        console.error(Message(verbatim: spec.errorText(errors, command: command)))
        return .usage
      case .run(let name, let options):
        if let reason = missingCPUFeature() {
          console.error("error: \(reason)")
          return .failed
        }
        try commands.first { $0.spec.name == name }?.run(options, console)
      }
      return .ok
    } catch let stop as RunInterruption {
      console.error("\(stop)")
      return stop.exitCode
    } catch {
      console.error("error: \(error)\(error.commandHint.map { "\n\($0)" as Message } ?? "")")
      return error.exitCode
    }
  }
}
