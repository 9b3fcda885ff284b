import CommandLineParsing
import DifferentiableSearch

/// When a search is saved: after each epoch, and in it when some time has passed.
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

  /// Whether to save now; if so, the time counts from here.
  mutating func isDue(after event: SearchEvent) -> Bool {
    let now = ContinuousClock.now
    switch event {
    case .epoch: break
    case .step: if now - last < pause { return false }
    // Nothing has changed since the last step.
    case .evaluation: return false
    }
    last = now
    return true
  }
}
