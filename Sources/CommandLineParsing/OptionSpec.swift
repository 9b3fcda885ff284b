/// One option of a command: what it is called, what it takes, what it means.
///
/// Help, parsing, completion and error messages all come from this one description.
public struct OptionSpec: Sendable {
  /// What an option takes.
  public enum Value: Sendable {
    /// Nothing: `--name` is true, `--no-name` is false.
    case flag
    /// A whole number in a range.
    case integer(ClosedRange<Int>)
    /// A number in a range.
    case number(ClosedRange<Double>)
    /// One of some words.
    case choice([String])
    /// Any text; the placeholder stands for it in the help.
    case text(placeholder: String)
    /// For an operand: texts, one or more.
    case texts(placeholder: String)
  }

  /// The name, without dashes.
  public let name: String
  /// What it takes.
  public let value: Value
  /// What it means, with the unit.
  public let help: String
  /// What holds if it is not given; nil if that goes without saying.
  public let defaultText: String?

  /// Creates a description.
  public init(_ name: String, _ value: Value, help: String, default defaultText: String? = nil) {
    self.name = name
    self.value = value
    self.help = help
    self.defaultText = defaultText
  }

  /// The option as the help shows it: `--epochs N`.
  public var label: String {
    switch value {
    case .flag: "--\(name), --no-\(name)"
    case .integer, .number: "--\(name) N"
    case .choice(let words): "--\(name) \(words.joined(separator: "|"))"
    case .text(let placeholder), .texts(let placeholder): "--\(name) \(placeholder)"
    }
  }

  /// What stands for its value in the help, if it takes a text.
  var placeholder: String? {
    switch value {
    case .text(let placeholder): placeholder
    case .texts(let placeholder): "\(placeholder)..."
    default: nil
    }
  }

  /// What it takes, in words: `a whole number from 1 to 1000`.
  public var expectation: String {
    switch value {
    case .flag: "no value"
    case .integer: "a whole number \(range ?? "")"
    case .number: "a number \(range ?? "")"
    case .choice(let words): "one of \(words.joined(separator: ", "))"
    case .text(let placeholder), .texts(let placeholder): "\(placeholder), not empty"
    }
  }

  /// The numbers it takes: `from 1 to 1000`.
  public var range: String? {
    switch value {
    case .integer(let range): Self.words(range)
    case .number(let range): Self.words(range)
    case .flag, .choice, .text, .texts: nil
    }
  }

  private static func words<Bound: Comparable & Numeric>(_ range: ClosedRange<Bound>) -> String {
    let isOpen = (range.upperBound as? Int) == .max || (range.upperBound as? Double) == .infinity
    return isOpen ? "from \(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)"
  }
}

/// One command with its options.
public struct CommandSpec: Sendable {
  /// The word that calls it, or two, `group command`, where several commands belong together.
  public let name: String
  /// One line for the overview.
  public let summary: String
  /// What stands above the options in its help.
  public let discussion: String
  /// What may stand behind it without dashes: a text, read as if it were an option.
  public let operand: OptionSpec?
  /// Its options, in the order of the help.
  public let options: [OptionSpec]

  /// Creates a description.
  public init(
    _ name: String, summary: String, discussion: String, operand: OptionSpec? = nil,
    options: [OptionSpec]
  ) {
    self.name = name
    self.summary = summary
    self.discussion = discussion
    self.operand = operand
    self.options = options
  }

  /// The first of two words; nil if the command is called by one.
  var group: String? {
    let words = name.split(separator: " ")
    return words.count > 1 ? String(words[0]) : nil
  }
}

/// A program with its commands.
public struct ProgramSpec: Sendable {
  /// What the user types.
  public let name: String
  /// For `--version`.
  public let version: String
  /// One line for the overview.
  public let summary: String
  /// The commands, in the order of the overview.
  public let commands: [CommandSpec]

  /// Creates a description.
  public init(_ name: String, version: String, summary: String, commands: [CommandSpec]) {
    self.name = name
    self.version = version
    self.summary = summary
    self.commands = commands
  }

  /// The commands of a group, as their second words.
  func members(of group: String) -> [String] {
    commands.filter { $0.group == group }.map { String($0.name.dropFirst(group.count + 1)) }
  }

  /// What can stand first on a command line: commands of one word, and groups.
  var firstWords: [String] {
    commands.map { $0.group ?? $0.name }.reduce(into: []) { words, word in
      if words.last != word { words.append(word) }
    }
  }
}
