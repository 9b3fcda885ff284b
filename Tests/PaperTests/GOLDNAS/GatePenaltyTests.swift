import Autodiff
import Tensors
import TestSupport
import Testing

@testable import SearchMethods

/// The penalty on gates and its gradient: B-2, B-3, B-5.
@Suite("GOLD-NAS: penalty")
struct GOLDNASGatePenaltyTests {
  private let golden: GoldenCase
  private let node: GoldenCase
  private let initial: GoldenCase
  init() throws {
    golden = try GoldenFile("methods-golden")["gold-penalty"]
    initial = try GoldenFile("methods-golden")["gold-penalty-initial"]
    node = try GoldenFile("methods-next-golden")["gold-node"]
  }

  private let ln2 = 0.693147180559945
  private let one = GatedCell(targets: [2, 2], operations: 2)

  private func value(
    _ logits: Tensor, _ cell: GatedCell, _ penalty: GatePenalty = GatePenalty()
  ) -> Double {
    Double(penalty(.constant(logits), of: cell).item)
  }

  /// The logits of gates s.
  private func logits(of gates: [Double], _ shape: Shape) -> Tensor {
    Tensor(vector: gates.map { Double(Elementary.log(Scalar($0 / (1 - $0)))) }).reshaped(to: shape)
  }

  private func closedNode() throws -> (cell: GatedCell, logits: Tensor, penalty: GatePenalty) {
    let logits = try node.tensor("logits")
    var cell = GatedCell(targets: [3, 3, 3], operations: 2, costs: try node.tensor("cost").doubles)
    cell.closeGates(logits, minimumShare: try node.scalar("xiMin"))
    return (cell, logits, GatePenalty(rho: try node.scalar("rho"), mu: try node.scalar("mu")))
  }

  // MARK: B-3

  @Test func eqB3_golden() throws {
    let logits = try golden.tensor("logits")
    expectClose(one.shares(logits), try golden.tensor("u").doubles)
    expectClose(value(logits, one), try golden.scalar("R"), absolute: 1e-6)
    let (cell, closed, penalty) = try closedNode()
    expectClose(value(closed, cell, penalty), try node.scalar("R"), absolute: 1e-6)
  }

  @Test func eqB3_limit_atTheStartEveryGateCountsLn2() throws {
    let cell = GatedChain().gatedCell(0)
    let found = value(.zeros([14, 2]), cell)
    expectClose(found, try initial.scalar("perCell"))
    expectClose(14 * found, try initial.scalar("fourteenCells"))
    expectClose(try initial.scalar("perGate"), ln2)
    expectClose(value(.zeros([14, 2]), cell, GatePenalty(rho: 0.5)), 0.5 * found)
  }

  @Test func eqB3_limit_aSingleGateCountsLn2WhateverItIs() {
    for logit in [-5, 0, 5] as [Scalar] {
      expectClose(
        value(Tensor([logit], shape: [1, 1]), GatedCell(targets: [2], operations: 1)), ln2)
    }
  }

  @Test func eqB3_invariant_theScaleOfANodesGatesDoesNotMatter() {
    let gates = [0.9, 0.3, 0.5, 0.2]
    let reference = value(logits(of: gates, [2, 2]), one)
    for scale in [0.1, 0.5, 1.1] {
      expectClose(value(logits(of: gates.map { scale * $0 }, [2, 2]), one), reference)
    }
  }

  @Test func eqB3_invariant_itIsLargestWhereAllGatesAreEqual() {
    for seed in 0..<20 {
      let found = value(3 * sample([2, 2], seed), one)
      #expect(found > 0 && found < 4 * ln2)
    }
    expectClose(value(Tensor(repeating: -2, shape: [2, 2]), one), 4 * ln2)
  }

  @Test func eqB3_nodesAreApart() throws {
    let two = GatedCell(targets: [2, 2, 3], operations: 2)
    let logits = sample([3, 2], 1)
    let first = Tensor(Array(logits.scalars[..<4]), shape: [2, 2])
    let second = Tensor(Array(logits.scalars[4...]), shape: [1, 2])
    expectClose(
      value(logits, two), value(first, one) + value(second, GatedCell(targets: [3], operations: 2)))
  }

  /// R of the raw gates shrinks them all instead of telling them apart.
  @Test func eqB3_negative_theRawGatesAreNotPenalized() throws {
    func wrong(_ gates: [Double]) -> Double {
      gates.reduce(0) { $0 + Double(Elementary.log(Scalar(1 + 4 * $1))) }
    }
    let gates = try golden.tensor("s").doubles
    #expect(abs(wrong(gates) - (try golden.scalar("R"))) > 0.1)
    #expect(abs(wrong(gates.map { $0 / 2 }) - wrong(gates)) > 0.1, "it depends on the scale")
  }

  /// The published pruning loop has a sum for the first edge of a node only.
  @Test func eqB3_negative_theSumIsNotTakenEdgeByEdge() {
    // On each edge the gates are equal, in the node they are not.
    let logits = Tensor([3, 3, -3, -3], shape: [2, 2])
    let edges = GatedCell(targets: [2, 3], operations: 2)
    expectClose(value(logits, edges), 4 * ln2)
    #expect(value(logits, one) < 3.5 * ln2)
  }

  @Test func eqB3_negative_removedGatesHaveNoTermAndDoNotCount() throws {
    let (cell, logits, penalty) = try closedNode()
    let all = GatedCell(targets: [3, 3, 3], operations: 2, costs: cell.costs)
    let right = try node.scalar("R")
    #expect(abs(value(logits, all, penalty) - right) > 0.1, "a closed gate neither counts in n")
    // With n of the open gates, the term alone.
    let own = Double(Elementary.log(Scalar(1 + 5 * cell.shares(logits)[2])))
    #expect(own > 1e-3, "nor has a term")
    // Without it in S_j the others have other shares.
    var gone = logits
    gone[2] = -10_000
    #expect(abs(value(gone, cell, penalty) - right) > 1e-4, "but it is part of the sum")
  }

  @Test func eqB3_gradient() throws {
    let (cell, logits, penalty) = try closedNode()
    expectGradients(at: [logits]) { penalty($0[0], of: cell) }
    expectGradients(at: [sample([14, 2], 3)]) {
      GatePenalty(rho: 0.3, mu: 0.2)($0[0], of: GatedChain(channels: 8).gatedCell(4))
    }
  }

  // MARK: B-5

  @Test func eqB5_golden() throws {
    let logits = try golden.tensor("logits")
    expectClose(GatePenalty().gateDerivatives(logits, of: one), try golden.tensor("gradS").doubles)
    try expectGolden(GatePenalty().gradient(logits, of: one), golden, "gradLogits")
    let (cell, closed, penalty) = try closedNode()
    expectClose(
      penalty.gateDerivatives(closed, of: cell), try node.tensor("gradPenaltyS").doubles)
  }

  @Test func eqB5_itIsTheGradientOfThePenalty() throws {
    let (cell, closed, weighted) = try closedNode()
    let cases = [
      (closed, cell, weighted),
      (sample([14, 2], 2), GatedChain(channels: 8).gatedCell(4), GatePenalty(rho: 0.3, mu: 0.2)),
    ]
    for (logits, cell, penalty) in cases {
      let tape = Tape()
      let variable = tape.variable(logits)
      let gradient = tape.gradients(of: penalty(variable, of: cell), withRespectTo: [variable])[0]
      expectClose(penalty.gradient(logits, of: cell), gradient, absolute: 1e-6)
    }
  }

  @Test func eqB5_invariant_alongTheGatesThePenaltyDoesNotChange() throws {
    let (cell, logits, penalty) = try closedNode()
    let products = zip(cell.gates(logits), penalty.gateDerivatives(logits, of: cell)).map {
      $0 * $1
    }
    expectClose(products.reduce(0, +), 0, absolute: 1e-6)
    #expect(products.contains { abs($0) > 0.01 })
  }

  /// Descent on it makes the weakest gate weaker and the strongest stronger.
  @Test func eqB5_itSharpens() throws {
    let gradient = GatePenalty().gradient(try golden.tensor("logits"), of: one)
    #expect(argMax(gradient.scalars) == 2 && gradient[2] > 0, "the weakest falls most")
    #expect(gradient[3] < 0, "the strongest rises")
  }

  @Test func eqB5_limit_equalGatesAndSingleGatesHaveNoGradient() {
    let equal = GatePenalty().gradient(Tensor(repeating: 0.7, shape: [2, 2]), of: one)
    expectClose(equal, .zeros([2, 2]), absolute: 1e-6)
    let single = GatedCell(targets: [2, 3], operations: 1)
    expectClose(
      GatePenalty(mu: 1).gradient(Tensor([0.3, -2], shape: [2, 1]), of: single), .zeros([2, 1]),
      absolute: 1e-6)
  }

  @Test func eqB5_negative_theSumDependsOnEveryGate() throws {
    // With S_j held constant all derivatives are positive: every gate would shrink.
    let logits = try golden.tensor("logits")
    let (gates, right) = (one.gates(logits), try golden.tensor("gradS").doubles)
    let sum = gates.reduce(0, +)
    let wrong = gates.map { 4 / sum / (1 + 4 * $0 / sum) }
    #expect(wrong.allSatisfy { $0 > 0 } && right.contains { $0 < -0.01 })
    #expect(zip(wrong, right).allSatisfy { abs($0 - $1) > 0.1 })
  }

  // MARK: B-2

  @Test func eqB2_theTermsOfTheLoss() {
    func number(_ x: Scalar) -> Variable { .constant(Tensor(x)) }
    let loss = oneLevelLoss(
      crossEntropy: number(2), auxiliary: number(3), penalty: number(10), penaltyWeight: 0.01)
    expectClose(Double(loss.item), 2 + 0.4 * 3 + 0.01 * 10)
    let without = oneLevelLoss(crossEntropy: number(2), penalty: number(10), penaltyWeight: 0)
    #expect(
      without.item == 2, "in the first epoch, without an auxiliary head, the cross entropy alone")
  }

  @Test func eqB2_gradientIsThatOfTheCrossEntropyAndLambdaTimesThePenaltys() throws {
    let start = try golden.tensor("logits")
    func gradient(_ weight: Double) -> Tensor {
      let tape = Tape()
      let logits = tape.variable(start)
      let loss = oneLevelLoss(
        crossEntropy: crossEntropy(logits, labels: [0, 1]), penalty: GatePenalty()(logits, of: one),
        penaltyWeight: weight)
      return tape.gradients(of: loss, withRespectTo: [logits])[0]
    }
    expectClose(
      gradient(0.3) - gradient(0), 0.3 * GatePenalty().gradient(start, of: one), absolute: 1e-6)
  }

  @Test func eqB2_negative_thePenaltyIsNotPartOfTheAuxiliaryTerm() {
    func number(_ x: Scalar) -> Variable { .constant(Tensor(x)) }
    let loss = oneLevelLoss(
      crossEntropy: number(0), auxiliary: number(0), penalty: number(10), penaltyWeight: 0.1)
    expectClose(Double(loss.item), 1)
  }
}
