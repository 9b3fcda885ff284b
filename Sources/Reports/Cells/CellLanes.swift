import SearchSpaces

/// At which height each edge of a cell runs: lane 0 in the middle, negative lanes above it.
///
/// Edges of one lane have no gap between two columns in common. Short edges run inside, long ones outside.
struct CellLanes {
  /// The lane of every edge, in the order of the graph.
  private(set) var lanes: [Int]
  private var taken: [Int: [Range<Int>]] = [:]

  init(_ graph: CellGraph) {
    lanes = graph.edges.map { _ in 0 }
    let spans = graph.edges.map { graph.nodes[$0.source].column..<graph.nodes[$0.target].column }
    let order = graph.edges.indices.sorted { (spans[$0].count, $0) < (spans[$1].count, $1) }
    for edge in order where !graph.edges[edge].isConcatenation || spans[edge].count == 1 {
      lanes[edge] = take(spans[edge], Self.side(of: graph.edges[edge], in: graph))
    }
    // The nodes of a concatenation join in one lane.
    let joined = graph.edges.indices.filter {
      graph.edges[$0].isConcatenation && spans[$0].count > 1
    }
    guard let longest = joined.map({ spans[$0] }).max(by: { $0.count < $1.count }) else { return }
    let lane = take(longest, nil)
    for edge in joined { lanes[edge] = lane }
  }

  /// Of two inputs the first has the lanes above, the second those below; the others take the nearest.
  private static func side(of edge: CellGraph.Edge, in graph: CellGraph) -> Int? {
    let inputs = graph.nodes.count { $0.column == 0 }
    return inputs == 2 && edge.source < 2 ? [-1, 1][edge.source] : nil
  }

  /// The free lane nearest to the middle.
  private mutating func take(_ span: Range<Int>, _ side: Int?) -> Int {
    let isNeighbour = side == nil && span.count == 1
    let distances = sequence(first: isNeighbour ? 0 : 1) { $0 + 1 }
    let candidates = distances.lazy.flatMap { distance in
      side.map { [$0 * distance] } ?? [-distance, distance]
    }
    let lane = candidates.first { !taken[$0, default: []].contains { $0.overlaps(span) } } ?? 0
    taken[lane, default: []].append(span)
    return lane
  }
}

extension CellGraph.Edge {
  /// Whether it only puts the channels of its source beside others.
  var isConcatenation: Bool { operation == nil }
}
