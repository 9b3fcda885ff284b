import SearchSpaces

/// The same graph as in the SVG in the language of Graphviz, which lays it out anew.
public enum PathDOT {
  /// The text of a graph named `name`.
  public static func text(_ path: Path, _ names: WeightNames, name: String) -> String {
    let drawing = PathDrawing(path, names)
    let nodes = drawing.nodes.enumerated().map { "  n\($0) [\(attributes(of: $1))];" }
    let edges = drawing.edges.map { edge in
      let label = edge.label.map { " [label=\(DOTText.quoted($0.text))]" } ?? ""
      return "  n\(edge.source) -> n\(edge.target)\(label);"
    }
    return DOTText.graph(name, nodes + edges)
  }

  private static func attributes(of node: PathDrawing.Node) -> String {
    switch node.kind {
    case .fork: return "shape=point, label=\"\""
    case .sum: return "shape=circle, label=\"+\""
    case .input, .output: return "shape=ellipse, label=\(DOTText.quoted(node.lines[0]))"
    case .module(let module):
      let label = "label=\(DOTText.quoted(node.lines.joined(separator: "\n")))"
      let tip = "tooltip=\(DOTText.quoted(module.name))"
      guard let entry = Palette.entry(of: module) else {
        return "shape=plaintext, \(label), \(tip)"
      }
      let width = module.belongsToSeveral ? "2.4" : "1"
      return """
        shape=box, style="rounded,filled", fillcolor="\(entry.fill)", color="\(entry.stroke)", \
        penwidth=\(width), \(label), \(tip)
        """
    }
  }
}
