import CommandLineParsing
import Runs

extension ParsedOptions {
  /// The options that only a new run can have, as far as they were given.
  var beginnings: [String] { ["out", "config", "dry-run"].filter(isGiven) }
}

extension CheckpointPace {
  /// The option that says how often a run is saved.
  static let option = OptionSpec(
    "checkpoint-minutes", .number(0...1_000_000),
    help:
      "Save after each epoch, and within it whenever N minutes have passed; 0 saves after each step.",
    default: "10")

  /// The pace that the options ask for.
  init(_ options: ParsedOptions) {
    self.init(minutes: options.number(Self.option.name) ?? 10)
  }
}
