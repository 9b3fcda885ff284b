import Reports
import SearchMethods
import SearchSpaces
import Tensors

/// Takes what a search reports to the run folder and to the screen.
package struct SearchLog {
  private let folder: RunFolder
  private let epochs: Int
  private let derivedEdges: Int
  private let output: any RunOutput
  private let benchmark: NASBench201Table?
  private var hasHeader = false
  /// The last epoch.
  private(set) var last: EpochMetrics?
  /// Wall time of all epochs so far.
  private(set) var seconds: Double
  /// The most memory of any process that worked on the run.
  private(set) var peak: PeakMemory
  /// Median wall time of a step, for each epoch so far.
  private var stepSeconds: [Double]

  /// Goes on after the epochs of `past`.
  package init(
    _ folder: RunFolder, epochs: Int, past: [EpochMetrics], derivedEdges: Int,
    benchmark: NASBench201Table?, _ output: any RunOutput
  ) {
    self.benchmark = benchmark
    last = past.last
    seconds = past.reduce(0) { $0 + $1.seconds }
    peak = PeakMemory(past)
    stepSeconds = past.map(\.secondsPerStep)
    self.derivedEdges = derivedEdges
    self.folder = folder
    self.epochs = epochs
    self.output = output
  }

  /// Shows and writes one event; throws if the run folder cannot be written, which ends the search.
  ///
  /// `records` are the tables of the search after an epoch.
  package mutating func receive(
    _ event: SearchEvent<EpochMetrics>, _ records: @autoclosure () -> [UnitRecord]
  ) throws {
    switch event {
    case .step(let epoch, let step, let steps, let loss):
      output.status(
        "epoch \(epoch) of \(epochs)  step \(step) of \(steps)  loss \(decimals(loss, 3))\(remaining)"
      )
    case .evaluation(let epoch):
      output.status("epoch \(epoch) of \(epochs)  evaluating\(remaining)")
    case .unit(let metrics):
      if !hasHeader { output.progress(text: header(metrics) + (benchmark?.logHeader ?? "")) }
      hasHeader = true
      last = metrics
      seconds += metrics.seconds
      peak.add(metrics)
      stepSeconds.append(metrics.secondsPerStep)
      let logged = LoggedEpoch(metrics, benchmark)
      output.progress(text: row(logged))
      try folder.append(json: logged, to: "metrics.jsonl")
      for record in records() { try write(record, isFirst: metrics.epoch == 1) }
    }
  }

  /// The median seconds per step over the epochs; other work of the machine in one epoch hardly moves it.
  package var secondsPerStep: Double { RunHistory.medianSecondsPerStep(stepSeconds) }

  /// Appends the rows of one epoch to a table of the folder, the header before the first.
  private func write(_ record: UnitRecord, isFirst: Bool) throws {
    let lines = (isFirst ? [record.columns] : []) + record.rows
    try folder.append(lines: lines.map { $0.joined(separator: ",") }, to: "\(record.name).csv")
  }

  private func header(_ metrics: EpochMetrics) -> String {
    (["epoch"] + metrics.columns.map(\.title) + ["ms/step", "remaining"]).joined(separator: "  ")
  }

  private func row(_ epoch: LoggedEpoch) -> String {
    let m = epoch.metrics
    let cells = m.columns.map { padded(text($0), 2 + $0.title.count) }
    return
      ([padded("\(m.epoch)", 5)] + cells + [
        padded(decimals(m.secondsPerStep * 1000, 1), 9), "  ", padded(timeLeft ?? "", 9),
        epoch.benchmark.flatMap { benchmark?.logRow($0) } ?? "",
      ]).joined() + (warning(m).map { "  \($0)" } ?? "")
  }

  private func text(_ column: ReportColumn) -> String {
    switch column.format {
    case .decimals(let digits): decimals(column.value, digits)
    case .percent: percent(column.value)
    }
  }

  /// Skip connections on most edges are the sign of a collapsed search.
  private func warning(_ m: EpochMetrics) -> String? {
    2 * m.skipCount > derivedEdges
      ? "collapse: \(m.skipCount) of \(derivedEdges) edges skip" : nil
  }

  private var remaining: String { timeLeft.map { "  \($0) left" } ?? "" }

  private var timeLeft: String? {
    last.flatMap { Runs.timeLeft(after: $0.epoch, of: epochs, seconds: seconds) }
  }
}
