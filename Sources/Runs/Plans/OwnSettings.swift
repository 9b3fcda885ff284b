import SearchMethods
import SearchSpaces
import Settings

/// The settings that some methods, or some search spaces, have of their own, each with the name of its owner.
struct OwnSettings: Sendable {
  /// All methods, or all spaces, in the order of the help.
  let owners: [(name: String, settings: [Setting])]

  /// All settings, those of one name each by itself.
  var all: [Setting] { owners.flatMap(\.settings) }

  /// The settings, those of one name as one, whose help says whose they are.
  var merged: [Setting] {
    let all = owners.flatMap { owner in owner.settings.map { (owner.name, $0) } }
    return all.indices.filter { index in
      !all[..<index].contains { $0.1.name == all[index].1.name }
    }.map { index in
      let name = all[index].1.name
      let same = all.filter { $0.1.name == name }
      return Setting(
        name, all[index].1.values,
        help: same.map { "For \($0): \($1.help)" }.joined(separator: " "),
        standardText: same.count == 1
          ? all[index].1.standardText
          : same.map { "\($1.standardText) for \($0)" }.joined(separator: ", "))
    }
  }

  /// The settings of a plan that holds their values at one place.
  func planSettings<Plan>(
    _ values: any WritableKeyPath<Plan, SettingValues> & Sendable
  ) -> [PlanSetting<Plan>] {
    merged.map { setting in
      PlanSetting(setting) {
        $0[keyPath: values][setting.name]
      } set: {
        $0[keyPath: values][setting.name] = $1
      }
    }
  }

  /// Whether a setting of this name is for `owner`: its own, or one that none of them has.
  func takes(_ name: String, for owner: String) -> Bool {
    settings(of: owner).contains { $0.name == name } || !all.contains { $0.name == name }
  }

  /// A setting that was chosen for another than `owner`, with one to whom it belongs; nil if there is none.
  func foreign(
    _ chosen: SettingValues, to owner: String
  ) -> (setting: String, owner: String)? {
    for other in owners where other.name != owner {
      for setting in other.settings
      where chosen[setting.name] != nil && !takes(setting.name, for: owner) {
        return (setting.name, other.name)
      }
    }
    return nil
  }

  private func settings(of owner: String) -> [Setting] {
    owners.first { $0.name == owner }?.settings ?? []
  }
}

// MARK: JSON

extension OwnSettings {
  /// The key of a setting, before it is written in snake case.
  struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }

    init(_ setting: Setting) {
      let words = setting.name.split(separator: "-")
      stringValue = words.dropFirst().reduce(String(words[0])) { $0 + $1.capitalized }
    }
  }

  /// The values in a container over those that are usual, whosever they are; `check` says whether they fit.
  func values(
    in container: KeyedDecodingContainer<Key>, over usual: SettingValues = SettingValues()
  ) throws -> SettingValues {
    try all.reduce(into: usual) { values, setting in
      guard let value = try container.decodeIfPresent(SettingValue.self, forKey: Key(setting))
      else { return }
      values[setting.name] = value
    }
  }

  /// Throws if a value is out of its range, or another's.
  func check(_ values: SettingValues, of owner: String) throws(SearchConfigError.Problem) {
    for setting in settings(of: owner) {
      guard values[setting.name].map(setting.values.contain) ?? true else {
        throw .values(
          reason: "\(setting.name): expected \(setting.values.expectation), found "
            + (values[setting.name]?.description ?? "none"))
      }
    }
    for setting in all where values[setting.name] != nil && !takes(setting.name, for: owner) {
      throw .values(reason: "\(setting.name): expected nothing for \(owner)")
    }
  }

  /// Every key in a configuration.
  var keys: [String] { Set(all.map(\.key)).sorted() }
}
