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
  public static var cellCount: Int {
    (1...4).reduce(1) { $0 * $1 * ($1 + 1) / 2 * 7 * 7 }
  }
}

extension DARTSGenotype.Cell {
  /// The two strongest connections of every node, the stronger one first.
  ///
  /// Equation: D1-8 [published: quark0/darts]. The predecessors i of node j are ranked by
  /// max over k != none of alpha_ij_k, and two are kept; their operation is arg max over k != none.
  /// The first of equals wins.
  ///
  /// Equation: TS-33 [reconstructed: high]. With nested weights alpha_i = A p_i, so the rule is that of the plain space.
  /// Shapes: logWeights [14, primitives.count], the edges node by node.
  public init(logWeights: Tensor, primitives: [Primitive]) {
    precondition(
      logWeights.shape == [14, primitives.count],
      "expected log weights of shape [14, \(primitives.count)], found \(logWeights.shape)")
    let candidates = primitives.indices.filter { primitives[$0] != .none }
    var firstEdge = 0
    self.init(
      (2...5).flatMap { node in
        defer { firstEdge += node }
        let strongest = (0..<node).map { source in
          let weights = candidates.map {
            logWeights[(firstEdge + source) * primitives.count + $0]
          }
          let best = argMax(weights)
          return (source: source, operation: primitives[candidates[best]], weight: weights[best])
        }
        let ranked = strongest.sorted {
          $0.weight == $1.weight ? $0.source < $1.source : $0.weight > $1.weight
        }
        return ranked.prefix(2).map { DARTSGenotype.Connection($0.operation, from: $0.source) }
      })
  }
}
