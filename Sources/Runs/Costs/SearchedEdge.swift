import SearchSpaces

/// One edge of a search space.
package struct SearchedEdge {
  package let space: SearchSpace
  package let stride: Int
  package let operation: MixedOperation

  /// The first edge of the kind of cells that has this stride there.
  package init(_ space: SearchSpace, stride: Int = 1) {
    (self.space, self.stride) = (space, stride)
    let cell = space.cells.first { $0.isReduction == (stride > 1) } ?? space.cells[0]
    operation = cell.operations[0]
  }

  /// The candidates, each with its path.
  package var candidates: [(primitive: Primitive, path: Path)] {
    guard case .choice(let branches) = operation.path else { return [] }
    return zip(space.primitives, branches).map { ($0, $1.path) }
  }
}
