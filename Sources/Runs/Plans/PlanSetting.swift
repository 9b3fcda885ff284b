import Settings

/// A setting of a plan, and where the plan holds it.
///
/// Options with their help and completions, the keys of a configuration, checks of range and the command that repeats
/// a run are folds over a list of these.
package struct PlanSetting<Plan>: Sendable {
  /// The name of the setting, the values it takes, its meaning.
  package let setting: Setting
  /// The value of a plan; nil if it has none.
  package let value: @Sendable (Plan) -> SettingValue?
  /// Gives a plan a value that the setting takes.
  package let set: @Sendable (inout Plan, SettingValue) -> Void

  /// A setting that is read and set by `value` and `set`.
  package init(
    _ setting: Setting, value: @escaping @Sendable (Plan) -> SettingValue?,
    set: @escaping @Sendable (inout Plan, SettingValue) -> Void
  ) {
    (self.setting, self.value, self.set) = (setting, value, set)
  }

  /// A setting that stands at one place of the plan.
  package init<Value: SettingConvertible>(
    _ setting: Setting, _ path: any WritableKeyPath<Plan, Value> & Sendable
  ) {
    self.init(setting) {
      $0[keyPath: path].settingValue
    } set: {
      if let value = Value($1) { $0[keyPath: path] = value }
    }
  }

  /// The setting of a part of another plan.
  package func within<Whole>(
    _ path: any WritableKeyPath<Whole, Plan> & Sendable
  ) -> PlanSetting<Whole> {
    PlanSetting<Whole>(setting) {
      value($0[keyPath: path])
    } set: {
      set(&$0[keyPath: path], $1)
    }
  }

  /// The setting of a part that another plan need not have; without it nothing is set.
  package func within<Whole>(
    optional path: any WritableKeyPath<Whole, Plan?> & Sendable
  ) -> PlanSetting<Whole> {
    PlanSetting<Whole>(setting) {
      $0[keyPath: path].flatMap(value)
    } set: { whole, new in
      guard var part = whole[keyPath: path] else { return }
      set(&part, new)
      whole[keyPath: path] = part
    }
  }
}

extension Array {
  /// The plan with all values that were chosen and have a setting here, set in the order of the list.
  package func apply<Plan>(_ chosen: SettingValues, to plan: inout Plan)
  where Element == PlanSetting<Plan> {
    for setting in self {
      if let value = chosen[setting.setting.name] { setting.set(&plan, value) }
    }
  }

  /// The values of a plan by the names of its settings.
  package func values<Plan>(of plan: Plan) -> SettingValues where Element == PlanSetting<Plan> {
    reduce(into: SettingValues()) { $0[$1.setting.name] = $1.value(plan) }
  }

  /// The settings, for options and help.
  package func settings<Plan>() -> [Setting] where Element == PlanSetting<Plan> { map(\.setting) }
}

/// What can be the value of a setting.
package protocol SettingConvertible: SendableMetatype {
  /// Takes a value; nil if it is of another kind.
  init?(_ value: SettingValue)
  /// The value; nil if there is none.
  var settingValue: SettingValue? { get }
}

extension Int: SettingConvertible {
  package init?(_ value: SettingValue) {
    guard let number = value.integer else { return nil }
    self = number
  }
  package var settingValue: SettingValue? { .integer(self) }
}

extension Double: SettingConvertible {
  package init?(_ value: SettingValue) {
    guard let number = value.number else { return nil }
    self = number
  }
  package var settingValue: SettingValue? { .number(self) }
}

extension Bool: SettingConvertible {
  package init?(_ value: SettingValue) {
    guard let isOn = value.flag else { return nil }
    self = isOn
  }
  package var settingValue: SettingValue? { .flag(self) }
}

extension String: SettingConvertible {
  package init?(_ value: SettingValue) {
    guard let word = value.word else { return nil }
    self = word
  }
  package var settingValue: SettingValue? { .word(self) }
}

extension Optional: SettingConvertible where Wrapped: SettingConvertible {
  package init?(_ value: SettingValue) {
    guard let wrapped = Wrapped(value) else { return nil }
    self = wrapped
  }
  package var settingValue: SettingValue? { flatMap(\.settingValue) }
}

extension SettingConvertible where Self: RawRepresentable, RawValue == String {
  package init?(_ value: SettingValue) {
    guard let word = value.word else { return nil }
    self.init(rawValue: word)
  }
  package var settingValue: SettingValue? { .word(rawValue) }
}
