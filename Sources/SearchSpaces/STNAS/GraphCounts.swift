/// How many graphs there are on nodes in a fixed order, each edge from a node to a later one.
///
/// Equation: C-7 [derived]. counts of the complete graph on n nodes: all subsets of its n (n - 1) / 2 edges;
/// those with a path from the first node to the last; those in which every node lies on such a path; those with the n - 1
/// chain edges.
public struct GraphCounts: Sendable {
  /// n: the nodes.
  public let nodes: Int

  /// Creates the counts for 2 to 60 nodes.
  public init(nodes: Int) {
    precondition(2...60 ~= nodes, "graphs of 2 to 60 nodes are counted, found \(nodes)")
    self.nodes = nodes
  }

  /// All subsets of the edges.
  public var all: ExactCount { power(2, nodes * (nodes - 1) / 2) }

  /// The subsets that hold every chain edge.
  public var withChain: ExactCount { power(2, (nodes - 1) * (nodes - 2) / 2) }

  /// The subsets with a path from the first node to the last.
  ///
  /// Node by node, by r, how many of the nodes so far can be reached: the next one is reached by any of the 2^r - 1
  /// sets of edges from these that are not empty, and its edges from the others are free.
  public var withPath: ExactCount {
    var counts = [1: ExactCount(1)]
    for node in 1..<nodes - 1 {
      var next: [Int: ExactCount] = [:]
      for (reached, count) in counts {
        let free = count * power(2, node - reached)
        next.add(free, at: reached)
        next.add(free * (1 << UInt64(reached) - 1), at: reached + 1)
      }
      counts = next
    }
    return counts.reduce(ExactCount(0)) { sum, entry in
      sum + entry.value * power(2, nodes - 1 - entry.key) * (1 << UInt64(entry.key) - 1)
    }
  }

  /// The subsets in which every node lies on a path from the first node to the last.
  ///
  /// That is: every node but the first has an edge in, every node but the last has one out. Node by node, by u, how many
  /// of the nodes so far have no edge out yet: the next one takes edges from k of these, and any from the others.
  public var withEveryNodeOnAPath: ExactCount {
    var counts = [1: ExactCount(1)]
    for node in 1..<nodes - 1 {
      var next: [Int: ExactCount] = [:]
      for (open, count) in counts {
        for closing in 0...open {
          let ways = count * binomial(open, closing)
          // Of the edges from the others all subsets, the empty one apart if it is the only edge in.
          let others = 1 << UInt64(node - open) - (closing == 0 ? 1 : 0)
          next.add(ways * UInt64(others), at: open - closing + 1)
        }
      }
      counts = next
    }
    // The last node closes all that are open.
    return counts.reduce(ExactCount(0)) { $0 + $1.value * power(2, nodes - 1 - $1.key) }
  }
}

/// base^exponent.
func power(_ base: UInt64, _ exponent: Int) -> ExactCount {
  (0..<exponent).reduce(ExactCount(1)) { count, _ in count * base }
}

/// How many subsets of k elements n elements have.
private func binomial(_ n: Int, _ k: Int) -> UInt64 {
  (0..<k).reduce(UInt64(1)) { $0 * UInt64(n - $1) / UInt64($1 + 1) }
}

extension [Int: ExactCount] {
  fileprivate mutating func add(_ count: ExactCount, at key: Int) {
    self[key] = self[key].map { $0 + count } ?? count
  }
}
