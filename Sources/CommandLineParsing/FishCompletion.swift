import Messages

/// The completions of a program for fish, each with its help.
struct FishCompletion {
  let program: ProgramSpec

  var script: String {
    let lines =
      program.firstCandidates.map { word($0, behind: "") }
      + program.firstWords.map { word(Candidate(word: $0, help: "Show its help."), behind: "help") }
      + program.groups.flatMap { group in
        program.memberCandidates(of: group).map { word($0, behind: group) }
      } + program.commands.flatMap(lines)
    return """
      # Completions of \(program.name) for fish.
      # Load them with: \(program.name) completions fish | source
      function __\(program.name)_behind
          set -l words (commandline -opc)
          set -e words[1]
          set -l command "$words[1]"
          if contains -- "$command" \(program.groups.joined(separator: " ")); and set -q words[2]
              set command "$command $words[2]"
          end
          test "$command" = "$argv"
      end
      complete -c \(program.name) -f
      \(lines.joined(separator: "\n"))

      """
  }

  private func lines(_ command: CommandSpec) -> [String] {
    let operand = arguments(command.operandCompletion).map { "\(start(command.name)) \($0)" }
    let help = "\(start(command.name)) -l help -s h -d 'Show this help.'"
    return [operand].compactMap { $0 } + command.options.flatMap { lines($0, of: command) } + [help]
  }

  private func lines(_ option: OptionSpec, of command: CommandSpec) -> [String] {
    option.candidates.map { candidate in
      let value = option.isFlag ? "" : " -r \(arguments(option.completion) ?? "-f")"
      let name = candidate.word.dropFirst(2)
      return "\(start(command.name)) -l \(name)\(value) -d \(singleQuoted(candidate.help))"
    }
  }

  private func word(_ candidate: Candidate, behind command: String) -> String {
    "\(start(command)) -a \(singleQuoted(candidate.word)) -d \(singleQuoted(candidate.help))"
  }

  /// A line that holds after some words; none is after the program alone.
  private func start(_ command: String) -> String {
    "complete -c \(program.name) -n '__\(program.name)_behind \"\(command)\"'"
  }

  private func arguments(_ completion: ValueCompletion) -> String? {
    switch completion {
    case .words(let words): "-f -a \(singleQuoted(words.joined(separator: " ")))"
    case .files: "-F"
    case .folders: "-f -a '(__fish_complete_directories)'"
    case .unknown: nil
    }
  }
}
