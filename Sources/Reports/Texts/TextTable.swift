import Messages

/// Columns of text as wide as they need to be; a row is a line, whatever a cell holds.
package struct TextTable {
  /// The titles of the columns.
  package let head: [String]
  /// Which columns stand at their right side: those with numbers.
  package let numeric: Set<Int>
  /// The rows below the titles.
  package var rows: [[String]] = []

  /// Creates a table.
  package init(head: [String], numeric: Set<Int>, rows: [[String]] = []) {
    (self.head, self.numeric, self.rows) = (head, numeric, rows)
  }

  /// The lines, without spaces at their ends.
  package var text: String {
    let all = ([head] + rows).map { $0.map(printable) }
    let widths = head.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    return all.map { row in
      let cells = row.enumerated().map { column, cell in
        let fill = String(repeating: " ", count: widths[column] - cell.count)
        return numeric.contains(column) ? fill + cell : cell + fill
      }
      let line = cells.joined(separator: "  ")
      return String(line.prefix(line.count - line.reversed().prefix { $0 == " " }.count))
    }.joined(separator: "\n")
  }
}
