/// Derived cells of the DARTS space: a normal and a reduction cell.
///
/// The searches of this program derive four nodes with two inputs each. Other published cells have other numbers of nodes, nodes
/// with other numbers of inputs, and outputs that leave nodes out.
public struct DARTSGenotype: DerivedArchitecture, Hashable {
  /// An operation that leads to a node.
  public struct Connection: Hashable, Sendable {
    /// The operation of the edge.
    public let operation: Primitive
    /// The node it starts from: 0 and 1 are the inputs of the cell.
    public let source: Int

    /// Creates a connection.
    public init(_ operation: Primitive, from source: Int) {
      self.operation = operation
      self.source = source
    }
  }

  /// One of the two cells: every node after the two inputs is the sum of the connections that lead to it.
  public struct Cell: Hashable, Sendable {
    /// The connections to node 2, to node 3 and so on; a node without any is zero.
    public let nodes: [[Connection]]
    /// The nodes whose channels make up the output.
    public let concatenated: [Int]

    /// Creates a cell from the connections to each of its nodes; by default all nodes make up the output.
    public init(nodes: [[Connection]], concatenated: [Int]? = nil) {
      let range = 2..<2 + nodes.count
      let concatenated = concatenated ?? Array(range)
      for (node, connections) in zip(range, nodes) {
        for connection in connections {
          precondition(
            0..<node ~= connection.source, "node \(connection.source) is not before node \(node)")
        }
      }
      precondition(
        !concatenated.isEmpty && concatenated.allSatisfy(range.contains)
          && Set(concatenated).count == concatenated.count,
        "the output joins some of the nodes \(range), found \(concatenated)")
      self.nodes = nodes
      self.concatenated = concatenated
    }

    /// Creates a cell from the connections to its nodes, two of each.
    public init(_ connections: [Connection], concatenated: [Int]? = nil) {
      precondition(
        connections.count % 2 == 0, "a node has 2 connections, found \(connections.count) in all")
      self.init(
        nodes: stride(from: 0, to: connections.count, by: 2).map {
          Array(connections[$0..<$0 + 2])
        }, concatenated: concatenated)
    }

    /// All connections, node by node.
    public var connections: [Connection] { nodes.flatMap(\.self) }

    /// The connections that lead to a node; none if there is no such node, or if it is an input.
    public func connections(to node: Int) -> [Connection] {
      nodes.indices.contains(node - 2) ? nodes[node - 2] : []
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

  /// The operations that its connections can have: the candidates of the space, and those of older published cells.
  public static let operations: [Primitive] =
    SearchSpace.darts.primitives + SearchSpace.darts.otherOperations.map(\.primitive)

  /// How many connections both cells have.
  public var edgeCount: Int { normal.connections.count + reduction.connections.count }
  /// How many connections of both cells are skip connections.
  public var skipCount: Int { normal.skipCount + reduction.skipCount }
}
