import Autodiff
import NeuralNetworks
import SearchSpaces
import Tensors
import TestSupport
import Testing

@testable import SearchMethods

/// From epoch to epoch: B-8, B-13, B-15, and a whole search without a network.
@Suite("GOLD-NAS: gradual search")
struct GOLDNASGradualSearchTests {
  private let golden: GoldenCase
  init() throws { golden = try GoldenFile("methods-next-golden")["gold-search"] }

  // MARK: A whole search

  /// A search in which the network is a linear loss, - sum of h s over the open gates.
  private struct Toy {
    var search: GradualSearch
    var step: OneLevelStep
    let gates: [Parameter]
    let utilities: [[Scalar]]
    let penalty: GatePenalty
    let steps: Int

    init(_ test: GoldenCase) throws {
      let cells = [2.0, 1].map { cost in
        GatedCell(
          targets: [2, 2, 3, 3, 3], operations: 2, costs: (0..<10).map { $0 % 2 == 0 ? 0 : cost })
      }
      search = GradualSearch(
        cells, baseCost: try test.scalar("baseFlops"), minimumCost: try test.scalar("minimumFlops"),
        rule: PruningRule(
          minimumShare: try test.scalar("xiMin"), maximumShare: try test.scalar("xiMax"),
          passes: try test.integer("n0")),
        schedule: PenaltySchedule(
          start: try test.scalar("lambda0"), growth: try test.scalar("c0"),
          enough: try test.integer("n0")),
        series: ParetoSeries(stableEpochs: try test.integer("stableRounds")))
      step = OneLevelStep(
        gateLearningRate: try test.scalar("lr"), momentum: try test.scalar("momentum"))
      gates = cells.indices.map { Parameter("cell\($0)", .zeros([5, 2])) }
      utilities = try [0, 2].map {
        try test.tensor("utility\($0)").scalars + test.tensor("utility\($0 + 1)").scalars
      }
      penalty = GatePenalty(rho: try test.scalar("rho"), mu: try test.scalar("mu"))
      steps = try test.integer("stepsPerEpoch")
    }

    /// The gradient of the loss in the gates of a cell.
    func gradient(_ cell: Int) -> Tensor {
      let tape = Tape()
      let logits = tape.variable(gates[cell].value)
      let all = (0..<10).map {
        EdgeWeight(edge: $0 / 2, weight: ArchitectureWeight([$0 % 2], within: [0, 1]))
      }
      let weights = GateRelaxation([search.cells[cell]]).values(of: all, logits: logits)
      let loss = oneLevelLoss(
        crossEntropy: -1 * sum(.constant(Tensor(utilities[cell], shape: [10])) * weights),
        penalty: penalty(logits, of: search.cells[cell]), penaltyWeight: search.schedule.weight)
      return tape.gradients(of: loss, withRespectTo: [logits])[0]
    }

    mutating func runEpoch() -> GradualSearch.EpochEnd {
      for _ in 0..<steps {
        search.closeGates(gates.map(\.value))
        step(weights: [], [], gates: gates, gates.indices.map(gradient))
      }
      var logits = gates.map(\.value)
      let end = search.endEpoch(&logits)
      for (gate, value) in zip(gates, logits) { gate.value = value }
      return end
    }

    var logits: [Double] { gates.flatMap(\.value.doubles) }
  }

  private func mask(_ point: ParetoPoint) -> String {
    point.cells.map { kept in (0..<10).map { kept.contains($0) ? "1" : "0" }.joined() }.joined()
  }

  @Test func eqB8_goldenFirstGradientAndFirstEpoch() throws {
    var toy = try Toy(golden)
    // All gates are 0.5 and lambda is 0.
    expectClose(
      toy.gradient(0).doubles, toy.utilities[0].map { -0.25 * Double($0) }, absolute: 1e-6)
    _ = toy.runEpoch()
    let expected = try golden.tensor("logitsAfterEpoch0And5").doubles.prefix(20)
    expectClose(
      toy.logits, Array(expected), absolute: isDoublePrecision ? 1e-7 : 1e-5,
      "after the first epoch")
  }

  @Test func eqB8_goldenSearch() throws {
    var toy = try Toy(golden)
    let tolerance = isDoublePrecision ? 1e-7 : 1e-3
    var (trace, points): ([Double], [ParetoPoint]) = ([], [])
    for epoch in 0..<(try golden.integer("epochs")) {
      let weight = toy.search.schedule.weight
      let end = toy.runEpoch()
      let emitted = end.points.count - (end.isFinished ? 1 : 0)
      trace += [
        Double(epoch), weight, Double(end.removals.count), Double(toy.search.series.quietEpochs),
        Double(emitted), end.cost, toy.search.schedule.weight, toy.search.schedule.increment,
      ]
      points += end.points
      #expect(end.isFinished == (epoch == 25))
      if epoch == 5 {
        expectClose(
          toy.logits, Array(try golden.tensor("logitsAfterEpoch0And5").doubles.suffix(20)),
          absolute: tolerance, relative: tolerance, "after epoch 5")
      }
    }
    // A gate that leaves in another epoch would change everything after it.
    expectClose(
      trace, try golden.tensor("trace").doubles, absolute: isDoublePrecision ? 1e-7 : 1e-5)
    let masks = points.map(mask)
    #expect(masks.dropLast() == (try golden.label("emittedStable"))[...])
    #expect(masks.last == (try golden.label("finalMask"))[0], "the final one is emitted too")
    #expect(masks.last == (try golden.label("emittedAfterPruning")).last)
  }

  @Test func eqB8_invariant_aSeriesGetsCheaperAndNoNodeIsEmpty() throws {
    var toy = try Toy(golden)
    var points: [ParetoPoint] = []
    for _ in 0..<60 where !(toy.search.isExhausted) {
      let end = toy.runEpoch()
      points += end.points
      if end.isFinished { break }
    }
    #expect(points.count >= 3)
    #expect(zip(points, points.dropFirst()).allSatisfy { $0.cost > $1.cost })
    for (point, next) in zip(points, points.dropFirst()) {
      #expect(zip(point.cells, next.cells).allSatisfy { Set($1).isSubset(of: $0) })
    }
    let nodes = toy.search.cells[0].nodes
    #expect(
      points.allSatisfy {
        $0.cells.allSatisfy { kept in
          nodes.allSatisfy { !Set($0).isDisjoint(with: kept) }
        }
      })
  }

  // MARK: B-8

  private func emitted(_ pruned: [Int], stable: Int = 3) -> [Bool] {
    var series = ParetoSeries(stableEpochs: stable)
    return pruned.map { series.endEpoch(pruned: $0) }
  }

  @Test func eqB8_anArchitectureIsEmittedWhenPruningResumes() {
    #expect(emitted([0, 0, 0, 0, 2, 1, 0]) == [false, false, false, false, true, false, false])
  }

  @Test func eqB8_limit_exactlyAsManyQuietEpochsAreTooFew() {
    #expect(emitted([0, 0, 0, 2]) == [false, false, false, false], "t > t_0 is strict")
    #expect(emitted([1, 1], stable: 0) == [false, false])
    #expect(emitted([0, 1], stable: 0) == [false, true])
  }

  @Test func eqB8_negative_quietEpochsBeforeAPruningDoNotAddUp() {
    #expect(emitted([0, 0, 1, 0, 0, 1]).allSatisfy { !$0 })
  }

  @Test func eqB8_negative_theStableArchitectureIsEmittedAndNotThePrunedOne() {
    var search = GradualSearch(
      [GatedCell(targets: [2, 2], operations: 2, costs: [0, 1, 0, 1])], baseCost: 1, minimumCost: 0,
      series: ParetoSeries(stableEpochs: 0))
    var logits = [Tensor.zeros([2, 2])]
    #expect(search.endEpoch(&logits).points.isEmpty)
    logits[0][1] = -5
    let end = search.endEpoch(&logits)
    #expect(end.points == [ParetoPoint(cells: [[0, 1, 2, 3]], cost: 3)])
    #expect(search.point == ParetoPoint(cells: [[0, 2, 3]], cost: 2) && end.cost == 2)
    #expect(end.removals.map(\.gate) == [1] && !end.isFinished)
  }

  // MARK: B-13

  @Test func eqB13_theFinalArchitectureIsEmittedAtTheStop() {
    var search = GradualSearch(
      [GatedCell(targets: [2, 2], operations: 2, costs: [0, 1, 0, 1])], baseCost: 1,
      minimumCost: 2.5)
    var logits = [Tensor([0, -6, 0, 0], shape: [2, 2])]
    let end = search.endEpoch(&logits)
    #expect(end.isFinished, "the cost after this epoch's pruning is below the minimum")
    #expect(end.points == [ParetoPoint(cells: [[0, 2, 3]], cost: 2)])
    #expect(search.schedule.increment == 2e-5, "lambda moves in the same epoch")
  }

  @Test func eqB13_limit_theMinimumItselfIsNotBelow() {
    var search = GradualSearch(
      [GatedCell(targets: [2, 2], operations: 2, costs: [0, 1, 0, 1])], baseCost: 1, minimumCost: 2)
    var logits = [Tensor([0, -6, 0, 0], shape: [2, 2])]
    let end = search.endEpoch(&logits)
    #expect(end.cost == 2 && !end.isFinished && end.points.isEmpty)
  }

  @Test func eqB13_whenNoGateCanLeaveTheSearchStops() {
    var search = GradualSearch(
      [GatedCell(targets: [2, 3], operations: 2)], baseCost: 1, minimumCost: 0)
    var logits = [Tensor([0, -6, -6, 0], shape: [2, 2])]
    let end = search.endEpoch(&logits)
    #expect(end.isFinished && search.isExhausted)
    #expect(end.points.map(\.cells) == [[[0, 3]]])
  }

  @Test func eqB13_negative_theCostBeforeThePruningDoesNotDecide() {
    var search = GradualSearch(
      [GatedCell(targets: [2, 2], operations: 2, costs: [0, 1, 0, 1])], baseCost: 1,
      minimumCost: 2.5)
    #expect(search.point.cost == 3)
    var quiet = [Tensor.zeros([2, 2])]
    #expect(!search.endEpoch(&quiet).isFinished)
  }

  // MARK: B-15

  @Test func eqB15_theGradientOfTheWeightsAloneIsClipped() {
    var step = OneLevelStep()
    let (weight, gate) = (Parameter("w", .zeros([2])), Parameter("a", .zeros([2])))
    let norm = step(
      weights: [weight], [Tensor([60, 80], shape: [2])], gates: [gate],
      [Tensor([60, 80], shape: [2])])
    expectClose(norm, 100)
    expectClose(weight.value.doubles, [-0.01 * 3, -0.01 * 4], "clipped to a length of 5")
    expectClose(gate.value.doubles, [-60, -80], "and the gates are not")
  }

  @Test func eqB15_limit_shortGradientsStay() {
    var step = OneLevelStep(weightDecay: 0)
    let weight = Parameter("w", .zeros([1]))
    step(weights: [weight], [Tensor([3], shape: [1])], gates: [], [])
    expectClose(weight.value.doubles, [-0.03])
  }

  @Test func eqB15_momentumOfBothAndDecayOfTheWeightsAlone() {
    var step = OneLevelStep()
    let (weight, gate) = (
      Parameter("w", Tensor([1], shape: [1])), Parameter("a", Tensor([1], shape: [1]))
    )
    for _ in 0..<2 {
      step(
        weights: [weight], [Tensor([1], shape: [1])], gates: [gate], [Tensor([0.1], shape: [1])])
    }
    expectClose(gate.value.doubles, [1 - 0.1 - 0.19])
    let first = 1 + 3e-4
    let moved = 1 - 0.01 * first
    expectClose(
      weight.value.doubles, [moved - 0.01 * (0.9 * first + 1 + 3e-4 * moved)], absolute: 1e-7)
  }

  @Test func eqB15_negative_theGatesDoNotCountInTheLength() {
    var step = OneLevelStep(weightDecay: 0)
    let (weight, gate) = (Parameter("w", .zeros([1])), Parameter("a", .zeros([1])))
    step(
      weights: [weight], [Tensor([4], shape: [1])], gates: [gate], [Tensor([400], shape: [1])])
    expectClose(weight.value.doubles, [-0.04], "4 is short enough, whatever the gates' gradient is")
  }
}
