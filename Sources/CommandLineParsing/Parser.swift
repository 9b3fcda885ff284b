import Messages
import Settings

/// What a command line asks for.
public enum ParsedCommandLine: Sendable {
  /// Run a command with its options.
  case run(String, ParsedOptions)
  /// Show the help of a command, or the overview.
  case help(String?)
  /// Show the version.
  case version
  /// Everything that is wrong, and the command it was meant for.
  case failure([UsageError], command: String?)
}

/// The options that were given, checked against their descriptions.
public struct ParsedOptions: Sendable {
  /// The values, without those of lists.
  public private(set) var values = SettingValues()
  private var lists: [String: [String]] = [:]

  /// Sets the value of an option, or adds it to the list of one.
  mutating func set(_ option: OptionSpec, _ value: SettingValue) {
    if option.isList {
      lists[option.name, default: []].append(value.description)
    } else {
      values[option.name] = value
    }
  }

  /// Whether an option was given.
  public func isGiven(_ name: String) -> Bool { values[name] != nil || lists[name] != nil }

  /// The value of a flag, if given.
  public func flag(_ name: String) -> Bool? { values[name]?.flag }

  /// The value of a whole number, if given.
  public func integer(_ name: String) -> Int? { values[name]?.integer }

  /// The value of a whole number that the command requires.
  public func requiredInteger(_ name: String) -> Int {
    guard let number = integer(name) else { preconditionFailure("\(name) is not required") }
    return number
  }

  /// The value of a number, if given.
  public func number(_ name: String) -> Double? { values[name]?.number }

  /// The value of a choice or text that the command requires.
  public func requiredText(_ name: String) -> String {
    guard let text = text(name) else { preconditionFailure("\(name) is not required") }
    return text
  }

  /// All texts of an operand.
  public func texts(_ name: String) -> [String] { lists[name] ?? [] }

  /// The value of a choice or text, if given.
  public func text(_ name: String) -> String? { values[name]?.word }
}

extension ProgramSpec {
  /// Reads a command line, without the program's name.
  ///
  /// A pure function: it prints nothing and ends nothing.
  /// `--name value` and `--name=value` are the same; of a repeated option the last one counts; `--` ends
  /// the options; `--help` and `-h` win over everything else.
  public func parse(_ arguments: [String]) -> ParsedCommandLine {
    let beforeDashes = arguments.prefix { $0 != "--" }
    let wantsHelp = beforeDashes.contains("--help") || beforeDashes.contains("-h")
    guard let first = arguments.first, !(wantsHelp && first.hasPrefix("-")) else {
      return .help(nil)
    }
    if first == "--version" { return .version }
    if first == "help" {
      guard arguments.count > 1, arguments[1] != "help", !wantsHelp else { return .help(nil) }
      return helpFor(commandWords(arguments.dropFirst()))
    }
    let words = commandWords(arguments)
    guard let command = commands.first(where: { $0.name == words.joined(separator: " ") }) else {
      return wantsHelp ? helpFor(words) : unknownCommand(words)
    }
    if wantsHelp { return .help(command.name) }
    var reader = OptionReader(command, Array(arguments.dropFirst(words.count)))
    reader.readAll()
    return reader.errors.isEmpty
      ? .run(command.name, reader.options) : .failure(reader.errors, command: command.name)
  }

  /// The words in front that name a command: two if the first is a group, and the second no option.
  private func commandWords(_ arguments: some Collection<String>) -> [String] {
    let words = arguments.prefix(2)
    guard let group = words.first, !members(of: group).isEmpty else {
      return Array(words.prefix(1))
    }
    return words.prefix(1) + words.dropFirst().filter { !$0.hasPrefix("-") }
  }

  private func helpFor(_ words: [String]) -> ParsedCommandLine {
    let name = words.joined(separator: " ")
    return commands.contains { $0.name == name || $0.group == name }
      ? .help(name) : unknownCommand(words)
  }

  private func unknownCommand(_ words: [String]) -> ParsedCommandLine {
    let members = members(of: words[0])
    guard !members.isEmpty else { return .failure([unknown(words[0])], command: nil) }
    let error =
      words.count > 1
      ? UsageError.unknownMember(
        of: words[0], words[1], nearest: nearest(to: words[1], among: members), expected: members)
      : .missingMember(of: words[0], expected: members)
    return .failure([error], command: words[0])
  }

  private func unknown(_ name: String) -> UsageError {
    if name.hasPrefix("-") {
      // Known words are unknown where they do not belong.
      let known = ["--help", "--version"].filter { $0 != name }
      return .unknownOption(name, nearest: nearest(to: name, among: known))
    }
    return .unknownCommand(name, nearest: nearest(to: name, among: firstWords + ["help"]))
  }
}

/// Reads the words after a command, and collects every error instead of stopping at the first.
private struct OptionReader {
  private let specs: [OptionSpec]
  private let operands: [OptionSpec]
  private var words: ArraySlice<String>
  private(set) var options = ParsedOptions()
  private(set) var errors: [UsageError] = []

  init(_ command: CommandSpec, _ words: [String]) {
    specs = command.options
    operands = command.operands
    self.words = words[...]
  }

  mutating func readAll() {
    readWords()
    let needed =
      operands.filter(isMissing).map(\.operandLabel)
      + specs.filter(isMissing).map { "--\($0.name)" }
    // A wrong value has been reported already.
    let reported = errors.compactMap(\.option)
    errors += needed.filter { !reported.contains($0) }.map(UsageError.missing)
  }

  private func isMissing(_ spec: OptionSpec) -> Bool {
    spec.isRequired && !options.isGiven(spec.name)
  }

  private mutating func readWords() {
    while let word = words.popFirst() {
      if word == "--" {
        for word in words { readOperand(word) }
        return
      }
      guard word.hasPrefix("-"), word.count > 1 else {
        readOperand(word)
        continue
      }
      readOption(word)
    }
  }

  private mutating func readOperand(_ word: String) {
    guard let operand = operands.first(where: { !options.isGiven($0.name) || $0.isList }) else {
      errors.append(.unexpectedArgument(word))
      return
    }
    guard let value = operand.value.read(word) else {
      errors.append(
        .badValue(option: operand.operandLabel, found: word, expected: operand.expectation))
      return
    }
    options.set(operand, value)
  }

  private mutating func readOption(_ word: String) {
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let (option, attached) = (String(parts[0]), parts.count > 1 ? String(parts[1]) : nil)
    if let (spec, value) = flag(option) {
      if let attached {
        errors.append(.unwantedValue(option: option, found: attached))
      } else {
        options.set(spec, .flag(value))
      }
      return
    }
    guard let spec = specs.first(where: { "--\($0.name)" == option && !$0.isFlag }) else {
      errors.append(.unknownOption(option, nearest: nearest(to: option, among: optionNames)))
      // The value of an unknown option is not an error of its own.
      if attached == nil, let next = words.first, !next.hasPrefix("-") { words.removeFirst() }
      return
    }
    guard let text = attached ?? nextValue() else {
      errors.append(.missingValue(option: option, expected: spec.expectation))
      return
    }
    guard let value = spec.value.read(text) else {
      errors.append(.badValue(option: option, found: text, expected: spec.expectation))
      return
    }
    options.set(spec, value)
  }

  private func flag(_ option: String) -> (OptionSpec, Bool)? {
    for spec in specs where spec.isFlag {
      if option == "--\(spec.name)" { return (spec, true) }
      if option == "--no-\(spec.name)" { return (spec, false) }
    }
    return nil
  }

  /// The next word, unless it is an option; a negative number is a value.
  private mutating func nextValue() -> String? {
    guard let next = words.first else { return nil }
    if next.hasPrefix("-"), next != "-", Double(next) == nil { return nil }
    return words.popFirst()
  }

  private var optionNames: [String] {
    specs.flatMap { $0.isFlag ? ["--\($0.name)", "--no-\($0.name)"] : ["--\($0.name)"] }
      + ["--help"]
  }
}
