/// Values of settings by name: those of a method, which reads what it has declared, or those that a user chose.
public struct SettingValues: Hashable, Sendable, ExpressibleByDictionaryLiteral {
  private var values: [String: SettingValue]

  /// Creates values; nothing is checked here.
  public init(_ values: [String: SettingValue] = [:]) { self.values = values }

  /// Creates values; of a name that stands twice the last one counts.
  public init(dictionaryLiteral elements: (String, SettingValue)...) {
    values = Dictionary(elements) { $1 }
  }

  /// The standard values of some settings.
  public init(standardsOf settings: [Setting]) {
    self.init(
      settings.reduce(into: [:]) { values, setting in values[setting.name] = setting.standard })
  }

  /// The value of a setting; nil if there is none.
  public subscript(name: String) -> SettingValue? {
    get { values[name] }
    set { values[name] = newValue }
  }

  /// The names of the settings that have a value.
  public var names: Set<String> { Set(values.keys) }

  /// These values, with those of `others` over them.
  public func merging(_ others: SettingValues) -> SettingValues {
    SettingValues(values.merging(others.values) { $1 })
  }

  /// The values of these settings alone.
  public func only(_ names: Set<String>) -> SettingValues {
    SettingValues(values.filter { names.contains($0.key) })
  }

  /// The number of a setting that has a standard.
  public func number(_ name: String) -> Double {
    guard let number = values[name]?.number else {
      preconditionFailure("expected a number for \(name), found \(values)")
    }
    return number
  }

  /// The whole number of a setting that has a standard.
  public func integer(_ name: String) -> Int {
    guard let number = values[name]?.integer else {
      preconditionFailure("expected a whole number for \(name), found \(values)")
    }
    return number
  }

  /// The word of a setting that has a standard.
  public func word(_ name: String) -> String {
    guard let word = values[name]?.word else {
      preconditionFailure("expected a word for \(name), found \(values)")
    }
    return word
  }
}
