import Reports
import SearchMethods
import Tensors

/// How fast a search or a training runs on this machine, measured on epochs of one step and one batch of evaluation.
package struct MeasuredPace {
  /// What ends a measurement.
  package struct IsKnown: Error {}

  /// Wall time after which no further epoch is measured, in seconds.
  private static let limit = 2.0
  /// So many epochs are enough for a median.
  private static let enough = 40

  private var steps: [Double] = []
  private var evaluations: [Double] = []
  private let start = ContinuousClock.now

  /// Nothing measured yet.
  package init() {}

  /// Runs the first units of a search on few images, until enough is measured.
  package init<Loop: Search>(_ search: Loop) throws {
    do {
      try search.run { event in
        guard case .unit(let unit) = event else { return }
        let work = search.work(in: unit.unit - 1)
        try add(
          seconds: unit.seconds, secondsPerStep: unit.secondsPerStep, steps: work.steps,
          evaluations: work.evaluations)
      }
    } catch is IsKnown {}
  }

  /// Adds an epoch, of one step and one batch of evaluation where nothing else is said; throws `IsKnown` when enough is
  /// measured.
  package mutating func add(
    seconds: Double, secondsPerStep: Double, steps count: Int = 1, evaluations batches: Int = 1
  ) throws(IsKnown) {
    steps.append(secondsPerStep)
    evaluations.append(
      max(0, seconds - Double(count) * secondsPerStep) / Double(max(1, batches)))
    if steps.count == Self.enough || ContinuousClock.now - start > .seconds(Self.limit) {
      throw IsKnown()
    }
  }

  /// The prediction for units of a search, and what it rests on.
  package func text(_ units: [UnitWork]) -> String {
    text(
      steps: units.reduce(0) { $0 + $1.steps }, evaluations: units.reduce(0) { $0 + $1.evaluations }
    )
  }

  /// The prediction for a training; `evaluations` are batches an epoch, or of the only test without epochs.
  package func text(epochs: Int, steps: Int, evaluations: Int) -> String {
    text(steps: epochs * steps, evaluations: max(1, epochs) * evaluations)
  }

  private func text(steps count: Int, evaluations evaluated: Int) -> String {
    let (step, evaluation) = (Self.typical(steps), Self.typical(evaluations))
    let seconds = Double(count) * step + Double(evaluated) * evaluation
    return """
      about \(duration(seconds)) on this machine: \(milliseconds(step)) per step, \(milliseconds(evaluation)) per batch of \
      evaluation, medians of \(max(1, steps.count - 1)) measured
      """
  }

  /// The median, without the first, which is slower because memory is new.
  private static func typical(_ seconds: [Double]) -> Double {
    let warm = (seconds.count > 1 ? Array(seconds.dropFirst()) : seconds).sorted()
    return warm.isEmpty ? 0 : warm[warm.count / 2]
  }

  private func milliseconds(_ seconds: Double) -> String { "\(decimals(seconds * 1000, 1)) ms" }
}
