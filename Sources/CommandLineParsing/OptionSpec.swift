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

  /// Names that can stand for a text.
  public enum Paths: Sendable {
    /// Of files and folders.
    case files
    /// Of folders.
    case folders

    /// What the placeholder of a text says: `FILE`, `DIR` and `RUN`, alone or among others.
    init?(_ value: Value) {
      let words: [Substring]
      switch value {
      case .text(let placeholder), .texts(let placeholder):
        words = placeholder.split(separator: "|")
      case .flag, .integer, .number, .choice: return nil
      }
      if words.contains("FILE") {
        self = .files
      } else if words.contains("DIR") || words.contains("RUN") {
        self = .folders
      } else {
        return nil
      }
    }
  }

  /// The name, without dashes.
  public let name: String
  /// What it takes.
  public let value: Value
  /// What it means, with the unit.
  public let help: String
  /// What holds if it is not given; nil if that goes without saying.
  public let defaultText: String?
  /// Whether the command cannot do without it.
  public let isRequired: Bool
  /// What a shell may complete its text with.
  let paths: Paths?

  /// Creates a description.
  public init(
    _ name: String, _ value: Value, help: String, default defaultText: String? = nil,
    isRequired: Bool = false, paths: Paths? = nil
  ) {
    self.name = name
    self.value = value
    self.help = help
    self.defaultText = defaultText ?? value.standard(for: name)
    self.isRequired = isRequired
    self.paths = paths ?? Paths(value)
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

  /// An operand as the help shows it: what stands for its value.
  var operandLabel: String {
    switch value {
    case .text(let placeholder): placeholder
    case .texts(let placeholder): "\(placeholder)..."
    case .choice(let words): words.joined(separator: "|")
    case .flag, .integer, .number: name
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
    let (lower, upper) = (plain(range.lowerBound), plain(range.upperBound))
    return isOpen ? "from \(lower)" : "from \(lower) to \(upper)"
  }

  /// A number without the `.0` of a whole one.
  private static func plain(_ number: some Numeric) -> String {
    let text = "\(number)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}

extension OptionSpec.Value {
  /// What holds unless something else is said: flags are off.
  fileprivate func standard(for name: String) -> String? {
    if case .flag = self { "--no-\(name)" } else { nil }
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
  /// What may follow it without dashes, one after another, read as if they were options.
  public let operands: [OptionSpec]
  /// Its options, in the order of the help.
  public let options: [OptionSpec]

  /// Creates a description.
  public init(
    _ name: String, summary: String, discussion: String, operand: OptionSpec? = nil,
    operands: [OptionSpec] = [], options: [OptionSpec]
  ) {
    self.name = name
    self.summary = summary
    self.discussion = discussion
    self.operands = [operand].compactMap(\.self) + operands
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
