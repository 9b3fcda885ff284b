import Settings

extension OptionSpec {
  /// The words of a command line that give the option a value.
  public func words(_ value: SettingValue) -> [String] {
    switch (self.value, value) {
    case (_, .flag(let isOn)): [isOn ? "--\(name)" : "--no-\(name)"]
    // It may begin with a dash.
    case (.text, _): ["--\(name)=\(value)"]
    default: ["--\(name)", value.description]
    }
  }
}

extension SettingValues {
  /// The words that give the options among `specs` these values; options without a value make no words.
  public func words(for specs: [OptionSpec]) -> [String] {
    specs.flatMap { spec in self[spec.name].map(spec.words) ?? [] }
  }
}
