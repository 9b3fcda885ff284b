import Autodiff
import Datasets
import NeuralNetworks
import Tensors
import TestSupport
import Testing
import TopologicalSimplification

@testable import SearchMethods
@testable import SearchSpaces

/// The joint search, on top of every other method.
@Suite("Explicit topology: joint search")
struct ExplicitTopologyTests {
  private static let seed = RandomGenerator(seed: 1)
  private static let bases: [any SearchMethod] = [
    DARTS(), SecondOrderDARTS(), PCDARTS(channelDivisor: 2), GDAS(seed: seed), BetaDARTS(),
    DARTSMinus(),
  ]

  private func network(_ space: SearchSpace) -> any Supernet {
    space.name == "darts"
      ? DARTSSupernet(space, channels: 2, layers: 3, classes: 10, seed: Self.seed)
      : NASBench201Supernet(space, channels: 2, cellsPerStage: 1, classes: 10, seed: Self.seed)
  }

  private func batch(_ seed: UInt64) -> Batch {
    BatchLoader(
      SyntheticImages.make(count: 4, seed: seed), batchSize: 4, generator: Self.seed
    ).epoch(0)[0]
  }

  // MARK: A-8

  /// What one step of both parts moves: each alpha and beta, and the weights.
  private func changes(
    _ network: some Supernet, _ method: any SearchMethod
  ) throws -> (architecture: [Double], weights: Double) {
    var settings = SearchSettings(
      SpaceEntry.darts.searchRecipe, epochs: 3, batchSize: 4, alphaLearningRate: 0.1)
    method.adapt(&settings)
    var step = SearchStep(network, settings, method: method)
    step.moment = SearchMoment(epoch: 1, of: 3, step: 2)
    let before = network.architectureParameters.map(\.value)
    let weights = network.parameters.map(\.value)
    _ = try step(training: batch(1), validation: batch(2))
    return (
      zip(before, network.architectureParameters).map { largestDifference($0, $1.value) },
      zip(weights, network.parameters).map { largestDifference($0, $1.value) }.max() ?? 0
    )
  }

  @Test(arguments: bases.indices, [false, true])
  func eqA8_alphaAndBetaMoveTogetherOnEveryMethodAndSpace(_ base: Int, _ isSimplified: Bool) throws
  {
    for plain in [SearchSpace.nasBench201, .darts] {
      let penalty = PassiveAggressiveTerm(.hinge(margin: 0), weight: 0.1)
      let method = ExplicitTopology(on: Self.bases[base], sizes: .upToTwo, penalty: penalty)
      let space = method.prepare(isSimplified ? Simplifier().simplify(plain) : plain)
      let network = network(space)
      let names = network.architectureParameters.map(\.name)
      #expect(
        names
          == (space.cells.count == 1
            ? ["alpha", "beta"]
            : ["alpha.normal", "alpha.reduction", "beta.normal", "beta.reduction"]))
      let changes = try changes(network, method)
      #expect(changes.architecture.allSatisfy { 1e-4 < $0 && $0 < 1 }, "\(method): \(changes)")
      #expect(changes.weights > 0)
    }
  }

  private func step<Network: Supernet>(
    _ network: Network, _ method: ExplicitTopology
  ) -> BatchResult {
    let moment = SearchMoment(epoch: 1, of: 3)
    let shapes = network.architectureParameters.map(\.value.shape)
    return method.architectureGradient(
      ArchitectureStep(
        network: network, validation: batch(2), training: { batch(1) },
        relaxation: method.relaxation(for: .alpha, at: moment, parameters: shapes), moment: moment,
        settings: .init(SpaceEntry.darts.searchRecipe, epochs: 3, batchSize: 4),
        weightOptimizer: SGD(learningRate: 0.1)))
  }

  /// A supernet of a space that was prepared, with architecture parameters that are not near 0.
  private func filled(_ space: SearchSpace) -> any Supernet {
    let network = network(space)
    for (index, parameter) in network.architectureParameters.enumerated() {
      parameter.value = sample(parameter.value.shape, index)
    }
    return network
  }

  @Test func eqA8_theTermActsOnBetaAlone() throws {
    let (free, hinged) = (
      ExplicitTopology(sizes: .upToTwo),
      ExplicitTopology(sizes: .upToTwo, penalty: .init(.hinge(margin: 0.05), weight: 3))
    )
    for (space, nodesDangle) in [(SearchSpace.nasBench201, true), (.darts, false)] {
      let network = filled(free.prepare(space))
      let (without, with) = (step(network, free), step(network, hinged))
      #expect(without.loss == with.loss, "the loss is that of the batch")
      let kinds = space.cells.count
      let topology = CellTopology(space.edges, sizes: .upToTwo)
      for index in network.architectureParameters.indices {
        guard index >= kinds else {
          #expect(with.gradients[index] == without.gradients[index])
          continue
        }
        let tau = annealedTemperature(epoch: 1, of: 3)
        let slope = hingeGradient(
          network.architectureParameters[index].value, topology, temperature: Scalar(tau),
          margin: 0.05, nodesDangle: nodesDangle)
        #expect(slope.doubles.contains { abs($0) > 1e-4 })
        expectClose(
          with.gradients[index] - without.gradients[index], 3 * slope, absolute: 1e-5)
      }
    }
  }

  @Test func eqA8_onOneLevelTheArchitectureFollowsTheTrainingBatch() {
    let method = ExplicitTopology(level: .oneLevel)
    let network = filled(method.prepare(.nasBench201))
    let shapes = network.architectureParameters.map(\.value.shape)
    let relaxation = method.relaxation(
      for: .alpha, at: SearchMoment(epoch: 1, of: 3), parameters: shapes)
    func gradients(_ network: some Supernet, _ batch: Batch) -> [Tensor] {
      firstOrderArchitectureGradient(of: network, validation: batch, relaxation).gradients
    }
    #expect(step(network, method).gradients == gradients(network, batch(1)))
    #expect(step(network, ExplicitTopology()).gradients == gradients(network, batch(2)))
    #expect(step(network, method).gradients != gradients(network, batch(2)))
  }

  /// What D2-2 weighs the edges by would be multiplied by the marginals otherwise.
  @Test func eqA8_negative_marginalsTakeThePlaceOfOtherShares() {
    let space = ExplicitTopology(on: PCDARTS()).prepare(.darts)
    #expect(space.nodeForm.channelDivisor == 4)
    #expect(space.nodeForm.parameters(of: space.edges).map(\.shape) == [[20]])
    let shares = space.nodeForm.logEdgeShares([.constant(.zeros([20]))], edges: space.edges)
    expectClose(
      shares.map { exp($0).value.doubles } ?? [], space.edges.map { 2 / Double($0.target) })
    let skips = ExplicitTopology(on: DARTSMinus()).prepare(.darts)
    #expect(skips.nodeForm.pathBeside(edge: 0, of: skips.cells[0]) != nil)
  }

  @Test(arguments: bases.indices)
  func eqA8_invariant_marginalsAndSimplificationCommute(_ base: Int) throws {
    let method = ExplicitTopology(on: Self.bases[base], sizes: .oneOrTwo)
    for plain in [SearchSpace.nasBench201, .darts] {
      let spaces = [
        Simplifier().simplify(method.prepare(plain)), method.prepare(Simplifier().simplify(plain)),
      ]
      #expect(spaces[0].paths.map(\.description) == spaces[1].paths.map(\.description))
      #expect(spaces[0].paths.map(\.description) != plain.paths.map(\.description))
      let scores = spaces.map { space -> Tensor in
        let network = filled(space)
        let shapes = network.architectureParameters.map(\.value.shape)
        let relaxation = method.relaxation(
          for: .weights, at: SearchMoment(epoch: 1, of: 3), parameters: shapes)
        return network(sample([2, 16, 16, 3], 9), relaxation, in: ForwardPass(.training)).value
      }
      #expect(scores[0] == scores[1] && scores[0].doubles.allSatisfy(\.isFinite))
    }
  }

  @Test func eqA8_sampledSetsAreTheSameInAllCellsOfAKindAndNewInEachStep() throws {
    let method = ExplicitTopology(on: GDAS(seed: Self.seed), sampledFrom: Self.seed)
    let space = method.prepare(.darts)
    let shapes: [Shape] = [[14, 8], [14, 8], [20], [20]]
    let beta = Variable.constant(.zeros([20]))
    func shares(_ pass: SearchPass, step: Int, kind: Int) -> [Double] {
      method.relaxation(
        for: pass, at: SearchMoment(epoch: 0, of: 3, step: step), parameters: shapes
      ).forCells(ofKind: kind).edgeShares([beta], of: space.edges, in: space.nodeForm)?
      .value.doubles ?? []
    }
    let first = shares(.weights, step: 0, kind: 0)
    #expect(first.allSatisfy { $0 == 0 || $0 == 1 } && first.reduce(0, +) == 8)
    #expect(first == shares(.weights, step: 0, kind: 0))
    #expect((1..<9).contains { first != shares(.weights, step: $0, kind: 0) })
    #expect(
      (0..<9).contains {
        shares(.weights, step: $0, kind: 0) != shares(.weights, step: $0, kind: 1)
      })
    #expect(shares(.evaluation, step: 0, kind: 0) == shares(.evaluation, step: 5, kind: 0))
  }

  // MARK: Loose ends

  private func looseEnds(_ sets: [[Int]]) -> Tensor {
    let topology = CellTopology(SearchSpace.darts.edges, sizes: .oneOrTwo)
    var beta = Tensor.zeros([topology.subsetCount])
    for (node, set) in zip(topology.nodes, sets) {
      let place = node.subsets.firstIndex(of: set.map { node.edges[$0] }) ?? -1
      beta[node.range.lowerBound + place] = 1
    }
    return beta
  }

  /// Node 2 leads to 3, 3 to 5, 4 nowhere: the output joins 4 and 5.
  @Test func `the output can be the nodes without a successor`() throws {
    let method = ExplicitTopology(sizes: .oneOrTwo, joinsLooseEnds: true)
    let space = method.prepare(.darts)
    let beta = looseEnds([[0], [1, 2], [0], [3]])
    let network = DARTSSupernet(space, channels: 2, layers: 3, classes: 10, seed: Self.seed)
    for parameter in network.architectureParameters.suffix(2) { parameter.value = beta }
    #expect(network.genotype.normal.concatenated == [4, 5])
    #expect(network.genotype.normal.nodes.map { $0.map(\.source) } == [[0], [1, 2], [0], [3]])
    let relaxation = TopologyRelaxation(SoftmaxRelaxation(), sizes: .oneOrTwo, temperature: 0.001)
    let shares = relaxation.edgeShares(
      [.constant(beta)], of: space.edges, in: space.nodeForm)
    let outputs = try #require(space.nodeForm.outputShares(shares, edges: space.edges))
    #expect(outputs.value.doubles == [0, 0, 1, 1])
    #expect(MarginalEdges(.oneOrTwo).outputShares(shares, edges: space.edges) == nil)
  }

  /// In the limit the joined channels are those of the loose ends, and 0.
  @Test func `a cell of a supernet joins its nodes times the probability to be a loose end`() throws
  {
    let method = ExplicitTopology(sizes: .oneOrTwo, joinsLooseEnds: true)
    func output(_ space: SearchSpace, _ outputShares: [Double]?) -> Tensor {
      let place = space.plan(channels: 2, cells: 3).cells[0]
      let inputs = [1, 2].map { Variable.constant(sample([2, 6, 6, 6], $0)) }
      let weights = RelaxedArchitecture(
        logits: .constant(sample([14, 8], 3)), relaxation: SoftmaxRelaxation(),
        outputShares: outputShares.map { .constant(Tensor(vector: $0)) })
      return SearchedCell(space, kind: 0, place, seed: Self.seed)(
        inputs, weights, in: ForwardPass(.training)
      ).value
    }
    let space = method.prepare(.darts)
    let (all, ends) = (output(space, nil), output(space, [0, 0.25, 1, 1]))
    #expect(all.shape == ends.shape)
    expectClose(ends.channels(0..<2), .zeros([2, 6, 6, 2]))
    expectClose(ends.channels(2..<4), 0.25 * all.channels(2..<4))
    expectClose(ends.channels(4..<8), all.channels(4..<8))
  }

  @Test func `probabilities to be a loose end have right gradients`() {
    let topology = CellTopology(SearchSpace.darts.edges, sizes: .oneOrTwo)
    expectGradients(at: [sample([14], 1).map { 1 / (1 + Elementary.exp($0)) }]) {
      looseEndProbabilities($0[0], topology)
    }
  }

  @Test func `a description has the numbers and the method underneath`() {
    #expect(
      "\(ExplicitTopology(sizes: .oneOrTwo, penalty: .init(.gated, weight: 1)))"
        == "explicit topology learning, K = {1, 2}, tau from 10.0 to 0.02, against invalid topologies "
        + "a gate, weight 1.0, on first-order DARTS")
  }

  // MARK: A-14

  @Test func eqA14_golden() throws {
    let test = try GoldenFile("methods-golden")["pair-temperature"]
    let taus = (0..<20).map { annealedTemperature(epoch: $0, of: 20) }
    expectClose(taus, try test.vector("temperature"), absolute: 1e-12, relative: 1e-12)
    expectClose(taus[1] / taus[0], try test.scalar("rate"), absolute: 1e-12)
  }

  @Test func eqA14_theRelaxationHasTheTemperatureOfTheEpoch() {
    let method = ExplicitTopology(firstTemperature: 4, lastTemperature: 0.25)
    let space = method.prepare(.nasBench201)
    let beta = sample([5], 1)
    for epoch in 0..<3 {
      let shares = method.relaxation(
        for: .weights, at: SearchMoment(epoch: epoch, of: 3), parameters: [[6, 5], [5]]
      ).edgeShares([.constant(beta)], of: space.edges, in: space.nodeForm)
      let topology = CellTopology(space.edges, sizes: .two)
      let expected = edgeMarginals(
        subsetProbabilities(.constant(beta), topology, temperature: [4, 1, 0.25][epoch]), topology)
      expectClose(shares?.value.doubles ?? [], expected.value.doubles)
    }
  }

  @Test func eqA14_limit_aSingleEpochHasTheFirstTemperature() {
    #expect(annealedTemperature(epoch: 0, of: 1) == 10)
  }

  @Test func eqA14_negative_itFallsByAFactorAndNotByADifference() {
    let taus = (0..<20).map { annealedTemperature(epoch: $0, of: 20) }
    let line = gumbelTemperature(epoch: 10, of: 20, from: 10, to: 0.02)
    #expect(zip(taus, taus.dropFirst()).allSatisfy { $0 > $1 })
    #expect(taus[10] < 0.1 * line)
  }
}
