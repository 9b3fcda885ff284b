extension Setting {
  /// The words of a command line that give the setting a value.
  public func words(_ value: SettingValue) -> [String] {
    switch (values, value) {
    case (_, .flag(let isOn)): [isOn ? "--\(name)" : "--no-\(name)"]
    // It may begin with a dash.
    case (.text, _): ["--\(name)=\(value)"]
    default: ["--\(name)", value.description]
    }
  }
}

extension SettingValues {
  /// The words that give these settings these values; settings without a value make no words.
  public func words(for settings: [Setting]) -> [String] {
    settings.flatMap { setting in self[setting.name].map(setting.words) ?? [] }
  }
}
