import Files
import Reports
import SearchMethods

/// A training of a derived cell as a report shows it: what its folder tells, as far as it came.
package struct ReportedTraining {
  /// The path of the run folder.
  package let path: String
  package let plan: EvaluationPlan
  package let state: RunSummary.State
  /// The metrics of the epochs that are done.
  package let metrics: [TrainingMetrics]
  /// The result; nil if it is not finished.
  package let summary: EvaluationSummary?
  /// Why the training failed, if it did.
  package let failure: String?

  /// Reads a run folder; throws if a file is damaged.
  ///
  /// A training that is at its end, and still holds its lock, says so by `state`.
  package init(_ folder: RunFolder, state: RunSummary.State? = nil) throws {
    path = folder.path
    plan = try EvaluationPlan(of: folder)
    metrics = try RunHistory.epochs(of: folder)
    summary = try EvaluationSummary(in: folder)
    self.state = state ?? RunSummary.State(of: folder)
    failure = try RunFailure.message(in: folder)
  }

  /// The last part of its path.
  package var name: String { runName(path) }
  /// Wall time of the epochs, in seconds.
  package var seconds: Double { metrics.reduce(0) { $0 + $1.seconds } }
  /// The median over the epochs.
  package var secondsPerStep: Double {
    RunHistory.medianSecondsPerStep(metrics.map(\.secondsPerStep))
  }
  /// The most memory that the training took.
  package var peak: PeakMemory { PeakMemory(metrics) }
  /// For example `3 of 10 epochs`.
  package var progress: String { "\(metrics.count) of \(counted(plan.settings.epochs, "epoch"))" }
  /// The accuracy on the test images after the last epoch, or of the weights that were only tested.
  package var testAccuracy: Double? { metrics.last?.testAccuracy ?? summary?.testAccuracy }

  /// What was trained how, in one sentence.
  package var words: String {
    let epochs = plan.settings.epochs
    let work =
      epochs == 0
      ? "Tested, not trained"
      : "Trained for \(counted(epochs, "epoch")) with batch \(plan.settings.batchSize)"
    return """
      \(work): a network of \(plan.space.rawValue), \(plan.sizeText), seed \(plan.seed), \
      on \(plan.trainImages.map { "\(grouped($0)) " } ?? "")\
      \(plan.data.map { "images of \($0)" } ?? "synthetic images")\
      \(plan.weights.map { ", from the weights of \($0)" } ?? "").
      """
  }

  /// What the reader must know first, if the training is not finished.
  package var notice: String? {
    RunNotice(work: "training", command: "evaluate", path: path).text(
      state, progress: progress, failure: failure)
  }
}
