import CommandLineParsing
import SearchMethods

/// When a run is saved: after each epoch, and in it when some time has passed.
struct CheckpointPace {
  static let option = OptionSpec(
    "checkpoint-minutes", .number(0...1_000_000),
    help:
      "Save after each epoch, and in it when so many minutes have passed; 0 is after each step.",
    default: "10")

  private let pause: Duration
  private var last = ContinuousClock.now

  init(_ options: ParsedOptions) {
    pause = .seconds(60 * (options.number(Self.option.name) ?? 10))
  }

  /// Whether to save at this place; if so, the time counts from here.
  mutating func isDue(at progress: SearchProgress) -> Bool {
    let now = ContinuousClock.now
    let isEndOfEpoch = progress.steps == 0
    guard isEndOfEpoch || now - last >= pause else { return false }
    last = now
    return true
  }
}
