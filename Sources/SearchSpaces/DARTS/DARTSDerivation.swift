import Tensors

// From architecture parameters to cells.
extension DARTSGenotype {
  /// The cells that the logarithms of the candidates' weights stand for.
  ///
  /// Logits alone do not do: those of two edges can be compared only after their softmax.
  /// Shapes: normal and reduction [14, primitives.count].
  public init(normal: Tensor, reduction: Tensor, primitives: [Primitive]) {
    self.init(
      normal: Cell(logWeights: normal, primitives: primitives),
      reduction: Cell(logWeights: reduction, primitives: primitives))
  }

  /// How many cells the derivation can yield; with both kinds of cells it is the square.
  ///
  /// Equation: D1-10 [derived]. product over k = 1 ... 4 of k (k + 1) / 2 * 7^2: node k + 1 chooses 2 of its
  /// k + 1 predecessors, and one of 7 operations for each.
  ///
  /// Explained in chapter 05.
  public static var cellCount: Int {
    (1...4).reduce(1) { $0 * $1 * ($1 + 1) / 2 * 7 * 7 }
  }
}

extension DARTSGenotype.Cell {
  /// The cell of the edges that a derivation keeps, however many lead to each node.
  public init(_ edges: [DerivedEdge], of space: SearchSpace) {
    self.init(
      nodes: (space.inputCount..<space.nodeCount).map { node in
        edges.filter { space.edges[$0.edge].target == node }.map { edge in
          DARTSGenotype.Connection(
            space.primitives[edge.candidate], from: space.edges[edge.edge].source)
        }
      }, concatenated: space.derivation.joinedNodes(edges, of: space))
  }

  /// The two strongest connections of every node, the stronger one first, by the rule `StrongestEdges`.
  ///
  /// Shapes: logWeights [14, primitives.count], the edges node by node.
  public init(logWeights: Tensor, primitives: [Primitive]) {
    precondition(
      primitives == SearchSpace.darts.primitives,
      "expected the candidates of DARTS, found \(primitives)")
    self.init(
      StrongestEdges().edges(CellEvidence(.darts, logWeights: logWeights)), of: .darts)
  }
}
