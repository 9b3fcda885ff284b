/// What a search reports after a unit of its work: an epoch, a round, a generation.
///
/// It is a line of `metrics.jsonl`, a row on the screen, and a point in each curve of a report. `UnitMetrics` is one that
/// any search can use.
public protocol UnitReport: Codable, Sendable {
  /// The unit, counted from 1.
  var unit: Int { get }
  /// What the search would return now, as text.
  var genotype: String { get }
  /// The accuracy by which the search judges itself, a share in [0, 1], on images that trained no weights: that of the
  /// supernet, or of the best candidate; nil where nothing is trained.
  var accuracy: Double? { get }
  /// Skip connections in what it would return; nil where they tell nothing.
  var skips: Int? { get }
  /// Architectures that the unit added to a series of results; a search that has one result adds none.
  var points: [SeriesPoint] { get }
  /// What happened in the unit that no number tells, in a line each.
  var notes: [String] { get }
  /// Wall time of the unit, in seconds.
  var seconds: Double { get }
  /// Median wall time of a step, in seconds.
  var secondsPerStep: Double { get }
  /// The most bytes that tensors held at one time so far, where a meter counts them; nil elsewhere.
  var peakTensorBytes: Int? { get }
  /// Resident memory of the process after the unit, in bytes.
  var peakMemoryBytes: Int { get }
  /// What a row on the screen shows, from left to right.
  var columns: [ReportColumn] { get }
  /// What a page of the search draws over its units, a chart each.
  var curves: [ReportCurve] { get }
}

extension UnitReport {
  /// None that tells anything.
  public var skips: Int? { nil }
  /// Nothing to tell.
  public var notes: [String] { [] }
  /// No series.
  public var points: [SeriesPoint] { [] }
  /// A curve for each column.
  public var curves: [ReportCurve] {
    columns.map { ReportCurve($0.title, axis: $0.axis, [("", $0.scaledValue)]) }
  }
}

extension Double {
  /// A share as the notes of a report tell it, in percent and cut off after two digits: `12.34 %` of 0.12349.
  func inPercent() -> String { "\(Double(Int(1e4 * self)) / 100) %" }
}

/// An architecture of a series of results.
public struct SeriesPoint: Codable, Hashable, Sendable {
  /// The architecture, as text.
  public let genotype: String
  /// The accuracy that it had when it was added, a share in [0, 1], on images that trained no weights.
  public let accuracy: Double
  /// What it cost there for one image, in millions of multiply-accumulates.
  public let cost: Double

  /// Creates a point.
  public init(genotype: String, accuracy: Double, cost: Double) {
    (self.genotype, self.accuracy, self.cost) = (genotype, accuracy, cost)
  }
}

/// A number of a report, with its heading.
public struct ReportColumn: Codable, Hashable, Sendable {
  /// How a number is shown.
  public enum Format: Codable, Hashable, Sendable {
    /// With so many digits after the point.
    case decimals(Int)
    /// A share in [0, 1], in percent.
    case percent
  }

  /// The heading.
  public let title: String
  /// The number.
  public let value: Double
  /// How it is shown.
  public let format: Format

  /// Creates a column.
  public init(_ title: String, _ value: Double, _ format: Format) {
    self.title = title
    self.value = value
    self.format = format
  }

  var axis: String { format == .percent ? "\(title), %" : title }
  var scaledValue: Double { format == .percent ? 100 * value : value }
}

/// What a chart shows of a unit: a number for each of its lines.
public struct ReportCurve: Sendable {
  /// The title of the chart, by which the numbers of all units find together.
  public let title: String
  /// What its vertical axis shows, with the unit of measurement.
  public let axis: String
  /// The lines, the most important one first, each with its name and its number.
  public let lines: [(name: String, value: Double)]
  /// Heights that the chart must show.
  public let levels: [Double]
  /// What the chart shows, in words below its title; empty where the title says it all.
  public let caption: String
  /// Whether the numbers are entropies of the weights of an edge's M candidates, so that log M is undecided.
  public let isEntropy: Bool

  /// Creates the numbers of a chart.
  public init(
    _ title: String, axis: String, _ lines: [(name: String, value: Double)], levels: [Double] = [],
    isEntropy: Bool = false, caption: String = ""
  ) {
    (self.title, self.axis, self.lines, self.caption) = (title, axis, lines, caption)
    (self.levels, self.isEntropy) = (levels, isEntropy)
  }
}
