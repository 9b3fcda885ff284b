import Autodiff
import SearchMethods
import SearchSpaces
import Tensors
import TestSupport
import Testing

/// The distribution over sets of predecessors and its marginals.
@Suite("Explicit topology: sets and marginals")
struct SubsetDistributionTests {
  private static let (first, next) = ("methods-golden", "methods-next-golden")
  /// The cases of one node, with the sizes of its sets.
  private static let nodes: [(file: String, id: String, predecessors: Int, sizes: SubsetSizes)] = [
    (first, "topology-marginals-tau1", 4, .two), (first, "topology-marginals-tau0.1", 4, .two),
    (next, "topology-size12-tau1", 3, .oneOrTwo), (next, "topology-size12-tau0.5", 3, .oneOrTwo),
    (next, "topology-size012", 4, .upToTwo),
  ]
  private static let families: [SubsetSizes] = [.two, .oneOrTwo, .upToTwo, .anyNonEmpty]
  private static let darts = SearchSpace.darts.edges

  private func probabilities(
    _ beta: Tensor, _ topology: CellTopology, temperature: Scalar = 1
  ) -> Tensor {
    subsetProbabilities(.constant(beta), topology, temperature: temperature).value
  }

  private func marginals(
    _ beta: Tensor, _ topology: CellTopology, temperature: Scalar = 1
  ) -> Tensor {
    edgeMarginals(
      subsetProbabilities(.constant(beta), topology, temperature: temperature), topology
    ).value
  }

  private func total(_ numbers: Tensor, of places: some Sequence<Int>) -> Double {
    places.reduce(0) { $0 + Double(numbers[$1]) }
  }

  // MARK: A-15

  @Test(arguments: nodes.indices) func eqA15_goldenOrder(_ index: Int) throws {
    let (file, id, predecessors, sizes) = Self.nodes[index]
    let names = sizes.subsets(of: predecessors).map { set in
      set.isEmpty ? "-" : set.map(String.init).joined()
    }
    #expect(try names == GoldenFile(file)[id].label("subsets"))
  }

  @Test func eqA15_numbersOfACellStandNodeByNode() throws {
    let topology = CellTopology(Self.darts, sizes: .oneOrTwo)
    let names = topology.nodes.flatMap { node in
      node.subsets.map { set in
        "\(node.node):" + set.map { "\(Self.darts[$0].source)" }.joined()
      }
    }
    #expect(try names == GoldenFile(Self.next)["topology-hinge-eps0"].label("subsets"))
    #expect(
      CellTopology(Self.darts, sizes: .two).nodes.map(\.range) == [0..<1, 1..<4, 4..<10, 10..<20])
  }

  @Test func eqA15_anySizesInAnyOrderOfEdges() {
    #expect(SubsetSizes([3]).subsets(of: 4) == [[0, 1, 2], [0, 1, 3], [0, 2, 3], [1, 2, 3]])
    #expect(SubsetSizes([0, 2]).subsets(of: 2) == [[], [0, 1]])
    #expect(SubsetSizes([2]).subsets(of: 1) == [[0]], "all that there are")
    #expect(SubsetSizes([1, 2, 3]).subsets(of: 2) == [[0], [1], [0, 1]], "none twice")
    let turned = CellTopology(
      [2, 0, 1].map { SearchSpace.Edge(source: $0, target: 3) }, sizes: .two)
    #expect(turned.nodes[0].subsets == [[1, 2], [1, 0], [2, 0]], "by sources, not by places")
    #expect(Self.families.map(\.description) == ["{2}", "{1, 2}", "{0, 1, 2}", "{1, 2, ...}"])
  }

  // MARK: A-1

  @Test func eqA1_goldenCounts() throws {
    let test = try GoldenFile(Self.first)["topology-counts"]
    let names = ["pairs", "sizeOneOrTwo", "sizeZeroOneOrTwo", "anyNonEmpty"]
    let cells = ["cellPairs", "cellSizeOneOrTwo", "cellSizeZeroOneOrTwo", "cellAnyNonEmpty"]
    for (sizes, (name, cell)) in zip(Self.families, zip(names, cells)) {
      let topology = CellTopology(Self.darts, sizes: sizes)
      #expect(try topology.nodes.map { Double($0.subsets.count) } == test.vector(name))
      #expect(try topology.count == test.integer(cell))
    }
  }

  @Test(arguments: nodes.indices) func eqA1_golden(_ index: Int) throws {
    let (file, id, predecessors, sizes) = Self.nodes[index]
    let test = try GoldenFile(file)[id]
    let pi = probabilities(
      Tensor(vector: try test.vector("beta")), star(predecessors, sizes),
      temperature: Scalar(try test.scalar("tau")))
    try expectGolden(pi.doubles, test, vector: "pi")
  }

  @Test func eqA1_goldenTemperatures() throws {
    let test = try GoldenFile(Self.next)["topology-temperature"]
    let (beta, topology) = (Tensor(vector: try test.vector("beta")), star(4, .two))
    let taus = try test.vector("tau").map { Scalar($0) }
    func rows(_ row: (Scalar) -> Tensor, _ columns: Int) -> Tensor {
      Tensor(taus.flatMap { row($0).scalars }, shape: [taus.count, columns])
    }
    try expectGolden(rows({ probabilities(beta, topology, temperature: $0) }, 6), test, "pi")
    try expectGolden(rows({ marginals(beta, topology, temperature: $0) }, 4), test, "q")
  }

  @Test(arguments: families) func eqA1_invariant_theSetsOfANodeAddUpToOne(_ sizes: SubsetSizes) {
    let topology = CellTopology(Self.darts, sizes: sizes)
    let pi = probabilities(sample([topology.subsetCount], 1), topology, temperature: 0.3)
    for node in topology.nodes { expectClose(total(pi, of: node.range), 1) }
  }

  @Test func eqA1_gradient() {
    let topology = CellTopology(Self.darts, sizes: .upToTwo)
    expectGradients(at: [sample([topology.subsetCount], 1)]) {
      subsetProbabilities($0[0], topology, temperature: 0.7)
    }
  }

  /// sm(beta) / tau is no distribution, and sm(beta)^(1 / tau) none either until it is divided by its sum.
  @Test func eqA1_negative_theTemperatureIsInsideTheExponent() {
    let (beta, topology) = (sample([6], 1), star(4, .two))
    let outside = 2 * probabilities(beta, topology)
    let inside = probabilities(beta, topology, temperature: 0.5)
    #expect(largestDifference(outside, inside) > 0.1)
    expectClose(total(inside, of: 0..<6), 1)
    expectClose(total(outside, of: 0..<6), 2)
    let powers = probabilities(beta, topology).map { $0 * $0 }
    expectClose(inside, Scalar(1 / powers.total()) * powers)
  }

  @Test func eqA1_limit_aSampledSetIsTheStrongestPerturbedOneWithTheGradientOfTheSoftOne() {
    let topology = CellTopology(Self.darts, sizes: .oneOrTwo)
    let (beta, noise) = (sample([topology.subsetCount], 1), sample([topology.subsetCount], 2))
    let cotangent = sample([topology.subsetCount], 3)
    func gradient(_ function: (Variable) -> Variable) -> Tensor {
      let tape = Tape()
      let x = tape.variable(beta)
      return tape.gradients(of: function(x), cotangent: cotangent, withRespectTo: [x])[0]
    }
    let hard = sampledSubsets(.constant(beta), topology, temperature: 0.5, noise: noise).value
    let winners = topology.strongestSubsets(beta + noise)
    for (node, winner) in zip(topology.nodes, winners) {
      let drawn = zip(node.range, node.subsets).filter { hard[$0.0] != 0 }
      #expect(drawn.map(\.1) == [winner] && drawn.allSatisfy { hard[$0.0] == 1 })
    }
    #expect(
      gradient { sampledSubsets($0, topology, temperature: 0.5, noise: noise) }
        == gradient { subsetProbabilities($0 + .constant(noise), topology, temperature: 0.5) })
  }

  // MARK: A-2

  @Test(arguments: nodes.indices) func eqA2_golden(_ index: Int) throws {
    let (file, id, predecessors, sizes) = Self.nodes[index]
    let test = try GoldenFile(file)[id]
    let q = marginals(
      Tensor(vector: try test.vector("beta")), star(predecessors, sizes),
      temperature: Scalar(try test.scalar("tau")))
    try expectGolden(q.doubles, test, vector: "q")
    expectClose(total(q, of: 0..<predecessors), try test.scalar("sumQ"))
  }

  @Test func eqA2_gradient() {
    let topology = CellTopology(Self.darts, sizes: .anyNonEmpty)
    expectGradients(at: [sample([topology.subsetCount], 1)]) {
      edgeMarginals(subsetProbabilities($0[0], topology, temperature: 0.7), topology)
    }
  }

  @Test func eqA2_limit_atALowTemperatureTheStrongestSetsAreKept() {
    let topology = CellTopology(Self.darts, sizes: .upToTwo)
    let beta = sampleWithoutTies([topology.subsetCount], 1)
    let kept = Set(topology.strongestSubsets(beta).joined())
    let q = marginals(beta, topology, temperature: 1e-5)
    #expect(q.doubles == Self.darts.indices.map { kept.contains($0) ? 1 : 0 })
  }

  @Test func eqA2_negative_aPairCountsForBothItsEdges() throws {
    let beta = Tensor(vector: try GoldenFile(Self.first)["topology-marginals-tau1"].vector("beta"))
    let topology = star(4, .two)
    let (pi, q) = (probabilities(beta, topology), marginals(beta, topology))
    var once = [0.0, 0, 0, 0]
    for (place, pair) in topology.nodes[0].subsets.enumerated() {
      once[pair[0]] += Double(pi[place])
    }
    expectClose(once.reduce(0, +), 1, "and not 2")
    expectClose(Double(q[0]), once[0], "it is the first of all its pairs")
    #expect((1..<4).allSatisfy { Double(q[$0]) > once[$0] + 0.2 })
  }

  // MARK: A-3

  @Test func eqA3_goldenUniform() throws {
    let rows = try GoldenFile(Self.next)["topology-uniform"].tensor("rows")
    for row in 0..<rows.shape[0] {
      let column = { Double(rows[row * 6 + $0]) }
      let (count, sizes) = (Int(column(0)), Self.families[Int(column(1)) - 1])
      let topology = star(count, sizes)
      let beta = Tensor.zeros([topology.subsetCount])
      let (pi, q) = (probabilities(beta, topology), marginals(beta, topology))
      #expect(topology.subsetCount == Int(column(2)))
      expectClose(q.doubles, Array(repeating: column(3), count: count))
      let size = expectedSizes(.constant(pi), topology).value.doubles
      expectClose(size, [column(4)])
      expectClose(q.doubles, Array(repeating: size[0] / Double(count), count: count))
      expectClose(topology.nodes[0].subsets[0].isEmpty ? Double(pi[0]) : 0, column(5))
    }
  }

  @Test(arguments: families, [0.05, 1, 10])
  func eqA3_invariant_theMarginalsOfANodeAddUpToTheMeanSize(_ sizes: SubsetSizes, _ tau: Double) {
    let topology = CellTopology(Self.darts, sizes: sizes)
    let beta = sample([topology.subsetCount], 1)
    let q = marginals(beta, topology, temperature: Scalar(tau))
    let means = expectedSizes(
      subsetProbabilities(.constant(beta), topology, temperature: Scalar(tau)), topology
    ).value
    expectClose(topology.nodes.map { total(q, of: $0.edges) }, means.doubles)
    if sizes == .two { expectClose(means.doubles, [2, 2, 2, 2]) }
  }

  @Test func eqA3_gradient() {
    let topology = CellTopology(Self.darts, sizes: .oneOrTwo)
    expectGradients(at: [sample([topology.subsetCount], 1)]) {
      expectedSizes(subsetProbabilities($0[0], topology), topology)
    }
  }

  // MARK: A-6

  @Test func eqA6_golden() throws {
    let ofPairs = (Self.first, "topology-jacobian", 4, SubsetSizes.two)
    for (file, id, predecessors, sizes) in [ofPairs] + Self.nodes.dropFirst(2) {
      let test = try GoldenFile(file)[id]
      try expectGolden(
        marginalJacobian(
          Tensor(vector: try test.vector("beta")), star(predecessors, sizes),
          temperature: Scalar(try test.scalar("tau"))), test, "jacobian")
    }
  }

  @Test(arguments: families) func eqA6_theTapeGivesTheSameRows(_ sizes: SubsetSizes) {
    let topology = CellTopology(Self.darts, sizes: sizes)
    let beta = sample([topology.subsetCount], 1)
    let jacobian = marginalJacobian(beta, topology, temperature: 0.4)
    for edge in Self.darts.indices {
      let tape = Tape()
      let x = tape.variable(beta)
      let q = edgeMarginals(subsetProbabilities(x, topology, temperature: 0.4), topology)
      let row = tape.gradients(of: sum(gather(q, [edge])), withRespectTo: [x])[0]
      let columns = topology.subsetCount
      expectClose(
        row.doubles, (0..<columns).map { Double(jacobian[edge * columns + $0]) }, absolute: 1e-6)
    }
  }

  @Test func eqA6_negative_withoutTheTemperatureItIsAnother() throws {
    let test = try GoldenFile(Self.next)["topology-size12-tau0.5"]
    let jacobian = try test.tensor("jacobian")
    #expect(largestDifference(jacobian, 0.5 * jacobian) > 0.1)
    let warm = marginalJacobian(Tensor(vector: try test.vector("beta")), star(3, .oneOrTwo))
    #expect(largestDifference(jacobian, warm) > 0.05)
  }

  // MARK: A-22

  @Test(arguments: families) func eqA22_aConstantChangesNothing(_ sizes: SubsetSizes) {
    let topology = CellTopology(Self.darts, sizes: sizes)
    let beta = sample([topology.subsetCount], 1)
    var moved = beta
    for node in topology.nodes {
      for place in node.range { moved[place] += Scalar(node.node) }
    }
    expectClose(
      marginals(moved, topology, temperature: 0.5), marginals(beta, topology, temperature: 0.5))
    let one = beta + Tensor(vector: beta.doubles.indices.map { $0 == 1 ? 1 : 0 })
    #expect(largestDifference(marginals(one, topology), marginals(beta, topology)) > 0.01)
  }

  @Test(arguments: families) func eqA22_rowsAndOfPairsColumnsAddUpToZero(_ sizes: SubsetSizes) {
    let topology = CellTopology(Self.darts, sizes: sizes)
    let (edges, columns) = (topology.edges.count, topology.subsetCount)
    let jacobian = marginalJacobian(sample([columns], 1), topology, temperature: 0.5)
    for edge in 0..<edges {
      expectClose(total(jacobian, of: edge * columns..<(edge + 1) * columns), 0, absolute: 1e-6)
    }
    let ofColumns = (0..<columns).map { set in
      total(jacobian, of: stride(from: set, to: edges * columns, by: columns))
    }
    #expect(ofColumns.allSatisfy { abs($0) < 1e-5 } == (sizes == .two), "only |S| = 2 is fixed")
  }

  @Test(arguments: families) func eqA22_permutedPredecessorsPermuteTheMarginals(
    _ sizes: SubsetSizes
  ) {
    let (topology, order) = (star(4, sizes), [2, 0, 3, 1])
    let beta = sample([topology.subsetCount], 1)
    let sets = topology.nodes[0].subsets
    var permuted = beta
    for (place, set) in sets.enumerated() {
      let image = set.map { order[$0] }.sorted()
      permuted[sets.firstIndex(of: image) ?? -1] = beta[place]
    }
    let (q, image) = (marginals(beta, topology), marginals(permuted, topology))
    expectClose(order.map { Double(image[$0]) }, q.doubles)
    #expect(largestDifference(q, image) > 0.01)
  }
}
