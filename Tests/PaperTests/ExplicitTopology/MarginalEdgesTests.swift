import Autodiff
import NeuralNetworks
import SearchMethods
import Tensors
import TestSupport
import Testing
import TopologicalSimplification

@testable import SearchSpaces

/// Edges times their marginals.
@Suite("Explicit topology: nodes and derivation")
struct MarginalEdgesTests {
  private let golden: GoldenFile
  init() throws { golden = try GoldenFile("methods-next-golden") }

  /// The rows of a case's tensor as maps of one pixel.
  private func maps(_ rows: Tensor) -> [Tensor] {
    let columns = rows.shape[1]
    return (0..<rows.shape[0]).map { row in
      Tensor((0..<columns).map { rows[row * columns + $0] }, shape: [1, 1, 1, columns])
    }
  }

  // MARK: A-5

  @Test func eqA5_goldenNodeAndGradients() throws {
    let test = try golden["topology-node"]
    let (topology, tape) = (star(4, .two), Tape())
    let beta = tape.variable(Tensor(vector: try test.vector("beta")))
    let outputs = maps(try test.tensor("mixedOutputs")).map { tape.variable($0) }
    let target = Tensor(try test.vector("target").map { Scalar($0) }, shape: [1, 1, 1, 3])
    let q = edgeMarginals(subsetProbabilities(beta, topology), topology)
    let x = marginalSum(outputs, marginals: q)
    let error = x - .constant(target)
    let loss = 0.5 * sum(error * error)
    try expectGolden(q.value.doubles, test, vector: "q")
    try expectGolden(x.value.doubles, test, vector: "x")
    expectClose(Double(loss.item), try test.scalar("loss"), absolute: 1e-6)
    let gradients = tape.gradients(of: loss, withRespectTo: [beta] + outputs)
    try expectGolden(gradients[0].doubles, test, vector: "gradBeta")
    let ofOutputs = Tensor(gradients.dropFirst().flatMap(\.scalars), shape: [4, 3])
    try expectGolden(ofOutputs, test, "gradMixedOutputs")
  }

  private static let spaces: [(space: SearchSpace, kind: Int)] = [
    (.nasBench201, 0), (.darts, 0), (.darts, 1),
  ]
  private let channels = 4

  private func relaxed(
    _ space: SearchSpace, alpha: Tensor, beta: Tensor, temperature: Scalar
  ) -> RelaxedArchitecture {
    let relaxation = TopologyRelaxation(
      SoftmaxRelaxation(), sizes: .oneOrTwo, temperature: temperature)
    return RelaxedArchitecture(
      logits: .constant(alpha), relaxation: relaxation,
      edgeShares: relaxation.edgeShares(
        [.constant(beta)], of: space.edges, in: space.nodeForm))
  }

  private func nodes(
    _ space: SearchSpace, kind: Int, _ weights: RelaxedArchitecture
  ) -> [Tensor] {
    let inputs = (0..<space.inputCount).map { Variable.constant(sample([2, 8, 8, channels], $0)) }
    return SearchCell(
      space, kind: kind, channels: channels, name: "c", seed: RandomGenerator(seed: 1))(
        inputs, weights, in: ForwardPass(.training)
      ).map(\.value)
  }

  /// What an edge of the cell makes of x: its weights follow from its name.
  private func edge(
    _ index: Int, _ space: SearchSpace, kind: Int, of x: Tensor, _ weights: RelaxedArchitecture
  ) -> Tensor {
    let ends = space.edges[index]
    return PathNetwork(
      space.cells[kind].operations[index].path, channels: channels,
      name: "c.edge\(ends.source)to\(ends.target)", seed: RandomGenerator(seed: 1))(
        .constant(x), weights, edge: index, in: ForwardPass(.training)
      ).value
  }

  /// The marginals multiply edges that were simplified like any others.
  @Test(arguments: spaces.indices, [false, true])
  func eqA5_aNodeIsTheSumOfItsEdgesTimesTheirMarginals(_ index: Int, _ isSimplified: Bool) {
    let (plain, kind) = Self.spaces[index]
    let space = (isSimplified ? Simplifier().simplify(plain) : plain)
      .with(MarginalEdges(.oneOrTwo))
    let topology = CellTopology(space.edges, sizes: .oneOrTwo)
    let alpha = sample([space.edges.count, space.primitives.count], 3)
    let beta = sample([topology.subsetCount], 4)
    let weights = relaxed(space, alpha: alpha, beta: beta, temperature: 0.5)
    let bare = RelaxedArchitecture(logits: .constant(alpha), relaxation: SoftmaxRelaxation())
    let q = edgeMarginals(
      subsetProbabilities(.constant(beta), topology, temperature: 0.5), topology
    ).value
    let nodes = nodes(space, kind: kind, weights)
    for node in topology.nodes {
      let terms = node.edges.map { place in
        Variable.constant(
          edge(place, space, kind: kind, of: nodes[space.edges[place].source], bare))
      }
      let expected = marginalSum(
        terms, marginals: .constant(Tensor(vector: node.edges.map { Double(q[$0]) })))
      expectClose(nodes[node.node], expected.value, absolute: 1e-4, relative: 1e-4)
    }
  }

  @Test(arguments: spaces.indices)
  func eqA5_limit_atALowTemperatureTheNodesAreThoseOfTheDerivedEdges(_ index: Int) {
    let (plain, kind) = Self.spaces[index]
    let space = plain.with(MarginalEdges(.oneOrTwo))
    let topology = CellTopology(space.edges, sizes: .oneOrTwo)
    let columns = space.primitives.count
    let beta = sampleWithoutTies([topology.subsetCount], 4)
    // Decided operations too: the strongest on each edge, none excluded.
    var alpha = Tensor.zeros([space.edges.count, columns])
    for place in space.edges.indices { alpha[place * columns + 1 + place % (columns - 1)] = 60 }
    let nodes = nodes(
      space, kind: kind, relaxed(space, alpha: alpha, beta: beta, temperature: 0.001))
    let kept = StrongestSubsets(.oneOrTwo).edges(
      CellEvidence(space, logWeights: alpha.logSoftmax(), nodeParameters: [beta]))
    let bare = RelaxedArchitecture(logits: .constant(alpha), relaxation: SoftmaxRelaxation())
    for node in topology.nodes {
      var expected = Tensor.zeros(nodes[node.node].shape)
      for derived in kept where node.edges.contains(derived.edge) {
        #expect(derived.candidate == 1 + derived.edge % (columns - 1))
        expected += edge(
          derived.edge, space, kind: kind, of: nodes[space.edges[derived.edge].source], bare)
      }
      expectClose(nodes[node.node], expected, absolute: 1e-4, relative: 1e-4)
    }
  }

  @Test func eqA5_gradientsOfAllPartsOfACell() {
    let space = SearchSpace.nasBench201.with(MarginalEdges(.oneOrTwo))
    let cell = SearchCell(space, channels: 4, name: "c", seed: RandomGenerator(seed: 1))
    let relaxation = TopologyRelaxation(SoftmaxRelaxation(), sizes: .oneOrTwo, temperature: 0.7)
    // ReLUs between the nodes have kinks, which the long steps of single precision meet.
    let tolerance = isDoublePrecision ? GradientCheck.defaultTolerance : 0.1
    expectGradients(
      at: [sample([1, 4, 4, 4], 1), sample([6, 5], 2), sample([10], 3)], tolerance: tolerance
    ) { inputs in
      let weights = RelaxedArchitecture(
        logits: inputs[1], relaxation: relaxation,
        edgeShares: relaxation.edgeShares([inputs[2]], of: space.edges, in: space.nodeForm))
      return cell([inputs[0]], weights, in: ForwardPass(.training))[3]
    }
  }

  @Test func eqA5_negative_marginalsOfOneNodeDoNotReachAnother() {
    let topology = CellTopology(SearchSpace.darts.edges, sizes: .two)
    let beta = sample([20], 1)
    func marginals(_ beta: Tensor) -> Tensor {
      edgeMarginals(subsetProbabilities(.constant(beta), topology), topology).value
    }
    var moved = beta
    moved[10] += 1
    let change = (marginals(moved) - marginals(beta)).doubles
    #expect(change[..<9].allSatisfy { $0 == 0 } && change[9...].allSatisfy { abs($0) > 1e-3 })
  }

  // MARK: A-4

  @Test func eqA4_theMarginalsLeaveTheWeightsOfOperationsAlone() {
    let logits = Variable.constant(sample([3, 5], 1))
    let weights = (0..<3).flatMap { edge in
      (0..<5).map {
        EdgeWeight(edge: edge, weight: ArchitectureWeight([$0], within: [0, 1, 2, 3, 4]))
      }
    }
    let relaxation = TopologyRelaxation(SoftmaxRelaxation(), sizes: .two, temperature: 0.02)
    expectClose(
      relaxation.values(of: weights, logits: logits).value.doubles,
      logits.value.softmax().doubles, "the temperature is that of the sets alone")
    let auxiliary = TopologyRelaxation(
      SoftmaxRelaxation(auxiliaryWeight: 0.4), sizes: .two, temperature: 1)
    #expect(auxiliary.auxiliaryWeight == 0.4 && !auxiliary.yieldsZeros)
    let sampled = TopologyRelaxation(
      GumbelRelaxation(noises: [.zeros([3, 5]), sample([3, 5], 2)], temperature: 1), sizes: .two,
      temperature: 1)
    #expect(sampled.yieldsZeros)
    #expect(
      sampled.forCells(ofKind: 1).values(of: weights, logits: logits).value
        == GumbelRelaxation(noise: sample([3, 5], 2), temperature: 1)
        .values(of: weights, logits: logits).value)
  }

  // MARK: A-7

  @Test func eqA7_golden() throws {
    let test = try golden["topology-derivation"]
    let operations = try test.label("operations").map { Primitive(rawValue: $0) }
    let topology = star(4, .two)
    let beta = Tensor(vector: try test.vector("beta"))
    let keptEdges = try test.label("keptEdges")
    #expect(topology.strongestSubsets(beta)[0].map(String.init) == keptEdges)
    // Node 4 of a cell of DARTS has four predecessors: the edges 5 to 8, after those of the nodes 2 and 3.
    #expect(operations == SearchSpace.darts.primitives)
    let alpha = try test.tensor("alpha")
    var (logits, all) = (Tensor.zeros([14, 8]), Tensor.zeros([20]))
    for place in 0..<32 { logits[5 * 8 + place] = alpha[place] }
    for place in 0..<6 { all[4 + place] = beta[place] }
    let kept = StrongestSubsets(.two).edges(
      CellEvidence(.darts, logWeights: logits, nodeParameters: [all])
    ).filter { 5..<9 ~= $0.edge }
    #expect(kept.map { "\($0.edge - 5)" } == keptEdges)
    let keptOperations = try test.label("keptOperations")
    #expect(kept.map { operations[$0.candidate].rawValue } == keptOperations)
  }

  @Test func eqA7_aNodeMayKeepNoneOneTwoOrMore() {
    func kept(_ sizes: SubsetSizes, _ sets: [[Int]]) -> [Int] {
      let topology = CellTopology(SearchSpace.darts.edges, sizes: sizes)
      var beta = Tensor.zeros([topology.subsetCount])
      for (node, set) in zip(topology.nodes, sets) {
        let place = node.subsets.firstIndex(of: set.map { node.edges[$0] })
        beta[node.range.lowerBound + (place ?? 0)] = 1
      }
      let edges = StrongestSubsets(sizes).edges(
        CellEvidence(.darts, logWeights: .zeros([14, 8]), nodeParameters: [beta]))
      return DARTSGenotype.Cell(edges, of: .darts).nodes.map(\.count)
    }
    #expect(kept(.upToTwo, [[0], [], [1, 3], []]) == [1, 0, 2, 0])
    #expect(kept(.anyNonEmpty, [[0, 1], [0, 1, 2], [2], [0, 1, 2, 3, 4]]) == [2, 3, 1, 5])
  }

  /// Two edges of middling strength that are good together: beta says so, and alpha cannot.
  @Test func eqA7_negative_itIsNoRankingOfEdges() {
    let logits = sample([14, 8], 3).logSoftmax()
    let topology = CellTopology(SearchSpace.darts.edges, sizes: .two)
    let evidence = { beta in CellEvidence(.darts, logWeights: logits, nodeParameters: [beta]) }
    let ranked = StrongestEdges().edges(evidence(.zeros([20])))
    var beta = Tensor.zeros([20])
    for (node, set) in zip(topology.nodes, topology.nodes.map { $0.subsets.last ?? [] }) {
      beta[node.range.upperBound - 1] = 1
      #expect(set == Array(node.edges.suffix(2)))
    }
    let kept = StrongestSubsets(.two).edges(evidence(beta))
    #expect(kept.map(\.edge) == [0, 1, 3, 4, 7, 8, 12, 13])
    #expect(Set(kept.map(\.edge)) != Set(ranked.map(\.edge)))
    for edge in kept {
      let same = ranked.first { $0.edge == edge.edge }
      #expect(same == nil || same == edge, "the operation of an edge is that of the other rule")
    }
  }
}
