/// A derived cell as a graph: nodes in columns from left to right, operations on the edges.
public struct CellGraph: Sendable {
  /// A map of the cell.
  public struct Node: Sendable {
    /// The name of the node, as in `node 1` or `c_{k-2}`.
    public let name: String
    /// The role of the node, where the name does not say it.
    public let role: String?
    /// The column of the node from left to right; 0 holds the inputs.
    public let column: Int

    /// Creates a node.
    public init(name: String, role: String? = nil, column: Int) {
      self.name = name
      self.role = role
      self.column = column
    }
  }

  /// What leads from one map to another.
  public struct Edge: Sendable {
    /// The index of the node it leaves.
    public let source: Int
    /// The index of the node it enters.
    public let target: Int
    /// The operation of the edge; nil where the channels of several nodes are only concatenated.
    public let operation: Primitive?
    /// The modules of the operation.
    public let path: Path?
    /// What the names of its weights begin with in the network of the cell.
    public let name: String

    /// Creates an edge with an operation.
    public init(source: Int, target: Int, operation: Primitive?, path: Path?, name: String) {
      self.source = source
      self.target = target
      self.operation = operation
      self.path = path
      self.name = name
    }

    /// From a node to the output, which is the node after all others.
    fileprivate init(joining node: Int, to output: Int) {
      self.init(source: node, target: output, operation: nil, path: nil, name: "joined\(node)")
    }
  }

  /// For example `normal cell`.
  public let name: String
  /// Whether operations on its inputs halve the image.
  public let isReduction: Bool
  /// The nodes, none before those that it depends on; the last one is the output.
  public let nodes: [Node]
  /// The edges.
  public let edges: [Edge]

  /// Creates a cell; the last node is its output.
  public init(name: String, isReduction: Bool, nodes: [Node], edges: [Edge]) {
    self.name = name
    self.isReduction = isReduction
    self.nodes = nodes
    self.edges = edges
  }

  /// The cell of some connections of a space.
  ///
  /// - Parameters:
  ///   - space: the space.
  ///   - kind: which kind of its cells.
  ///   - nodeCount: how many nodes the cell has, its inputs among them; nil is as many as those that are searched.
  ///   - connections: each operation with its edge, and what the names of its weights begin with.
  ///   - joined: the nodes whose channels make up the output, where the space joins nodes; nil is all that are no
  ///     inputs.
  public init(
    _ space: SearchSpace, kind: Int, nodeCount: Int? = nil,
    _ connections: [(operation: Primitive, edge: SearchSpace.Edge, name: String)],
    joined: [Int]? = nil
  ) {
    let (cell, nodeCount) = (space.cells[kind], nodeCount ?? space.nodeCount)
    let operations = connections.map { operation, edge, name in
      Edge(
        source: edge.source, target: edge.target, operation: operation,
        path: space.derivedPath(operation, stride: space.stride(of: edge, kind: kind)), name: name)
    }
    let outputs =
      space.output == .lastNode ? [] : joined ?? Array(space.inputCount..<nodeCount)
    self.init(
      name: cell.title, isReduction: cell.isReduction,
      nodes: Self.nodes(of: space, count: nodeCount),
      edges: operations + outputs.map { Edge(joining: $0, to: nodeCount) })
  }

  private static func nodes(of space: SearchSpace, count: Int) -> [Node] {
    let (inputs, last) = (space.inputCount, count - 1)
    let joins = space.output == .concatenation
    let nodes = (0...last).map { index in
      let column = max(0, index - inputs + 1)
      if inputs > 1, index < inputs {
        let back = inputs - index
        return Node(
          name: "c_{k-\(back)}",
          role: back == 1 ? "one cell back" : back == 2 ? "two cells back" : "\(back) cells back",
          column: column)
      }
      let role = index == 0 ? "input" : index == last && !joins ? "output" : nil
      return Node(name: "node \(inputs > 1 ? index - inputs : index)", role: role, column: column)
    }
    return nodes
      + (joins ? [Node(name: "c_{k}", role: "concatenation", column: last - inputs + 2)] : [])
  }

  /// What the network around the cell needs to know of it.
  public var outline: CellOutline {
    CellOutline(
      inputCount: nodes.count { $0.column == 0 }, isReduction: isReduction,
      joinedNodes: max(1, edges.count { $0.operation == nil }))
  }

  /// The edges that enter a node.
  public func edges(into node: Int) -> [Edge] { edges.filter { $0.target == node } }

  /// What comes along an edge, for example `skip_connect(node 0)`.
  public func term(_ edge: Edge) -> String {
    let source = nodes[edge.source].name
    return edge.operation.map { "\($0.rawValue)(\(source))" } ?? source
  }

  /// What every node but the inputs is, for example `node 1 = skip_connect(node 0)`.
  public var formulas: [String] {
    nodes.indices.filter { nodes[$0].column > 0 }.map { node in
      let entering = edges(into: node)
      let terms = entering.map(term)
      let isSum = entering.allSatisfy { $0.operation != nil }
      let sum = terms.isEmpty ? "0" : terms.joined(separator: " + ")
      let value = isSum ? sum : "concatenation(\(terms.joined(separator: ", ")))"
      return "\(nodes[node].name) = \(value)"
    }
  }
}
