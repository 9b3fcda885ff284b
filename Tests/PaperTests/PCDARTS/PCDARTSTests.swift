import Autodiff
import NeuralNetworks
import SearchMethods
import Tensors
import TestSupport
import Testing
import TopologicalSimplification

@testable import SearchSpaces

/// PC-DARTS: D2-1 to D2-3, TS-1b and TS-32.
@Suite("PC-DARTS")
struct PCDARTSTests {
  private let golden: GoldenFile
  init() throws { golden = try GoldenFile("methods-golden") }

  // MARK: D2-1

  @Test func eqD2_1_goldenShuffle() throws {
    let test = try golden["pcdarts-channel-shuffle"]
    let x = Tensor(vector: (0..<32).map { Double($0) }).reshaped(to: [2, 1, 1, 16])
    let y = shuffleChannels(.constant(x), groups: try test.integer("groups")).value.doubles
    let source = try test.vector("source")
    #expect(y == source + source.map { $0 + 16 })
  }

  @Test(arguments: [1, 2, 3, 4, 6, 12])
  func eqD2_1_invariant_theShuffleWithTheOtherDivisorBringsAllBack(_ groups: Int) {
    let x = sample([2, 3, 5, 12], groups)
    let y = x.shufflingChannels(groups: groups)
    #expect(y.shufflingChannels(groups: 12 / groups) == x)
    #expect((y == x) == (groups == 1 || groups == 12), "anything between moves channels")
  }

  /// Where channels and divisor tell the shuffle from its inverse: g (C / k) + c moves to c k + g.
  @Test func eqD2_1_negative_theInverseShuffleIsAnother() {
    func shuffled(_ channels: Int, _ groups: Int) -> [Double] {
      Tensor(vector: (0..<channels).map { Double($0) }).reshaped(to: [1, 1, 1, channels])
        .shufflingChannels(groups: groups).doubles
    }
    #expect(shuffled(8, 4) == [0, 2, 4, 6, 1, 3, 5, 7])
    #expect(shuffled(8, 4) != [0, 4, 1, 5, 2, 6, 3, 7], "the inverse, or C / k groups")
    #expect(shuffled(12, 3) == [0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11])
  }

  @Test func eqD2_1_gradientOfTheShuffle() {
    expectGradients(at: [sample([2, 3, 2, 6], 1)]) { shuffleChannels($0[0], groups: 3) }
  }

  // C / K is not K, so that the two cannot be mistaken for each other.
  private let channels = 8
  private let divisor = 4
  private var form: PartialChannels { PartialChannels(divisor: divisor) }

  /// The nodes of a cell, and its parts to compute them edge by edge.
  private func nodes(
    _ space: SearchSpace, kind: Int, alpha: Tensor, beta: Tensor
  ) -> [Tensor] {
    let inputs = (0..<space.inputCount).map { Variable.constant(sample([2, 8, 8, channels], $0)) }
    let weights = RelaxedArchitecture(
      logits: .constant(alpha), relaxation: SoftmaxRelaxation(),
      edgeShares: edgeShares(.constant(beta), targets: space.edges.map(\.target)))
    return SearchCell(
      space, kind: kind, channels: channels, name: "c", seed: RandomGenerator(seed: 1))(
        inputs, weights, in: ForwardPass(.training)
      ).map(\.value)
  }

  /// The node as the publication defines it: on every edge cut, pool, join and shuffle; then the weighted sum.
  private func node(
    _ target: Int, _ space: SearchSpace, kind: Int, _ nodes: [Tensor], alpha: Tensor, beta: Tensor
  ) -> Tensor {
    let weights = RelaxedArchitecture(logits: .constant(alpha), relaxation: SoftmaxRelaxation())
    let incoming = space.edges.indices.filter { space.edges[$0].target == target }
    let total = incoming.reduce(0) { $0 + Elementary.exp(beta[$1]) }
    let edges = incoming.map { index -> Tensor in
      let (edge, path) = (space.edges[index], space.cells[kind].operations[index].path)
      let x = nodes[edge.source]
      let network = PathNetwork(
        path, channels: channels / divisor, name: "c.edge\(edge.source)to\(edge.target)",
        seed: RandomGenerator(seed: 1))
      let operated = network(
        .constant(x.channels(0..<channels / divisor)), weights, edge: index,
        in: ForwardPass(.training)
      ).value
      var rest = x.channels(channels / divisor..<channels)
      if rest.shape.height != operated.shape.height {
        rest = MaxPooling.forward(rest, Window(2, stride: 2))
      }
      let joined = Tensor.concatenatingChannels([operated, rest])
      // Channel g (C / K) + c moves to c K + g.
      let source = (0..<channels).map { $0 % divisor * (channels / divisor) + $0 / divisor }
      let shuffled = Tensor.concatenatingChannels(source.map { joined.channels($0..<$0 + 1) })
      return (Elementary.exp(beta[index]) / total) * shuffled
    }
    return edges.dropFirst().reduce(edges[0], +)
  }

  private static let spaces: [(space: SearchSpace, kind: Int)] = [
    (.nasBench201, 0), (.darts, 0), (.darts, 1),
  ]

  @Test(arguments: spaces.indices, [false, true])
  func eqD2_1_aNodeIsThatOfThePublication(_ index: Int, _ isSimplified: Bool) {
    let (plain, kind) = Self.spaces[index]
    let space = (isSimplified ? Simplifier().simplify(plain) : plain).with(form)
    let alpha = sample([space.edges.count, space.primitives.count], 3)
    let beta = sample([space.edges.count], 4)
    let nodes = nodes(space, kind: kind, alpha: alpha, beta: beta)
    for target in space.inputCount..<space.nodeCount {
      expectClose(
        nodes[target], node(target, space, kind: kind, nodes, alpha: alpha, beta: beta),
        absolute: 1e-4, "node \(target)")
    }
  }

  @Test func eqD2_1_negative_withoutTheShuffleTheSameChannelsBypassForever() {
    // With zeros for operations, channels survive by the bypass alone; the shuffle spreads them.
    let space = SearchSpace.nasBench201.mapPaths { _ in SearchSpace.nasBench201Path(.none) }
      .with(form)
    let alpha = Tensor.zeros([6, 5])
    let x = nodes(space, kind: 0, alpha: alpha, beta: .zeros([6]))
    // The zeros are channels 0 and 1 of 8; channel g 2 + c moves to c 4 + g.
    for zero in [0, 4] { expectClose(x[1].channels(zero..<zero + 1), .zeros([2, 8, 8, 1])) }
    for (to, from) in [(1, 2), (2, 4), (3, 6), (5, 3), (6, 5), (7, 7)] {
      expectClose(x[1].channels(to..<to + 1), x[0].channels(from..<from + 1))
    }
  }

  @Test func eqD2_1_gradientsOfAllPartsOfANode() {
    let space = SearchSpace.nasBench201.with(form)
    let cell = SearchCell(space, channels: 4, name: "c", seed: RandomGenerator(seed: 1))
    // ReLUs between the nodes have kinks, which the long steps of single precision meet.
    let tolerance = isDoublePrecision ? GradientCheck.defaultTolerance : 0.1
    expectGradients(
      at: [sample([1, 4, 4, 4], 1), sample([6, 5], 2), sample([6], 3)], tolerance: tolerance
    ) { inputs in
      let weights = RelaxedArchitecture(
        logits: inputs[1], relaxation: SoftmaxRelaxation(),
        edgeShares: edgeShares(inputs[2], targets: space.edges.map(\.target)))
      return cell([inputs[0]], weights, in: ForwardPass(.training))[3]
    }
  }

  // MARK: D2-2

  @Test func eqD2_2_golden() throws {
    let test = try golden["pcdarts-edge-normalisation"]
    let beta = Tensor(vector: try test.vector("beta"))
    try expectGolden(
      edgeShares(.constant(beta), targets: [3, 3, 3]).value.doubles, test, vector: "softmax")
  }

  private let targets = SearchSpace.darts.edges.map(\.target)

  @Test func eqD2_2_invariant_theSharesOfANodeSumToOne() {
    let shares = edgeShares(.constant(sample([14], 1)), targets: targets).value.doubles
    for node in 2...5 {
      expectClose(zip(targets, shares).reduce(0) { $0 + ($1.0 == node ? $1.1 : 0) }, 1)
    }
    let equal = edgeShares(.constant(.zeros([14])), targets: targets).value.doubles
    expectClose(equal, targets.map { 1 / Double($0) }, "node j has j predecessors")
  }

  @Test func eqD2_2_gradient() {
    expectGradients(at: [sample([14], 1)]) { edgeShares($0[0], targets: targets) }
  }

  @Test func eqD2_2_limit_oneEdgeTakesAll() {
    var beta = Tensor.zeros([14])
    beta[3] = 60
    let shares = edgeShares(.constant(beta), targets: targets).value.doubles
    expectClose(Array(shares[2..<5]), [0, 1, 0])
  }

  @Test func eqD2_2_negative_itIsNoSoftmaxOverAllEdges() {
    let beta = sample([14], 1)
    let all = beta.reshaped(to: [1, 14]).softmax().doubles
    let shares = edgeShares(.constant(beta), targets: targets).value.doubles
    #expect(zip(all, shares).allSatisfy { $1 > 1.5 * $0 })
  }

  // MARK: D2-3

  private func network(_ space: SearchSpace, channels: Int = 4) -> DARTSSupernet {
    DARTSSupernet(space, channels: channels, layers: 3, classes: 10, seed: RandomGenerator(seed: 1))
  }

  @Test func eqD2_3_betaDecidesBetweenEdges() throws {
    let network = network(SearchSpace.darts.with(form))
    #expect(network.architectureParameters.map(\.value.shape) == [[14, 8], [14, 8], [14], [14]])
    network.alphas[0].value = .zeros([14, 8])
    // Node 5 has the edges 9 to 13; alpha speaks for its predecessors 0 and 1, beta for 3 and 4.
    for edge in [9, 10] { network.alphas[0].value[edge * 8 + 4] = 0.5 }
    let beta = try #require(network.architectureParameters.dropFirst(2).first)
    for edge in [12, 13] { beta.value[edge] = 2 }
    let connections = network.genotype.normal.connections(to: 5)
    #expect(Set(connections.map(\.source)) == [3, 4])
    beta.value = .zeros([14])
    #expect(Set(network.genotype.normal.connections(to: 5).map(\.source)) == [0, 1])
  }

  @Test func eqD2_3_weightsAreTheProducts() {
    let network = network(SearchSpace.darts.with(form))
    let beta = network.architectureParameters[2].value
    let shares = edgeShares(.constant(beta), targets: targets).value
    let alpha = network.alphas[0].value.softmax()
    let products = (0..<14 * 8).map { Double(alpha[$0] * shares[$0 / 8]) }
    expectClose(
      network.logCandidateWeights[0].map(Elementary.exp).doubles, products, absolute: 1e-6)
  }

  @Test func eqD2_3_limit_withoutBetaItIsAlphaAlone() {
    let network = network(.darts)
    #expect(network.architectureParameters.count == 2)
    expectClose(network.logCandidateWeights[1], network.alphas[1].value.logSoftmax())
  }

  // MARK: TS-1b and TS-32

  /// The first node of a cell of NAS-Bench-201, which has one edge, and the value of each candidate on a map.
  private func firstNode(
    _ method: any SearchMethod, alpha: Tensor, _ relaxation: any Relaxation
  ) -> (node: Tensor, candidate: (_ index: Int, _ x: Tensor) -> Tensor) {
    let space = method.prepare(.nasBench201)
    let form = space.nodeForm
    let beta = form.parameters(of: space.edges).map { Variable.constant(sample($0.shape, 4)) }
    let weights = RelaxedArchitecture(
      logits: .constant(alpha), relaxation: relaxation,
      edgeShares: form.logEdgeShares(beta, edges: space.edges).map { exp($0) })
    let cell = SearchCell(space, channels: channels, name: "c", seed: RandomGenerator(seed: 1))
    let nodes = cell(
      [.constant(sample([2, 8, 8, channels], 0))], weights, in: ForwardPass(.training))
    return (
      nodes[1].value,
      { index, x in
        PathNetwork(
          SearchSpace.nasBench201Path(space.primitives[index]), channels: x.shape.channels,
          name: "c.edge0to1", seed: RandomGenerator(seed: 1))(
            .constant(x), nil, in: ForwardPass(.training)
          ).value
      }
    )
  }

  /// With K = 1 it is the edge of DARTS, TS-1: nothing bypasses.
  @Test(arguments: [1, 2, 4])
  func eqTS1b_theFirstChannelsGoThroughTheOperationsAndTheRestBypasses(_ divisor: Int) {
    let alpha = sample([6, 5], 3)
    let (node, candidate) = firstNode(
      PCDARTS(channelDivisor: divisor), alpha: alpha, SoftmaxRelaxation())
    let shares = Tensor(Array(alpha.scalars[..<5]), shape: [1, 5]).softmax()
    let x = sample([2, 8, 8, channels], 0)
    let part = channels / divisor
    var f = Tensor.zeros([2, 8, 8, part])
    for index in 0..<5 { f += shares[index] * candidate(index, x.channels(0..<part)) }
    let rest = x.channels(part..<channels)
    let joined = divisor == 1 ? f : Tensor.concatenatingChannels([f, rest])
    expectClose(node, joined.shufflingChannels(groups: divisor), absolute: 1e-4)
  }

  @Test(arguments: 0..<5)
  func eqTS1b_inGDASTheSampledHTakesThePlaceOfAlpha(_ sampled: Int) throws {
    let (alpha, all) = (sample([6, 5], 3), Array(0..<5))
    var noise = Tensor.zeros([6, 5])
    noise[sampled] = 20
    let relaxation = GumbelRelaxation(noise: noise, temperature: 1)
    let (node, candidate) = firstNode(
      GDAS(seed: RandomGenerator(seed: 1)), alpha: alpha, relaxation)
    let h = relaxation.values(
      of: all.map { EdgeWeight(edge: 0, weight: ArchitectureWeight([$0], within: all)) },
      logits: .constant(alpha)
    ).value
    #expect(h.doubles == all.map { $0 == sampled ? 1 : 0 })
    let x = sample([2, 8, 8, channels], 0)
    var expected = Tensor.zeros(x.shape)
    for index in all { expected += h[index] * candidate(index, x) }
    expectClose(node, expected, absolute: 1e-4)
    let soft = firstNode(DARTS(), alpha: alpha, SoftmaxRelaxation()).node
    #expect(largestDifference(node, soft) > 0.1, "alpha itself gives another node")
  }

  @Test func eqTS1b_negative_aSupernetOnAPartOfTheChannelsHasFewerWeights() {
    func count(_ space: SearchSpace) -> Int {
      network(space).parameters.reduce(0) { $0 + $1.value.shape.count }
    }
    #expect(count(PCDARTS().prepare(.darts)) < count(.darts))
  }

  @Test(arguments: spaces.indices)
  func eqTS32_theSimplifiedEdgeIsThePlainOneAtAVertex(_ index: Int) {
    let (plain, kind) = Self.spaces[index]
    // Without kernel normalization the modules of both are the same; skip has no modules of its own to share.
    for hot in [1, 3] {
      var alpha = Tensor.zeros([plain.edges.count, plain.primitives.count])
      for edge in plain.edges.indices { alpha[edge * plain.primitives.count + hot] = 60 }
      let beta = sample([plain.edges.count], 4)
      let spaces = [plain, Simplifier(normalization: .none).simplify(plain)].map { $0.with(form) }
      let results = spaces.map { nodes($0, kind: kind, alpha: alpha, beta: beta) }
      expectClose(results[0], results[1], absolute: 2e-4)
    }
  }

  @Test func eqTS32_formAndSimplificationCommute() {
    let first = Simplifier().simplify(SearchSpace.darts.with(form))
    let second = Simplifier().simplify(SearchSpace.darts).with(form)
    #expect(first.nodeForm.channelDivisor == divisor && second.nodeForm.channelDivisor == divisor)
    #expect(first.paths.map(\.description) == second.paths.map(\.description))
    #expect(network(first).parameters.map(\.value) == network(second).parameters.map(\.value))
  }

  @Test func `the published settings in proportion`() {
    var settings = SearchSettings(SpaceEntry.darts.searchRecipe, epochs: 50, batchSize: 256)
    PCDARTS().adapt(&settings)
    #expect(settings.frozenEpochs == 15 && settings.minimumLearningRate == 0)
    expectClose([settings.learningRate, settings.alphaLearningRate], [0.1, 6e-4])
    settings = .init(SpaceEntry.darts.searchRecipe, epochs: 20, batchSize: 64)
    PCDARTS().adapt(&settings)
    #expect(settings.frozenEpochs == 6)
    expectClose(settings.learningRate, 0.025)
  }
}
