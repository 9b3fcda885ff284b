/// Derived cells of the GOLD-NAS space: for every cell of the network the operations that it keeps.
///
/// An edge may keep any number of operations, none among them.
public struct GOLDNASGenotype: DerivedArchitecture, Hashable {
  /// An operation that leads from a node to a later one.
  public struct Connection: Hashable, Sendable {
    /// What it computes.
    public let operation: Primitive
    /// The node it starts from: 0 and 1 are the inputs of the cell.
    public let source: Int
    /// The node it leads to: 2, 3, 4 or 5.
    public let node: Int

    /// Creates a connection.
    public init(_ operation: Primitive, from source: Int, to node: Int) {
      (self.operation, self.source, self.node) = (operation, source, node)
    }
  }

  /// The connections of each cell in the order of its edges, and on an edge in that of `operations`.
  public let connections: [[Connection]]

  /// Creates a genotype from the connections of each cell, in any order; no edge has an operation twice.
  public init(_ cells: [[Connection]]) {
    precondition(!cells.isEmpty, "a network needs a cell")
    for cell in cells {
      precondition(!cell.isEmpty, "a cell needs a connection")
      precondition(
        Set(cell).count == cell.count, "an edge has an operation once at most, found \(cell)")
      for connection in cell {
        precondition(
          Self.nodes ~= connection.node && 0..<connection.node ~= connection.source
            && Self.operations.contains(connection.operation), "no cell has \(connection)")
      }
    }
    connections = cells.map { $0.sorted { Self.rank($0) < Self.rank($1) } }
  }

  /// The operations that a connection can have: those that are searched, and those of older published cells.
  public static let operations = SearchSpace.goldNASOperations

  /// The nodes of a cell that are no inputs.
  static let nodes = 2..<6

  private static func rank(_ connection: Connection) -> (Int, Int, Int) {
    (
      connection.node, connection.source,
      operations.firstIndex(of: connection.operation) ?? operations.count
    )
  }

  /// How many connections all cells have.
  public var edgeCount: Int { connections.joined().count }
  /// How many connections of all cells are skip connections.
  public var skipCount: Int { connections.joined().count { $0.operation == .skipConnect } }
}

extension GOLDNASGenotype: SpaceGenotype {
  /// The space of GOLD-NAS, with as many cells.
  public var space: SearchSpace { .goldNAS(cells: connections.count) }

  /// An edge has any of its gates.
  public static var holdsAnyCandidates: Bool { true }
  /// A network of it has its own cells, and no others.
  public var ownCellCount: Int? { connections.count }

  /// The cells of the edges that a derivation keeps.
  public init(_ edges: [[DerivedEdge]], of space: SearchSpace) {
    self.init(
      edges.map { kept in
        kept.map {
          let edge = space.edges[$0.edge]
          return Connection(space.primitives[$0.candidate], from: edge.source, to: edge.target)
        }
      })
  }

  /// The cells as graphs: two inputs, four nodes, and the output, which joins the nodes that have a connection.
  public var cells: [CellGraph] {
    let space = space
    return connections.enumerated().map { kind, connections in
      CellGraph(
        space, kind: kind,
        connections.enumerated().map { index, connection in
          (
            connection.operation,
            SearchSpace.Edge(source: connection.source, target: connection.node),
            "operation\(index)"
          )
        }, joined: Set(connections.map(\.node)).sorted())
    }
  }
}
