import Messages
import Reports
import SearchMethods

/// Takes what a training reports to the run folder and to the screen.
package struct EvaluationLog {
  private let folder: RunFolder
  private let epochs: Int
  private let output: any RunOutput
  /// The last epoch.
  private(set) var last: TrainingMetrics?
  /// Wall time of all epochs so far.
  private(set) var seconds: Double
  /// The most memory of any process that worked on the run.
  private(set) var peak: PeakMemory
  private var hasHeader = false
  /// Median wall time of a step, for each epoch so far.
  private var stepSeconds: [Double]

  /// Goes on after the epochs of `past`.
  package init(_ folder: RunFolder, epochs: Int, past: [TrainingMetrics], _ output: any RunOutput) {
    (self.folder, self.epochs, self.output) = (folder, epochs, output)
    last = past.last
    seconds = past.reduce(0) { $0 + $1.seconds }
    peak = PeakMemory(past)
    stepSeconds = past.map(\.secondsPerStep)
  }

  /// The median over the epochs, which hardly feels what else the machine did in one of them; nil before the first.
  var secondsPerStep: Double? {
    stepSeconds.isEmpty ? nil : RunHistory.medianSecondsPerStep(stepSeconds)
  }

  /// Shows and writes one event; throws if the run folder cannot be written, which ends the training.
  package mutating func receive(_ event: TrainingEvent) throws {
    switch event {
    case .step(let epoch, let step, let steps, let loss):
      output.status(
        "epoch \(epoch) of \(epochs)  step \(step) of \(steps)  loss \(decimals(loss, 3))"
          + left)
    case .evaluation(let epoch):
      output.status("epoch \(epoch) of \(epochs)  testing\(left)")
    case .epoch(let metrics):
      if !hasHeader { output.progress(text: Self.header) }
      hasHeader = true
      last = metrics
      seconds += metrics.seconds
      stepSeconds.append(metrics.secondsPerStep)
      peak.add(metrics)
      output.progress(text: row(metrics))
      try folder.append(json: metrics, to: "metrics.jsonl")
    }
  }

  private static let header =
    "epoch  train loss  train acc  test loss  test acc  ms/step  remaining"

  private func row(_ m: TrainingMetrics) -> String {
    [
      padded("\(m.epoch)", 5), padded(decimals(m.trainingLoss, 4), 12),
      padded(percent(m.trainingAccuracy), 11), padded(decimals(m.testLoss, 4), 11),
      padded(percent(m.testAccuracy), 10), padded(decimals(m.secondsPerStep * 1000, 1), 9),
      "  ", padded(remaining ?? "", 9),
    ].joined()
  }

  private var left: Message { remaining.map { "  \($0) left" } ?? "" }

  private var remaining: String? {
    last.flatMap { timeLeft(after: $0.epoch, of: epochs, seconds: seconds) }
  }
}
