import Reports
import SearchMethods
import SearchSpaces

/// The result of a study: every method on every kind of space, over the seeds.
package struct StudyReport: Encodable {
  package let space: String
  /// The arm whose mean cost is 1 in the figures.
  package let unitOfCost: String
  package let arms: [StudyArm]
  /// The same seeds on plain and other spaces: for each method, and of all methods together.
  package let pairs: [PairedComparison]
  package let searches: [StudyResult]
  private let columns: [String]
  private enum CodingKeys: CodingKey { case space, unitOfCost, arms, pairs, searches }

  /// Sums up at least one result; `columns` are those of the table of NAS-Bench-201.
  package init(_ plan: StudyPlan, _ results: [StudyResult], columns: [String]) {
    space = plan.space.rawValue
    searches = results
    self.columns = columns
    arms = plan.methods.flatMap { method in
      plan.kinds.compactMap { kind in
        StudyArm(method: method, kind: kind.name, of: results, columns: columns)
      }
    }
    pairs = PairedComparison.all(of: results, plan, columns: columns)
    unitOfCost = Self.unit(of: arms).name
  }

  private static func unit(of arms: [StudyArm]) -> StudyArm {
    let plain = arms.filter { $0.kind == SpaceKind.plain.name }
    return plain.first { $0.method == MethodEntry.reference.name } ?? plain.first ?? arms[0]
  }

  // MARK: Text

  package var text: String {
    var table = TextTable(
      head: ["method", "space", "runs", "ms/step", "ratio", "tensors MiB", "ratio", "supernet %"]
        + columns.map { "\($0) %" } + ["skips"], numeric: Set(2...(8 + columns.count)))
    for arm in arms {
      table.rows.append(
        [
          arm.method, arm.kind, "\(arm.runs)", arm.secondsPerStep.text(times: 1e3, digits: 1),
          arm.timeRatio?.ratioText ?? "",
          arm.peakTensorBytes?.text(times: 0x1p-20, digits: 0) ?? "",
          arm.memoryRatio?.ratioText ?? "",
          arm.supernetValidationAccuracy?.text(times: 100, digits: 2) ?? "",
        ] + columns.map { arm.benchmark[$0]?.text(times: 100, digits: 2) ?? "" }
          + [arm.skipCount.text(digits: 1)])
    }
    let hasNoise = arms.contains {
      $0.timeRatio?.isNoise ?? false || $0.memoryRatio?.isNoise ?? false
    }
    return
      "\(space): mean and standard deviation over seeds; tensors are what they held at most at one time"
      + "\n\n\(table.text)" + (hasNoise ? "\n\n\(Self.noise)" : "") + pairsText
  }

  /// The table of pairs; empty where a study has none.
  private var pairsText: String {
    guard let most = pairs.map(\.seeds.count).max() else { return "" }
    var table = TextTable(
      head: ["method", "space", "quantity", "pairs", "difference", "up", "down", "p"],
      numeric: [3, 4, 5, 6, 7])
    for pair in pairs {
      table.rows.append(
        [
          pair.method, pair.kind, pair.quantity, "\(pair.differences.count)",
          Spread(pair.differences).text(digits: 2), "\(pair.differences.count { $0 > 0 })",
          "\(pair.differences.count { $0 < 0 })",
          pair.pValue < 0.001 ? "< 0.001" : decimals(pair.pValue, 3),
        ])
    }
    return """


      the same seed on two spaces: the other space minus the plain one, mean and standard deviation

      \(table.text)

      p: how often a mean is as far from 0 if the sign of each difference is chance (sign-flip test, two-sided)\
      \(Self.bound(pairs: most))
      """
  }

  /// What so few pairs cannot show; nothing where there are enough.
  private static func bound(pairs: Int) -> String {
    if pairs == 1 { return "; one pair cannot tell" }
    let least = PairedComparison.leastPValue(pairs: pairs)
    return least < 0.001 ? "" : "; \(pairs) pairs cannot show less than \(decimals(least, 3))"
  }

  private static let noise =
    "(noise): a ratio that is nearer to 1 than 1 %, or than its deviation over the seeds"

  /// One row per search; accuracies are shares.
  package var csv: String {
    let head =
      "search,space,method,kind,seed,seconds,seconds_per_step,peak_memory_bytes,peak_tensor_bytes,"
      + "supernet_validation_accuracy,"
    let rows = searches.map { result in
      let numbers = columns.map { result.benchmark[$0].map { "\($0.accuracy)" } ?? "" }
      return
        ([
          result.name, space, result.method, result.kind, "\(result.seed)", "\(result.seconds)",
          "\(result.secondsPerStep)", "\(result.peakMemoryBytes)",
          result.peakTensorBytes.map { "\($0)" } ?? "",
          result.supernetValidationAccuracy.map { "\($0)" } ?? "",
        ] + numbers + ["\(result.skipCount)", "\"\(result.genotype)\""]).joined(separator: ",")
    }
    let columnNames = (columns + ["skip_count", "genotype"]).joined(separator: ",")
    return ([head + columnNames] + rows).joined(separator: "\n") + "\n"
  }

  // MARK: Figure

  /// What the horizontal axis of a figure shows.
  package enum CostAxis: String {
    case time = "time per step"
    case memory = "peak memory in tensors"
  }

  /// Accuracy over cost: an arrow from plain to simplified for each method.
  package func figure(_ axis: CostAxis) -> ArrowChart {
    let accuracy = columns.last { $0.hasSuffix("_test") } ?? columns.last
    let name =
      accuracy.map { "\($0) accuracy of the derived cell" } ?? "supernet validation accuracy"
    let methods = distinct(arms.map(\.method))
    let unit = Self.unit(of: arms)
    func point(_ arm: StudyArm) -> ArrowChart.Point? {
      let share = accuracy.flatMap { arm.benchmark[$0] } ?? arm.supernetValidationAccuracy
      guard let share, let spread = arm.cost(axis), unit.cost(axis) != nil else { return nil }
      let factors = arm.normalizedCost(unit)
      let factor = axis == .time ? factors.time : factors.memory
      return ArrowChart.Point(
        x: .init(factor, deviation: spread.deviation.map { $0 / spread.mean * factor }),
        y: .init(100 * share.mean, deviation: share.deviation.map { 100 * $0 }))
    }
    let arrows = methods.enumerated().flatMap { color, method in
      let own = arms.filter { $0.method == method }
      let start = own.first { $0.kind == SpaceKind.plain.name }
      let ends = own.filter { $0.kind != SpaceKind.plain.name }
      guard !ends.isEmpty else {
        return [
          ArrowChart.Arrow(method, from: start.flatMap(point), to: nil, color: color, style: 0)
        ]
      }
      // Without an arrow there is no line to be told apart by.
      return ends.enumerated().map { style, end in
        ArrowChart.Arrow(
          (end.kind == "simplified" ? method : "\(method), \(end.kind)")
            + (end.ratio(axis)?.isNoise ?? false ? " (noise)" : ""), from: start.flatMap(point),
          to: point(end), color: start == nil ? color * ends.count + style : color,
          style: style)
      }
    }
    return ArrowChart(
      "Search on plain and simplified spaces: \(space)",
      caption:
        "Mean over \(counted(arms.map(\.runs).max() ?? 0, "seed")); bars: standard deviation."
        + (arms.contains { $0.ratio(axis)?.isNoise ?? false } ? " \(Self.noise)." : ""),
      xAxis: "cost: \(axis.rawValue), \(unitOfCost) = 1", yAxis: "\(name), %",
      startName: "plain", endName: "simplified", arrows: arrows)
  }
}

/// One method on one kind of space, over the seeds.
package struct StudyArm: Encodable {
  package let method: String
  package let kind: String
  package let runs: Int
  package let secondsPerStep: Spread
  /// The most bytes that tensors held at one time; nil if not counted.
  package let peakTensorBytes: Spread?
  /// The peak memory of the process.
  package let peakMemoryBytes: Spread
  /// The time over that of the plain space, seed by seed; nil for the plain space itself.
  package let timeRatio: Spread?
  package let memoryRatio: Spread?
  /// Nil where a search trained nothing.
  package let supernetValidationAccuracy: Spread?
  /// Accuracies of the derived cells, by column of the table.
  package let benchmark: [String: Spread]
  package let skipCount: Spread

  package var name: String { "\(method) \(kind)" }

  /// Sums up what belongs to the arm; nil if nothing does.
  package init?(method: String, kind: String, of results: [StudyResult], columns: [String]) {
    let own = results.filter { $0.method == method && $0.kind == kind }
    guard !own.isEmpty else { return nil }
    let plain = results.filter { $0.method == method && $0.kind == SpaceKind.plain.name }
    let pairs = own.compactMap { result in
      plain.first { $0.seed == result.seed && $0.kind != kind }.map { (result, $0) }
    }
    func ratio(_ cost: (StudyResult) -> Double?) -> Spread? {
      let ratios = pairs.compactMap { pair in
        cost(pair.0).flatMap { own in cost(pair.1).map { own / $0 } }
      }
      return ratios.isEmpty ? nil : Spread(ratios)
    }
    (self.method, self.kind, runs) = (method, kind, own.count)
    secondsPerStep = Spread(own.map(\.secondsPerStep))
    peakMemoryBytes = Spread(own.map { Double($0.peakMemoryBytes) })
    peakTensorBytes = Spread(ofAll: own.map(\.peakTensorBytes))
    timeRatio = ratio(\.secondsPerStep)
    memoryRatio = ratio { $0.peakTensorBytes.map(Double.init) }
    supernetValidationAccuracy = Spread(ofAll: own.map(\.supernetValidationAccuracy))
    skipCount = Spread(own.map { Double($0.skipCount) })
    let accuracies = columns.compactMap { column in
      let all = own.compactMap { $0.benchmark[column]?.accuracy }
      return all.isEmpty ? nil : (column, Spread(all))
    }
    benchmark = Dictionary(accuracies, uniquingKeysWith: { first, _ in first })
  }

  /// What is on the axis of a figure; nil if it was not counted.
  package func cost(_ axis: StudyReport.CostAxis) -> Spread? {
    axis == .time ? secondsPerStep : peakTensorBytes
  }

  /// The same over that of the plain space.
  package func ratio(_ axis: StudyReport.CostAxis) -> Spread? {
    axis == .time ? timeRatio : memoryRatio
  }

  /// The mean cost of the arm in units of another arm's; the memory is NaN where it was not counted.
  package func normalizedCost(_ unit: StudyArm) -> (time: Double, memory: Double) {
    let costs = [self, unit].map {
      SearchCost(
        seconds: $0.secondsPerStep.mean, bytes: $0.peakTensorBytes?.mean ?? .nan)
    }
    return SearchSpaces.normalizedCost(of: costs[0], reference: costs[1])
  }
}
