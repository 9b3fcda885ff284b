import CommandLineParsing
import Runs

extension OptionSpec {
  /// The options of settings, in their order.
  static func all<Plan>(_ settings: [PlanSetting<Plan>]) -> [OptionSpec] {
    settings.map { OptionSpec($0.setting) }
  }
}
