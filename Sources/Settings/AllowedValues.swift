/// What a setting takes.
public enum AllowedValues: Sendable {
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

  /// Whether a value is one of them.
  public func contain(_ value: SettingValue) -> Bool {
    switch self {
    case .integer(let range): value.integer.map(range.contains) ?? false
    case .number(let range): value.number.map { $0.isFinite && range.contains($0) } ?? false
    case .choice(let words): value.word.map(words.contains) ?? false
    case .text: value.word.map { !$0.isEmpty } ?? false
    case .flag: value.flag != nil
    }
  }

  /// Reads a text as one of them; nil if it is none, and for a flag, whose value no text gives.
  public func read(_ text: String) -> SettingValue? {
    let value: SettingValue? =
      switch self {
      case .flag: nil
      case .integer: Int(text).map(SettingValue.integer)
      case .number: Double(text).map(SettingValue.number)
      case .choice, .text: .word(text)
      }
    return value.flatMap { contain($0) ? $0 : nil }
  }

  /// The values in words: `a whole number from 1 to 1000`.
  public var expectation: String {
    switch self {
    case .flag: "yes or no"
    case .integer: "a whole number \(range ?? "")"
    case .number: "a number \(range ?? "")"
    case .choice(let words): "one of \(words.joined(separator: ", "))"
    case .text(let placeholder): "\(placeholder), not empty"
    }
  }

  /// The numbers in words: `from 1 to 1000`; nil where there are none.
  public var range: String? {
    switch self {
    case .integer(let range): Self.words(range)
    case .number(let range): Self.words(range)
    case .flag, .choice, .text: nil
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
