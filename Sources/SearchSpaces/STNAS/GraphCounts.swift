/// How many graphs there are on nodes in a fixed order, each edge from a node to a later one at most so far ahead.
///
/// Equation: C-7 [derived]. counts of the complete graph on n nodes: all subsets of its n (n - 1) / 2 edges;
/// those with a path from the first node to the last; those in which every node lies on such a path; those with the n - 1
/// chain edges.
///
/// Where edges reach no further than some nodes ahead, the same counts of the subsets of fewer edges.
///
/// Explained in chapter 21.
public struct GraphCounts: Sendable {
  /// n: the nodes.
  public let nodes: Int
  /// How many nodes an edge advances at most.
  public let longestSkip: Int

  /// Creates the counts for 2 to 60 nodes; without a longest skip for the complete graph.
  ///
  /// The time doubles with each node that lies behind another one within reach of its edges but not of the last node; it is
  /// short up to 30 nodes.
  public init(nodes: Int, longestSkip: Int? = nil) {
    precondition(2...60 ~= nodes, "graphs of 2 to 60 nodes are counted, found \(nodes)")
    precondition(longestSkip ?? 1 >= 1, "an edge advances a node at least")
    self.nodes = nodes
    self.longestSkip = min(longestSkip ?? nodes, nodes - 1)
  }

  /// How many edges can lead to a node.
  private func sources(_ node: Int) -> Int { min(node, longestSkip) }

  /// How many edges there are to choose from.
  public var edges: Int { (1..<nodes).reduce(0) { $0 + sources($1) } }

  /// All subsets of the edges.
  public var all: ExactCount { power(2, edges) }

  /// The subsets that hold every chain edge.
  public var withChain: ExactCount { power(2, edges - (nodes - 1)) }

  /// The subsets with a path from the first node to the last.
  ///
  /// Node by node, by the set of nodes that can be reached: of r sources that can be reached, the next node is reached by
  /// any of the 2^r - 1 subsets of their edges that are not empty, and its edges from the others are free.
  public var withPath: ExactCount {
    var counts = [Members().with(0, in: self): ExactCount(1)]
    for node in 1..<nodes {
      var next: [Members: ExactCount] = [:]
      for (reached, count) in counts {
        let found = reached.count
        let free = count * power(2, sources(node) - found)
        next.add(
          free * (1 << UInt64(found) - 1), at: reached.with(node, in: self).after(node, in: self))
        if node < nodes - 1 { next.add(free, at: reached.after(node, in: self)) }
      }
      counts = next
    }
    return counts.values.reduce(ExactCount(0), +)
  }

  /// The subsets in which every node lies on a path from the first node to the last.
  ///
  /// That is: every node but the first has an edge in, every node but the last has one out. By inclusion and exclusion over
  /// the set S of nodes without an edge out, it is the sum over all S of (-1)^|S| times the product over the nodes j > 0 of
  /// 2^(sources of j that are not in S) - 1.
  public var withEveryNodeOnAPath: ExactCount {
    var sums = [
      Members(): SignedCount(plus: ExactCount(1)),
      Members().with(0, in: self): SignedCount(minus: ExactCount(1)),
    ]
    for node in 1..<nodes {
      var next: [Members: SignedCount] = [:]
      for (set, sum) in sums {
        let product = sum * (1 << UInt64(sources(node) - set.count) - 1)
        next.add(product, at: set.after(node, in: self))
        if node < nodes - 1 {
          next.add(product.negated, at: set.with(node, in: self).after(node, in: self))
        }
      }
      sums = next
    }
    let sum = sums.values.reduce(SignedCount(), +)
    return sum.plus - sum.minus
  }
}

/// A set of nodes, as far as the nodes after them can have edges from them.
///
/// Nodes whose edges reach the last node are alike, and only counted.
private struct Members: Hashable {
  private var passing: UInt64 = 0
  private var staying = 0

  /// How many of them can have an edge to the next node.
  var count: Int { passing.nonzeroBitCount + staying }

  /// The set with one node more.
  func with(_ node: Int, in graph: GraphCounts) -> Members {
    var set = self
    if node + graph.longestSkip >= graph.nodes - 1 {
      set.staying += 1
    } else {
      set.passing |= 1 << UInt64(node)
    }
    return set
  }

  /// Those that the node after `node` can have an edge from.
  func after(_ node: Int, in graph: GraphCounts) -> Members {
    var set = self
    set.passing &= ~(1 << UInt64(max(0, node + 1 - graph.longestSkip)) - 1)
    return set
  }
}

/// base^exponent.
func power(_ base: UInt64, _ exponent: Int) -> ExactCount {
  (0..<exponent).reduce(ExactCount(1)) { count, _ in count * base }
}

/// base^exponent.
func power(_ base: ExactCount, _ exponent: Int) -> ExactCount {
  (0..<exponent).reduce(ExactCount(1)) { count, _ in count * base }
}

/// The difference of two numbers, each of any size.
private struct SignedCount {
  var plus = ExactCount(0)
  var minus = ExactCount(0)

  /// The same with the other sign.
  var negated: SignedCount { SignedCount(plus: minus, minus: plus) }

  static func + (a: SignedCount, b: SignedCount) -> SignedCount {
    SignedCount(plus: a.plus + b.plus, minus: a.minus + b.minus)
  }

  static func * (a: SignedCount, factor: UInt64) -> SignedCount {
    SignedCount(plus: a.plus * factor, minus: a.minus * factor)
  }
}

extension [Members: ExactCount] {
  fileprivate mutating func add(_ count: ExactCount, at key: Members) {
    self[key] = self[key].map { $0 + count } ?? count
  }
}

extension [Members: SignedCount] {
  fileprivate mutating func add(_ count: SignedCount, at key: Members) {
    self[key] = self[key].map { $0 + count } ?? count
  }
}
