import Messages

/// The completions of a program for zsh, each with its help.
struct ZshCompletion {
  let program: ProgramSpec

  var script: String {
    """
    #compdef \(program.name)
    # Completions of \(program.name) for zsh.
    # Load them with: source <(\(program.name) completions zsh)
    _\(program.name)() {
      local option=$words[CURRENT-1] command=$words[2] place=2
      if [[ $PREFIX == --*=* ]]; then
        option=${PREFIX%%=*}
        compset -P '*='
      fi
      case $command in
        \(program.groups.joined(separator: "|"))) command+=" $words[3]"; place=3 ;;
      esac
      local -a candidates
      if ((CURRENT == 2)); then
    \(offer(program.firstCandidates, "command"))
        return
      elif ((CURRENT == place)); then
        case $words[2] in
    \(program.groups.map(members).joined(separator: "\n"))
        esac
        return
      elif [[ $words[2] == help ]]; then
        compadd -- \(program.firstWords.joined(separator: " "))
        return
      fi
      case "$command $option" in
    \(program.valueCases(reply))
      esac
      case "$command" in
    \(program.commands.map(options).joined(separator: "\n"))
      esac
    }
    if [[ $funcstack[1] == _\(program.name) ]]; then
      _\(program.name) "$@"
    else
      compdef _\(program.name) \(program.name)
    fi

    """
  }

  private func members(_ group: String) -> String {
    "      \(group))\n\(offer(program.memberCandidates(of: group), "command"))\n        ;;"
  }

  private func options(_ command: CommandSpec) -> String {
    let words = offer(command.candidates, "option")
    guard !command.operands.isEmpty else {
      return "    \(singleQuoted(command.name)))\n\(words)\n      ;;"
    }
    return """
          \(singleQuoted(command.name)))
            if [[ $PREFIX != -* ]]; then \(reply(command.operandCompletion)); return; fi
      \(words)
            ;;
      """
  }

  private func reply(_ completion: ValueCompletion) -> String {
    switch completion {
    case .words(let words): "compadd -- \(words.joined(separator: " "))"
    case .files: "_files"
    case .folders: "_files -/"
    case .unknown: ":"
    }
  }

  /// The candidates with their help; a colon parts the two.
  private func offer(_ candidates: [Candidate], _ kind: String) -> String {
    let lines = candidates.map { candidate in
      "          \(singleQuoted("\(candidate.word):\(candidate.help)"))"
    }
    return """
              candidates=(
      \(lines.joined(separator: "\n"))
              )
              _describe \(kind) candidates
      """
  }
}
