import SearchSpaces
import Tensors

/// The families of a cell: the sets of incoming edges among which each node chooses, numbered through.
public struct CellTopology: Sendable {
  /// The choice of one node.
  public struct Node: Sendable {
    /// The node.
    public let node: Int
    /// The edges that lead to it, by their sources.
    public let edges: [Int]
    /// T_j: the sets that it may keep, each of indices into the edges of the cell.
    public let subsets: [[Int]]
    /// Where its numbers stand among those of all nodes.
    public let range: Range<Int>
  }

  /// The edges of the cell.
  public let edges: [SearchSpace.Edge]
  /// The nodes that edges lead to, each with its family.
  public let nodes: [Node]

  /// Creates the families of nodes that keep as many edges as `sizes` says.
  public init(_ edges: [SearchSpace.Edge], sizes: SubsetSizes) {
    self.edges = edges
    nodes = Set(edges.map(\.target)).sorted().reduce(into: []) { nodes, target in
      let incoming = edges.indices.filter { edges[$0].target == target }
        .sorted { edges[$0].source < edges[$1].source }
      let subsets = sizes.subsets(of: incoming.count).map { $0.map { incoming[$0] } }
      let start = nodes.last?.range.upperBound ?? 0
      nodes.append(
        Node(
          node: target, edges: incoming, subsets: subsets,
          range: start..<start + subsets.count))
    }
  }

  /// How many sets all nodes have: the length of beta.
  public var subsetCount: Int { nodes.last?.range.upperBound ?? 0 }
  /// How many cells differ by the edges that they keep.
  public var count: Int { nodes.reduce(1) { $0 * $1.subsets.count } }
  /// The sets of all nodes, in the order of beta.
  var subsets: [[Int]] { nodes.flatMap(\.subsets) }
  /// For each edge the sets that hold it.
  var holders: [[Int]] {
    let subsets = subsets
    return edges.indices.map { edge in subsets.indices.filter { subsets[$0].contains(edge) } }
  }
  /// The edges that leave a node.
  func leaving(_ node: Int) -> [Int] { edges.indices.filter { edges[$0].source == node } }
  /// The nodes, inputs apart, that edges leave: those that can dangle.
  public var connectors: [Int] { nodes.map(\.node).filter { !leaving($0).isEmpty } }

  /// Checks that a tensor has one number per set.
  func check(_ beta: Tensor) {
    precondition(
      beta.shape == [subsetCount], "expected beta of shape [\(subsetCount)], found \(beta.shape)")
  }
}

// MARK: - One choice

extension CellTopology {
  /// The set that each node would keep now, node by node, as indices of edges; ties go to the first set.
  public func strongestSubsets(_ beta: Tensor) -> [[Int]] {
    check(beta)
    let beta = beta.scalars
    return nodes.map { $0.subsets[argMax(beta[$0.range])] }
  }

  /// The nodes that could lead to another node and lead to none.
  public func danglingNodes(_ chosen: [[Int]]) -> [Int] {
    let sources = Set(chosen.joined().map { edges[$0].source })
    return connectors.filter { !sources.contains($0) }
  }

  /// The nodes that nothing leads to although another node reads them; the last node is read by the output.
  public func emptyNodes(_ chosen: [[Int]]) -> [Int] {
    let dangling = Set(danglingNodes(chosen))
    return zip(nodes, chosen).filter { $1.isEmpty && !dangling.contains($0.node) }.map(\.0.node)
  }

  /// The nodes without a successor, the last one among them.
  func looseEnds(_ kept: [Int]) -> [Int] {
    let sources = Set(kept.map { edges[$0].source })
    return nodes.map(\.node).filter { !sources.contains($0) }
  }
}
