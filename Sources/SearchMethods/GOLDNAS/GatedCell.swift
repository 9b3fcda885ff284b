import Tensors

/// What has become of a gate.
public enum GateCondition: String, Codable, Sendable {
  /// The operation of the gate is evaluated.
  case open
  /// The operation was replaced by zeros within this epoch (B-1); the gate is removed when the epoch ends.
  case closed
  /// The gate was removed at the end of an epoch (B-7).
  case removed
}

/// The gates of one cell: which of them meet in a node, what their operations cost, and what has become of each.
///
/// Every operation of every edge has a gate s = sigma(a) of its own. Gates are numbered as their logits a
/// [edges, operations] lie in memory: edge by edge, and on an edge in the order of the operations.
public struct GatedCell: Hashable, Sendable {
  /// The gates of each node, ascending.
  public let nodes: [[Int]]
  /// F of each gate: what its operation costs for one image, in millions of multiply-accumulates.
  public let costs: [Double]
  /// What has become of each gate.
  public internal(set) var conditions: [GateCondition]

  /// Creates a cell with all gates open.
  ///
  /// - Parameters:
  ///   - targets: the node that each edge leads to.
  ///   - operations: how many operations every edge has.
  ///   - costs: F of each gate; nil is 0 for all of them.
  public init(targets: [Int], operations: Int, costs: [Double]? = nil) {
    let count = targets.count * operations
    precondition(count > 0, "a gated cell has at least one edge and one operation")
    self.costs = costs ?? Array(repeating: 0, count: count)
    precondition(
      self.costs.count == count,
      "\(targets.count) edges of \(operations) operations need \(count) costs, found \(self.costs.count)"
    )
    nodes = Set(targets).sorted().map { node in
      (0..<count).filter { targets[$0 / operations] == node }
    }
    conditions = Array(repeating: .open, count: count)
  }

  /// The gates that were not removed: the architecture of the cell, ascending.
  public var kept: [Int] { conditions.indices.filter { conditions[$0] != .removed } }

  /// The cost of the gates that were not removed, in millions of multiply-accumulates.
  public var cost: Double { kept.reduce(0) { $0 + costs[$1] } }

  /// The open gates of each node.
  var openNodes: [[Int]] { nodes.map { node in node.filter { conditions[$0] == .open } } }
}

// MARK: - Gates and their shares

extension GatedCell {
  /// The gates s = sigma(a), each by itself: logits a [edges, operations], result in the order of the gates.
  ///
  /// No softmax: a gate that grows takes nothing from the others.
  public func gates(_ logits: Tensor) -> [Double] {
    precondition(
      logits.shape.count == conditions.count,
      "\(conditions.count) gates need as many logits, found shape \(logits.shape)")
    return logits.map(Elementary.sigmoid).doubles
  }

  /// The share u = s / S_j of each gate in its node, S_j the sum over all gates of all edges that lead to node j.
  ///
  /// A closed gate counts in S_j until it is removed; the logit of a removed one is so low that its s is 0.
  public func shares(_ logits: Tensor) -> [Double] {
    let gates = gates(logits)
    var shares = gates
    for node in nodes {
      let sum = node.reduce(0) { $0 + gates[$1] }
      for gate in node { shares[gate] /= sum }
    }
    return shares
  }

  /// The gate of each node that is strongest among its open ones; none for a node without open gates.
  func strongestOpenGates(_ shares: [Double]) -> [Int] {
    openNodes.compactMap { node in node.max { shares[$0] < shares[$1] } }
  }

  /// Closes the gates whose shares are too small, before a forward pass.
  ///
  /// The strongest open gate of a node stays open whatever its share is, see B-14.
  ///
  /// Equation: B-1 [published: sunsmarterjie/GOLD_NAS]. x_j = sum over g with s_g > xi_min S_j of s_g o_g(x_i); the
  /// operations of the other gates are permanently replaced by zeros.
  ///
  /// "Permanently" matters: the gradient of the penalty moves a closed gate up again, and could bring it above the
  /// threshold.
  ///
  /// Explained in chapter 18.
  public mutating func closeGates(_ logits: Tensor, minimumShare: Double) {
    let shares = shares(logits)
    let strongest = Set(strongestOpenGates(shares))
    for gate in conditions.indices
    where conditions[gate] == .open && !strongest.contains(gate) && shares[gate] <= minimumShare {
      conditions[gate] = .closed
    }
  }
}
