/// A value that a search, or anything else that is planned, can be given.
///
/// It is declared once: options, help, completions, the keys of a configuration, checks of range and the command that
/// repeats a run follow.
public struct Setting: Sendable {
  /// The name, with dashes between words: `partial-channels`.
  public let name: String
  /// The values that the setting takes.
  public let values: AllowedValues
  /// The meaning of the setting, with the unit.
  public let help: String
  /// What holds if it is not given; nil if that depends on other settings.
  public let standard: SettingValue?
  /// The standard in words.
  public let standardText: String

  /// Creates a setting; `standardText` is needed where there is no standard value.
  public init(
    _ name: String, _ values: AllowedValues, help: String, standard: SettingValue? = nil,
    standardText: String? = nil
  ) {
    self.name = name
    self.values = values
    self.help = help
    self.standard = standard
    self.standardText = standardText ?? standard?.description ?? ""
  }

  /// The key in a configuration: `partial_channels`.
  public var key: String { String(name.map { $0 == "-" ? "_" : $0 }) }
}
