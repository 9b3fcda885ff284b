import Tensors

/// What goes through pools, together where the pools are equal: those of one window and one shape of map.
///
/// Pooling is linear, and so is its pullback: maps of equal pools are added first, and pooled in one pass.
struct EqualPools<Element> {
  /// The elements of each pool, in the order in which they came.
  private(set) var groups: [(window: Window, shape: Shape, elements: [Element])] = []

  /// Adds an element to those whose maps of `shape` go through `window`.
  mutating func add(_ element: Element, of shape: Shape, pooledBy window: Window) {
    let known = groups.firstIndex { $0.window == window && $0.shape == shape }
    if let known {
      groups[known].elements.append(element)
    } else {
      groups.append((window, shape, [element]))
    }
  }
}
