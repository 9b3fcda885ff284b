import Autodiff
import SearchSpaces
import Tensors
import TestSupport
import Testing

@testable import SearchMethods

/// Nodes of no use, and the term against them: A-9 to A-13 and A-21, reconstructions of this project.
@Suite("Explicit topology: invalid topologies")
struct InvalidTopologyTests {
  private let golden: GoldenFile
  init() throws { golden = try GoldenFile("methods-next-golden") }
  private static let hinges = ["topology-hinge-eps0", "topology-hinge-eps0.35"]
  private static let gates = ["topology-gated-invalid", "topology-gated-valid"]
  private let pairs = CellTopology(SearchSpace.darts.edges, sizes: .two)
  private let oneOrTwo = CellTopology(SearchSpace.darts.edges, sizes: .oneOrTwo)
  private let upToTwo = CellTopology(SearchSpace.darts.edges, sizes: .upToTwo)

  private func dangling(_ q: Tensor, _ topology: CellTopology) throws -> Tensor {
    try #require(danglingProbabilities(.constant(q), topology)).value
  }

  private func gradient(_ beta: Tensor, _ function: (Variable) -> Variable?) throws -> Tensor {
    let tape = Tape()
    let x = tape.variable(beta)
    return tape.gradients(of: try #require(function(x)), withRespectTo: [x])[0]
  }

  // MARK: A-9

  @Test func eqA9_goldenUniform() throws {
    let test = try GoldenFile("methods-golden")["dangling-uniform"]
    #expect(try pairs.connectors.map { Double($0) } == test.vector("node"))
    let q = edgeMarginals(subsetProbabilities(.constant(.zeros([20])), pairs), pairs).value
    try expectGolden(dangling(q, pairs).doubles, test, vector: "pOut")
  }

  @Test(arguments: hinges) func eqA9_golden(_ id: String) throws {
    let test = try golden[id]
    let beta = Tensor(vector: try test.vector("beta"))
    let q = edgeMarginals(subsetProbabilities(.constant(beta), oneOrTwo), oneOrTwo).value
    try expectGolden(q.doubles, test, vector: "q")
    try expectGolden(dangling(q, oneOrTwo).doubles, test, vector: "pOut")
  }

  /// Counted over all cells: the families of different nodes are independent.
  @Test func eqA9_invariant_itIsTheShareOfCellsInWhichTheNodeDangles() throws {
    let space = SearchSpace.nasBench201
    let topology = CellTopology(space.edges, sizes: .oneOrTwo)
    let beta = sample([topology.subsetCount], 1)
    let probabilities = subsetProbabilities(.constant(beta), topology)
    let pi = probabilities.value
    var shares = [1: 0.0, 2: 0.0]
    func visit(_ node: Int, _ chosen: [[Int]], _ p: Double) {
      guard node < topology.nodes.count else {
        for dangling in topology.danglingNodes(chosen) { shares[dangling, default: 0] += p }
        return
      }
      for (place, set) in zip(topology.nodes[node].range, topology.nodes[node].subsets) {
        visit(node + 1, chosen + [set], p * Double(pi[place]))
      }
    }
    visit(0, [], 1)
    let found = try dangling(edgeMarginals(probabilities, topology).value, topology)
    expectClose(found.doubles, [shares[1] ?? 0, shares[2] ?? 0])
  }

  @Test func eqA9_limit_aNodeThatIsKeptByOneDoesNotDangle() throws {
    var q = Tensor(repeating: 0.3, shape: [14])
    // Node 3 leads to node 5 for sure, by the edge 12.
    q[12] = 1
    let p = try dangling(q, pairs)
    expectClose(p.doubles, [0.7 * 0.7 * 0.7, 0, 0.7])
    expectClose(try dangling(.zeros([14]), pairs).doubles, [1, 1, 1])
  }

  @Test func eqA9_negative_theProductRunsOverTheEdgesThatLeave() throws {
    let q = sample([14], 1).map { 1 / (1 + Elementary.exp($0)) }
    let found = try dangling(q, pairs).doubles
    let (edges, right) = (SearchSpace.darts.edges, found)
    func product(_ isFactor: (SearchSpace.Edge) -> Bool) -> Double {
      edges.indices.reduce(1) { isFactor(edges[$1]) ? $0 * (1 - Double(q[$1])) : $0 }
    }
    expectClose(right, (2...4).map { node in product { $0.source == node } })
    for (place, node) in (2...4).enumerated() {
      #expect(abs(right[place] - product { $0.target == node }) > 1e-3, "those that enter")
      #expect(abs(right[place] - product { $0.target > node }) > 1e-3, "all to later nodes")
    }
  }

  // MARK: A-10

  @Test func eqA10_golden() throws {
    let test = try golden["topology-size012"]
    let topology = star(4, .upToTwo)
    let beta = Tensor(vector: try test.vector("beta"))
    let pi = subsetProbabilities(.constant(beta), topology)
    let p = try #require(emptyProbabilities(pi, topology)).value
    expectClose(p.doubles, [try test.scalar("pIn")], absolute: 1e-6)
    let slope = try gradient(beta) { beta in
      emptyProbabilities(subsetProbabilities(beta, topology), topology).map { sum($0) }
    }
    try expectGolden(slope.doubles, test, vector: "gradPIn")
  }

  @Test func eqA10_limit_withoutTheEmptySetNoNodeIsEmpty() {
    for topology in [pairs, oneOrTwo, CellTopology(pairs.edges, sizes: .anyNonEmpty)] {
      let pi = subsetProbabilities(.constant(.zeros([topology.subsetCount])), topology)
      #expect(emptyProbabilities(pi, topology) == nil)
    }
  }

  @Test func eqA10_anEmptyNodeIsInvalidIfItIsRead() {
    // Edges 0, 1 lead to node 2; 2, 3, 4 to node 3; 5 to 8 to node 4; 9 to 13 to node 5.
    #expect(upToTwo.emptyNodes([[], [2], [5], [9]]).isEmpty, "node 2 leads nowhere")
    #expect(upToTwo.emptyNodes([[], [4], [5], [9]]) == [2], "node 3 reads it")
    #expect(upToTwo.emptyNodes([[0], [2], [5], []]) == [5], "the output reads it")
    #expect(upToTwo.danglingNodes([[], [4], [8], []]) == [4])
    #expect(upToTwo.isInvalid([[], [4], [8], [13]], nodesDangle: false))
    #expect(!upToTwo.isInvalid([[0], [2], [5], [9]], nodesDangle: false))
    #expect(upToTwo.isInvalid([[0], [2], [5], [9]], nodesDangle: true))
    #expect(!upToTwo.isInvalid([[0], [4], [8], [13]], nodesDangle: true))
  }

  // MARK: A-11

  @Test(arguments: hinges) func eqA11_golden(_ id: String) throws {
    let test = try golden[id]
    let beta = Tensor(vector: try test.vector("beta"))
    let margin = try test.scalar("eps")
    let term = PassiveAggressiveTerm(.hinge(margin: margin))
    let value = try #require(
      term(.constant(beta), oneOrTwo, temperature: 1, nodesDangle: true)
    ).item
    expectClose(Double(value), try test.scalar("R"), absolute: 1e-6)
    let slope = try gradient(beta) { term($0, oneOrTwo, temperature: 1, nodesDangle: true) }
    try expectGolden(slope.doubles, test, vector: "gradBeta")
    let (p, active) = (try test.vector("pOut"), try test.vector("active"))
    #expect(p.map { $0 > margin ? 1 : 0 } == active)
  }

  @Test func eqA11_invariant_passiveWhileTheConstraintHolds() {
    let p = Variable.constant(Tensor(vector: [0.1, 0.2, 0.3]))
    let values = [0.3, 0.25, 0.15, 0].map { hingeTerm([p], margin: Scalar($0)).item }
    expectClose(values.map { Double($0) }, [0, 0.05, 0.2, 0.6])
    #expect(values[0] == 0)
    expectClose(Double(hingeTerm([p, p], margin: 0.25).item), 0.1, "of both kinds of nodes")
  }

  @Test func eqA11_gradient() throws {
    let beta = Tensor(vector: try golden["topology-hinge-eps0.35"].vector("beta"))
    expectGradients(at: [beta]) {
      PassiveAggressiveTerm(.hinge(margin: 0.35))(
        $0[0], oneOrTwo, temperature: 1, nodesDangle: true) ?? $0[0]
    }
  }

  @Test func eqA11_limit_whereNothingIsInvalidThereIsNoTerm() {
    let beta = Variable.constant(.zeros([20]))
    #expect(PassiveAggressiveTerm()(beta, pairs, temperature: 1, nodesDangle: false) == nil)
    #expect(PassiveAggressiveTerm(.gated)(beta, pairs, temperature: 1, nodesDangle: false) == nil)
  }

  // MARK: A-12

  @Test(arguments: gates) func eqA12_golden(_ id: String) throws {
    let test = try golden[id]
    let beta = Tensor(vector: try test.vector("beta"))
    let chosen = oneOrTwo.strongestSubsets(beta)
    let names = chosen.map { $0.map { "\(oneOrTwo.edges[$0].source)" }.joined() }
    let (expected, dangling) = (try test.label("argMaxSubsets"), try test.vector("danglingNodes"))
    #expect(names == expected)
    #expect(oneOrTwo.danglingNodes(chosen).map { Double($0) } == dangling)
    let isInvalid = try test.integer("indicator") == 1
    #expect(oneOrTwo.isInvalid(chosen, nodesDangle: true) == isInvalid)
    let term = PassiveAggressiveTerm(.gated)
    let value = try #require(
      term(.constant(beta), oneOrTwo, temperature: 1, nodesDangle: true)
    ).item
    expectClose(Double(value), try test.scalar("R"), absolute: 1e-6)
    let slope = try gradient(beta) { term($0, oneOrTwo, temperature: 1, nodesDangle: true) }
    try expectGolden(slope.doubles, test, vector: "gradBeta")
  }

  /// With an indicator that had a slope of its own, the gradient would be that of a product.
  @Test func eqA12_negative_theIndicatorIsNotDifferentiated() throws {
    let test = try golden["topology-gated-invalid"]
    let beta = Tensor(vector: try test.vector("beta"))
    func total(_ beta: Variable) -> Variable? {
      danglingProbabilities(edgeMarginals(subsetProbabilities(beta, oneOrTwo), oneOrTwo), oneOrTwo)
        .map { sum($0) }
    }
    let slope = try gradient(beta) {
      PassiveAggressiveTerm(.gated)($0, oneOrTwo, temperature: 1, nodesDangle: true)
    }
    let ofTheSum = try gradient(beta, total)
    #expect(slope == ofTheSum)
    let asAProduct = try gradient(beta) { total($0).map { $0 * $0 } }
    #expect(largestDifference(slope, asAProduct) > 0.05)
  }

  // MARK: A-13

  @Test func eqA13_theTapeGivesTheSameRows() throws {
    let q = sample([14], 1).map { 1 / (1 + Elementary.exp($0)) }
    let jacobian = danglingJacobian(q, oneOrTwo)
    #expect(jacobian.shape == [3, 14])
    for row in 0..<3 {
      let slope = try gradient(q) { q in
        danglingProbabilities(q, oneOrTwo).map { sum(gather($0, [row])) }
      }
      expectClose(slope.doubles, (0..<14).map { Double(jacobian[row * 14 + $0]) }, absolute: 1e-6)
    }
  }

  @Test func eqA13_gradient() {
    expectGradients(at: [sample([14], 1).map { 1 / (1 + Elementary.exp($0)) }]) {
      danglingProbabilities($0[0], upToTwo) ?? $0[0]
    }
  }

  /// P / (1 - q) in place of the product of the others would be 0 / 0 here.
  @Test func eqA13_limit_itHoldsWhereAnEdgeIsKeptForSure() {
    var q = Tensor(repeating: 0.5, shape: [14])
    q[12] = 1
    let jacobian = danglingJacobian(q, pairs).doubles
    // Node 3 has the edges 8 and 12, to the nodes 4 and 5; 3 is the second connector.
    #expect(
      SearchSpace.darts.edges.indices.filter { SearchSpace.darts.edges[$0].source == 3 } == [8, 12])
    expectClose([jacobian[14 + 8], jacobian[14 + 12]], [0, -0.5])
    #expect(jacobian.allSatisfy { $0.isFinite })
  }

  // MARK: A-21

  @Test(arguments: hinges) func eqA21_golden(_ id: String) throws {
    let test = try golden[id]
    let slope = hingeGradient(
      Tensor(vector: try test.vector("beta")), oneOrTwo,
      temperature: Scalar(try test.scalar("tau")), margin: Scalar(try test.scalar("eps")),
      nodesDangle: true)
    try expectGolden(slope.doubles, test, vector: "gradBeta")
  }

  @Test func eqA21_goldenOfTheEmptySet() throws {
    let test = try golden["topology-size012"]
    let slope = hingeGradient(
      Tensor(vector: try test.vector("beta")), star(4, .upToTwo), temperature: 1, margin: 0,
      nodesDangle: true)
    try expectGolden(slope.doubles, test, vector: "gradPIn")
  }

  @Test(arguments: [false, true], [0.3, 1])
  func eqA21_theTapeGivesTheSame(_ nodesDangle: Bool, _ tau: Double) throws {
    var beta = sample([upToTwo.subsetCount], 1)
    for node in upToTwo.nodes { beta[node.range.lowerBound] += 1 }
    let margin = 0.06
    let slope = try gradient(beta) {
      PassiveAggressiveTerm(.hinge(margin: margin))(
        $0, upToTwo, temperature: Scalar(tau), nodesDangle: nodesDangle)
    }
    let byHand = hingeGradient(
      beta, upToTwo, temperature: Scalar(tau), margin: Scalar(margin), nodesDangle: nodesDangle)
    expectClose(slope, byHand, absolute: 1e-5)
    #expect(byHand.doubles.contains { abs($0) > 1e-3 })
  }

  @Test func eqA21_aStepAgainstItMakesTheNodesLessProbableToDangle() throws {
    let beta = Tensor(vector: try golden[Self.hinges[0]].vector("beta"))
    let slope = hingeGradient(beta, oneOrTwo, temperature: 1, margin: 0, nodesDangle: true)
    func total(_ beta: Tensor) -> Double {
      Double(
        PassiveAggressiveTerm()(
          .constant(beta), oneOrTwo, temperature: 1, nodesDangle: true)?.item ?? 0)
    }
    #expect(total(beta - 0.5 * slope) < total(beta) - 0.01)
  }
}
