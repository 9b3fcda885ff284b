import NeuralNetworks
import SearchSpaces
import Tensors
import Testing
import TopologicalSimplification

@Suite("Cost of a whole supernet")
struct SupernetCostTests {
  /// Simplifiers that leave weights of different kinds; nil leaves the space as it is.
  private static let simplifiers: [Simplifier?] = [
    nil, Simplifier(), Simplifier(grouping: Grouping(.pairs)),
    Simplifier(floating: .independentStages, normalization: .sharedGain),
    Simplifier(weights: .independent),
  ]

  private func count(_ parameters: [Parameter]) -> Int {
    parameters.reduce(0) { $0 + $1.value.shape.count }
  }

  @Test(arguments: simplifiers.indices, [(4, 1, 10), (3, 2, 7)])
  func `as many weights and logits as the network of NAS-Bench-201 has`(
    _ index: Int, _ size: (channels: Int, cells: Int, classes: Int)
  ) {
    let space = Self.simplifiers[index]?.simplify(.nasBench201) ?? SearchSpace.nasBench201
    let net = NASBench201Supernet(
      space, channels: size.channels, cellsPerStage: size.cells, classes: size.classes,
      seed: RandomGenerator(seed: 1))
    let cost = supernetCost(
      of: space, channels: size.channels, cells: size.cells, classes: size.classes)
    #expect(cost.parameters == count(net.parameters))
    #expect(cost.logits == count(net.architectureParameters))
  }

  @Test(arguments: simplifiers.indices, [(4, 1, 10), (2, 4, 7)])
  func `as many weights and logits as the network of DARTS has`(
    _ index: Int, _ size: (channels: Int, layers: Int, classes: Int)
  ) {
    let space = Self.simplifiers[index]?.simplify(.darts) ?? SearchSpace.darts
    let net = DARTSSupernet(
      space, channels: size.channels, layers: size.layers, classes: size.classes,
      seed: RandomGenerator(seed: 1))
    let cost = supernetCost(
      of: space, channels: size.channels, cells: size.layers, classes: size.classes)
    #expect(cost.parameters == count(net.parameters))
    #expect(cost.logits == count(net.architectureParameters))
  }

  // MARK: TS-35

  @Test func eqTS35_supernetOfNASBench201ByHand() {
    let cost = supernetCost(of: .nasBench201, channels: 2, cells: 3, classes: 5)
    // The MACs of a cell are the same in every stage: C doubles where the image is halved.
    let edge = 10 * 2 * 2 * 1024
    #expect(cost.edges.macs == 3 * 3 * 6 * edge)
    #expect(cost.edges.trainableWeights == 3 * 6 * 10 * (4 + 16 + 64))
    #expect(cost.edges.modules == 3 * 3 * 6 * 7)
    #expect(cost.stem == NetworkCost(macs: 27 * 2 * 1024, parameters: 27 * 2 + 4))
    let blocks = [(inputs: 2, pixels: 256), (4, 64)].map { inputs, pixels in
      (weights: (18 + 36 + 2) * inputs * inputs, pixels: pixels, channels: 2 * inputs)
    }
    #expect(cost.joints.macs == blocks.reduce(0) { $0 + $1.weights * $1.pixels })
    #expect(cost.joints.parameters == blocks.reduce(0) { $0 + $1.weights + 4 * $1.channels })
    #expect(cost.head == NetworkCost(macs: 8 * 5 + 5, parameters: 16 + 8 * 5 + 5))
    #expect(cost.macs == cost.edges.macs + cost.stem.macs + cost.joints.macs + cost.head.macs)
  }

  /// Two cells, both reductions: 4 C channels at 16 x 16 and then 8 x 8 are left.
  @Test func eqTS35_supernetOfDARTSByHand() {
    let cost = supernetCost(of: .darts, channels: 2, cells: 2, classes: 5)
    #expect(cost.stem == NetworkCost(macs: 27 * 6 * 1024, parameters: 27 * 6 + 12))
    let first = 2 * 6 * 4  // both inputs are the stem, at 32 x 32
    let second = 6 * 8 + 16 * 8  // the stem, halved, and the first cell, at 16 x 16
    #expect(cost.joints.parameters == first + second)
    #expect(cost.joints.macs == first * 1024 + second * 256)
    #expect(cost.head.parameters == 32 * 5 + 5)
    #expect(cost.edges.pools == 2 * 14 * 2)
  }

  @Test(
    arguments: [
      ModuleSpec.Kind.maxPool(Window(3, stride: 2)), .averagePool(Window(3, stride: 2)),
      .convolution(Window(3, stride: 2), .depthwise, .own), .factorizedReduction,
    ])
  func eqTS35_activationsHaveTheSizeThatAStrideLeaves(_ kind: ModuleSpec.Kind) {
    let path = Path.chain([ModuleSpec(kind, of: "a"), ModuleSpec(.relu, of: "b")])
    #expect(cost(of: path).activationBytes == 2 * 4 * 16 * 16 * 16, "two maps of 16 x 16")
  }

  @Test func eqTS35_cellIsTheSumOfItsEdges() {
    let normal = cellCost(of: .darts)
    #expect(normal == 14 * cost(of: SearchSpace.darts.cells[0].operations[0].path))
    let reduction = SearchSpace.darts.cells[1].operations
    let half = MapSize(channels: 16, height: 16, width: 16)
    let halving = 8 * cost(of: reduction[0].path)
    let inner = 6 * cost(of: reduction[4].path, at: half)
    #expect(cellCost(of: .darts, kind: 1) == halving + inner)
  }

  @Test func `a simplified supernet executes less between the same stem and head`() {
    for (space, cells) in [(SearchSpace.nasBench201, 5), (.darts, 8)] {
      let before = supernetCost(of: space, channels: 16, cells: cells)
      let after = supernetCost(of: Simplifier().simplify(space), channels: 16, cells: cells)
      #expect(after.edges.modules < before.edges.modules)
      #expect(after.macs < before.macs)
      #expect(after.activationBytes < before.activationBytes)
      #expect((after.stem, after.head) == (before.stem, before.head))
      #expect(after.joints == before.joints && after.logits == before.logits)
    }
  }
}
