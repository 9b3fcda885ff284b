extension ProgramSpec {
  /// The overview of all commands, or the help of one; lines of at most `width` characters.
  public func help(for name: String?, width: Int) -> String {
    guard let name, let command = commands.first(where: { $0.name == name }) else {
      return overview(width: width)
    }
    let rows = command.options.map { (label: $0.label, text: $0.fullHelp) }
    return [
      wrapped(command.summary, width: width),
      "USAGE\n  \(usage(of: command))",
      command.discussion.split(separator: "\n", omittingEmptySubsequences: false)
        .map { wrapped(String($0), width: width) }.joined(separator: "\n"),
      "OPTIONS\n"
        + table(rows + [(label: "-h, --help", text: "Show this help.")], width: width),
    ].joined(separator: "\n\n")
  }

  private func overview(width: Int) -> String {
    [
      wrapped(summary, width: width), "USAGE\n  \(name) <command> [options]",
      "COMMANDS\n"
        + table(
          commands.map { (label: $0.name, text: $0.summary) }
            + [(label: "help [command]", text: "Show this overview, or the help of a command.")],
          width: width),
      "OPTIONS\n" + table([(label: "--version", text: "Show the version.")], width: width),
    ].joined(separator: "\n\n")
  }

  /// For example `toponas search [options]`.
  public func usage(of command: CommandSpec) -> String { "\(name) \(command.name) [options]" }

  /// All that is wrong with a command line, with the usage and where to read more.
  public func errorText(_ errors: [UsageError], command name: String?) -> String {
    let lines = errors.map { "error: \($0.message)" }
    let command = commands.first { $0.name == name }
    let usage = command.map(usage) ?? "\(self.name) <command> [options]"
    let help = command.map { "\(self.name) \($0.name) --help" } ?? "\(self.name) help"
    return (lines + ["usage: \(usage)", "See '\(help)'."]).joined(separator: "\n")
  }
}

extension OptionSpec {
  /// The meaning, the numbers allowed and the default.
  fileprivate var fullHelp: String {
    let notes = [range, defaultText.map { "default: \($0)" }].compactMap { $0 }
    return notes.isEmpty ? help : "\(help) (\(notes.joined(separator: "; ")))"
  }
}

/// Where the second column of a help table starts.
private let labelWidth = 26

/// Two columns; a label too long for the first gets a line of its own.
private func table(_ rows: [(label: String, text: String)], width: Int) -> String {
  rows.map { label, text in
    let lines = wrapped(text, width: max(20, width - labelWidth)).split(separator: "\n")
    let margin = String(repeating: " ", count: labelWidth)
    let body = lines.joined(separator: "\n" + margin)
    let head = "  \(label)"
    return head.count + 1 < labelWidth
      ? head + margin.dropFirst(head.count) + body : "\(head)\n\(margin)\(body)"
  }.joined(separator: "\n")
}

/// The words of `text` in lines of at most `width` characters.
func wrapped(_ text: String, width: Int) -> String {
  var lines = [""]
  for word in text.split(separator: " ") {
    let line = lines[lines.count - 1]
    if line.isEmpty {
      lines[lines.count - 1] = String(word)
    } else if line.count + 1 + word.count <= width {
      lines[lines.count - 1] = "\(line) \(word)"
    } else {
      lines.append(String(word))
    }
  }
  return lines.joined(separator: "\n")
}
