import SearchSpaces

/// Derived cells in the language of Graphviz, which lays them out anew.
public enum CellDOT {
  /// The text of a graph named `name`; each of several cells is a cluster.
  public static func text(_ genotype: some DerivedArchitecture, name: String) -> String {
    let cells = genotype.cells
    let parts = cells.enumerated().flatMap { index, cell in
      cells.count == 1 ? lines(cell, "") : cluster(cell, index)
    }
    return DOTText.graph(name, parts)
  }

  private static func cluster(_ cell: CellGraph, _ index: Int) -> [String] {
    ["  subgraph cluster\(index) {", "    label=\(DOTText.quoted(cell.name));"]
      + lines(cell, "c\(index)").map { "  \($0)" } + ["  }"]
  }

  private static func lines(_ cell: CellGraph, _ prefix: String) -> [String] {
    let nodes = cell.nodes.enumerated().map { index, node in
      "  \(prefix)n\(index) [shape=box, style=rounded, label=\(DOTText.quoted(node.name))];"
    }
    return nodes
      + cell.edges.map { "  \(prefix)n\($0.source) -> \(prefix)n\($0.target)\(attributes($0));" }
  }

  private static func attributes(_ edge: CellGraph.Edge) -> String {
    guard let operation = edge.operation, let path = edge.path else {
      return " [color=\"\(Palette.joint)\"]"
    }
    let color =
      "label=\(DOTText.quoted(operation.rawValue)), color=\"\(Palette.entry(of: path).stroke)\""
    return path.isZero ? " [\(color), style=dashed]" : " [\(color)]"
  }
}
