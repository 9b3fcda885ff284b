import SearchSpaces

/// What ST-NAS reports of a unit: an epoch of its supernet, its Langevin steps, or a generation.
///
/// It has the keys of `UnitMetrics`, and of a generation those of its scores.
public struct EvolutionMetrics: UnitReport {
  /// Scores of what a generation has measured, shares in [0, 1].
  public struct Scores: Codable, Hashable, Sendable {
    /// The best of all that were measured so far.
    public let best: Double
    /// The median of this generation; nil if it measured nothing that was new.
    public let median: Double?
    /// How many architectures the generation has measured.
    public let count: Int

    /// Creates the scores of a generation, `best` being that of all so far.
    public init(best: Double, of scores: [Double]) {
      (self.best, count) = (best, scores.count)
      median = scores.isEmpty ? nil : Self.median(scores.sorted())
    }

    private static func median(_ sorted: [Double]) -> Double {
      (sorted[sorted.count / 2] + sorted[(sorted.count - 1) / 2]) / 2
    }
  }

  /// What all units have in common.
  public let common: UnitMetrics
  /// The scores, where the unit is a generation.
  public let scores: Scores?

  /// Creates a report.
  public init(_ common: UnitMetrics, _ scores: Scores?) {
    (self.common, self.scores) = (common, scores)
  }

  /// The unit, counted from 1.
  public var unit: Int { common.unit }
  /// What the search would return now.
  public var genotype: String { common.genotype }
  /// The best score; before there is one the accuracy of an architecture that was drawn.
  public var accuracy: Double? { common.accuracy }
  /// Always 0: every edge is a module.
  public var skips: Int? { common.skips }
  /// Wall time of the unit, in seconds.
  public var seconds: Double { common.seconds }
  /// Median wall time of a step, in seconds.
  public var secondsPerStep: Double { common.secondsPerStep }
  /// The most bytes that tensors held at one time so far, where a meter counts them; nil elsewhere.
  public var peakTensorBytes: Int? { common.peakTensorBytes }
  /// Resident memory of the process after the unit, in bytes.
  public var peakMemoryBytes: Int { common.peakMemoryBytes }
  /// Loss and accuracy in the steps, the best score, and how many genomes were seen.
  public var columns: [ReportColumn] { common.columns }

  /// How many architectures a generation measured, with the middle one.
  public var notes: [String] {
    guard let scores else { return [] }
    let median = scores.median.map { ", median score \($0.inPercent())" } ?? ""
    return ["\(scores.count) architectures measured\(median)"]
  }

  /// Scores of generations, accuracy before them, loss and time.
  public var curves: [ReportCurve] {
    let scored: [(name: String, value: Double)] =
      scores.map { [("best so far", $0.best), ("median of the generation", $0.median ?? .nan)] }
      ?? []
    return [
      ReportCurve(
        "Accuracy of what was drawn or measured", axis: "accuracy, %",
        common.columns.filter { $0.title == Self.accuracyTitle }.map {
          ("in the steps", 100 * $0.value)
        }),
      ReportCurve(
        "Score by generation", axis: "score, %", scored.map { ($0.name, 100 * $0.value) }),
      ReportCurve(
        "Loss of what was drawn or measured", axis: "loss",
        common.columns.filter { $0.title == Self.lossTitle }.map { ("", $0.value) }),
      ReportCurve(
        "Time per step", axis: "ms", [("", 1e3 * common.secondsPerStep)], levels: [0]),
    ].filter { !$0.lines.isEmpty }
  }

  static let (lossTitle, accuracyTitle) = ("mean loss", "mean acc")
}

extension EvolutionMetrics {
  private enum CodingKeys: CodingKey { case scores }

  /// Reads a line; one without scores is of another unit, or of a program that did not write them.
  public init(from decoder: any Decoder) throws {
    common = try UnitMetrics(from: decoder)
    scores = try decoder.container(keyedBy: CodingKeys.self).decodeIfPresent(
      Scores.self, forKey: .scores)
  }

  /// Writes the keys of both, side by side.
  public func encode(to encoder: any Encoder) throws {
    try common.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encodeIfPresent(scores, forKey: .scores)
  }
}
