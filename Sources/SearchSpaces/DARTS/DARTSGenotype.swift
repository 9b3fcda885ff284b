/// Derived cells of the DARTS space: a normal and a reduction cell.
public struct DARTSGenotype: DerivedArchitecture, Hashable {
  /// An operation that leads to a node.
  public struct Connection: Hashable, Sendable {
    /// What it computes.
    public let operation: Primitive
    /// The node it starts from: 0 and 1 are the inputs of the cell.
    public let source: Int

    /// Creates a connection.
    public init(_ operation: Primitive, from source: Int) {
      self.operation = operation
      self.source = source
    }
  }

  /// One of the two cells: nodes 2 to 5 are sums of two connections each.
  public struct Cell: Hashable, Sendable {
    /// The connections to node 2, node 3, node 4 and node 5, two of each.
    public let connections: [Connection]
    /// The nodes whose channels make up the output.
    public let concatenated: [Int]

    /// Creates a cell from its eight connections.
    public init(_ connections: [Connection], concatenated: [Int] = [2, 3, 4, 5]) {
      precondition(
        connections.count == 8, "a cell has 8 connections, found \(connections.count)")
      for (index, connection) in connections.enumerated() {
        let node = 2 + index / 2
        precondition(
          0..<node ~= connection.source, "node \(connection.source) is not before node \(node)")
      }
      precondition(
        !concatenated.isEmpty && concatenated.allSatisfy { 2...5 ~= $0 }
          && Set(concatenated).count == concatenated.count,
        "the output joins some of the nodes 2 to 5, found \(concatenated)")
      self.connections = connections
      self.concatenated = concatenated
    }

    /// The two connections that lead to `node`, 2 to 5.
    public func connections(to node: Int) -> ArraySlice<Connection> {
      connections[2 * node - 4..<2 * node - 2]
    }

    /// How many connections are skip connections.
    public var skipCount: Int { connections.count { $0.operation == .skipConnect } }
  }

  /// The cell that keeps the size of the image.
  public let normal: Cell
  /// The cell that halves the image.
  public let reduction: Cell

  /// Creates a genotype from its two cells.
  public init(normal: Cell, reduction: Cell) {
    self.normal = normal
    self.reduction = reduction
  }

  /// How many connections both cells have.
  public var edgeCount: Int { normal.connections.count + reduction.connections.count }
  /// How many connections of both cells are skip connections.
  public var skipCount: Int { normal.skipCount + reduction.skipCount }
}

extension DARTSGenotype {
  /// The cells that the authors found by first-order search.
  public static let dartsV1 = DARTSGenotype(
    normal: Cell([
      Connection(.sepConv3x3, from: 1), Connection(.sepConv3x3, from: 0),
      Connection(.skipConnect, from: 0), Connection(.sepConv3x3, from: 1),
      Connection(.skipConnect, from: 0), Connection(.sepConv3x3, from: 1),
      Connection(.sepConv3x3, from: 0), Connection(.skipConnect, from: 2),
    ]),
    reduction: Cell([
      Connection(.maxPool3x3, from: 0), Connection(.maxPool3x3, from: 1),
      Connection(.skipConnect, from: 2), Connection(.maxPool3x3, from: 0),
      Connection(.maxPool3x3, from: 0), Connection(.skipConnect, from: 2),
      Connection(.skipConnect, from: 2), Connection(.avgPool3x3, from: 0),
    ]))

  /// The cells that the authors found by second-order search.
  public static let dartsV2 = DARTSGenotype(
    normal: Cell([
      Connection(.sepConv3x3, from: 0), Connection(.sepConv3x3, from: 1),
      Connection(.sepConv3x3, from: 0), Connection(.sepConv3x3, from: 1),
      Connection(.sepConv3x3, from: 1), Connection(.skipConnect, from: 0),
      Connection(.skipConnect, from: 0), Connection(.dilConv3x3, from: 2),
    ]),
    reduction: Cell([
      Connection(.maxPool3x3, from: 0), Connection(.maxPool3x3, from: 1),
      Connection(.skipConnect, from: 2), Connection(.maxPool3x3, from: 1),
      Connection(.maxPool3x3, from: 0), Connection(.skipConnect, from: 2),
      Connection(.skipConnect, from: 2), Connection(.maxPool3x3, from: 1),
    ]))
}
