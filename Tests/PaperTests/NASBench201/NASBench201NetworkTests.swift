import Autodiff
import NeuralNetworks
import SearchMethods
import Tensors
import TestSupport
import Testing
import TopologicalSimplification

@testable import SearchSpaces

/// The network in which derived cells are trained: macro structure of D5.
@Suite("NAS-Bench-201: the network of a derived cell")
struct NASBench201NetworkTests {
  private let best = NASBench201Genotype([
    .norConv3x3, .norConv3x3, .norConv3x3, .skipConnect, .norConv3x3, .norConv1x1,
  ])

  private func network(_ genotype: NASBench201Genotype, channels: Int = 4) -> NASBench201Network {
    NASBench201Network(
      genotype, channels: channels, cellsPerStage: 1, classes: 10, seed: RandomGenerator(seed: 3))
  }

  @Test func `it has as many weights as the benchmark counts`() {
    for cell in [best]
      + SearchSpace.nasBench201.primitives.map({ .init(Array(repeating: $0, count: 6)) })
    {
      let net = NASBench201Network(
        cell, channels: 16, cellsPerStage: 5, classes: 10, seed: RandomGenerator(seed: 1))
      let count = net.parameters.reduce(0) { $0 + $1.value.shape.count }
      #expect(count == networkCost(of: cell).parameters, "\(cell)")
      #expect(Set(net.parameters.map(\.name)).count == net.parameters.count)
    }
  }

  @Test func `every batch norm has gain and bias`() {
    let net = network(best)
    let gains = net.parameters.count { $0.name.hasSuffix(".gain") }
    // Stem, head, two in each residual block, five in each of three cells.
    #expect(gains == 1 + 1 + 4 + 15)
    #expect(net.buffers.count == 2 * gains)
  }

  /// With weights of 0 and 1 the supernet is the network of the one cell.
  @Test(arguments: [2024, 9999, 15_000, 77])
  func `it is the supernet with one-hot weights`(_ ordinal: Int) {
    let cell = NASBench201Genotype(ordinal: ordinal)
    let space = SearchSpace.nasBench201
    let supernet = NASBench201Supernet(
      space, channels: 4, cellsPerStage: 1, classes: 10, seed: RandomGenerator(seed: 3))
    supernet.alpha.value = Tensor(
      cell.operations.flatMap { operation in
        space.primitives.map { $0 == operation ? Scalar(1000) : 0 }
      }, shape: [6, 5])
    let x = sample([2, 32, 32, 3])
    let expected = supernet(x, SoftmaxRelaxation(), in: ForwardPass(.training))
    let net = network(cell)
    let found = net(x, in: ForwardPass(.training))
    expectClose(found.scores.value, expected.value, absolute: 1e-4, relative: 1e-4)
    #expect(found.auxiliaryScores == nil)
    #expect(
      largestDifference(
        found.scores.value, network(best)(x, in: ForwardPass(.training)).scores.value) > 1e-2)
  }

  private func cell(_ operations: [Primitive], _ x: Tensor) -> Tensor {
    DiscreteNASBench201Cell(
      NASBench201Genotype(operations), channels: x.shape.channels, name: "c",
      seed: RandomGenerator(seed: 1))(
        .constant(x), in: ForwardPass(.training)
      ).value
  }

  @Test func eqD5_1_discreteCellsByHand() {
    let x = sample([2, 5, 4, 3])
    expectClose(cell(Array(repeating: .skipConnect, count: 6), x), 4 * x)
    #expect(cell(Array(repeating: .none, count: 6), x) == .zeros(x.shape))
    // Node 2 is zero, and adds nothing: pool(x) + pool(x).
    let y = cell([.avgPool3x3, .none, .none, .avgPool3x3, .skipConnect, .skipConnect], x)
    expectClose(y, 2 * Naive.averagePooling(x, Window(3)))
  }

  @Test func `every weight that matters gets a gradient`() {
    let net = network(best)
    let pass = ForwardPass(.training, differentiating: net.parameters)
    let loss = crossEntropy(net(sample([3, 32, 32, 3]), in: pass).scores, labels: [1, 2, 3])
    for (parameter, gradient) in zip(net.parameters, pass.gradients(of: loss)) {
      #expect(gradient.isFinite && gradient.dot(gradient) > 0, "\(parameter.name)")
    }
  }
}
