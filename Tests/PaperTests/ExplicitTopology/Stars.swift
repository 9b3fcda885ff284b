import SearchMethods
import SearchSpaces

/// One node with predecessors 0, 1, ..., count - 1.
func star(_ count: Int, _ sizes: SubsetSizes) -> CellTopology {
  CellTopology((0..<count).map { .init(source: $0, target: count) }, sizes: sizes)
}
