import SearchSpaces

/// A picture of derived cells: of one or of the two of DARTS one above the other, of more side by side in two columns.
public struct CellSVG: Sendable {
  private let title: String
  private let caption: String
  private typealias Panel = (heading: String?, graph: CellGraph, drawing: CellDrawing)
  private let panels: [Panel]

  /// A picture of the cells of `genotype`; `caption` says for example what the network costs.
  public init(_ title: String, caption: String, _ genotype: some DerivedArchitecture) {
    (self.title, self.caption) = (title, caption)
    let cells = genotype.cells
    panels = cells.map { (cells.count > 1 ? Self.heading($0) : nil, $0, CellDrawing($0)) }
  }

  /// The name of a cell, and what it does to the image.
  private static func heading(_ cell: CellGraph) -> String {
    let inputs = cell.nodes.filter { $0.column == 0 }.map(\.name).joined(separator: " and ")
    return "\(cell.name): "
      + (cell.isReduction
        ? "operations on \(inputs) halve the image" : "keeps the size of the image")
  }

  /// The picture.
  public var svg: String {
    var svg = SVGWriter()
    svg.heading(title, caption, x: margin, y: margin + 14)
    var y = margin + 56
    for row in rows {
      for (place, panel) in row.enumerated() {
        let x = margin + place * (columnWidth + 48)
        if let heading = panel.heading {
          svg.text(heading, x: x, y: y + 12, size: 13, isBold: true)
        }
        svg.draw(panel.drawing, x, y + headingHeight)
      }
      y += headingHeight + (row.map(\.drawing.height).max() ?? 0) + 34
    }
    let legend = LegendDrawing(panels.flatMap(\.drawing.edges).map(\.entry))
    let width = self.width(legend)
    let bottom = legend.draw(&svg, x: margin, y: y - 6, width: width)
    return svg.document(
      width: width + 2 * margin, height: bottom + margin, title: title, caption: caption,
      description: description)
  }

  /// The panels from left to right.
  private var rows: [ArraySlice<Panel>] {
    let columns = panels.count > 2 ? 2 : 1
    return stride(from: 0, to: panels.count, by: columns).map {
      panels[$0..<min(panels.count, $0 + columns)]
    }
  }

  private var headingHeight: Int { panels.contains { $0.heading != nil } ? 30 : 0 }

  /// The width of a panel with its heading.
  private var columnWidth: Int {
    let headings = TextMetrics.width(of: panels.compactMap(\.heading), size: 13) * 11 / 10
    return max(headings, panels.map(\.drawing.width).max() ?? 0)
  }

  private func width(_ legend: LegendDrawing) -> Int {
    let columns = rows.map(\.count).max() ?? 1
    let widths = [
      TextMetrics.width(of: [title], size: 15) * 11 / 10, TextMetrics.width(of: [caption]),
      columns * columnWidth + (columns - 1) * 48, legend.minimumWidth,
    ]
    return widths.max() ?? 0
  }

  /// What the picture shows, in words.
  private var description: String {
    panels.map { panel in
      let formulas = panel.graph.formulas.joined(separator: "; ")
      return panel.heading.map { "\($0): \(formulas)." } ?? "\(formulas)."
    }.joined(separator: " ")
  }
}

private let margin = 24

extension SVGWriter {
  /// Lines first, then what is written on them.
  fileprivate mutating func draw(_ cell: CellDrawing, _ x: Int, _ y: Int) {
    for edge in cell.edges where edge.entry == Palette.none { draw(edge, x, y) }
    for edge in cell.edges where edge.entry != Palette.none { draw(edge, x, y) }
    for edge in cell.edges {
      guard let label = edge.label, let entry = edge.entry else { continue }
      write(label, entry, x, y)
    }
    for node in cell.nodes { draw(node, x, y) }
  }

  private mutating func draw(_ edge: CellDrawing.Edge, _ x: Int, _ y: Int) {
    let stroke = edge.entry?.stroke ?? Palette.joint
    let isNone = edge.entry == Palette.none
    let tip = (x: edge.route.end.x + x, y: edge.route.end.y + y)
    line(
      curve(edge.route, x, y), stroke: stroke, width: edge.entry == nil ? "1.4" : "1.8",
      dashes: isNone ? "3 3" : nil)
    shape("M\(tip.x) \(tip.y)l-8 -4v8z", fill: stroke)
  }

  /// Level at both ends of each curve.
  private func curve(_ route: CellDrawing.Route, _ x: Int, _ y: Int) -> String {
    func bend(_ from: (x: Int, y: Int), _ to: (x: Int, y: Int)) -> String {
      let middle = (from.x + to.x) / 2 + x
      return "C\(middle) \(from.y + y) \(middle) \(to.y + y) \(to.x + x) \(to.y + y)"
    }
    let tail = (x: route.end.x - 6, y: route.end.y)
    return """
      M\(route.start.x + x) \(route.start.y + y)\
      \(bend(route.start, (route.straightFrom, route.lane)))H\(route.straightTo + x)\
      \(bend((route.straightTo, route.lane), tail))
      """
  }

  private mutating func write(
    _ label: PathDrawing.Label, _ entry: Palette.Entry, _ x: Int, _ y: Int
  ) {
    let frame = label.frame.moved(x, y)
    if entry != Palette.none {
      rectangle(frame, fill: entry.fill, stroke: entry.stroke, radius: frame.height / 2)
    } else {
      rectangle(frame, fill: "#ffffff")
    }
    text(
      label.text, x: frame.x + frame.width / 2, y: frame.y + 14, anchor: "middle", size: 11,
      fill: entry == Palette.none ? Palette.dim : Palette.ink)
  }

  private mutating func draw(_ node: CellDrawing.Node, _ x: Int, _ y: Int) {
    let frame = node.frame.moved(x, y)
    rectangle(frame, fill: "#ffffff", stroke: Palette.ink, radius: 8)
    let base = frame.middle + (node.lines.count == 1 ? 4 : -3)
    for (index, line) in node.lines.enumerated() {
      text(
        line, x: frame.x + frame.width / 2, y: base + index * TextMetrics.lineHeight,
        anchor: "middle", fill: index == 0 ? Palette.ink : Palette.dim)
    }
  }
}
