import Tensors

/// A gate that leaves the search.
public struct GateRemoval: Hashable, Sendable {
  /// The pass over all gates in which it was removed, counted from 0.
  public let pass: Int
  /// The cell.
  public let cell: Int
  /// The gate, in the order of the cell's gates.
  public let gate: Int
  /// u: its share in its node at that time.
  public let share: Double
}

/// Which gates leave at the end of an epoch.
public struct PruningRule: Hashable, Codable, Sendable {
  /// xi_min: a gate whose share is not larger leaves.
  public let minimumShare: Double
  /// xi_max: the smallest of all shares leaves if it is not larger.
  public let maximumShare: Double
  /// n_0: how many passes an epoch has; each removes one gate at most that is above xi_min.
  public let passes: Int

  /// Creates the rule; the standard numbers are the published ones.
  public init(minimumShare: Double = 0.01, maximumShare: Double = 0.05, passes: Int = 4) {
    self.minimumShare = minimumShare
    self.maximumShare = maximumShare
    self.passes = passes
  }

  /// Removes the gates that leave after an epoch from the cells, and lowers their logits.
  ///
  /// Equation: B-7 [published: sunsmarterjie/GOLD_NAS]. u_g = s_g / S_j: every gate with u <= xi_min is removed; in
  /// addition, up to n_0 times, the globally smallest u is removed if u <= xi_max, u recomputed after each removal.
  /// Removal subtracts 10^4 from the logit.
  ///
  /// Equation: B-10 [published: sunsmarterjie/GOLD_NAS]. n_0 passes; in each S_j is taken once; cells, edges,
  /// operations are scanned in this order; a gate with u <= xi_min is removed at once, the smallest u > xi_min of all
  /// cells (the first on a tie) after the scan if u <= xi_max. p counts both kinds.
  ///
  /// A gate that was closed within the epoch is removed as if u <= xi_min, even if it has grown since.
  ///
  /// Equation: B-14 [derived]. with n gates max u >= 1/n, so as long as xi_max < 1/n, for B nodes and two operations
  /// xi_max < 1/(2 (B + 1)), every node keeps a gate.
  ///
  /// Here the strongest open gate of a node is never removed, so that this holds for every rule.
  ///
  /// - Parameters:
  ///   - cells: all cells of the network.
  ///   - logits: those of each cell, [edges, operations].
  /// - Returns: what was removed, in order; its count is p.
  ///
  /// Explained in chapter 18.
  public func prune(_ cells: inout [GatedCell], _ logits: inout [Tensor]) -> [GateRemoval] {
    precondition(
      cells.count == logits.count, "\(cells.count) cells need as many logits, found \(logits.count)"
    )
    var all: [GateRemoval] = []
    for pass in 0..<passes {
      let removals = removals(pass, cells, logits)
      for removal in removals {
        cells[removal.cell].conditions[removal.gate] = .removed
        logits[removal.cell][removal.gate] -= 10_000
      }
      all += removals
    }
    return all
  }

  /// The gates that leave in one pass, whose sums are those at its start.
  private func removals(
    _ pass: Int, _ cells: [GatedCell], _ logits: [Tensor]
  ) -> [GateRemoval] {
    var removals: [GateRemoval] = []
    var weakest: GateRemoval?
    for (number, cell) in cells.enumerated() {
      let shares = cell.shares(logits[number])
      let strongest = Set(cell.strongestOpenGates(shares))
      for gate in cell.kept where !strongest.contains(gate) {
        let removal = GateRemoval(pass: pass, cell: number, gate: gate, share: shares[gate])
        if cell.conditions[gate] == .closed || removal.share <= minimumShare {
          removals.append(removal)
        } else if removal.share < weakest?.share ?? .infinity {
          weakest = removal
        }
      }
    }
    return removals + [weakest].compactMap { $0 }.filter { $0.share <= maximumShare }
  }
}
