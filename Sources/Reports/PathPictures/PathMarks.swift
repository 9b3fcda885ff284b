import SearchSpaces

/// What only one of two drawings has, and how it is told from what both have.
struct PathMarks {
  /// How it looks.
  enum Style {
    /// It is drawn pale and with dashes; everything else has no colour.
    case ghost
    /// It has the colours of its kind; everything else has none.
    case new
  }

  /// How it looks.
  let style: Style
  /// The modules, by their place among the nodes of the drawing.
  let nodes: Set<Int>
  /// The connections at which such a module is, or whose weight only this drawing has.
  let edges: Set<Int>

  /// Marks what `drawing` has and `other` has not.
  ///
  /// Two modules are one if they agree in name, which is unique on an edge, and in what they compute; two weights
  /// if they have one name.
  init(_ style: Style, _ drawing: PathDrawing, notIn other: PathDrawing) {
    func key(_ module: ModuleSpec) -> String { "\(module.name): \(module)" }
    let known = Set(other.nodes.compactMap(\.kind.module).map(key))
    let weights = Set(other.edges.compactMap(\.label?.text))
    let nodes = drawing.nodes.indices.filter { index in
      drawing.nodes[index].kind.module.map { !known.contains(key($0)) } ?? false
    }
    self.style = style
    self.nodes = Set(nodes)
    edges = Set(
      drawing.edges.indices.filter { index in
        let edge = drawing.edges[index]
        return nodes.contains(edge.source) || nodes.contains(edge.target)
          || edge.label.map { !weights.contains($0.text) } ?? false
      })
  }

  /// How the box of a module looks.
  struct Look {
    let fill: String
    let stroke: String
    let ink: String
    let dashes: String?
  }

  /// The look of the node at `index`, which is of the kind `entry`; without marks it has the colours of its kind.
  static func look(of index: Int, _ entry: Palette.Entry, _ marks: PathMarks?) -> Look {
    let isMarked = marks?.nodes.contains(index) ?? true
    if !isMarked {
      return Look(fill: "#ffffff", stroke: Palette.wire, ink: Palette.ink, dashes: nil)
    }
    return marks?.style == .ghost
      ? Look(fill: "#ffffff", stroke: Palette.faint, ink: Palette.dim, dashes: "3 3")
      : Look(fill: entry.fill, stroke: entry.stroke, ink: Palette.ink, dashes: nil)
  }
}
