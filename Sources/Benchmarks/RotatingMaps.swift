import Tensors

/// Copies of one map, each in memory of its own; the first follows the last.
package struct RotatingMaps {
  private let maps: [Tensor]

  package init(of map: Tensor, count: Int) {
    maps = (0..<count).map { _ in
      var copy = map
      copy.withMutableScalars { _ in }  // writing parts the copy from the original
      return copy
    }
  }

  package var count: Int { maps.count }

  package subscript(index: Int) -> Tensor { maps[index % maps.count] }
}
