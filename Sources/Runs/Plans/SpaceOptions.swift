import SearchSpaces
import Settings

/// The values of a search space's own settings, as `config.json` holds them: a key for each.
package struct SpaceOptions: Equatable {
  package private(set) var values: SettingValues

  /// The usual values of a space, with those of a preset over them; nil if it has no settings.
  package init?(_ entry: SpaceEntry, _ preset: SettingValues = [:]) {
    guard !entry.settings.isEmpty else { return nil }
    values = SettingValues(standardsOf: entry.settings).merging(preset)
  }

  private static let own = OwnSettings(owners: SpaceEntry.all.map { ($0.name, $0.settings) })

  /// What some spaces can be given, the settings of one name as one.
  package static let settings: [PlanSetting<SpaceOptions>] = own.planSettings(\.values)

  /// The values that were chosen for a space, without the usual ones; throws if some are of other spaces only.
  package static func values(
    _ chosen: SettingValues, of space: SearchedSpace
  ) throws(SearchPlanError) -> SettingValues {
    if let (setting, owner) = own.foreign(chosen, to: space.rawValue) {
      throw .foreignSpaceSetting(setting, of: owner, space: space.rawValue)
    }
    return chosen.only(Set(space.entry.settings.map(\.name)))
  }

  /// Throws if a value is out of its range, or one of another space.
  package func check(of space: SearchedSpace) throws(SearchConfigError.Problem) {
    try Self.own.check(values, of: space.rawValue)
  }
}

extension SpaceOptions: Codable {
  package init(from decoder: any Decoder) throws {
    values = try Self.own.values(in: decoder.container(keyedBy: OwnSettings.Key.self))
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: OwnSettings.Key.self)
    for setting in Self.own.all {
      try container.encodeIfPresent(values[setting.name], forKey: OwnSettings.Key(setting))
    }
  }

  /// Every key that a space can have in a configuration.
  package static var keys: [String] { own.keys }
}
