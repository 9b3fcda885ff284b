import SearchSpaces

extension GatedCell {
  /// How many cells the gates can yield, all that leave no node empty.
  ///
  /// Equation: B-9 [derived]. a node with n predecessors has 2^(2n) - 1 non-empty sets of gates, a cell of DARTS
  /// (2^4 - 1)(2^6 - 1)(2^8 - 1)(2^10 - 1) = 246,517,425; a network the product over its cells.
  ///
  /// Explained in chapter 26.
  public var architectureCount: ExactCount {
    nodes.reduce(ExactCount(1)) { count, node in
      precondition(node.count < 64, "a node has fewer than 64 gates, found \(node.count)")
      return count * (1 << UInt64(node.count) - 1)
    }
  }
}

extension GatedChain {
  /// How many networks the gates of all cells can yield.
  public var architectureCount: ExactCount {
    cells.indices.reduce(ExactCount(1)) { $0 * gatedCell($1).architectureCount }
  }
}

extension SearchSpace {
  /// How many cells of each kind gates on all candidates can yield.
  public var gatedCellCounts: [ExactCount] {
    cells.map { _ in
      GatedCell(targets: edges.map(\.target), operations: primitives.count).architectureCount
    }
  }
}
