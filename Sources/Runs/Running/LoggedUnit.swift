import Reports
import SearchMethods
import SearchSpaces

/// A line of `metrics.jsonl`: what a search reports after a unit, and what the table of NAS-Bench-201 says of its
/// derived cell.
package struct LoggedUnit<Report: UnitReport>: Encodable {
  package let report: Report
  /// By column; nil where the user gave no table.
  package let benchmark: [String: NASBench201Table.Measurement]?
  private enum CodingKeys: CodingKey { case benchmark }

  package init(_ report: Report, _ table: NASBench201Table?) {
    self.report = report
    let cell = try? NASBench201Genotype(parsing: report.genotype)
    benchmark = cell.flatMap { table?.measurements(of: $0) }
  }

  /// The keys of both, side by side.
  package func encode(to encoder: any Encoder) throws {
    try report.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encodeIfPresent(benchmark, forKey: .benchmark)
  }
}

extension NASBench201Table {
  /// The titles of the columns that a table adds to the log on the screen.
  package var logHeader: String { columns.map { "  \($0)   rank" }.joined() }

  /// Accuracy in percent and rank, column by column, below `logHeader`.
  package func logRow(_ measurements: [String: Measurement]) -> String {
    columns.compactMap { name in
      measurements[name].map {
        padded(decimals(100 * $0.accuracy, 2), name.count + 2) + padded("\($0.rank)", 7)
      }
    }.joined()
  }
}
