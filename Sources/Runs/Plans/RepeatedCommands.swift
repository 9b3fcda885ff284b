import Messages
import Settings

extension SearchPlan {
  /// The command that does the same with the other kind of space; `config` is a file that holds the plan.
  package func counterpartCommand(config: String) -> String {
    // What cannot be chosen has to come from the file.
    guard repeatChoices != nil else {
      return commandLine([
        "search", "--config=\(config)", isSimplified ? "--no-simplify" : "--simplify",
      ])
    }
    return Self.command(counterpart)
  }

  /// The command that does the same again; `config` is a file that holds the plan.
  package func repeatCommand(config: String) -> String {
    repeatChoices.map(Self.command) ?? commandLine(["search", "--config=\(config)"])
  }

  private static func command(_ chosen: SettingValues) -> String {
    commandLine(["search"] + chosen.words(for: settings.settings()))
  }
}

extension EvaluationPlan {
  /// The command that does the same again.
  package var repeatCommand: String {
    commandLine(["evaluate"] + repeatChoices.words(for: Self.settings.settings()))
  }
}

extension Simplification {
  /// The options that choose it, without those that are as usual.
  package var words: [String] { choices.words(for: Self.settings.settings()) }
}

/// The command that goes on with the run in a folder, which `command` began.
package func resumeCommand(_ command: String, _ folder: String) -> String {
  commandLine([command, "--resume", folder])
}

/// A command of this program as a shell takes it.
package func commandLine(_ words: [String]) -> String {
  ([programName] + words.map(shellWord)).joined(separator: " ")
}

/// How the user called this program, as far as that can be known.
package var programName: String {
  let path = CommandLine.arguments[0]
  return path.contains(".build/") ? "swift run -c release toponas" : shellWord(path)
}
