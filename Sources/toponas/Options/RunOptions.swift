import CommandLineParsing
import Settings

extension ParsedOptions {
  /// The options that only a new run can have, as far as they were given.
  var beginnings: [String] { ["out", "config", "dry-run"].filter(isGiven) }
}

extension SearchPlan {
  /// The command that does the same with the other kind of space.
  var counterpartCommand: String { Self.command(counterpart) }

  /// The command that does the same again; `config` is a file that holds the plan.
  func repeatCommand(config: String) -> String {
    repeatChoices.map(Self.command) ?? commandLine(["search", "--config=\(config)"])
  }

  private static func command(_ chosen: SettingValues) -> String {
    commandLine(["search"] + chosen.words(for: OptionSpec.all(settings)))
  }
}

extension EvaluationPlan {
  /// The command that does the same again.
  var repeatCommand: String {
    commandLine(["evaluate"] + repeatChoices.words(for: OptionSpec.all(Self.settings)))
  }
}

/// A command of this program as a shell takes it.
func commandLine(_ words: [String]) -> String {
  ([programName] + words.map(shellWord)).joined(separator: " ")
}

/// How the user called this program, as far as that can be known.
var programName: String {
  let path = CommandLine.arguments[0]
  return path.contains(".build/") ? "swift run -c release toponas" : shellWord(path)
}

extension Simplification {
  /// The options that choose it, without those that are as usual.
  var words: [String] { choices.words(for: OptionSpec.all(Self.settings)) }
}
