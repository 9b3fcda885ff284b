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
  package func takes(_ name: String) -> Bool { Self.own.takes(name, for: self.name) }

  /// The method; what is random in it follows from `seed`.
  package func method(seed: RandomGenerator) -> any SearchAlgorithm { entry.make(values, seed) }

  package static func == (a: MethodPlan, b: MethodPlan) -> Bool {
    a.name == b.name && a.values == b.values
  }
}

// MARK: Settings

extension MethodPlan {
  /// The choice of a method, and what some methods can be given, the settings of one name as one.
  package static let settings = [choice] + own.planSettings(\.values)

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

  private static let own = OwnSettings(owners: MethodEntry.all.map { ($0.name, $0.settings) })

  /// Throws if a value was chosen that is of other methods only.
  package func check(_ chosen: SettingValues) throws(SearchPlanError) {
    if let (setting, owner) = Self.own.foreign(chosen, to: name) {
      throw .foreignSetting(setting, of: owner, method: name)
    }
  }
}

// MARK: JSON

extension MethodPlan: Codable {
  private static let nameKey = OwnSettings.Key(stringValue: "name")

  /// Reads the name, and the values of any method over the usual ones; `check` says whether they fit.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: OwnSettings.Key.self)
    let name = try container.decode(String.self, forKey: Self.nameKey)
    guard let entry = MethodEntry.named(name) else {
      let known = MethodEntry.all.map(\.name).joined(separator: ", ")
      throw DecodingError.dataCorruptedError(
        forKey: Self.nameKey, in: container,
        debugDescription: "expected one of \(known), found '\(name)'")
    }
    self.init(entry)
    values = try Self.own.values(in: container, over: values)
  }

  /// Throws if a value is out of its range, or one of another method.
  package func check() throws(SearchConfigError.Problem) { try Self.own.check(values, of: name) }

  /// Writes the name and the values that there are.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: OwnSettings.Key.self)
    try container.encode(name, forKey: Self.nameKey)
    for setting in entry.settings {
      try container.encodeIfPresent(values[setting.name], forKey: OwnSettings.Key(setting))
    }
  }

  /// Every key that a method can have in a configuration.
  package static var keys: [String] { ["name"] + own.keys }
}
