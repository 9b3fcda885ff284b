/// A derived cell as a graph: nodes in columns from left to right, operations on the edges.
public struct CellGraph: Sendable {
  /// A map of the cell.
  public struct Node: Sendable {
    /// Its name, as in `node 1` or `c_{k-2}`.
    public let name: String
    /// What it is, where the name does not say that.
    public let role: String?
    /// Its place from left to right; 0 are the inputs.
    public let column: Int
  }

  /// What leads from one map to another.
  public struct Edge: Sendable {
    /// The index of the node it leaves.
    public let source: Int
    /// The index of the node it enters.
    public let target: Int
    /// What it computes; nil where the channels of several nodes are only put side by side.
    public let operation: Primitive?
    /// The modules of the operation.
    public let path: Path?
  }

  /// For example `normal cell`.
  public let name: String
  /// Whether operations on its inputs halve the image.
  public let isReduction: Bool
  /// The nodes, none before those that it depends on; the last one is the output.
  public let nodes: [Node]
  /// The edges.
  public let edges: [Edge]

  /// The four nodes of NAS-Bench-201 with all six edges.
  public init(_ genotype: NASBench201Genotype) {
    (name, isReduction) = ("cell", false)
    nodes = (0..<4).map { index in
      Node(name: "node \(index)", role: [0: "input", 3: "output"][index], column: index)
    }
    edges = zip(SearchSpace.nasBench201.edges, genotype.operations).map { edge, operation in
      Edge(
        source: edge.source, target: edge.target, operation: operation,
        path: SearchSpace.nasBench201Path(operation))
    }
  }

  /// A cell of DARTS: two inputs, the nodes, counted from 0 as in the published pictures, and the output.
  public init(_ cell: DARTSGenotype.Cell, isReduction: Bool) {
    self.isReduction = isReduction
    name = isReduction ? "reduction cell" : "normal cell"
    let inputs = [("c_{k-2}", "two cells back"), ("c_{k-1}", "one cell back")]
    let output = 2 + cell.nodes.count
    nodes =
      inputs.map { Node(name: $0.0, role: $0.1, column: 0) }
      + cell.nodes.indices.map { Node(name: "node \($0)", role: nil, column: $0 + 1) }
      + [Node(name: "c_{k}", role: "concatenation", column: output - 1)]
    edges =
      zip(2..., cell.nodes).flatMap { node, connections in
        connections.map { connection in
          let stride = isReduction && connection.source < 2 ? 2 : 1
          return Edge(
            source: connection.source, target: node, operation: connection.operation,
            path: SearchSpace.dartsDerivedPath(connection.operation, stride: stride))
        }
      } + cell.concatenated.map { Edge(source: $0, target: output, operation: nil, path: nil) }
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

extension NASBench201Genotype {
  /// Its cell as a graph.
  public var cells: [CellGraph] { [CellGraph(self)] }
}

extension DARTSGenotype {
  /// Its normal and its reduction cell as graphs.
  public var cells: [CellGraph] {
    [CellGraph(normal, isReduction: false), CellGraph(reduction, isReduction: true)]
  }
}
