import Messages

/// The completions of a program for bash.
///
/// A function looks at the words in front of the cursor, and offers what the description has for that place.
struct BashCompletion {
  let program: ProgramSpec

  var script: String {
    """
    # Completions of \(program.name) for bash.
    # Load them with: source <(\(program.name) completions bash)
    _\(program.name)() {
      local word=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD-1]}
      # Bash cuts --name=value into three words.
      if [[ $word == = ]]; then
        word=
      elif [[ $option == = ]]; then
        option=${COMP_WORDS[COMP_CWORD-2]}
      fi
      local command=${COMP_WORDS[1]} place=1
      case $command in
        \(program.groups.joined(separator: "|"))) command+=" ${COMP_WORDS[2]}" place=2 ;;
      esac
      COMPREPLY=()
      if ((COMP_CWORD == 1)); then
        \(offer(program.firstCandidates.map(\.word)))
        return
      elif ((COMP_CWORD == place)); then
        case ${COMP_WORDS[1]} in
    \(program.groups.map(members).joined(separator: "\n"))
        esac
        return
      elif [[ ${COMP_WORDS[1]} == help ]]; then
        \(offer(program.firstWords))
        return
      fi
      case "$command $option" in
    \(program.valueCases(reply))
      esac
      case "$command" in
    \(program.commands.map(options).joined(separator: "\n"))
      esac
    }
    _\(program.name)_paths() {
      local IFS=$'\\n'
      # Unknown to old versions, which then add no slash to a folder.
      compopt -o filenames 2> /dev/null
      COMPREPLY=($(compgen "$1" -- "$2"))
    }
    complete -F _\(program.name) \(program.name)

    """
  }

  private func members(_ group: String) -> String {
    "      \(group)) \(offer(program.memberCandidates(of: group).map(\.word))) ;;"
  }

  private func options(_ command: CommandSpec) -> String {
    let words = offer(command.candidates.map(\.word))
    guard !command.operands.isEmpty else { return "    \(singleQuoted(command.name))) \(words) ;;" }
    return """
          \(singleQuoted(command.name)))
            if [[ $word == -* ]]; then \(words); else \(reply(command.operandCompletion)); fi ;;
      """
  }

  private func reply(_ completion: ValueCompletion) -> String {
    switch completion {
    case .words(let words): offer(words)
    case .files: "_\(program.name)_paths -f \"$word\""
    case .folders: "_\(program.name)_paths -d \"$word\""
    case .unknown: ":"
    }
  }

  private func offer(_ words: [String]) -> String {
    "COMPREPLY=($(compgen -W \(singleQuoted(words.joined(separator: " "))) -- \"$word\"))"
  }
}
