import Settings

/// One option of a command: what it is called, what it takes, what it means.
///
/// Help, parsing, completion and error messages all come from this one description.
public struct OptionSpec: Sendable {
  /// Names that can stand for a text.
  public enum Paths: Sendable {
    /// Of files and folders.
    case files
    /// Of folders.
    case folders

    /// What the placeholder of a text says: `FILE`, `DIR` and `RUN`, alone or among others.
    init?(_ value: AllowedValues) {
      guard case .text(let placeholder) = value else { return nil }
      let words = placeholder.split(separator: "|")
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
  /// The values that the option takes.
  public let value: AllowedValues
  /// Whether the option takes one value after another; for an operand that is a text.
  public let isList: Bool
  /// The meaning of the option, with the unit.
  public let help: String
  /// What holds if it is not given; nil if that goes without saying.
  public let defaultText: String?
  /// Whether the command cannot do without it.
  public let isRequired: Bool
  /// What a shell may complete its text with.
  let paths: Paths?

  /// The option of a setting.
  public init(_ setting: Setting) {
    let standard =
      if case .flag(let isOn) = setting.standard {
        isOn ? "--\(setting.name)" : "--no-\(setting.name)"
      } else { setting.standardText }
    self.init(
      setting.name, setting.values, help: setting.help, default: standard.isEmpty ? nil : standard)
  }

  /// The option as a setting.
  public var setting: Setting { Setting(name, value, help: help) }

  /// Creates a description.
  public init(
    _ name: String, _ value: AllowedValues, help: String, default defaultText: String? = nil,
    isRequired: Bool = false, isList: Bool = false, paths: Paths? = nil
  ) {
    self.name = name
    self.value = value
    self.help = help
    self.defaultText = defaultText ?? value.standard(for: name)
    self.isRequired = isRequired
    self.isList = isList
    self.paths = paths ?? Paths(value)
  }

  /// The option as the help shows it: `--epochs N`.
  public var label: String {
    switch value {
    case .flag: "--\(name), --no-\(name)"
    case .integer, .number: "--\(name) N"
    case .choice(let words): "--\(name) \(words.joined(separator: "|"))"
    case .text(let placeholder): "--\(name) \(placeholder)"
    }
  }

  /// An operand as the help shows it: what stands for its value.
  var operandLabel: String {
    switch value {
    case .text(let placeholder): isList ? "\(placeholder)..." : placeholder
    case .choice(let words): words.joined(separator: "|")
    case .flag, .integer, .number: name
    }
  }

  /// The values that the option takes, in words: `a whole number from 1 to 1000`.
  public var expectation: String {
    if case .flag = value { "no value" } else { value.expectation }
  }
}

extension AllowedValues {
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
  /// The options of the command, in the order of the help.
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
