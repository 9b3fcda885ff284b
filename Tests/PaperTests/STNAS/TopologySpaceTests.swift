import Autodiff
import NeuralNetworks
import Tensors
import TestSupport
import Testing
import TopologicalSimplification

@testable import SearchSpaces

/// The topology-augmented space: C-4, C-6, C-7, C-12, C-13.
@Suite("ST-NAS: space")
struct STNASSpaceTests {
  private let golden: GoldenFile
  init() throws { golden = try GoldenFile("methods-next-golden") }

  private static let two = TopologyAugmentedSpace(
    stages: 2, lastNode: 3, longestSkip: 3, module: .convolution(kernel: 3))
  private static let seed = RandomGenerator(seed: 1)

  // MARK: C-6, C-12

  @Test func eqC6_golden() throws {
    let test = try golden["stnas-layout-counts"]
    let layouts = [(1, 2, 2), (2, 3, 3), (3, 4, 4), (4, 4, 4), (5, 5, 3)].map {
      TopologyAugmentedSpace(
        stages: $0, lastNode: $1, longestSkip: $2, module: .convolution(kernel: 3))
    }
    #expect(layouts.map { "\($0.stages)x\($0.optionalEdges)" } == (try test.label("L x E")))
    #expect(layouts.map { "\($0.topologyCount)" } == (try test.label("topologies")))
  }

  @Test func eqC6_thePublishedNumberIsThatOf35Bits() {
    #expect("\(TopologyAugmentedSpace.paper.topologyCount)" == "34359738368")
    #expect("\(TopologyAugmentedSpace.small.topologyCount)" == "34359738368")
    #expect("\(TopologyAugmentedSpace.tiny.topologyCount)" == "4096")
  }

  @Test func eqC6_negative_chainEdgesAreNoChoice() {
    // 5 stages of 12 edges would be 2^60.
    let paper = TopologyAugmentedSpace.paper
    #expect(paper.edges.count == 12 && paper.optionalEdges == 7)
  }

  @Test func eqC12_noOtherCountGivesThePublishedNumber() throws {
    var near: [Double] = []
    for nodes in 2...6 {
      let counts = GraphCounts(nodes: nodes)
      for count in [counts.withPath, counts.withEveryNodeOnAPath] {
        let base = try #require(Double("\(count)"))
        guard base > 1, base != 2, base != 8, base != 64 else { continue }
        var product = base
        while product < 3e10 { product *= base }
        near.append(product)
      }
    }
    #expect(!near.contains { 3.4e10...3.5e10 ~= $0 })
    let above = near.filter { $0 > 3.4e10 }.min()
    #expect(above == 3346.0 * 3346 * 3346, "the nearest")
  }

  // MARK: C-7

  @Test func eqC7_golden() throws {
    let rows = try golden["stnas-dag-counts"].tensor("rows").doubles.map { Int($0) }
    for row in stride(from: 0, to: rows.count, by: 6) {
      let counts = GraphCounts(nodes: rows[row])
      let found = [counts.all, counts.withPath, counts.withEveryNodeOnAPath, counts.withChain]
      #expect(found.map { "\($0)" } == rows[row + 2..<row + 6].map { "\($0)" })
      #expect(rows[row + 1] == rows[row] * (rows[row] - 1) / 2)
    }
  }

  @Test(arguments: [2, 3, 4, 5]) func eqC7_theCountsAreThoseOfAllGraphs(_ nodes: Int) {
    let pairs = (1..<nodes).flatMap { j in (0..<j).map { ($0, j) } }
    var (withPath, onPath) = (0, 0)
    for set in 0..<1 << pairs.count {
      let edges = pairs.indices.filter { set >> $0 & 1 == 1 }.map { pairs[$0] }
      let forward = (0..<nodes).reduce(into: Set([0])) { reached, j in
        if edges.contains(where: { $0.1 == j && reached.contains($0.0) }) { reached.insert(j) }
      }
      let backward = (0..<nodes).reversed().reduce(into: Set([nodes - 1])) { reached, i in
        if edges.contains(where: { $0.0 == i && reached.contains($0.1) }) { reached.insert(i) }
      }
      if forward.contains(nodes - 1) { withPath += 1 }
      if (0..<nodes).allSatisfy({ forward.contains($0) && backward.contains($0) }) { onPath += 1 }
    }
    let counts = GraphCounts(nodes: nodes)
    #expect("\(counts.withPath)" == "\(withPath)")
    #expect("\(counts.withEveryNodeOnAPath)" == "\(onPath)")
  }

  /// Edges that reach two or three nodes ahead at most, and all subsets of them.
  @Test(arguments: [(4, 2), (5, 3), (6, 2), (6, 3), (6, 1), (5, 4)])
  func eqC7_shortEdgesAreCountedToo(_ nodes: Int, _ skip: Int) {
    let pairs = (1..<nodes).flatMap { j in (max(0, j - skip)..<j).map { ($0, j) } }
    var (withPath, onPath) = (0, 0)
    for set in 0..<1 << pairs.count {
      let edges = pairs.indices.filter { set >> $0 & 1 == 1 }.map { pairs[$0] }
      var reached = Set([0])
      for j in 1..<nodes where edges.contains(where: { $0.1 == j && reached.contains($0.0) }) {
        reached.insert(j)
      }
      if reached.contains(nodes - 1) { withPath += 1 }
      if Set(edges.map(\.0)).count == nodes - 1, Set(edges.map(\.1)).count == nodes - 1 {
        onPath += 1
      }
    }
    let counts = GraphCounts(nodes: nodes, longestSkip: skip)
    #expect(counts.edges == pairs.count && "\(counts.all)" == "\(1 << pairs.count)")
    #expect("\(counts.withPath)" == "\(withPath)")
    #expect("\(counts.withEveryNodeOnAPath)" == "\(onPath)")
    #expect("\(counts.withChain)" == "\(1 << (pairs.count - nodes + 1))")
  }

  @Test func eqC7_theCountsOfALayoutAreThoseOfItsStages() {
    let paper = TopologyAugmentedSpace.paper
    let counts = paper.stageCounts
    #expect(counts.edges == paper.edges.count && "\(counts.withPath)" == "2711")
    #expect("\(counts.withEveryNodeOnAPath)" == "389")
    #expect("\(paper.inAllStages(\.withChain))" == "\(paper.topologyCount)")
    #expect("\(paper.inAllStages(\.withEveryNodeOnAPath))" == "\(389 * 389 * 389 * 389 * 389)")
    // The widest layout that can be chosen by name is counted at once.
    let wide = GraphCounts(nodes: 21, longestSkip: 10)
    #expect("\(wide.withPath)".count == "\(wide.all)".count)
  }

  @Test func eqC7_limit_manyNodesAreCountedExactly() {
    let all = "1569275433846670190958947355801916604025588861116008628224"
    #expect("\(GraphCounts(nodes: 20).all)" == all)
    // Nearly every graph of many nodes has a path.
    let counts = GraphCounts(nodes: 24)
    #expect("\(counts.withPath)".prefix(6) == "\(counts.all)".prefix(6))
  }

  @Test func eqC7_theLayoutIsAChainWithSkips() {
    let edges = TopologyAugmentedSpace.paper.edges
    #expect(edges.count { $0.isChain } == 5)
    #expect(edges.filter { !$0.isChain }.map { $0.target - $0.source } == [2, 3, 2, 3, 2, 3, 2])
    #expect(edges.allSatisfy { (0...5).contains($0.source) && (1...5).contains($0.target) })
    let whole = TopologyAugmentedSpace(
      stages: 1, lastNode: 5, longestSkip: 5, module: .convolution(kernel: 3))
    #expect(whole.optionalEdges == 10, "n (n - 1) / 2 at most")
  }

  @Test func eqC7_negative_withoutTheChainSomeTopologiesAreEmpty() {
    let counts = GraphCounts(nodes: 6)
    #expect("\(counts.all)" != "\(counts.withPath)" && "\(counts.withChain)" == "1024")
  }

  // MARK: C-4

  /// The nodes of a stage, sampled, on maps of four channels.
  private func nodes(
    _ bits: [Bool], _ x: Variable, _ layout: TopologyAugmentedSpace,
    _ pass: ForwardPass = ForwardPass(.training)
  ) -> [Variable] {
    let space = layout.searchSpace
    let topology = Topology(space.cells.map { _ in bits }, of: layout)
    let cell = SearchCell(space, kind: 0, channels: 4, name: "cells.0", seed: Self.seed)
    let logits = Variable.constant(.zeros([space.edges.count, 2]))
    let weights = RelaxedArchitecture(
      logits: logits, relaxation: SampledPath(topology.choices, of: space).forCells(ofKind: 0))
    return cell([x], weights, in: pass)
  }

  private static let modules: [EdgeModule] = [
    .convolution(kernel: 3), .separableConvolution(kernel: 5),
    .invertedResidual(kernel: 3, expansion: 2), .invertedResidual(kernel: 3, expansion: 1),
  ]

  @Test(arguments: modules) func eqC4_aNodeIsTheSumOfTheModulesOfItsEdges(_ module: EdgeModule) {
    let layout = TopologyAugmentedSpace(stages: 1, lastNode: 3, longestSkip: 3, module: module)
    let x = Variable.constant(sample([2, 5, 5, 4], 1))
    // In the order of the edges: 0->2, 0->3, 1->3.
    let found = nodes([true, false, true], x, layout)
    func edge(_ i: Int, _ j: Int, _ x: Tensor) -> Tensor {
      PathNetwork(module.path, channels: 4, name: "cells.0.edge\(i)to\(j)", seed: Self.seed)
        .plainValue(.constant(x), nil, in: ForwardPass(.training)).value
    }
    let x1 = edge(0, 1, x.value)
    let x2 = edge(1, 2, x1) + edge(0, 2, x.value)
    let x3 = edge(2, 3, x2) + edge(1, 3, x1)
    expectClose(found.map(\.value), [x.value, x1, x2, x3], absolute: 2e-5, relative: 1e-4)
  }

  @Test func eqC4_limit_withoutOptionalEdgesItIsAChain() {
    let x = Variable.constant(sample([2, 5, 5, 4], 1))
    let found = nodes([false, false, false], x, Self.two)
    var y = x
    for j in 1...3 {
      let edge = PathNetwork(
        Self.two.module.path, channels: 4, name: "cells.0.edge\(j - 1)to\(j)", seed: Self.seed)
      y = edge(y, nil, in: ForwardPass(.training))
    }
    expectClose(found[3].value, y.value, absolute: 1e-5)
  }

  @Test func eqC4_negative_aNodeIsNotTheMeanOfItsEdges() {
    let x = Variable.constant(sample([2, 5, 5, 4], 1))
    let all = nodes([true, true, true], x, Self.two)[2].value
    let mean = 0.5 * all
    #expect(largestDifference(mean, all) > 0.1)
    let one = nodes([false, true, true], x, Self.two)[2].value
    #expect(largestDifference(one, all) > 0.1 && largestDifference(one, mean) > 0.1)
  }

  @Test func eqC4_gradient() {
    for module in [EdgeModule.convolution(kernel: 3), .invertedResidual(kernel: 3, expansion: 2)] {
      let layout = TopologyAugmentedSpace(stages: 1, lastNode: 2, longestSkip: 2, module: module)
      let direction = Variable.constant(sample([1, 3, 3, 4], 2))
      expectGradients(at: [sampleAwayFromZero([1, 3, 3, 4], 3)]) {
        sum(direction * nodes([true], $0[0], layout)[2])
      }
    }
  }

  @Test func eqC4_onlyTheModulesThatAreOnAreEvaluated() {
    let space = Self.two.searchSpace
    let cell = SearchCell(space, kind: 0, channels: 4, name: "cells.0", seed: Self.seed)
    let pass = ForwardPass(.training, differentiating: cell.parameters)
    let topology = Topology([[true, false, false], [false, false, false]], of: Self.two)
    let weights = RelaxedArchitecture(
      logits: .constant(.zeros([6, 2])),
      relaxation: SampledPath(topology.choices, of: space).forCells(ofKind: 0))
    let before = cell.buffers.map(\.value)
    _ = cell([.constant(sample([2, 5, 5, 4]))], weights, in: pass)
    // Edges 0->1, 0->2, 1->2, 0->3, 1->3, 2->3, one kernel each.
    #expect(pass.usedPlaces == [0, 1, 2, 5])
    let changed = cell.buffers.indices.filter { cell.buffers[$0].value != before[$0] }
    #expect(changed == [0, 1, 2, 3, 4, 5, 10, 11], "mean and variance of each")
  }

  @Test func eqC4_theDerivationKeepsTheChain() {
    let space = Self.two.searchSpace
    // Nothing is stronger than the module on edges 0->2 and 2->3 only.
    let logits = Tensor([1, 0, 0, 1, 1, 0, 1, 0, 1, 0, 0, 1], shape: [6, 2])
    let kept = space.derivation.edges(CellEvidence(space, logWeights: logits))
    #expect(kept.map(\.edge) == [0, 1, 2, 5] && kept.allSatisfy { $0.candidate == 1 })
    let bits = [true, false, false]
    #expect(Topology([kept, kept], of: space).bits == [bits, bits])
  }

  // MARK: C-13

  @Test(arguments: modules) func eqC13_itIsTheCountOfTheModules(_ module: EdgeModule) {
    for (channels, extent) in [(16, 32), (6, 5)] {
      let size = MapSize(channels: channels, height: extent, width: extent)
      let fold = SearchSpaces.cost(of: module.path, at: size)
      let found = module.cost(at: size)
      #expect(found.macs == fold.macs)
      #expect(found.parameters == fold.trainableWeights + 2 * fold.normalizedChannels)
    }
  }

  @Test func eqC13_golden_byHand() {
    // 6 * 16^2 * 32^2 + 9 * 6 * 16 * 16^2 + 6 * 16 * 24 * 16^2
    let strided = invertedResidualMACs(
      16, expansion: 6, kernel: 3, outputs: 24, inputPixels: 1024, outputPixels: 256)
    #expect(strided == 1_572_864 + 221_184 + 589_824)
  }

  @Test func eqC13_limit_withoutExpansionTheFirstTermDrops() {
    let found = invertedResidualMACs(
      8, expansion: 1, kernel: 5, outputs: 8, inputPixels: 64, outputPixels: 64)
    #expect(found == (25 * 8 + 64) * 64)
  }

  @Test func eqC13_negative_theExpansionRunsOnTheInputsSize() {
    let (strided, small) = (
      invertedResidualMACs(
        16, expansion: 6, kernel: 3, outputs: 16, inputPixels: 1024, outputPixels: 256),
      invertedResidualMACs(
        16, expansion: 6, kernel: 3, outputs: 16, inputPixels: 256, outputPixels: 256)
    )
    #expect(strided > small)
  }

  /// What topologies differ in is what their networks differ in.
  @Test(arguments: modules) func eqC13_theSearchedPartIsPartOfTheNetwork(_ module: EdgeModule) {
    let layout = TopologyAugmentedSpace(stages: 3, lastNode: 3, longestSkip: 2, module: module)
    let (none, some) = (
      Topology(Array(repeating: [false, false], count: 3), of: layout),
      Topology([[true, false], [true, true], [false, true]], of: layout)
    )
    let networks = [none, some].map { networkCost(of: $0, channels: 8) }
    let searched = [none, some].map { layout.cost(of: $0, channels: 8) }
    #expect(networks[1].macs - networks[0].macs == searched[1].macs - searched[0].macs)
    #expect(
      networks[1].parameters - networks[0].parameters
        == searched[1].parameters - searched[0].parameters)
    #expect(searched[0].macs > 0 && searched[0].macs < networks[0].macs)
  }

  // MARK: Inverted residuals

  @Test(arguments: modules) func `both interpreters agree`(_ module: EdgeModule) {
    func run(_ isPlain: Bool) -> [Tensor] {
      let network = PathNetwork(module.path, channels: 4, affine: true, name: "m", seed: Self.seed)
      let pass = ForwardPass(.training, differentiating: network.parameters)
      let x = Variable.constant(sample([2, 5, 5, 4], 4))
      let y = isPlain ? network.plainValue(x, nil, in: pass) : network(x, nil, in: pass)
      let loss = sum(.constant(sample([2, 5, 5, 4], 5)) * y)
      return [y.value] + pass.gradients(of: loss)
    }
    expectClose(run(true), run(false), absolute: 1e-4, relative: 1e-4)
  }

  @Test func `an inverted residual widens inside`() {
    let network = PathNetwork(
      EdgeModule.invertedResidual(kernel: 5, expansion: 6).path, channels: 4, name: "m",
      seed: Self.seed)
    #expect(
      network.parameters.map(\.value.shape) == [[24, 1, 1, 4], [24, 5, 5, 1], [4, 1, 1, 24]])
    let signatures = network.path.modules.map(\.signature)
    #expect(signatures[0] == "PW 1x1 1C->6C" && signatures[6] == "PW 1x1 6C->1C")
    #expect(signatures[7] == "BN")
  }

  // MARK: The simplification

  /// An edge has one module or none, which share nothing.
  @Test(arguments: EdgeModule.named) func `the simplification leaves the space as it is`(
    _ module: EdgeModule
  ) {
    let layout = TopologyAugmentedSpace(stages: 2, lastNode: 3, longestSkip: 2, module: module)
    let space = layout.searchSpace
    for grouping in [Grouping(), Grouping(.pairs)] {
      let simplified = Simplifier(grouping: grouping).simplify(space)
      #expect(simplified.paths.map { "\($0)" } == space.paths.map { "\($0)" })
    }
    #expect(Simplifier().simplify(space.paths[0]).steps.isEmpty)
  }

  // MARK: Texts

  @Test(arguments: EdgeModule.named) func `a topology is written and read`(
    _ module: EdgeModule
  ) throws {
    let layout = TopologyAugmentedSpace(stages: 3, lastNode: 5, longestSkip: 2, module: module)
    let bits = ["1001", "0010", "0111"].map { $0.map { $0 == "1" } }
    let topology = Topology(bits, of: layout)
    let stages = "stages=['1001', '0010', '0111']"
    #expect(
      "\(topology)" == "Genotype(module='\(module.primitive)', nodes=5, skips=2, \(stages))")
    #expect(topology.edgeCount == 15 + 6 && topology.skipCount == 0)
    #expect(try Topology(parsing: "\(topology)") == topology)
    #expect(topology.cells[0].formulas[1].hasPrefix("node 2 = \(module.primitive)(node 0) + "))
    #expect(TopologyAugmentedSpace(layoutOf: layout.searchSpace) == layout)
    #expect(TopologyAugmentedSpace(layoutOf: .darts) == nil)
  }

  @Test(arguments: [
    "", "'10'", "'1001', '0010', '01001'", "1001", "'1001', '0120'", "'1001' '1001'", "['1001']",
  ]) func `nothing else is read`(_ stages: String) throws {
    func text(_ stages: String, module: String = "nor_conv_3x3", skips: Int = 2) -> String {
      "Genotype(module='\(module)', nodes=5, skips=\(skips), stages=[\(stages)])"
    }
    #expect(throws: GenotypeError.self) { try Topology(parsing: text(stages)) }
    #expect(try Topology(parsing: text("'1001'")).layout.stages == 1)
    let json = #"{"stages": ["1001"], "nodes": 5, "skips": 2, "module": "nor_conv_3x3"}"#
    #expect(try Topology(parsing: json) == Topology(parsing: text("'1001'")))
    #expect(throws: GenotypeError.self) { try Topology(parsing: text("'1001'", module: "conv")) }
    #expect(throws: GenotypeError.self) { try Topology(parsing: text("'1001'", skips: 6)) }
  }

  @Test func `the network of stages halves twice`() {
    let plan = TopologyAugmentedSpace.paper.searchSpace.plan(channels: 8, cells: 5)
    #expect(plan.cells.map(\.size.channels) == [8, 16, 16, 32, 32])
    #expect(plan.cells.map(\.size.height) == [32, 16, 16, 8, 8])
    let tiny = TopologyAugmentedSpace.tiny.searchSpace.plan(channels: 8, cells: 3)
    #expect(tiny.cells.map(\.size.channels) == [8, 16, 32])
  }
}
