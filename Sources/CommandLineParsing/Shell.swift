import Messages

/// A shell that can complete command lines.
public enum Shell: String, CaseIterable, Sendable {
  /// The GNU shell, also the old one of macOS.
  case bash
  /// The Z shell.
  case zsh
  /// The friendly interactive shell.
  case fish

  /// The script by which the shell completes the command lines of `program`.
  ///
  /// Like help and parser it comes from the description of the program alone.
  public func script(for program: ProgramSpec) -> String {
    switch self {
    case .bash: BashCompletion(program: program).script
    case .zsh: ZshCompletion(program: program).script
    case .fish: FishCompletion(program: program).script
    }
  }
}

/// What can stand at one place of a command line.
struct Candidate {
  let word: String
  let help: String
}

/// What a shell completes a value with.
enum ValueCompletion {
  /// One of these words.
  case words([String])
  case files
  case folders
  /// Nothing that could be known.
  case unknown
}

extension OptionSpec {
  /// The words that name the option.
  var candidates: [Candidate] {
    isFlag
      ? [
        Candidate(word: "--\(name)", help: brief), Candidate(word: "--no-\(name)", help: "Not so."),
      ]
      : [Candidate(word: "--\(name)", help: brief)]
  }

  /// The first sentence of its help.
  var brief: String { firstSentence(of: help) }

  /// Whether it takes no value.
  var isFlag: Bool { if case .flag = value { true } else { false } }

  /// What its value is completed with.
  var completion: ValueCompletion {
    if case .choice(let words) = value { return .words(words) }
    return switch paths {
    case .files: .files
    case .folders: .folders
    case nil: .unknown
    }
  }
}

extension CommandSpec {
  /// Its options as words.
  var candidates: [Candidate] {
    options.flatMap(\.candidates) + [Candidate(word: "--help", help: "Show this help.")]
  }

  /// What its first operand is completed with; the operands after it take the same.
  var operandCompletion: ValueCompletion { operands.first?.completion ?? .unknown }
}

extension ProgramSpec {
  /// What can stand first.
  var firstCandidates: [Candidate] {
    firstWords.map { word in
      let command = commands.first { $0.name == word }
      let members = members(of: word).joined(separator: ", ")
      return Candidate(word: word, help: command?.summary ?? "One of \(members).")
    } + [
      Candidate(word: "help", help: "Show the overview, or the help of a command."),
      Candidate(word: "--version", help: "Show the version."),
      Candidate(word: "--help", help: "Show the overview."),
    ]
  }

  /// The first words of commands of two.
  var groups: [String] { firstWords.filter { !members(of: $0).isEmpty } }

  /// The branches of `case`, one for each option that takes a value, that give the shell the possible values.
  func valueCases(_ reply: (ValueCompletion) -> String) -> String {
    commands.flatMap { command in
      command.options.filter { !$0.isFlag }.map { option in
        "    \(singleQuoted("\(command.name) --\(option.name)"))) \(reply(option.completion)); return ;;"
      }
    }.joined(separator: "\n")
  }

  /// What can follow the first word of a group.
  func memberCandidates(of group: String) -> [Candidate] {
    commands.filter { $0.group == group }.map { command in
      Candidate(word: String(command.name.dropFirst(group.count + 1)), help: command.summary)
    }
  }
}

/// A text up to its first full stop.
private func firstSentence(of text: String) -> String {
  text.firstRange(of: ". ").map { String(text[..<$0.lowerBound]) + "." } ?? text
}
