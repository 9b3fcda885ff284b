/// Derived cells of any search space: of each kind, the edges that stay with their operations.
///
/// The two benchmark spaces have types of their own, which read and write the texts of the published programs.
public struct CellGenotype: SpaceGenotype {
  /// An operation between two nodes.
  public struct Connection: Hashable, Sendable {
    /// The operation that the edge computes.
    public let operation: Primitive
    /// The edge of the operation.
    public let edge: SearchSpace.Edge

    /// Creates a connection.
    public init(_ operation: Primitive, _ edge: SearchSpace.Edge) {
      self.operation = operation
      self.edge = edge
    }
  }

  /// The space, not simplified.
  public let space: SearchSpace
  /// The connections of each kind of cell.
  public let connections: [[Connection]]

  /// Creates a genotype from the connections of each kind of cell.
  public init(_ connections: [[Connection]], of space: SearchSpace) {
    precondition(
      connections.count == space.cells.count,
      "expected connections for \(space.cells.count) kinds of cells, found \(connections.count)")
    for connection in connections.joined() {
      precondition(
        space.primitives.contains(connection.operation) && space.edges.contains(connection.edge),
        "\(space.name) has no \(connection)")
    }
    self.space = space
    self.connections = connections
  }

  /// The cells of the edges that a derivation keeps.
  public init(_ edges: [[DerivedEdge]], of space: SearchSpace) {
    self.init(
      edges.map { kept in
        kept.map { Connection(space.primitives[$0.candidate], space.edges[$0.edge]) }
      }, of: space)
  }

  /// Yes: connections are a list.
  public static var holdsAnyCandidates: Bool { true }
  /// How many connections it has.
  public var edgeCount: Int { connections.joined().count }
  /// How many connections are skip connections.
  public var skipCount: Int { connections.joined().count { $0.operation == .skipConnect } }

  /// The cells as graphs, one per kind.
  public var cells: [CellGraph] {
    connections.enumerated().map { kind, connections in
      CellGraph(
        space, kind: kind,
        connections.map { ($0.operation, $0.edge, "edge\($0.edge.source)to\($0.edge.target)") })
    }
  }
}

// MARK: - Its text

extension CellGenotype {
  /// Cell by cell, for example `cell(0->1 nor_conv_3x3, 0->2 skip_connect)`.
  public var description: String {
    zip(space.cells, connections).map { cell, connections in
      let terms = connections.map {
        "\($0.edge.source)->\($0.edge.target) \($0.operation.rawValue)"
      }
      return "\(cell.name)(\(terms.joined(separator: ", ")))"
    }.joined(separator: " ")
  }

  /// Reads the text of a genotype of `space`; nothing but that exact form is taken.
  public init(parsing text: String, of space: SearchSpace) throws(GenotypeError) {
    let source = SourceText(text)
    var scanner = GenotypeScanner(source)
    do throws(TextError) {
      self.init(try scanner.cells(of: space), of: space)
    } catch { throw GenotypeError(error, in: source, .cells) }
  }
}

extension GenotypeScanner {
  /// Passes the whole text.
  fileprivate mutating func cells(
    of space: SearchSpace
  ) throws(TextError) -> [[CellGenotype.Connection]] {
    var connections: [[CellGenotype.Connection]] = []
    for cell in space.cells {
      if !connections.isEmpty { try expect(" ") }
      try expect("\(cell.name)(")
      var own: [CellGenotype.Connection] = []
      while !follows(")") {
        if !own.isEmpty { try expect(", ") }
        own.append(try connection(of: space))
      }
      try expect(")")
      connections.append(own)
    }
    try expectEnd()
    return connections
  }

  /// Passes for example `0->1 nor_conv_3x3`.
  fileprivate mutating func connection(
    of space: SearchSpace
  ) throws(TextError) -> CellGenotype.Connection {
    let refusal = error("an edge of \(space.name)")
    let source = try number(in: 0...space.nodeCount - 2, "a node")
    try expect("->")
    let target = try number(in: source + 1...space.nodeCount - 1, "a node")
    guard let edge = space.edges.first(where: { $0.source == source && $0.target == target })
    else { throw refusal }
    try expect(" ")
    return CellGenotype.Connection(try operation(among: space.primitives), edge)
  }
}

extension CellGenotype: Hashable {
  /// Whether two genotypes are the same cells of spaces of one name.
  public static func == (a: CellGenotype, b: CellGenotype) -> Bool {
    a.space.name == b.space.name && a.connections == b.connections
  }
  /// Feeds the name of the space and the connections into a hasher.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(space.name)
    hasher.combine(connections)
  }
}
