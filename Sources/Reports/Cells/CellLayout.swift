import SearchSpaces

extension CellDrawing {
  /// Lays out a cell.
  public init(_ graph: CellGraph) {
    let layout = CellLayout(graph)
    let routes = graph.edges.indices.map(layout.route)
    let frames = graph.nodes.indices.map(layout.frame)
    let labels = graph.edges.indices.map(layout.label)
    let all = frames + labels.compactMap(\.?.frame)
    let top = min(all.map(\.y).min() ?? 0, (routes.map(\.lane).min() ?? 0) - 1)
    let bottom = max(all.map(\.bottom).max() ?? 0, (routes.map(\.lane).max() ?? 0) + 1)
    nodes = graph.nodes.indices.map {
      Node(lines: layout.lines(of: $0), frame: frames[$0].moved(0, -top))
    }
    edges = graph.edges.indices.map { index in
      let label = labels[index].map {
        PathDrawing.Label(text: $0.text, frame: $0.frame.moved(0, -top))
      }
      let edge = graph.edges[index]
      return Edge(
        operation: edge.operation, entry: edge.path.map(Palette.entry),
        route: routes[index].moved(down: -top), label: label)
    }
    width = all.map(\.right).max() ?? 0
    height = bottom - top
  }
}

/// The places of a cell, around the height 0.
private struct CellLayout {
  private let graph: CellGraph
  private let lanes: [Int]

  private let pitch = 32
  private let nodeHeight = 40
  private let labelHeight = 20

  init(_ graph: CellGraph) {
    self.graph = graph
    lanes = CellLanes(graph).lanes
  }

  // MARK: Columns and the gaps between them

  private func column(_ node: Int) -> Int { graph.nodes[node].column }

  private func width(of column: Int) -> Int {
    let members = graph.nodes.indices.filter { self.column($0) == column }
    return (members.map { TextMetrics.width(of: lines(of: $0)) }.max() ?? 0) + 20
  }

  /// The room of the curves that leave a column, of the labels after them, and of the curves into the next column.
  private func gap(after column: Int) -> (leaving: Int, labels: Int, entering: Int) {
    let (leaving, entering) = (
      graph.edges.indices.filter { self.column(graph.edges[$0].source) == column },
      graph.edges.indices.filter { self.column(graph.edges[$0].target) == column + 1 }
    )
    let rises = leaving.map { abs(lanes[$0] * pitch - middle(of: graph.edges[$0].source)) }
    let falls = entering.map { abs(lanes[$0] * pitch) }
    let labels = entering.map { labelWidth(graph.edges[$0]) }.max() ?? 0
    return (room(rises.max() ?? 0), labels, room(falls.max() ?? 0) + 6)
  }

  /// The width of a curve of this height.
  private func room(_ height: Int) -> Int { height == 0 ? 14 : 26 + height / 4 }

  private func left(of column: Int) -> Int {
    (0..<column).reduce(0) { x, column in
      let gap = gap(after: column)
      return x + width(of: column) + gap.leaving + gap.labels + gap.entering
    }
  }

  // MARK: Nodes

  func lines(of node: Int) -> [String] {
    [graph.nodes[node].name] + [graph.nodes[node].role].compactMap(\.self)
  }

  /// The middle of a node: of two inputs each is level with its edges, of more they are below each other, all others
  /// are at 0.
  private func middle(of node: Int) -> Int {
    let inputs = graph.nodes.count { $0.column == 0 }
    guard column(node) == 0, inputs > 1 else { return 0 }
    guard inputs == 2 else { return (2 * node - inputs + 1) * pitch }
    let own = graph.edges.indices.filter { graph.edges[$0].source == node }.map { lanes[$0] }
    let mean = own.isEmpty ? 0 : own.reduce(0, +) * pitch / own.count
    return node == 0 ? min(mean, -pitch) : max(mean, pitch)
  }

  func frame(_ node: Int) -> PathDrawing.Frame {
    PathDrawing.Frame(
      x: left(of: column(node)), y: middle(of: node) - nodeHeight / 2,
      width: width(of: column(node)), height: nodeHeight)
  }

  // MARK: Edges

  func route(_ edge: Int) -> CellDrawing.Route {
    let (source, target) = (graph.edges[edge].source, graph.edges[edge].target)
    let start = left(of: column(source)) + width(of: column(source))
    let end = left(of: column(target))
    return CellDrawing.Route(
      start: (start, middle(of: source)),
      straightFrom: start + gap(after: column(source)).leaving, lane: lanes[edge] * pitch,
      straightTo: end - gap(after: column(target) - 1).entering,
      end: (end, middle(of: target) + port(of: edge)))
  }

  /// How far from the middle of its target an edge enters; a straight one enters in the middle.
  private func port(of edge: Int) -> Int {
    let target = graph.edges[edge].target
    let entering = Set(
      graph.edges.indices.filter { graph.edges[$0].target == target }.map { lanes[$0] }
    ).sorted()
    let place = entering.firstIndex(of: lanes[edge]) ?? 0
    let straight = entering.firstIndex(of: 0)
    let ports = entering.indices.map { index in
      straight.map { 10 * (index - $0) } ?? 5 * (2 * index - entering.count + 1)
    }
    // Of many edges the ports move together, so that all are on the box.
    let (outermost, limit) = (ports.map(abs).max() ?? 0, nodeHeight / 2 - 2)
    return outermost > limit ? ports[place] * limit / outermost : ports[place]
  }

  private func labelWidth(_ edge: CellGraph.Edge) -> Int {
    edge.operation.map { TextMetrics.width(of: [$0.rawValue], size: 11) + 12 } ?? 0
  }

  /// The operation, in the middle of the gap before the target.
  func label(_ edge: Int) -> PathDrawing.Label? {
    guard let operation = graph.edges[edge].operation else { return nil }
    let target = column(graph.edges[edge].target)
    let gap = gap(after: target - 1)
    let width = labelWidth(graph.edges[edge])
    let x = left(of: target) - gap.entering - (gap.labels + width) / 2
    return PathDrawing.Label(
      text: operation.rawValue,
      frame: PathDrawing.Frame(
        x: x, y: lanes[edge] * pitch - labelHeight / 2, width: width, height: labelHeight))
  }
}

extension CellDrawing.Route {
  fileprivate func moved(down dy: Int) -> CellDrawing.Route {
    CellDrawing.Route(
      start: (start.x, start.y + dy), straightFrom: straightFrom, lane: lane + dy,
      straightTo: straightTo, end: (end.x, end.y + dy))
  }
}
