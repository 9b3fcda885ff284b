import SearchMethods
import Settings
import Tensors

/// A search method with its numbers, as `config.json` holds it: the name, and a key for each value.
package struct MethodPlan: Equatable {
  package let entry: MethodEntry
  private(set) var values: SettingValues

  /// The name of the method.
  package var name: String { entry.name }

  /// A method with its usual numbers.
  package init(_ entry: MethodEntry) { (self.entry, values) = (entry, entry.standardValues) }

  /// Whether a setting of this name is for it: its own, or one of all methods.
  package func takes(_ name: String) -> Bool {
    entry.settings.contains { $0.name == name } || !Self.own.contains { $0.setting.name == name }
  }

  /// The method; what is random in it follows from `seed`.
  package func method(seed: RandomGenerator) -> any SearchAlgorithm { entry.make(values, seed) }

  package static func == (a: MethodPlan, b: MethodPlan) -> Bool {
    a.name == b.name && a.values == b.values
  }
}

// MARK: Settings

extension MethodPlan {
  /// The choice of a method, and what some methods can be given, the settings of one name as one.
  package static let settings = [choice] + own

  private static let choice = PlanSetting<MethodPlan>(
    Setting(
      "method", .choice(MethodEntry.all.map(\.name)),
      help: "The search method: "
        + MethodEntry.all.map { "\($0.name) is \($0.summary)" }.joined(separator: "; ") + ".",
      standard: .word(MethodEntry.all[0].name))
  ) {
    .word($0.name)
  } set: { plan, value in
    guard let entry = value.word.flatMap(MethodEntry.named), entry.name != plan.name else { return }
    plan = MethodPlan(entry)
  }

  private static let own: [PlanSetting<MethodPlan>] = {
    let all = MethodEntry.all.flatMap { entry in entry.settings.map { (entry.name, $0) } }
    return all.indices.filter { index in
      !all[..<index].contains { $0.1.name == all[index].1.name }
    }.map { index in
      let name = all[index].1.name
      let same = all.filter { $0.1.name == name }
      let setting = Setting(
        name, all[index].1.values,
        help: same.map { "For \($0): \($1.help)" }.joined(separator: " "),
        standardText: same.count == 1
          ? all[index].1.standardText
          : same.map { "\($1.standardText) for \($0)" }.joined(separator: ", "))
      return PlanSetting(setting) {
        $0.values[name]
      } set: {
        $0.values[name] = $1
      }
    }
  }()

  /// Throws if a value was chosen that is of other methods only.
  package func check(_ chosen: SettingValues) throws(SearchPlanError) {
    for entry in MethodEntry.all where entry.name != name {
      for setting in entry.settings where chosen[setting.name] != nil && !takes(setting.name) {
        throw .foreignSetting(setting.name, of: entry.name, method: name)
      }
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
  package init(from decoder: any Decoder) throws {
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
  package func check() throws(SearchConfigError.Problem) {
    for setting in entry.settings {
      guard values[setting.name].map(setting.values.contain) ?? true else {
        throw .values(
          reason: "\(setting.name): expected \(setting.values.expectation), found "
            + (values[setting.name]?.description ?? "none"))
      }
    }
    for setting in MethodEntry.all.flatMap(\.settings)
    where values[setting.name] != nil && !takes(setting.name) {
      throw .values(reason: "\(setting.name): expected nothing for \(name)")
    }
  }

  /// Writes the name and the values that there are.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(name, forKey: .name)
    for setting in entry.settings {
      try container.encodeIfPresent(
        values[setting.name], forKey: Key(stringValue: setting.camelCase))
    }
  }

  /// Every key that a method can have in a configuration.
  package static var keys: [String] {
    ["name"] + Set(MethodEntry.all.flatMap(\.settings).map(\.key)).sorted()
  }
}

extension Setting {
  /// The key before it is written in snake case.
  fileprivate var camelCase: String {
    let words = name.split(separator: "-")
    return words.dropFirst().reduce(String(words[0])) { $0 + $1.capitalized }
  }
}
