import NeuralNetworks
import SearchSpaces
import Tensors
import Testing
import TopologicalSimplification

@Suite("Cost of the network of derived DARTS cells")
struct DARTSCostTests {
  @Test func `the published numbers of parameters`() {
    #expect(networkCost(of: DARTSGenotype.dartsV2).parameters == 3_349_342)
    #expect(networkCost(of: DARTSGenotype.dartsV1).parameters == 3_169_414)
  }

  /// Millions of parameters as comments in the source of FairDARTS give them [published: xiaomi-automl/FairDARTS].
  ///
  /// Those of its own cells include the auxiliary head.
  @Test(
    arguments: [
      ("NASNet", 3.83, false), ("GDAS_V1", 3.36, false), ("PC_DARTS_cifar", 3.63, false),
      ("PDARTS", 3.43, false), ("SNAS", 2.66, false), ("FairDARTS_a", 2.83, true),
    ])
  func `published cells have the published numbers of parameters`(
    _ name: String, _ millions: Double, _ auxiliary: Bool
  ) throws {
    let genotype = try #require(DARTSGenotype(published: name))
    let parameters = networkCost(of: genotype, auxiliary: auxiliary).parameters
    #expect(abs(Double(parameters) / 1e6 - millions) < 0.01, "\(parameters)")
  }

  /// Counted by hand from the operations of the cells, at C = 36, 20 cells and 10 classes, without the auxiliary head.
  @Test(
    arguments: [
      ("DOTS_final_C10", 3_526_030), ("DOTS_final_C100", 4_009_438), ("DOTS_ImageNet", 3_750_454),
    ])
  func `the cells of DOTS have as many parameters as their operations`(
    _ name: String, _ count: Int
  ) throws {
    let genotype = try #require(DARTSGenotype(published: name))
    #expect(networkCost(of: genotype, channels: 36, cells: 20, classes: 10).parameters == count)
    #expect(try DARTSGenotype(parsing: genotype.description) == genotype)
  }

  /// A sepconv of each edge by hand, for cells with 0, 1 and 3 operations a node.
  @Test func `nodes of any number of inputs by hand`() {
    let cell = DARTSGenotype.Cell(
      nodes: [
        [], [.init(.sepConv7x7, from: 0)],
        [.init(.sepConv7x7, from: 1), .init(.sepConv7x7, from: 3), .init(.none, from: 2)],
      ], concatenated: [2, 4])
    let cost = networkCost(
      of: DARTSGenotype(normal: cell, reduction: cell), channels: 2, cells: 3, classes: 10)
    func separable(_ channels: Int) -> Int {
      2 * (49 * channels + channels * channels + 2 * channels)
    }
    func input(_ from: Int, _ to: Int) -> Int { from * to + 2 * to }
    let stem = 27 * 6 + 2 * 6
    // Normal with C = 2, reductions with 4 and 8; a cell has 3 convolutions and an output of 2 C.
    let first = 2 * input(6, 2) + 3 * separable(2)
    let second = input(6, 4) + input(4, 4) + 3 * separable(4)
    let third = input(4, 8) + input(8, 8) + 3 * separable(8)
    #expect(cost.parameters == stem + first + second + third + 16 * 10 + 10)
  }

  /// Two convolutions of 7 taps, the first of which halves the width and the second the height.
  @Test func `convolutions along one axis by hand`() {
    let cell = DARTSGenotype.Cell(nodes: [[.init(.conv7x1And1x7, from: 1)]])
    let cost = networkCost(
      of: DARTSGenotype(normal: cell, reduction: cell), channels: 2, cells: 2, classes: 3)
    let stem = 27 * 6
    // Both cells are reductions, of C = 4 and 8; the second halves its older input.
    let (first, second) = (6 * 4 + 6 * 4, 6 * 8 + 4 * 8)
    let strips = [4, 8].map { 7 * $0 * $0 }
    let gains = 2 * 6 + 3 * 2 * 4 + 3 * 2 * 8
    #expect(
      cost.parameters == stem + first + second + 2 * (strips[0] + strips[1]) + gains + 8 * 3 + 3)
    let macs = [
      stem * 1024, first * 1024, strips[0] * (32 * 16 + 16 * 16), second * 256,
      strips[1] * (16 * 8 + 8 * 8), 8 * 3 + 3,
    ]
    #expect(cost.macs == macs.reduce(0, +))
  }

  @Test(
    arguments: [(4, 5, 10, true), (6, 2, 7, false), (3, 8, 100, true)],
    [DARTSGenotype.dartsV1, .dartsV2] + DARTSGenotype.published.prefix(2).map(\.genotype))
  func `as many parameters as the network has`(
    _ size: (channels: Int, layers: Int, classes: Int, auxiliary: Bool), _ genotype: DARTSGenotype
  ) {
    let net = DARTSNetwork(
      genotype, channels: size.channels, layers: size.layers, classes: size.classes,
      hasAuxiliaryHead: size.auxiliary, seed: RandomGenerator(seed: 1))
    let cost = networkCost(
      of: genotype, channels: size.channels, cells: size.layers, classes: size.classes,
      auxiliary: size.auxiliary)
    #expect(cost.parameters == net.parameters.reduce(0) { $0 + $1.value.shape.count })
  }

  /// Two cells of skip connections, counted by hand.
  @Test func `MACs by hand`() {
    let skips = DARTSGenotype.Cell(
      (0..<8).map { .init(.skipConnect, from: $0 < 2 ? $0 : 2) }, concatenated: [5])
    let cost = networkCost(
      of: DARTSGenotype(normal: skips, reduction: skips), channels: 2, cells: 2, classes: 3)
    let stem = 27 * 6 * 1024
    // C = 4: both inputs at 32 x 32, both edges to node 2 halve the image, the others are identities.
    let first = 2 * 6 * 4 * 1024 + 2 * 4 * 4 * 256
    // C = 8: input 0 is the stem's, halved; input 1 has the 4 channels of node 5.
    let second = (6 + 4) * 8 * 256 + 2 * 8 * 8 * 64
    #expect(cost.macs == stem + first + second + 8 * 3 + 3)
  }

  @Test func `the auxiliary head is counted where asked for`() {
    let (with, without) = (
      networkCost(of: DARTSGenotype.dartsV2, auxiliary: true),
      networkCost(of: DARTSGenotype.dartsV2)
    )
    let weights = 576 * 128 + 128 * 4 * 768
    #expect(with.parameters - without.parameters == weights + 2 * (128 + 768) + 768 * 10 + 10)
    #expect(with.macs - without.macs == 4 * 576 * 128 + 128 * 4 * 768 + 768 * 10 + 10)
  }
}
