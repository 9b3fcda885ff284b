import Autodiff
import NeuralNetworks
import SearchSpaces
import Tensors
import TestSupport
import Testing

@testable import SearchMethods

/// Gates and what they weigh: B-1.
@Suite("GOLD-NAS: gates")
struct GOLDNASGatedCellTests {
  private let golden: GoldenCase
  init() throws { golden = try GoldenFile("methods-next-golden")["gold-node"] }

  /// The node of the golden case, with three predecessors and two operations; one gate is closed.
  private func node() throws -> GatedCell {
    var cell = GatedCell(
      targets: [3, 3, 3], operations: 2, costs: try golden.tensor("cost").doubles)
    cell.closeGates(try golden.tensor("logits"), minimumShare: try golden.scalar("xiMin"))
    return cell
  }

  /// The weight of every candidate, in the order of the gates.
  private func weights(edges: Int, operations: Int) -> [EdgeWeight] {
    (0..<edges * operations).map {
      EdgeWeight(
        edge: $0 / operations,
        weight: ArchitectureWeight([$0 % operations], within: Array(0..<operations)))
    }
  }

  /// x_j of the golden case from weights [6].
  private func x(_ weights: Variable) throws -> Variable {
    let outputs = try golden.tensor("outputs").scalars
    let summands = (0..<6).map { gate in
      Summand.identity(
        .constant(Tensor(Array(outputs[2 * gate..<2 * gate + 2]), shape: [1, 1, 1, 2])))
    }
    return mixture(summands, weights: weights)
  }

  @Test func eqB1_golden() throws {
    let logits = try golden.tensor("logits")
    let cell = try node()
    expectClose(cell.gates(logits), try golden.tensor("s").doubles)
    expectClose(cell.shares(logits), try golden.tensor("u").doubles)
    expectClose(cell.gates(logits).reduce(0, +), try golden.scalar("S"))
    #expect(
      cell.conditions.map { $0 == .open ? 1 : 0 } == (try golden.tensor("alive").doubles))
    let values = GateRelaxation([cell]).values(
      of: weights(edges: 3, operations: 2), logits: .constant(logits))
    try expectGolden(try x(values).value.doubles, golden, vector: "x")
  }

  @Test func eqB1_goldenGradientOfTheWholeLoss() throws {
    let cell = try node()
    let tape = Tape()
    let logits = tape.variable(try golden.tensor("logits"))
    let x = try x(
      GateRelaxation([cell]).values(of: weights(edges: 3, operations: 2), logits: logits))
    let penalty = GatePenalty(rho: try golden.scalar("rho"), mu: try golden.scalar("mu"))
    let loss = oneLevelLoss(
      crossEntropy: 0.5 * sum(x * x), penalty: penalty(logits, of: cell),
      penaltyWeight: try golden.scalar("lambda"))
    expectClose(Double(loss.item), try golden.scalar("loss"))
    let gradient = tape.gradients(of: loss, withRespectTo: [logits])[0]
    try expectGolden(gradient, golden, "gradLogits")
    #expect(gradient[2] < 0, "only the sum of the node moves the closed gate, and moves it up")
  }

  @Test func eqB1_negative_theWeightIsTheGateAndNotItsShare() throws {
    let shares = try golden.tensor("u")
    let wrong = try x(.constant(shares.reshaped(to: [6]))).value.doubles
    #expect(zip(wrong, try golden.vector("x")).allSatisfy { abs($0 - $1) > 0.1 })
  }

  @Test func eqB1_negative_theSumIsThatOfTheNodeAndNotOfAnEdge() throws {
    let gates = try golden.tensor("s").doubles
    let wrong = gates.indices.map { gates[$0] / (gates[$0 / 2 * 2] + gates[$0 / 2 * 2 + 1]) }
    #expect(zip(wrong, try golden.tensor("u").doubles).allSatisfy { $0 > 2 * $1 })
  }

  @Test func eqB1_limit_aSearchBeginsWithHalvesAndNothingCompetes() {
    let cell = GatedCell(targets: [2, 2], operations: 2)
    var logits = Tensor.zeros([2, 2])
    #expect(cell.gates(logits) == [0.5, 0.5, 0.5, 0.5])
    #expect(cell.shares(logits) == [0.25, 0.25, 0.25, 0.25])
    logits[0] = 3
    #expect(cell.gates(logits)[1...].allSatisfy { $0 == 0.5 }, "a softmax would lower the others")
    logits[1] = -10_000
    #expect(cell.gates(logits)[1] == 0, "a removed gate is exactly 0")
  }

  @Test func eqB1_aClosedGateStaysClosed() {
    var cell = GatedCell(targets: [2, 2], operations: 2)
    cell.closeGates(Tensor([0, -6, 0, 0], shape: [2, 2]), minimumShare: 0.01)
    #expect(cell.conditions == [.open, .closed, .open, .open])
    let grown = Tensor([0, 0, 0, 0], shape: [2, 2])
    cell.closeGates(grown, minimumShare: 0.01)
    #expect(cell.shares(grown)[1] == 0.25)
    #expect(
      cell.conditions[1] == .closed, "its operation was replaced by zeros for the whole search")
    let values = GateRelaxation([cell]).values(
      of: weights(edges: 2, operations: 2), logits: .constant(grown))
    #expect(values.value.doubles == [0.5, 0, 0.5, 0.5])
  }

  @Test func eqB1_invariant_aNodeNeverClosesItsStrongestGate() {
    for seed in 0..<50 {
      var cell = GatedCell(targets: [2, 2, 3, 3, 3], operations: 2)
      for step in 0..<5 {
        cell.closeGates(6 * sample([5, 2], 10 * seed + step), minimumShare: 0.6)
        #expect(cell.openNodes.allSatisfy { !$0.isEmpty })
      }
      #expect(cell.openNodes.allSatisfy { $0.count == 1 })
    }
  }

  @Test func eqB1_gradient() {
    var cell = GatedCell(targets: [2, 2, 3], operations: 4)
    cell.closeGates(
      Tensor([0, 0, -9, 0, 0, 0, 0, 0, 0, -9, 0, 0], shape: [3, 4]), minimumShare: 0.01)
    let all = Array(0..<4)
    let nested = [
      ArchitectureWeight([0], within: all), ArchitectureWeight([1, 2], within: all),
      ArchitectureWeight([1], within: [1, 2]), .one,
    ].map { EdgeWeight(edge: 1, weight: $0) }
    expectGradients(at: [sample([3, 4], 1)]) {
      GateRelaxation([cell]).values(of: weights(edges: 3, operations: 4) + nested, logits: $0[0])
    }
  }

  /// The weights of a simplified edge: a group, and what is inside it, evaluated one by one.
  @Test(arguments: [false, true])
  func eqB1_theWeightsOfAGroupMultiplyToTheGates(_ hasClosedGate: Bool) {
    var cell = GatedCell(targets: [1], operations: 4)
    let logits = Tensor([0.3, -0.4, hasClosedGate ? -7 : 0.8, 0.1], shape: [1, 4])
    cell.closeGates(logits, minimumShare: 0.01)
    func value(_ members: [Int], within: [Int]) -> Double {
      GateRelaxation([cell]).values(
        of: [EdgeWeight(edge: 0, weight: ArchitectureWeight(members, within: within))],
        logits: .constant(logits)
      ).value.doubles[0]
    }
    let all = [0, 1, 2, 3]
    for gate in [1, 2] {
      expectClose(
        value([1, 2], within: all) * value([gate], within: [1, 2]), value([gate], within: all))
    }
    #expect((value([2], within: all) == 0) == hasClosedGate)
    #expect((value([2], within: [2, 3]) == 0) == hasClosedGate)
  }

  @Test func eqB1_limit_aGroupOfClosedGatesWeighsNothing() {
    var cell = GatedCell(targets: [1], operations: 3)
    let logits = Tensor([0.3, -9, -9], shape: [1, 3])
    cell.closeGates(logits, minimumShare: 0.01)
    let weights = [
      ArchitectureWeight([1, 2], within: [0, 1, 2]), ArchitectureWeight([1], within: [1, 2]), .one,
    ].map { EdgeWeight(edge: 0, weight: $0) }
    let values = GateRelaxation([cell]).values(of: weights, logits: .constant(logits))
    #expect(values.value.doubles == [0, 0, 1])
  }

  /// An edge of a supernet with gates: both interpreters, with one gate closed.
  @Test func eqB1_anEdgeIsTheSumOfItsGatedOperations() {
    let space = SearchSpace.nasBench201
    func network(_ path: Path) -> PathNetwork {
      PathNetwork(path, channels: 3, name: "e", seed: RandomGenerator(seed: 1))
    }
    let logits = Tensor([0.2, 0.9, -8, 0.4, -0.7], shape: [1, 5])
    var cell = GatedCell(targets: [1], operations: 5)
    cell.closeGates(logits, minimumShare: 0.01)
    let x = Variable.constant(sample([2, 4, 4, 3], 1))
    let architecture = RelaxedArchitecture(
      logits: .constant(logits), relaxation: GateRelaxation([cell]))
    var expected = Tensor.zeros(x.shape)
    for gate in cell.kept where cell.conditions[gate] == .open {
      let operation = network(SearchSpace.nasBench201Path(space.primitives[gate]))
      let output = operation(x, nil, in: ForwardPass(.training)).value
      expected += Scalar(cell.gates(logits)[gate]) * output
    }
    let whole = network(space.paths[0])
    expectClose(whole(x, architecture, in: ForwardPass(.training)).value, expected, absolute: 1e-4)
    let plain = whole.plainValue(x, architecture, in: ForwardPass(.training)).value
    expectClose(plain, expected, absolute: 1e-4)
  }

  @Test func eqB1_everyCellHasGatesOfItsOwn() {
    let open = GatedCell(targets: [1], operations: 2)
    var other = open
    let logits = Tensor([0, -9], shape: [1, 2])
    other.closeGates(logits, minimumShare: 0.01)
    let relaxation = GateRelaxation([open, other])
    let values = (0..<2).map {
      relaxation.forCells(ofKind: $0).values(
        of: weights(edges: 1, operations: 2), logits: .constant(logits)
      ).value[1]
    }
    #expect(values[0] > 0 && values[1] == 0)
  }
}
