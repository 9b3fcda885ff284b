import Autodiff
import Datasets
import NeuralNetworks
import Tensors
import TestSupport
import Testing
import TopologicalSimplification

@testable import SearchMethods
@testable import SearchSpaces

/// A run of DOTS: in their place.
@Suite("DOTS: search")
struct DOTSSearchTests {
  private static let seed = RandomGenerator(seed: 1)
  private struct Stop: Error {}

  private func search(
    _ space: SearchSpace = .nasBench201, epochs: Int = 4
  ) throws -> any Search<DOTSMetrics> {
    var settings = SearchSettings(epochs: epochs, batchSize: 4, alphaLearningRate: 0.01)
    DOTS().adapt(&settings)
    let cells = space.name == "darts" ? 3 : 1
    func network(_ space: SearchSpace) -> CellSupernet<CellGenotype> {
      CellSupernet(space, channels: 2, cells: cells, classes: 10, seed: Self.seed)
    }
    return try DOTSSearch(
      network(space),
      SearchTask(
        SyntheticImages.make(count: 16, seed: 1), settings,
        size: NetworkSize(channels: 2, cells: cells), seed: Self.seed, makeNetwork: { network($0) }),
      DOTS())
  }

  /// What a search reports, without times, and where it ends.
  private func trace(
    _ search: any Search<DOTSMetrics>, from state: SearchState? = nil, threads: Int = 2,
    events: Int = .max
  ) throws -> (units: [DOTSMetrics], state: SearchState, events: Int) {
    if let state { try search.restore(state) }
    var (units, count) = ([DOTSMetrics](), 0)
    do {
      try Threads.$limit.withValue(threads) {
        _ = try search.run { event in
          if case .unit(let unit) = event { units.append(unit) }
          count += 1
          if count == events { throw Stop() }
        }
      }
    } catch is Stop {}
    return (units, search.state, count)
  }

  // MARK: The phases

  @Test func eqA17_theScheduleOfSeventyEpochsIsThePublishedOne() {
    let schedule = DOTSSchedule(epochs: 70)
    for epoch in 0..<70 {
      let phase = DOTSPhase(epoch: epoch)
      #expect(schedule.phase(epoch) == phase)
      expectClose(schedule.temperature(epoch), phase.temperature(epoch: epoch))
    }
    for epochs in 2..<40 {
      let ranges = DOTSPhase.allCases.map(DOTSSchedule(epochs: epochs).range)
      #expect(ranges.flatMap { Array($0) } == Array(0..<epochs))
      #expect(!ranges[1].isEmpty && !ranges[3].isEmpty, "\(epochs)")
    }
  }

  @Test func eqA17_eqA18_oneCosineAndTheImagesOfEachPhase() throws {
    let search = try search()
    let run = try trace(search)
    #expect(run.units.map(\.phase) == DOTSPhase.allCases)
    for (epoch, unit) in run.units.enumerated() {
      expectClose(
        unit.learningRate, cosineLearningRate(epoch: epoch, of: 4, from: 0.025, to: 0.001))
      #expect(search.work(in: epoch).steps == (epoch == 3 ? 4 : 2))
    }
    #expect(run.units.map { $0.derivedAccuracy != nil } == [false, false, false, true])
  }

  /// Alpha rests in both trainings; beta and balance move in the topology search alone.
  @Test func eqA18_whatMovesInEachPhase() throws {
    let search = try search()
    var states = [search.state]
    _ = try search.run { if case .unit = $0 { states.append(search.state) } }
    func moves(_ name: String, _ epoch: Int) -> Bool {
      states[epoch].tensors[name] != states[epoch + 1].tensors[name]
    }
    #expect((0..<4).map { moves("value.alpha", $0) } == [false, true, false, false])
    #expect((2..<4).map { moves("topologyValue.alpha", $0) } == [false, true])
    #expect((2..<4).map { moves("topologyValue.beta", $0) } == [false, true])
    let weights = try #require(states[0].tensors.keys.first { $0.hasSuffix("conv.weight") })
    #expect((0..<4).map { moves(weights, $0) } == [true, true, false, false])
    #expect((2..<4).map { moves("topology" + weights.capitalizedFirst, $0) } == [true, true])
    #expect(!states[2].tensors.keys.contains { $0.hasPrefix("velocity") }, "optimizers are new")
  }

  @Test func eqA18_negative_batchesInOrderAreNotShuffled() {
    let images = SyntheticImages.make(count: 12, seed: 1)
    let loader = BatchLoader(images, batchSize: 4, generator: Self.seed)
    let epoch = loader.epochInOrder(3)
    #expect((0..<3).flatMap { epoch[$0].labels } == images.labels.map { Int($0) })
    #expect(epoch[0].images == loader.evaluationBatches.first { _ in true }?.images)
    #expect((0..<3).flatMap { loader.epoch(3)[$0].labels } != images.labels.map { Int($0) })
  }

  @Test(arguments: [SearchSpace.nasBench201, Simplifier().simplify(.darts)])
  func `stopped in any phase, a run ends with the same bytes`(_ space: SearchSpace) throws {
    let whole = try trace(search(space), threads: 1)
    let steps = space.name == "darts" ? [5, 14] : Array(stride(from: 1, to: whole.events, by: 3))
    for stop in steps {
      let first = try trace(search(space), events: stop)
      let second = try trace(search(space), from: first.state, threads: 3)
      #expect(second.state.tensors == whole.state.tensors, "stopped at \(stop)")
      #expect(second.state.numbers == whole.state.numbers, "stopped at \(stop)")
      #expect(
        second.units.map(\.genotype) == whole.units.map(\.genotype).suffix(second.units.count))
    }
  }

  @Test func `a run needs two epochs, and candidates of both groups`() {
    #expect(throws: SearchError.tooFewEpochs(1, needed: 2)) { try search(epochs: 1) }
    #expect(DOTS().objection(to: .darts) == nil && DOTS().objection(to: .nasBench201) == nil)
    let plain = SearchSpace(
      "plain", candidates: SearchSpace.darts.candidates.filter { $0.primitive == .maxPool3x3 },
      nodeCount: 3, macroStructure: SearchSpace.darts.macroStructure)
    #expect(DOTS().objection(to: plain)?.text.contains("of one kind") == true)
    let own = Simplifier(weights: .independent).simplify(.darts)
    #expect(DOTS().objection(to: own)?.text.contains("N2") == true)
  }

  // MARK: A-16, the topology search

  private let survivors = (0..<14).map { [1 + $0 % 3, 4 + $0 % 3] }

  /// The weight of each candidate of each edge of DARTS.
  private func weights(_ relaxation: some Relaxation, _ logits: Variable) -> Variable {
    relaxation.values(
      of: (0..<14).flatMap { edge in
        (0..<8).map {
          EdgeWeight(edge: edge, weight: ArchitectureWeight([$0], within: Array(0..<8)))
        }
      }, logits: logits)
  }

  @Test func eqA16_theSurvivorsHaveTheBalanceWeightsAndTheOthersNone() {
    let logits = 0.001 * sample([14, 8], 3)
    let values = weights(
      BalanceRelaxation(survivors: [survivors], temperature: 0.5), .constant(logits)
    ).value
    let balance = Tensor(
      survivors.enumerated().flatMap { edge, own in own.map { logits[edge * 8 + $0] } },
      shape: [14, 2])
    let expected = balanceWeights(.constant(balance), temperature: 0.5).value
    for edge in 0..<14 {
      for candidate in 0..<8 {
        let place = survivors[edge].firstIndex(of: candidate)
        expectClose(values[edge * 8 + candidate], place.map { expected[edge * 2 + $0] } ?? 0)
      }
    }
  }

  @Test func eqA16_gradientOfTheBalance() {
    expectGradients(at: [sample([14, 8], 1)]) {
      weights(BalanceRelaxation(survivors: [survivors], temperature: 1000), $0[0])
    }
  }

  /// The shared part of a simplified edge, and a survivor inside it, multiply to the balance weight.
  @Test func eqA16_nestedBalanceWeightsMultiplyToThoseOfTheEdge() {
    let logits = Variable.constant(0.001 * sample([14, 8], 3))
    let relaxation = BalanceRelaxation(survivors: [survivors], temperature: 1)
    let flat = weights(relaxation, logits).value
    func value(_ edge: Int, _ weight: ArchitectureWeight) -> Scalar {
      relaxation.values(of: [EdgeWeight(edge: edge, weight: weight)], logits: logits).value[0]
    }
    for (edge, own) in survivors.enumerated() {
      for group in [[0, 1, 2, 3], [own[0], own[1]], [2, 5, 6]] {
        let outer = value(edge, ArchitectureWeight(group, within: Array(0..<8)))
        for member in group {
          let inner = value(edge, ArchitectureWeight([member], within: group))
          expectClose(outer * inner, flat[edge * 8 + member])
        }
      }
    }
  }

  /// With decided pairs and balance the supernet is the derived cell: the claim of the method in the limit.
  @Test(arguments: [false, true])
  func eqA19_limit_aDecidedSupernetIsTheDerivedCell(_ isSimplified: Bool) {
    let plain = isSimplified ? Simplifier().simplify(.darts) : SearchSpace.darts
    let space = plain.with(MarginalEdges(.two))
    let network = DARTSSupernet(space, channels: 2, layers: 3, classes: 10, seed: Self.seed)
    let topology = CellTopology(space.edges, sizes: .two)
    let (balance, pairs) = (sample([14, 2], 1), sample([20], 2))
    var logits = Tensor.zeros([14, 8])
    for (edge, own) in survivors.enumerated() {
      for (place, candidate) in own.enumerated() {
        logits[edge * 8 + candidate] = balance[edge * 2 + place]
      }
    }
    for parameter in network.architectureParameters {
      parameter.value = parameter.value.shape == [14, 8] ? logits : pairs
    }
    let kinds = [survivors, survivors]
    let edges = dotsEdges(
      pairs: pairs, balance: balance, survivors: survivors, primitives: space.primitives, topology)
    let images = sample([2, 16, 16, 3], 5)
    func scores(_ relaxation: any Relaxation) -> Tensor {
      network(images, relaxation, in: ForwardPass(.evaluation)).value
    }
    let derived = scores(DerivedRelaxation([edges, edges], edges: 14))
    let decided = scores(BalanceRelaxation(survivors: kinds, temperature: 0.001))
    let open = scores(BalanceRelaxation(survivors: kinds, temperature: 10))
    expectClose(decided, derived)
    #expect(largestDifference(open, derived) > 1e-3, "an undecided one is not")
  }
}

extension String {
  /// `value.x` as `Value.x`.
  fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
