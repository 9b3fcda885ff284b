import Tensors

/// Scaled maps, by the window that is to pool them.
///
/// Pooling is linear, and so is its pullback: what goes through equal pools is added first, and pooled in one pass.
struct PooledTerms {
  /// The maps of one shape that one window pools.
  private(set) var groups: [(window: Window, terms: [ChannelwiseSum.Term])] = []

  /// Adds a scaled map.
  mutating func add(_ term: ChannelwiseSum.Term, pooledBy window: Window) {
    let known = groups.firstIndex {
      $0.window == window && $0.terms[0].x.shape == term.x.shape
    }
    if let known {
      groups[known].terms.append(term)
    } else {
      groups.append((window, [term]))
    }
  }
}
