extension ProgramSpec {
  /// The overview of all commands or of a group, or the help of one; lines of at most `width` characters.
  public func help(for name: String?, width: Int) -> String {
    guard let name else { return overview(width: width) }
    guard let command = commands.first(where: { $0.name == name }) else {
      return "USAGE\n  \(usage(of: name))\n\n"
        + commandTable(commands.filter { $0.group == name }, width: width)
    }
    let rows =
      command.operands.map { (label: $0.operandLabel, text: $0.fullHelp) }
      + command.options.map { (label: $0.label, text: $0.fullHelp) }
    return [
      wrapped(command.summary, width: width),
      "USAGE\n  \(usage(of: command.name))",
      command.discussion.split(separator: "\n", omittingEmptySubsequences: false)
        .map { wrapped(String($0), width: width) }.joined(separator: "\n"),
      "OPTIONS\n"
        + table(rows + [(label: "-h, --help", text: "Show this help.")], width: width),
    ].joined(separator: "\n\n")
  }

  private func overview(width: Int) -> String {
    [
      wrapped(summary, width: width), "USAGE\n  \(usage(of: nil))",
      commandTable(
        commands, and: [("help [command]", "Show this overview, or the help of a command.")],
        width: width),
      "OPTIONS\n" + table([(label: "--version", text: "Show the version.")], width: width),
    ].joined(separator: "\n\n")
  }

  private func commandTable(
    _ commands: [CommandSpec], and more: [(label: String, text: String)] = [], width: Int
  ) -> String {
    let rows = commands.map { (label: $0.name, text: $0.summary) }
    return "COMMANDS\n" + table(rows + more, width: width)
  }

  /// For example `toponas search [options]`; of a group `toponas bench kernels|step [options]`.
  public func usage(of command: String?) -> String {
    guard let command else { return "\(name) <command> [options]" }
    let members = members(of: command).joined(separator: "|")
    let spec = commands.first { $0.name == command }
    let operands = spec?.operands.map { $0.isRequired ? $0.operandLabel : "[\($0.operandLabel)]" }
    let options = spec?.options.filter(\.isRequired).map(\.label)
    let words = ((operands ?? []) + (options ?? [])).map { " \($0)" }
    return "\(name) \(command)\(members.isEmpty ? "" : " \(members)")\(words.joined()) [options]"
  }

  /// All that is wrong with a command line, with the usage and where to read more.
  public func errorText(_ errors: [UsageError], command name: String?) -> String {
    var lines = errors.prefix(10).map { "error: \($0.message)" }
    if errors.count > lines.count { lines.append("error: and \(errors.count - lines.count) more") }
    let help = name.map { "\(self.name) \($0) --help" } ?? "\(self.name) help"
    return (lines + ["usage: \(usage(of: name))", "See '\(help)'."]).joined(separator: "\n")
  }
}

extension OptionSpec {
  /// The meaning, the numbers allowed, the default, and whether it must be given.
  fileprivate var fullHelp: String {
    let notes = [value.range, defaultText.map { "default: \($0)" }, isRequired ? "required" : nil]
      .compactMap { $0 }
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
