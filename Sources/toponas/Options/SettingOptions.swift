import CommandLineParsing
import SearchMethods

// Settings as options of a command line.

extension OptionSpec {
  /// The option of a setting.
  init(_ setting: Setting) {
    self.init(setting.name, setting.optionValue, help: setting.help, default: setting.standardText)
  }
}

extension Setting {
  /// What an option of this setting takes.
  var optionValue: OptionSpec.Value {
    switch values {
    case .integer(let range): .integer(range)
    case .number(let range): .number(range)
    case .choice(let words): .choice(words)
    case .text(let placeholder): .text(placeholder: placeholder)
    case .flag: .flag
    }
  }

  /// What the setting takes, in words.
  var expectation: String { OptionSpec(self).expectation }

  /// The words of a command line that give it a value.
  func words(_ value: SettingValue) -> [String] {
    switch value {
    case .flag(let isOn): [isOn ? "--\(name)" : "--no-\(name)"]
    case .word(let word) where values.isText: ["--\(name)=\(word)"]
    default: ["--\(name)", value.description]
    }
  }
}

extension Setting.Values {
  fileprivate var isText: Bool { if case .text = self { true } else { false } }
}

extension ParsedOptions {
  /// The value of a setting, if the user gave one.
  func value(of setting: Setting) -> SettingValue? {
    switch setting.values {
    case .integer: integer(setting.name).map { .number(Double($0)) }
    case .number: number(setting.name).map(SettingValue.number)
    case .choice, .text: text(setting.name).map(SettingValue.word)
    case .flag: flag(setting.name).map(SettingValue.flag)
    }
  }
}
