import CommandLineParsing
import SearchMethods
import Tensors

/// A search method with its numbers, as `config.json` holds it: the name, and a key for each value.
struct MethodPlan: Equatable {
  let entry: MethodEntry
  private(set) var values: SettingValues

  /// The name of the method.
  var name: String { entry.name }

  /// A method with its usual numbers.
  init(_ entry: MethodEntry) { (self.entry, values) = (entry, entry.standardValues) }

  /// Reads the options over the numbers of `base`, if that is the same method.
  init(_ options: ParsedOptions, over base: MethodPlan?) throws(SearchPlanError) {
    let name = options.text("method") ?? base?.name ?? MethodEntry.all[0].name
    guard let entry = MethodEntry.named(name) else {
      preconditionFailure("the parser lets no method pass that is not in the list, as \(name)")
    }
    self = base?.name == name ? base ?? MethodPlan(entry) : MethodPlan(entry)
    for other in MethodEntry.all where other.name != name {
      for setting in other.settings where options.isGiven(setting.name) && !takes(setting.name) {
        throw .foreignOption(setting.name, of: other.name, method: name)
      }
    }
    for setting in entry.settings {
      if let value = options.value(of: setting) { values[setting.name] = value }
    }
  }

  /// Whether an option of this name is for it: its own, or one of all methods.
  func takes(_ option: String) -> Bool {
    entry.settings.contains { $0.name == option } || !Self.ownOptions.contains { $0.name == option }
  }

  /// The method; what is random in it follows from `seed`.
  func method(seed: RandomGenerator) -> any SearchMethod { entry.make(values, seed) }

  /// The options that choose it again: its name, and the values that are not the usual ones.
  var words: [String] {
    (name == MethodEntry.all[0].name ? [] : ["--method", name])
      + entry.settings.flatMap { setting -> [String] in
        guard let value = values[setting.name], value != setting.standard else { return [] }
        return ["--\(setting.name)", value.description]
      }
  }

  static func == (a: MethodPlan, b: MethodPlan) -> Bool {
    a.name == b.name && a.values == b.values
  }
}

// MARK: Options

extension MethodPlan {
  /// The options that choose a method, and those with its numbers.
  static let options =
    [
      OptionSpec(
        "method", .choice(MethodEntry.all.map(\.name)),
        help: "The search method: "
          + MethodEntry.all.map { "\($0.name) is \($0.summary)" }.joined(separator: "; ") + ".",
        default: MethodEntry.all[0].name),
      OptionSpec(
        "warm-up-epochs", .integer(0...100_000),
        help: "Epochs at the start in which the weights move alone.",
        default: "0; for pc-darts 15 of 50 epochs, in proportion"),
    ] + ownOptions

  /// Options that belong to some methods, the settings of one name as one option.
  private static let ownOptions: [OptionSpec] = {
    let all = MethodEntry.all.flatMap { entry in entry.settings.map { (entry.name, $0) } }
    return all.indices.filter { index in
      !all[..<index].contains { $0.1.name == all[index].1.name }
    }.map { index in
      let setting = all[index].1
      let same = all.filter { $0.1.name == setting.name }
      return OptionSpec(
        setting.name, setting.optionValue,
        help: same.map { "For \($0): \($1.help)" }.joined(separator: " "),
        default: same.count == 1
          ? setting.standardText
          : same.map { "\($1.standardText) for \($0)" }.joined(separator: ", "))
    }
  }()
}

extension MethodSetting {
  /// What an option of this setting takes.
  fileprivate var optionValue: OptionSpec.Value {
    switch values {
    case .integer(let range): .integer(range)
    case .number(let range): .number(range)
    case .choice(let words): .choice(words)
    }
  }

  /// Whether a value is one that the setting takes.
  fileprivate func allows(_ value: SettingValue) -> Bool {
    switch (values, value) {
    case (.integer(let range), .number(let number)):
      Int(exactly: number).map(range.contains) ?? false
    case (.number(let range), .number(let number)): range.contains(number)
    case (.choice(let words), .word(let word)): words.contains(word)
    default: false
    }
  }
}

extension ParsedOptions {
  /// The value of a setting, if the user gave one.
  fileprivate func value(of setting: MethodSetting) -> SettingValue? {
    switch setting.values {
    case .integer: integer(setting.name).map { .number(Double($0)) }
    case .number: number(setting.name).map(SettingValue.number)
    case .choice: text(setting.name).map(SettingValue.word)
    }
  }
}

// MARK: JSON

extension MethodPlan: Codable {
  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
    static let name = Key(stringValue: "name")
  }

  /// Reads the name, and the values of any method over the usual ones; `check` says whether they fit.
  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let name = try container.decode(String.self, forKey: .name)
    guard let entry = MethodEntry.named(name) else {
      let known = MethodEntry.all.map(\.name).joined(separator: ", ")
      throw DecodingError.dataCorruptedError(
        forKey: .name, in: container, debugDescription: "expected one of \(known), found '\(name)'")
    }
    self.init(entry)
    for setting in MethodEntry.all.flatMap(\.settings) {
      let key = Key(stringValue: setting.camelCase)
      guard let value = try container.decodeIfPresent(SettingValue.self, forKey: key) else {
        continue
      }
      values[setting.name] = value
    }
  }

  /// Throws if a value is out of its range, or one of another method.
  func check() throws(SearchConfigError.Problem) {
    for setting in entry.settings {
      guard values[setting.name].map(setting.allows) ?? true else {
        throw .values(
          reason: "\(setting.name): expected \(setting.expectation), found "
            + (values[setting.name]?.description ?? "none"))
      }
    }
    for setting in MethodEntry.all.flatMap(\.settings)
    where values[setting.name] != nil && !takes(setting.name) {
      throw .values(reason: "\(setting.name): expected nothing for \(name)")
    }
  }

  /// Writes the name and the values that there are.
  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(name, forKey: .name)
    for setting in entry.settings {
      try container.encodeIfPresent(
        values[setting.name], forKey: Key(stringValue: setting.camelCase))
    }
  }

  /// Every key that a method can have in a configuration.
  static var keys: [String] {
    ["name"] + Set(MethodEntry.all.flatMap(\.settings).map(\.key)).sorted()
  }
}

extension MethodSetting {
  /// The key before it is written in snake case.
  fileprivate var camelCase: String {
    let words = name.split(separator: "-")
    return words.dropFirst().reduce(String(words[0])) { $0 + $1.capitalized }
  }

  /// What the setting takes, in words.
  fileprivate var expectation: String {
    OptionSpec(name, optionValue, help: "").expectation
  }
}
