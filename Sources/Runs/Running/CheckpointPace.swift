import SearchMethods

/// When a run is saved: after each epoch, and in it when some time has passed.
package struct CheckpointPace {
  private let pause: Duration
  private var last = ContinuousClock.now

  /// Saves within an epoch whenever this many minutes have passed; 0 saves after each step.
  package init(minutes: Double = 10) { pause = .seconds(60 * minutes) }

  /// Whether to save at this place; if so, the time counts from here.
  package mutating func isDue(at progress: SearchProgress) -> Bool {
    let now = ContinuousClock.now
    let isEndOfEpoch = progress.steps == 0
    guard isEndOfEpoch || now - last >= pause else { return false }
    last = now
    return true
  }
}
