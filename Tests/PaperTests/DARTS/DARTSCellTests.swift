import Autodiff
import NeuralNetworks
import Tensors
import TestSupport
import Testing

@testable import SearchSpaces

/// The derived cell: D1-3.
@Suite("DARTS: the derived cell")
struct DARTSDerivedCellTests {
  private let inputs = [1, 2].map { Variable.constant(sample([2, 6, 6, 9], $0)) }

  private func output(_ cell: DARTSGenotype.Cell, mode: ForwardPass.Mode = .training) -> Tensor {
    let place = DARTSCellPlace.all(channels: 3, layers: 3)[0]
    var off = DropPath.off
    return DiscreteDARTSCell(
      DARTSGenotype(normal: cell, reduction: cell), at: place, name: "c",
      seed: RandomGenerator(seed: 1))(
        inputs[0], inputs[1], &off, in: ForwardPass(mode)
      ).value
  }

  @Test func eqD1_3_theOutputJoinsTheNodes() {
    let connections = DARTSGenotype.dartsV2.normal.connections
    let all = output(DARTSGenotype.Cell(connections))
    #expect(all.shape == [2, 6, 6, 12])
    for node in 2...5 {
      let alone = output(DARTSGenotype.Cell(connections, concatenated: [node]))
      #expect(alone == all.channels(3 * (node - 2)..<3 * (node - 1)), "node \(node)")
    }
  }

  @Test func eqD1_3_nodesAreSumsOfTheirTwoOperations() {
    // Skip connections alone: x2 = x0 + x1, x3 = x0 + x2, x4 = x1 + x3, x5 = x2 + x4.
    let sources = [0, 1, 0, 2, 1, 3, 2, 4]
    let y = output(DARTSGenotype.Cell(sources.map { .init(.skipConnect, from: $0) }))
    func input(_ source: Int) -> Tensor {
      // The first node alone, twice the one input that leads there.
      let only = DARTSGenotype.Cell(
        (0..<8).map { .init(.skipConnect, from: $0 < 2 ? source : 0) }, concatenated: [2])
      return 0.5 * output(only)
    }
    let (x0, x1) = (input(0), input(1))
    expectClose(
      y,
      .concatenatingChannels([x0 + x1, 2 * x0 + x1, 2 * x0 + 2 * x1, 3 * x0 + 3 * x1]),
      absolute: 1e-4)
  }

  @Test func eqD1_3_negative_theOrderOfTheNodesMatters() {
    let connections = DARTSGenotype.dartsV1.normal.connections
    let straight = output(DARTSGenotype.Cell(connections, concatenated: [2, 5]))
    let swapped = output(DARTSGenotype.Cell(connections, concatenated: [5, 2]))
    #expect(largestDifference(straight, swapped) > 0.05)
    #expect(straight.channels(0..<3) == swapped.channels(3..<6))
  }
}
