import SearchSpaces
import Tensors
import TestSupport
import Testing

@testable import SearchMethods

/// Which gates leave after an epoch: B-7, B-10, B-14.
@Suite("GOLD-NAS: pruning")
struct GOLDNASPruningRuleTests {
  private let golden: GoldenCase
  init() throws { golden = try GoldenFile("methods-next-golden")["gold-prune"] }

  /// A cell with nodes of two and three predecessors.
  private let cell = GatedCell(targets: [2, 2, 3, 3, 3], operations: 2)

  private func goldenLogits(_ suffix: String = "") throws -> Tensor {
    Tensor(
      try golden.tensor("node0\(suffix)").scalars + golden.tensor("node1\(suffix)").scalars,
      shape: [5, 2])
  }

  private func pruned(
    _ logits: [Tensor], _ rule: PruningRule = PruningRule()
  ) -> (removals: [GateRemoval], cells: [GatedCell], logits: [Tensor]) {
    var (cells, logits) = (logits.map { _ in cell }, logits)
    let removals = rule.prune(&cells, &logits)
    return (removals, cells, logits)
  }

  // MARK: B-7

  @Test func eqB7_golden() throws {
    let result = pruned([try goldenLogits()])
    #expect(result.removals.count == (try golden.integer("removed")))
    expectClose(result.logits[0], try goldenLogits("After"), absolute: 1e-2)
    let expected = try golden.tensor("u0After").doubles + golden.tensor("u1After").doubles
    expectClose(cell.shares(result.logits[0]), expected)
    #expect(result.cells[0].kept == expected.indices.filter { expected[$0] > 1e-3 })
  }

  @Test func eqB7_limit_equalGatesStay() {
    let result = pruned([.zeros([5, 2]), .zeros([5, 2])])
    #expect(result.removals.isEmpty && result.logits == [.zeros([5, 2]), .zeros([5, 2])])
  }

  @Test func eqB7_invariant_aRemovedGateNeverReturns() throws {
    var (cells, logits) = ([cell], [try goldenLogits()])
    _ = PruningRule().prune(&cells, &logits)
    let kept = cells[0].kept
    for gate in logits[0].scalars.indices where !kept.contains(gate) { logits[0][gate] += 9_000 }
    #expect(cells[0].gates(logits[0]).indices.filter { cells[0].gates(logits[0])[$0] > 0 } == kept)
    cells[0].closeGates(logits[0], minimumShare: 0.01)
    #expect(PruningRule().prune(&cells, &logits).isEmpty && cells[0].kept == kept)
  }

  @Test func eqB7_aClosedGateIsRemovedEvenIfItHasGrownSince() {
    var (cells, logits) = ([cell], [Tensor.zeros([5, 2])])
    var low = logits[0]
    low[7] = -8
    cells[0].closeGates(low, minimumShare: 0.01)
    let removals = PruningRule().prune(&cells, &logits)
    #expect(removals.map(\.gate) == [7] && removals.map(\.pass) == [0])
    expectClose(removals[0].share, 1.0 / 6)
  }

  /// What counts is the share in the node: the smallest gate may be large among its peers.
  @Test func eqB7_negative_theSmallestRawGateNeedNotLeave() {
    // Node 2 has gates of 0.018 each, node 3 has one of 0.047 among large ones.
    let logits = Tensor([-4, -4, -4, -4, 4, -3, 4, 4, 4, 4], shape: [5, 2])
    let result = pruned([logits])
    #expect(result.removals.map(\.gate) == [5])
    let raw = cell.gates(logits)
    #expect(raw.firstIndex(of: raw.min() ?? 0) == 0, "raw gates would name the first")
  }

  @Test func eqB7_negative_sharesAreTakenAnewAfterEachRemoval() throws {
    // With the shares of the first pass the later removals would have other values.
    let first = cell.shares(try goldenLogits())
    let last = pruned([try goldenLogits()]).removals[4]
    #expect(last.share > 1.02 * first[last.gate])
  }

  // MARK: B-10

  @Test func eqB10_golden() throws {
    let rows = pruned([try goldenLogits()]).removals.flatMap { removal -> [Double] in
      let edge = removal.gate / 2
      let (node, within) = edge < 2 ? (0, edge) : (1, edge - 2)
      return [removal.pass, node, within, removal.gate % 2].map(Double.init) + [removal.share]
    }
    expectClose(rows, try golden.tensor("removals").doubles)
  }

  @Test func eqB10_theSmallestOfAllCellsLeavesAndTheFirstOnATie() {
    var (first, second) = (Tensor.zeros([5, 2]), Tensor.zeros([5, 2]))
    first[6] = -2.5
    second[9] = -3
    second[1] = -2.5
    let once = PruningRule(maximumShare: 0.1, passes: 1)
    #expect(pruned([first, second], once).removals.map { [$0.cell, $0.gate] } == [[1, 9]])
    #expect(pruned([first, first], once).removals.map { [$0.cell, $0.gate] } == [[0, 6]])
  }

  @Test func eqB10_limit_gatesBelowTheMinimumLeaveInOnePassHoweverMany() {
    let logits = Tensor([0, -9, 0, -9, 0, -9, 0, -9, 0, -9], shape: [5, 2])
    let removals = pruned([logits], PruningRule(passes: 1)).removals
    #expect(removals.map(\.gate) == [1, 3, 5, 7, 9])
  }

  @Test func eqB10_limit_betweenTheThresholdsOneLeavesAPass() {
    let logits = Tensor([0, -2.9, 0, -2.9, 0, -3, 0, -3, 0, -3], shape: [5, 2])
    for passes in 1...4 {
      let removals = pruned([logits], PruningRule(passes: passes)).removals
      #expect(removals.map(\.pass) == Array(0..<passes))
    }
  }

  /// The published loop has a sum for the first edge of each node, and divides by zero on the others.
  @Test func eqB10_negative_theSumIsNotResetOnEveryEdge() throws {
    let gates = cell.gates(try goldenLogits())
    let wrong = gates.indices.map { gate -> Double in
      let node = cell.nodes.first { $0.contains(gate) } ?? []
      let isFirstEdge = gate - (node.first ?? 0) < 2
      return gates[gate] / (isFirstEdge ? node.reduce(0) { $0 + gates[$1] } : 0)
    }
    let wouldLeave = wrong.indices.filter { wrong[$0] <= 0.05 }
    let leave = pruned([try goldenLogits()]).removals.map(\.gate)
    #expect(Set(wouldLeave).isStrictSubset(of: leave))
    #expect(leave.contains { $0 >= 2 && $0 < 4 } && leave.contains { $0 >= 6 }, "on later edges")
  }

  // MARK: B-14

  @Test func eqB14_invariant_everyNodeKeepsAGate() {
    for seed in 0..<40 {
      var (cells, logits) = ([cell, cell], [0, 1].map { 5 * sample([5, 2], 2 * seed + $0) })
      for _ in 0..<12 { _ = PruningRule().prune(&cells, &logits) }
      #expect(
        cells.allSatisfy { cell in
          cell.nodes.allSatisfy { node in node.contains { cell.conditions[$0] != .removed } }
        })
    }
  }

  @Test func eqB14_theLargestShareIsAtLeastOneOverTheNumberOfGates() {
    let cell = GatedChain().gatedCell(0)
    #expect(cell.nodes.map(\.count) == [4, 6, 8, 10])
    for seed in 0..<40 {
      let shares = cell.shares(4 * sample([14, 2], seed))
      for node in cell.nodes {
        let largest = node.map { shares[$0] }.max() ?? 0
        #expect(largest >= 1 / Double(node.count) - 1e-6)
      }
    }
    #expect(PruningRule().maximumShare < 0.1, "so the published rule cannot empty a node of 10")
  }

  @Test func eqB14_limit_aLargerMaximumLeavesTheStrongest() {
    let logits = sample([5, 2], 1)
    let result = pruned([logits], PruningRule(maximumShare: 1, passes: 100))
    let shares = cell.shares(logits)
    let strongest = cell.nodes.map { node in node.max { shares[$0] < shares[$1] } ?? -1 }
    #expect(result.cells[0].kept == strongest)
  }

  @Test func eqB14_negative_theBareRuleWithALargeMaximumWouldEmptyANode() {
    var logits = Tensor.zeros([5, 2])
    for _ in 0..<10 {
      let shares = cell.shares(logits)
      let alive = shares.indices.filter { shares[$0] > 1e-8 }
      if let weakest = alive.min(by: { shares[$0] < shares[$1] }), shares[weakest] <= 1 {
        logits[weakest] -= 10_000
      }
    }
    #expect(cell.gates(logits).allSatisfy { $0 == 0 })
    let result = pruned([.zeros([5, 2])], PruningRule(maximumShare: 1, passes: 100))
    #expect(result.cells[0].kept.count == 2)
  }

  @Test func eqB14_aClosedGateThatGrewCannotTakeTheNodeWithIt() {
    var (cells, logits) = ([cell], [Tensor.zeros([5, 2])])
    var low = logits[0]
    low[0] = -9
    cells[0].closeGates(low, minimumShare: 0.01)
    // It has grown to nearly all of the node, so that the open ones are below both thresholds.
    logits[0] = Tensor([5, -6, -7, -8, 0, 0, 0, 0, 0, 0], shape: [5, 2])
    _ = PruningRule().prune(&cells, &logits)
    #expect(cells[0].kept.contains(1) && !cells[0].kept.contains(0))
  }
}
