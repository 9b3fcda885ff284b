/// A value of a setting, as JSON holds it.
public enum SettingValue: Hashable, Codable, Sendable, CustomStringConvertible,
  ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral, ExpressibleByStringLiteral
{
  /// A whole number.
  case integer(Int)
  /// A number, which may be whole too.
  case number(Double)
  /// A word, or any text.
  case word(String)
  /// Yes or no.
  case flag(Bool)

  /// A number.
  public init(floatLiteral value: Double) { self = .number(value) }
  /// A number.
  public init(integerLiteral value: Int) { self = .integer(value) }
  /// A word.
  public init(stringLiteral value: String) { self = .word(value) }

  /// The value as a command line takes it; whole numbers have no point.
  public var description: String {
    switch self {
    case .integer(let number): "\(number)"
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
    } else if let number = try? container.decode(Int.self) {
      self = .integer(number)
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
    case .integer(let number): try container.encode(number)
    case .number(let number): try container.encode(number)
    case .word(let word): try container.encode(word)
    case .flag(let isOn): try container.encode(isOn)
    }
  }
}

extension SettingValue {
  /// The number, whole or not; nil if it is none.
  public var number: Double? {
    switch self {
    case .integer(let number): Double(number)
    case .number(let number): number
    case .word, .flag: nil
    }
  }

  /// The whole number; nil if it is none.
  public var integer: Int? {
    switch self {
    case .integer(let number): number
    case .number(let number): Int(exactly: number)
    case .word, .flag: nil
    }
  }

  /// The word; nil if it is none.
  public var word: String? { if case .word(let word) = self { word } else { nil } }

  /// Yes or no; nil if it is neither.
  public var flag: Bool? { if case .flag(let isOn) = self { isOn } else { nil } }

  /// Whether two values are the same: 2 and 2.0 are.
  public static func == (a: SettingValue, b: SettingValue) -> Bool {
    if let a = a.integer, let b = b.integer { return a == b }
    return a.number == b.number && a.word == b.word && a.flag == b.flag
  }

  /// Hashes what two equal values have in common.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(number)
    hasher.combine(word)
    hasher.combine(flag)
  }
}
