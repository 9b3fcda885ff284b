import Reports
import SearchMethods
import SearchSpaces
import Tensors

/// Takes what a search reports to the run folder and to the screen.
package struct SearchLog<Report: UnitReport> {
  private let folder: RunFolder
  private let units: Int
  /// How many edges the cell has that would be derived now.
  private let derivedEdges: () -> Int
  private let output: any RunOutput
  private let benchmark: NASBench201Table?
  private var hasHeader = false
  /// What was reported of the last unit.
  private(set) var last: Report?
  /// Wall time of all units so far.
  private(set) var seconds: Double
  /// The most memory of any process that worked on the run.
  private(set) var peak: PeakMemory
  /// Median wall time of a step, for each unit so far.
  private var stepSeconds: [Double]

  /// Goes on after the units of `past`.
  package init(
    _ folder: RunFolder, units: Int, past: [Report], derivedEdges: @escaping () -> Int,
    benchmark: NASBench201Table?, _ output: any RunOutput
  ) {
    self.benchmark = benchmark
    last = past.last
    seconds = past.reduce(0) { $0 + $1.seconds }
    peak = PeakMemory(past)
    stepSeconds = past.map(\.secondsPerStep)
    self.derivedEdges = derivedEdges
    self.folder = folder
    self.units = units
    self.output = output
  }

  /// Shows and writes one event; throws if the run folder cannot be written, which ends the search.
  ///
  /// `records` are the tables of the search after a unit.
  package mutating func receive(
    _ event: SearchEvent<Report>, _ records: @autoclosure () -> [UnitRecord]
  ) throws {
    switch event {
    case .step(let unit, let step, let steps, let loss):
      output.status(
        "epoch \(unit) of \(units)  step \(step) of \(steps)  loss \(decimals(loss, 3))\(remaining)"
      )
    case .evaluation(let unit):
      output.status("epoch \(unit) of \(units)  evaluating\(remaining)")
    case .unit(let metrics):
      if !hasHeader { output.progress(text: header(metrics) + (benchmark?.logHeader ?? "")) }
      hasHeader = true
      last = metrics
      seconds += metrics.seconds
      peak.add(metrics)
      stepSeconds.append(metrics.secondsPerStep)
      let logged = LoggedUnit(metrics, benchmark)
      output.progress(text: row(logged))
      try folder.append(json: logged, to: RunHistory.metricsFile)
      for record in records() { try write(record, isFirst: metrics.unit == 1) }
    }
  }

  /// The median seconds per step over the epochs; other work of the machine in one epoch hardly moves it.
  package var secondsPerStep: Double { RunHistory.medianSecondsPerStep(stepSeconds) }

  /// Appends the rows of one unit to a table of the folder, the header before the first.
  private func write(_ record: UnitRecord, isFirst: Bool) throws {
    let lines = (isFirst ? [record.columns] : []) + record.rows
    try folder.append(lines: lines.map { $0.joined(separator: ",") }, to: "\(record.name).csv")
  }

  private func header(_ metrics: Report) -> String {
    (["epoch"] + metrics.columns.map(\.title) + ["ms/step", "remaining"]).joined(separator: "  ")
  }

  private func row(_ unit: LoggedUnit<Report>) -> String {
    let m = unit.report
    let cells = m.columns.map { padded($0.text, 2 + $0.title.count) }
    return
      ([padded("\(m.unit)", 5)] + cells + [
        padded(decimals(m.secondsPerStep * 1000, 1), 9), "  ", padded(timeLeft ?? "", 9),
        unit.benchmark.flatMap { benchmark?.logRow($0) } ?? "",
      ]).joined() + (warning(m).map { "  \($0)" } ?? "")
  }

  /// Skip connections on most edges are the sign of a collapsed search.
  private func warning(_ m: Report) -> String? {
    m.skips.flatMap { skips in
      let edges = derivedEdges()
      return 2 * skips > edges ? "collapse: \(skips) of \(edges) edges skip" : nil
    }
  }

  private var remaining: String { timeLeft.map { "  \($0) left" } ?? "" }

  private var timeLeft: String? {
    last.flatMap { Runs.timeLeft(after: $0.unit, of: units, seconds: seconds) }
  }
}

extension ReportColumn {
  /// The number as a table shows it.
  package var text: String {
    switch format {
    case .decimals(let digits): decimals(value, digits)
    case .percent: percent(value)
    }
  }
}
