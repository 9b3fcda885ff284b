import Reports
import Runs
import SearchSpaces

/// What the table of NAS-Bench-201 says of a cell and of those isomorphic to it, as text or one JSON object.
struct BenchmarkedCell: Encodable {
  let genotype: String
  /// Of each column.
  let benchmark: [String: NASBench201Table.Measurement]
  let isomorphismClass: IsomorphismClass
  private let columns: [String]
  private enum CodingKeys: CodingKey { case genotype, benchmark, isomorphismClass }

  /// The cells of a class.
  struct IsomorphismClass: Encodable {
    let expression: String
    let size: Int
    /// Of each column.
    let accuracies: [String: Spread]
    let genotypes: [String]
  }

  init(_ cell: NASBench201Genotype, _ table: NASBench201Table) {
    genotype = cell.description
    columns = table.columns
    benchmark = table.measurements(of: cell)
    let members = cell.isomorphicCells
    let spreads = table.columns.map { column in
      (column, Spread(members.compactMap { table.accuracy(of: $0, in: column) }))
    }
    isomorphismClass = IsomorphismClass(
      expression: cell.expression, size: members.count,
      accuracies: Dictionary(spreads, uniquingKeysWith: { first, _ in first }),
      genotypes: members.map(\.description))
  }

  var text: String {
    var table = TextTable(
      head: ["accuracy in %", "cell", "rank", "class: lowest", "mean", "highest", "deviation"],
      numeric: Set(1...6))
    for column in columns {
      guard let own = benchmark[column], let all = isomorphismClass.accuracies[column] else {
        continue
      }
      let numbers = [all.lowest, all.mean, all.highest].map { percentage($0) }
      let deviation = all.deviation.map { percentage($0) } ?? "-"
      table.rows.append(
        [column, percentage(own.accuracy), grouped(own.rank)] + numbers + [deviation])
    }
    return """
      cell   \(genotype)
      class  \(counted(isomorphismClass.size, "cell")) equal to \(isomorphismClass.expression)

      \(table.text)

      Ranks are among \(grouped(NASBench201Genotype.count)) cells; 1 is best.
      """
  }

  private func percentage(_ share: Double) -> String { decimals(100 * share, 2) }
}
