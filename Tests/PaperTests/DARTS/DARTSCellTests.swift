import Autodiff
import NeuralNetworks
import SearchMethods
import Tensors
import TestSupport
import Testing

@testable import SearchSpaces

/// The output of a derived cell: D1-3.
@Suite("DARTS: the derived cell")
struct DARTSDerivedCellTests {
  private let inputs = [1, 2].map { Variable.constant(sample([2, 6, 6, 9], $0)) }

  private func output(_ cell: DARTSGenotype.Cell, mode: ForwardPass.Mode = .training) -> Tensor {
    let place = SearchSpace.darts.plan(channels: 3, cells: 3).cells[0]
    var off = DropPath.off
    return DerivedCell(
      cell.graph(kind: 0), place, preprocessesInputs: true, seed: RandomGenerator(seed: 1))(
        inputs, &off, in: ForwardPass(mode)
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

  @Test func eqD1_3_nodesHaveAnyNumberOfInputs() {
    // x2 = 0, x3 = x0, x4 = x0 + x1 + x3 + x2.
    func skips(_ sources: [[Int]], output: [Int]? = nil) -> Tensor {
      self.output(
        .init(
          nodes: sources.map { $0.map { .init(.skipConnect, from: $0) } }, concatenated: output))
    }
    let (x0, x1) = (skips([[0]]), skips([[1]]))
    let y = skips([[], [0], [0, 1, 3, 2]])
    #expect(y.shape == [2, 6, 6, 9])
    expectClose(y, .concatenatingChannels([.zeros(x0.shape), x0, 2 * x0 + x1]), absolute: 1e-4)
    #expect(skips([[], [0], [0, 1, 3, 2]], output: [3, 2]).channels(3..<6) == .zeros(x0.shape))
  }

  @Test func eqD1_3_anEmptyNodeOfAReductionCellIsHalved() {
    let place = SearchSpace.darts.plan(channels: 3, cells: 3).cells[1]
    #expect(place.isReduction)
    let cell = DARTSGenotype.Cell(nodes: [
      [], [.init(.none, from: 0)], [.init(.maxPool3x3, from: 1)],
    ])
    var off = DropPath.off
    let built = DerivedCell(
      cell.graph(kind: 1), place, preprocessesInputs: true, seed: RandomGenerator(seed: 1))
    let inputs = [9, 12].map { Variable.constant(sample([2, 6, 6, $0])) }
    let y = built(inputs, &off, in: ForwardPass(.training)).value
    #expect(y.shape == [2, 3, 3, 18])
    #expect(
      y.channels(0..<12) == .zeros([2, 3, 3, 12]) && y.channels(12..<18) != .zeros([2, 3, 3, 6]))
  }

  @Test func eqD1_3_negative_theOrderOfTheNodesMatters() {
    let connections = DARTSGenotype.dartsV1.normal.connections
    let straight = output(DARTSGenotype.Cell(connections, concatenated: [2, 5]))
    let swapped = output(DARTSGenotype.Cell(connections, concatenated: [5, 2]))
    #expect(largestDifference(straight, swapped) > 0.05)
    #expect(straight.channels(0..<3) == swapped.channels(3..<6))
  }
}

/// The nodes of a searched cell: D1-2.
@Suite("DARTS: the nodes of a searched cell")
struct DARTSSearchedNodeTests {
  private let space = SearchSpace.darts

  private func nodes(_ space: SearchSpace) -> [Tensor] {
    let weights = RelaxedArchitecture(
      logits: .constant(.zeros([14, 8])), relaxation: SoftmaxRelaxation())
    let inputs = [1, 2].map { Variable.constant(sample([2, 4, 4, 3], $0)) }
    return SearchCell(space, channels: 3, name: "c", seed: RandomGenerator(seed: 1))(
      inputs, weights, in: ForwardPass(.training)
    ).map(\.value)
  }

  @Test func eqD1_2_nodesAreSumsOfAllPredecessors() {
    let skip = SearchSpace.dartsPath(.skipConnect)
    let x = nodes(space.mapPaths { _ in skip })
    let both = x[0] + x[1]
    for (node, times) in zip(2...5, [1, 2, 4, 8] as [Scalar]) {
      expectClose(x[node], times * both, absolute: 1e-4, "node \(node)")
    }
  }

  @Test func eqD1_2_limit_withoutConnectionsNodesAreZero() {
    let none = SearchSpace.dartsPath(.none)
    let x = nodes(space.mapPaths { _ in none })
    for node in 2...5 { #expect(x[node] == .zeros(x[0].shape)) }
  }

  @Test func eqD1_2_negative_anEdgeReadsItsSource() {
    // Only the edges 0 -> 2 and 2 -> 3: node 3 is input 0, and input 1 is nowhere.
    let edges = space.edges.indices.filter {
      (space.edges[$0].source, space.edges[$0].target) == (0, 2)
        || (space.edges[$0].source, space.edges[$0].target) == (2, 3)
    }
    #expect(edges == [0, 4])
    var edge = -1
    let x = nodes(
      space.mapPaths { _ in
        edge += 1
        return SearchSpace.dartsPath(edges.contains(edge % 14) ? .skipConnect : .none)
      })
    #expect(x[3] == x[0])
    #expect(x[4] == .zeros(x[0].shape))
  }
}
