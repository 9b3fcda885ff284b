import Reports
import SearchMethods
import SearchSpaces
import Tensors

/// Takes what a search reports to the run folder and to the screen.
struct SearchLog {
  private let folder: RunFolder
  private let epochs: Int
  private let space: SearchSpace
  private let derivedEdges: Int
  private let console: Console
  private let benchmark: NASBench201Table?
  private var hasHeader = false
  /// The last epoch.
  private(set) var last: EpochMetrics?
  /// Wall time of all epochs so far.
  private(set) var seconds: Double
  /// Most memory of any process that worked on the run.
  private(set) var peakMemoryBytes: Int
  /// Median wall time of a step, for each epoch so far.
  private var stepSeconds: [Double]

  /// Goes on after the epochs of `past`.
  init(
    _ folder: RunFolder, epochs: Int, past: [EpochMetrics], space: SearchSpace, derivedEdges: Int,
    benchmark: NASBench201Table?, _ console: Console
  ) {
    self.benchmark = benchmark
    last = past.last
    seconds = past.reduce(0) { $0 + $1.seconds }
    peakMemoryBytes = past.map(\.peakMemoryBytes).max() ?? 0
    stepSeconds = past.map(\.secondsPerStep)
    self.derivedEdges = derivedEdges
    self.folder = folder
    self.epochs = epochs
    self.space = space
    self.console = console
  }

  /// Shows and writes one event; throws if the run folder cannot be written, which ends the search.
  mutating func receive(_ event: SearchEvent) throws {
    switch event {
    case .step(let epoch, let step, let steps, let loss):
      console.status(
        "epoch \(epoch) of \(epochs)  step \(step) of \(steps)  loss \(decimals(loss, 3))\(remaining)"
      )
    case .evaluation(let epoch):
      console.status("epoch \(epoch) of \(epochs)  evaluating\(remaining)")
    case .epoch(let metrics, let alpha):
      if !hasHeader { console.progress(Self.header + (benchmark?.logHeader ?? "")) }
      hasHeader = true
      last = metrics
      seconds += metrics.seconds
      peakMemoryBytes = max(peakMemoryBytes, metrics.peakMemoryBytes)
      stepSeconds.append(metrics.secondsPerStep)
      let logged = LoggedEpoch(metrics, benchmark)
      console.progress(row(logged))
      try write(logged, alpha)
    }
  }

  /// The median over the epochs, which hardly feels what else the machine did in one of them.
  var secondsPerStep: Double { RunHistory.medianSecondsPerStep(stepSeconds) }

  private func write(_ epoch: LoggedEpoch, _ parameters: [Tensor]) throws {
    let metrics = epoch.metrics
    try folder.append(json: epoch, to: "metrics.jsonl")
    // Behind the logits of each kind of cells there may be those of its edges.
    let alpha = Array(parameters.prefix(space.cells.count))
    let beta = Array(parameters.dropFirst(space.cells.count))
    if metrics.epoch == 1 {
      let header = alphaHeader(columns(alpha)) + (beta.isEmpty ? "" : ",beta")
      try folder.append(line: header, to: "alphas.csv")
    }
    for line in alphaRows(metrics.epoch, alpha, beta) {
      try folder.append(line: line, to: "alphas.csv")
    }
  }

  /// Cells of one space can have different numbers of logits; short rows end in empty fields.
  private func columns(_ alpha: [Tensor]) -> Int { alpha.map { $0.shape[1] }.max() ?? 0 }

  /// Logits are named by their candidates, or by number where sums have logits of their own.
  private func alphaHeader(_ columns: Int) -> String {
    let names =
      columns == space.primitives.count
      ? space.primitives.map(\.rawValue) : (0..<columns).map { "logit\($0)" }
    return "epoch,cell,edge," + names.joined(separator: ",")
  }

  private func alphaRows(_ epoch: Int, _ alpha: [Tensor], _ beta: [Tensor]) -> [String] {
    let all = columns(alpha)
    return zip(space.cells, alpha).enumerated().flatMap { kind, pair in
      let (cell, logits) = pair
      let width = logits.shape[1]
      let empty = Array(repeating: "", count: all - width)
      return space.edges.indices.map { edge in
        let row = (0..<width).map { "\(logits[edge * width + $0])" }
        let share = beta.isEmpty ? [] : ["\(beta[kind][edge])"]
        let name = "\(space.edges[edge].source)->\(space.edges[edge].target)"
        return "\(epoch),\(cell.name),\(name),\((row + empty + share).joined(separator: ","))"
      }
    }
  }

  private static let header =
    "epoch  train loss  train acc  val loss  val acc  entropy  skips  ms/step  remaining"

  private func row(_ epoch: LoggedEpoch) -> String {
    let m = epoch.metrics
    return [
      padded("\(m.epoch)", 5), padded(decimals(m.trainingLoss, 4), 12),
      padded(percent(m.trainingAccuracy), 11), padded(decimals(m.validationLoss, 4), 10),
      padded(percent(m.validationAccuracy), 9), padded(decimals(m.alphaEntropy, 3), 9),
      padded("\(m.skipCount)", 7), padded(decimals(m.secondsPerStep * 1000, 1), 9),
      "  ", padded(timeLeft ?? "", 9), epoch.benchmark.flatMap { benchmark?.logRow($0) } ?? "",
    ].joined() + (warning(m).map { "  \($0)" } ?? "")
  }

  /// Skip connections on most edges are the sign of a collapsed search.
  private func warning(_ m: EpochMetrics) -> String? {
    2 * m.skipCount > derivedEdges
      ? "collapse: \(m.skipCount) of \(derivedEdges) edges skip" : nil
  }

  private var remaining: String { timeLeft.map { "  \($0) left" } ?? "" }

  /// From the second epoch on: the first one warms up.
  private var timeLeft: String? {
    guard let last, last.epoch > 1 || epochs == 1 else { return nil }
    return duration(seconds / Double(last.epoch) * Double(epochs - last.epoch))
  }
}
