/// A value that a search, or anything else that is planned, can be given.
///
/// It is declared once: options, help, completions, the keys of a configuration, checks of range and the command that
/// repeats a run follow.
public struct Setting: Sendable {
  /// What it takes.
  public enum Values: Sendable {
    /// A whole number in a range.
    case integer(ClosedRange<Int>)
    /// A number in a range.
    case number(ClosedRange<Double>)
    /// One of some words.
    case choice([String])
    /// Any text; the placeholder stands for it in the help.
    case text(placeholder: String)
    /// Yes or no.
    case flag
  }

  /// The name, with dashes between words: `partial-channels`.
  public let name: String
  /// What it takes.
  public let values: Values
  /// What it means, with the unit.
  public let help: String
  /// What holds if it is not given; nil if the method then finds a value by itself.
  public let standard: SettingValue?
  /// The standard in words.
  public let standardText: String

  /// Creates a setting; `standardText` is needed where there is no standard value.
  public init(
    _ name: String, _ values: Values, help: String, standard: SettingValue?,
    standardText: String? = nil
  ) {
    self.name = name
    self.values = values
    self.help = help
    self.standard = standard
    self.standardText = standardText ?? standard?.description ?? ""
  }

  /// The key in a configuration: `partial_channels`.
  public var key: String { String(name.map { $0 == "-" ? "_" : $0 }) }
}

/// A value of a setting, as JSON holds it.
public enum SettingValue: Hashable, Codable, Sendable, CustomStringConvertible,
  ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral, ExpressibleByStringLiteral
{
  /// A number, whole or not.
  case number(Double)
  /// A word, or any text.
  case word(String)
  /// Yes or no.
  case flag(Bool)

  /// A number.
  public init(floatLiteral value: Double) { self = .number(value) }
  /// A number.
  public init(integerLiteral value: Int) { self = .number(Double(value)) }
  /// A word.
  public init(stringLiteral value: String) { self = .word(value) }

  /// The value as a command line takes it; whole numbers have no point.
  public var description: String {
    switch self {
    case .number(let number): Int(exactly: number).map(String.init) ?? "\(number)"
    case .word(let word): word
    case .flag(let isOn): isOn ? "true" : "false"
    }
  }

  /// Reads a number, a word, or true or false.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let isOn = try? container.decode(Bool.self) {
      self = .flag(isOn)
    } else if let number = try? container.decode(Double.self) {
      self = .number(number)
    } else {
      self = .word(try container.decode(String.self))
    }
  }

  /// Writes the value alone.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .number(let number): try container.encode(number)
    case .word(let word): try container.encode(word)
    case .flag(let isOn): try container.encode(isOn)
    }
  }
}

/// The values of a method's settings by name; a method reads those that it has declared.
public struct SettingValues: Hashable, Sendable {
  private var values: [String: SettingValue]

  /// Creates values; nothing is checked here.
  public init(_ values: [String: SettingValue] = [:]) { self.values = values }

  /// The value of a setting; nil if there is none.
  public subscript(name: String) -> SettingValue? {
    get { values[name] }
    set { values[name] = newValue }
  }

  /// The number of a setting; nil if the method is to find one by itself.
  public func optionalNumber(_ name: String) -> Double? {
    if case .number(let number) = values[name] { number } else { nil }
  }

  /// The number of a setting that has a standard.
  public func number(_ name: String) -> Double {
    guard let number = optionalNumber(name) else {
      preconditionFailure("expected a number for \(name), found \(values)")
    }
    return number
  }

  /// The whole number of a setting that has a standard.
  public func integer(_ name: String) -> Int {
    guard let number = Int(exactly: number(name)) else {
      preconditionFailure("expected a whole number for \(name), found \(values)")
    }
    return number
  }

  /// The word of a setting that has a standard.
  public func word(_ name: String) -> String {
    guard case .word(let word) = values[name] else {
      preconditionFailure("expected a word for \(name), found \(values)")
    }
    return word
  }
}

extension Setting {
  /// Whether a value is one that the setting takes.
  public func allows(_ value: SettingValue) -> Bool {
    switch (values, value) {
    case (.integer(let range), .number(let number)):
      Int(exactly: number).map(range.contains) ?? false
    case (.number(let range), .number(let number)): range.contains(number)
    case (.choice(let words), .word(let word)): words.contains(word)
    case (.text, .word), (.flag, .flag): true
    default: false
    }
  }
}
