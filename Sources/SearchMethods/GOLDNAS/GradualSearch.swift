import Tensors

/// The gradual part of GOLD-NAS: what happens to the gates between two epochs.
///
/// A value: whatever trains the weights and gates within an epoch calls `closeGates` before each pass, and `endEpoch`
/// after the last one.
public struct GradualSearch: Hashable, Sendable {
  /// What an epoch led to.
  public struct EpochEnd: Hashable, Sendable {
    /// The gates that were removed, in order.
    public let removals: [GateRemoval]
    /// The architectures that were emitted: none, a stable one, the final one, or both.
    public internal(set) var points: [ParetoPoint]
    /// What the network costs now for one image, in millions of multiply-accumulates.
    public let cost: Double
    /// Whether the search stops.
    public let isFinished: Bool
  }

  /// The gates of each cell.
  public internal(set) var cells: [GatedCell]
  /// The weight of the penalty.
  public internal(set) var schedule: PenaltySchedule
  /// Which architectures are emitted.
  public internal(set) var series: ParetoSeries
  /// Which gates leave.
  public let rule: PruningRule
  /// The cost of all that has no gate, in millions of multiply-accumulates.
  public let baseCost: Double
  /// The search stops below this cost, in millions of multiply-accumulates.
  public let minimumCost: Double

  /// Creates the gates of a search that begins.
  public init(
    _ cells: [GatedCell], baseCost: Double, minimumCost: Double,
    rule: PruningRule = PruningRule(), schedule: PenaltySchedule = PenaltySchedule(),
    series: ParetoSeries = ParetoSeries()
  ) {
    precondition(!cells.isEmpty, "a search has one cell at least")
    self.cells = cells
    self.baseCost = baseCost
    self.minimumCost = minimumCost
    self.rule = rule
    self.schedule = schedule
    self.series = series
  }

  /// The architecture of the gates that were not removed.
  public var point: ParetoPoint {
    ParetoPoint(cells: cells.map(\.kept), cost: cells.reduce(baseCost) { $0 + $1.cost })
  }

  /// Whether every node has a single gate, so that none can leave.
  public var isExhausted: Bool {
    cells.allSatisfy { $0.kept.count == $0.nodes.count }
  }

  /// Closes the gates whose shares are too small: logits of each cell, [edges, operations].
  public mutating func closeGates(_ logits: [Tensor]) {
    for index in cells.indices {
      cells[index].closeGates(logits[index], minimumShare: rule.minimumShare)
    }
  }

  /// Ends an epoch: prunes, lowers the logits of what was pruned, and moves the weight of the penalty.
  ///
  /// Equation: B-13 [published: sunsmarterjie/GOLD_NAS; reconstructed: high]. the search stops when the FLOPs after
  /// pruning are below the minimum, in the epoch whose update of lambda this is.
  ///
  /// That the final architecture is emitted as well is this project's choice: the published code does so only if it
  /// was stable. So is the stop when no gate can leave any more.
  ///
  /// Explained in chapter 26.
  public mutating func endEpoch(_ logits: inout [Tensor]) -> EpochEnd {
    let stable = point
    let removals = rule.prune(&cells, &logits)
    schedule.endEpoch(pruned: removals.count)
    var points = series.endEpoch(pruned: removals.count) ? [stable] : []
    let now = point
    let isFinished = now.cost < minimumCost || isExhausted
    if isFinished { points.append(now) }
    return EpochEnd(removals: removals, points: points, cost: now.cost, isFinished: isFinished)
  }
}
