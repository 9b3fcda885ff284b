import Reports
import SearchSpaces
import TopologicalSimplification

/// The cells of the benchmark with the highest accuracies, as text or one JSON object.
struct BestCells: Encodable {
  /// A cell, and what the table says of it.
  struct Entry: Encodable {
    /// Its number in the benchmark.
    let index: Int
    let genotype: String
    let parameters: Int
    let macs: Int
    /// Of each column.
    let benchmark: [String: NASBench201Table.Measurement]
  }

  /// The column that decides.
  let by: String
  /// How many cells are within the limits.
  let candidates: Int
  let best: [Entry]
  private let columns: [String]
  private enum CodingKeys: CodingKey { case by, candidates, best }

  /// The `count` best by a column of those within the limits; of equal ones the first in the order of the benchmark.
  init(
    _ count: Int, by column: String, in table: NASBench201Table, maximumParameters: Double?,
    maximumMACs: Double?
  ) {
    let costs = CellCosts()
    let cells = (0..<NASBench201Genotype.count).map(NASBench201Genotype.init(index:)).filter {
      let cost = costs.cost(of: $0)
      return Double(cost.parameters) <= maximumParameters ?? .infinity
        && Double(cost.macs) <= maximumMACs ?? .infinity
    }
    let ranked = cells.map { (cell: $0, accuracy: table.accuracy(of: $0, in: column) ?? 0) }
      .enumerated()
      .sorted { ($1.element.accuracy, $0.offset) < ($0.element.accuracy, $1.offset) }
    best = ranked.prefix(count).map { _, entry in
      let cost = costs.cost(of: entry.cell)
      return Entry(
        index: entry.cell.index, genotype: entry.cell.description, parameters: cost.parameters,
        macs: cost.macs, benchmark: table.measurements(of: entry.cell))
    }
    (by, candidates, columns) = (column, cells.count, table.columns)
  }

  var text: String {
    var table = TextTable(
      head: columns + ["rank", "parameters", "MACs", "index", "cell"],
      numeric: Set(0..<columns.count + 4))
    for entry in best {
      let accuracies = columns.map { name in
        entry.benchmark[name].map { decimals(100 * $0.accuracy, 2) } ?? ""
      }
      let numbers = [entry.benchmark[by]?.rank ?? 0, entry.parameters, entry.macs].map(grouped)
      table.rows.append(accuracies + numbers + ["\(entry.index)", entry.genotype])
    }
    return """
      \(table.text)

      The best by \(by) of \(counted(candidates, "cell")) within the limits; accuracies in percent, ranks by \(by) \
      among all \(grouped(NASBench201Genotype.count)).
      """
  }
}

/// The costs of the networks of all cells: what is fixed, and what each operation adds.
private struct CellCosts {
  private let empty: NetworkCost
  private let added: [Primitive: NetworkCost]

  init() {
    let none = Array(repeating: Primitive.none, count: 5)
    func cost(_ first: Primitive) -> NetworkCost {
      networkCost(of: NASBench201Genotype([first] + none))
    }
    let empty = cost(.none)
    self.empty = empty
    added = Dictionary(
      uniqueKeysWithValues: SearchSpace.nasBench201.primitives.map { operation in
        let cost = cost(operation)
        return (
          operation,
          NetworkCost(
            macs: cost.macs - empty.macs, parameters: cost.parameters - empty.parameters)
        )
      })
  }

  func cost(of cell: NASBench201Genotype) -> NetworkCost {
    cell.operations.reduce(empty) { $0 + (added[$1] ?? empty) }
  }
}
