import SearchMethods

/// A setting of a plan, and where the plan holds it.
///
/// Options, help, completions, the keys of a configuration, checks of range and the command that repeats a run are
/// folds over a list of these.
package struct PlanSetting<Plan>: Sendable {
  /// Its name, its range, its meaning.
  package let setting: Setting
  /// Its key in a configuration: `settings.batch_size`.
  package let key: String
  /// The value of a plan; nil if it has none.
  package let value: @Sendable (Plan) -> SettingValue?
  /// Gives a plan a value that the setting allows.
  package let set: @Sendable (inout Plan, SettingValue) -> Void
}

extension PlanSetting {
  /// A whole number.
  package static func integer(
    _ name: String, _ key: String, _ path: any WritableKeyPath<Plan, Int> & Sendable,
    _ range: ClosedRange<Int>, help: String, standard: String
  ) -> PlanSetting {
    PlanSetting(
      setting: Setting(
        name, .integer(range), help: help, standard: nil, standardText: standard), key: key,
      value: { .number(Double($0[keyPath: path])) },
      set: { plan, value in
        if case .number(let number) = value { plan[keyPath: path] = Int(number) }
      })
  }

  /// A whole number that need not be there.
  package static func integer(
    _ name: String, _ key: String, optional path: any WritableKeyPath<Plan, Int?> & Sendable,
    _ range: ClosedRange<Int>, help: String, standard: String
  ) -> PlanSetting {
    PlanSetting(
      setting: Setting(
        name, .integer(range), help: help, standard: nil, standardText: standard), key: key,
      value: { plan in plan[keyPath: path].map { .number(Double($0)) } },
      set: { plan, value in
        if case .number(let number) = value { plan[keyPath: path] = Int(number) }
      })
  }

  /// A number.
  package static func number(
    _ name: String, _ key: String, _ path: any WritableKeyPath<Plan, Double> & Sendable,
    _ range: ClosedRange<Double>, help: String, standard: String
  ) -> PlanSetting {
    PlanSetting(
      setting: Setting(
        name, .number(range), help: help, standard: nil, standardText: standard), key: key,
      value: { .number($0[keyPath: path]) },
      set: { plan, value in
        if case .number(let number) = value { plan[keyPath: path] = number }
      })
  }
}
