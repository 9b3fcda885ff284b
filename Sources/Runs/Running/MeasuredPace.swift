import Reports
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

  /// Adds an epoch; throws `IsKnown` when enough is measured.
  package mutating func add(seconds: Double, secondsPerStep: Double) throws(IsKnown) {
    steps.append(secondsPerStep)
    evaluations.append(seconds - secondsPerStep)
    if steps.count == Self.enough || ContinuousClock.now - start > .seconds(Self.limit) {
      throw IsKnown()
    }
  }

  /// The prediction, and what it rests on; `evaluations` are batches an epoch, or of the only test without epochs.
  package func text(epochs: Int, steps: Int, evaluations: Int) -> String {
    let (step, evaluation) = (Self.typical(self.steps), Self.typical(self.evaluations))
    let seconds =
      Double(epochs * steps) * step + Double(max(1, epochs) * evaluations) * evaluation
    return """
      about \(duration(seconds)) on this machine: \(milliseconds(step)) per step, \(milliseconds(evaluation)) per batch of \
      evaluation, medians of \(max(1, self.steps.count - 1)) measured
      """
  }

  /// The median, without the first, which is slower because memory is new.
  private static func typical(_ seconds: [Double]) -> Double {
    let warm = (seconds.count > 1 ? Array(seconds.dropFirst()) : seconds).sorted()
    return warm.isEmpty ? 0 : warm[warm.count / 2]
  }

  private func milliseconds(_ seconds: Double) -> String { "\(decimals(seconds * 1000, 1)) ms" }
}
