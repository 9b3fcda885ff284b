import CommandLineParsing

/// The program: its commands, and what each does.
enum Toponas {
  static let version = "0.1.0"

  static let spec = ProgramSpec(
    "toponas", version: version,
    summary: "Gradient-based neural architecture search, with topological simplification.",
    commands: [SearchCommand.spec])

  /// Runs one command line and returns what the process should tell its caller.
  static func run(_ arguments: [String], _ console: Console) -> ExitCode {
    switch spec.parse(arguments) {
    case .help(let command):
      console.print(spec.help(for: command, width: console.width))
      return .ok
    case .version:
      console.print("\(spec.name) \(spec.version)")
      return .ok
    case .failure(let errors, let command):
      console.error(spec.errorText(errors, command: command))
      return .usage
    case .run(_, let options):
      if let reason = missingCPUFeature() {
        console.error("error: \(reason)")
        return .failed
      }
      do {
        try SearchCommand.run(options, console)
        return .ok
      } catch {
        console.error("error: \(error)")
        return error.exitCode
      }
    }
  }
}
