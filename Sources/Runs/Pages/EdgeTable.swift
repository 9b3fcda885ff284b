import Reports
import SearchMethods
import SearchSpaces

/// A table of a run that has a number for each epoch, cell, edge and column, such as the gates of GOLD-NAS.
package struct EdgeTable {
  /// The name of the table: `gates`.
  package let name: String
  private let columns: [String]
  /// The numbers [epochs][kinds of cells x edges][columns].
  private let epochs: [[[Double]]]

  /// Reads at most so many whole epochs; nil if the folder has none, or the table is of another form.
  ///
  /// Throws if a row is damaged, or is not that of the edge whose place it has.
  package init?(_ name: String, in folder: RunFolder, _ space: SearchSpace, epochs count: Int)
    throws
  {
    let file = "\(name).csv"
    let lines = try folder.lines(of: file)
    let head = lines.first.flatMap(CommaSeparatedRows.fields) ?? []
    let block = space.cells.count * space.edges.count
    guard head.starts(with: ["epoch", "cell", "edge"]), head.count > 3, lines.count > block else {
      return nil
    }
    let owners = space.cells.flatMap { cell in
      space.edges.map { [cell.name, "\($0.source)->\($0.target)"] }
    }
    let rows = lines.dropFirst().prefix(count * block).enumerated()
    let read = try rows.map { index, line in
      let (epoch, owner) = (index / block + 1, owners[index % block])
      let fields = CommaSeparatedRows.fields(of: line) ?? []
      let values = fields.dropFirst(3).compactMap { Double($0) }
      guard fields.count == head.count, Array(fields.prefix(3)) == ["\(epoch)"] + owner,
        values.count == head.count - 3
      else {
        throw RunHistoryError.badLine(
          file: "\(folder.path)/\(file)", line: index + 2,
          expected: "the \(name) of \(owner[0]), edge \(owner[1]), in epoch \(epoch)")
      }
      return values
    }
    (self.name, columns) = (name, Array(head.dropFirst(3)))
    epochs = stride(from: 0, to: read.count / block * block, by: block).map {
      Array(read[$0..<$0 + block])
    }
    if epochs.isEmpty { return nil }
  }

  /// A map for each kind of cells.
  package func maps(of space: SearchSpace) -> [AlphaMap] {
    space.cells.indices.map { kind in
      let panels = space.edges.enumerated().map { index, edge in
        let row = kind * space.edges.count + index
        return AlphaMap.Panel(
          "\(edge.source) \u{2192} \(edge.target)", column: edge.source,
          row: edge.target - space.inputCount,
          values: columns.indices.map { column in epochs.map { $0[row][column] } },
          chosen: [])
      }
      return AlphaMap(
        "\(name.capitalized), \(space.cells[kind].title)", caption: "", rows: columns,
        epochs: Array(1...epochs.count), panels: panels)
    }
  }
}
