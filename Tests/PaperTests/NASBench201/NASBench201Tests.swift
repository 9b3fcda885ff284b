import Autodiff
import Foundation
import NeuralNetworks
import SearchMethods
import Tensors
import TestSupport
import Testing
import TopologicalSimplification

@testable import SearchSpaces

/// The benchmark's space: D5-1.
@Suite("NAS-Bench-201: the space")
struct NASBench201SpaceTests {
  private let space = SearchSpace.nasBench201

  @Test func eqD5_1_fourNodesSixEdgesFiveCandidates() throws {
    #expect(space.nodeCount == 4)
    #expect(
      space.edges.map { [$0.source, $0.target] } == [
        [0, 1], [0, 2], [1, 2], [0, 3], [1, 3], [2, 3],
      ])
    #expect(
      space.primitives.map(\.rawValue)
        == ["none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"])
    let count = space.edges.reduce(1) { product, _ in product * space.primitives.count }
    #expect(Double(count) == (try GoldenFile("methods-golden")["nb201-space"].scalar("strings")))
  }

  private func cell(_ operations: [Primitive], _ x: Tensor) -> Tensor {
    var edge = -1
    let discrete = space.mapPaths { _ in
      edge += 1
      return SearchSpace.nasBench201Path(operations[edge])
    }
    let weights = RelaxedArchitecture(
      logits: .constant(.zeros([6, 5])), relaxation: SoftmaxRelaxation())
    return SearchCell(
      discrete, channels: x.shape.channels, name: "c", seed: RandomGenerator(seed: 1))(
        [.constant(x)], weights, in: ForwardPass(.training)
      )[3].value
  }

  @Test func eqD5_1_theAllSkipCellReturnsFourTimesItsInput() throws {
    let x = sample([2, 4, 4, 3])
    let gain = Scalar(try GoldenFile("methods-golden")["nb201-space"].scalar("allSkipGain"))
    expectClose(cell(Array(repeating: .skipConnect, count: 6), x), gain * x)
  }

  @Test func eqD5_1_limit_theAllNoneCellReturnsZero() {
    let x = sample([2, 4, 4, 3])
    #expect(cell(Array(repeating: .none, count: 6), x) == .zeros(x.shape))
  }

  @Test func eqD5_1_nodesAreSumsOfTheirEdges() {
    // Only 0->1 (pool), 1->3 (skip) and 0->3 (pool): pool(x) + pool(x).
    let x = sample([2, 5, 4, 3])
    let y = cell([.avgPool3x3, .none, .none, .avgPool3x3, .skipConnect, .none], x)
    expectClose(y, 2 * Naive.averagePooling(x, Window(3)))
  }

  @Test func eqD5_1_negative_anEdgeReadsItsSourceNotTheInput() {
    let x = sample([2, 5, 4, 3])
    let chain = cell([.avgPool3x3, .none, .avgPool3x3, .none, .none, .avgPool3x3], x)
    let once = Naive.averagePooling(x, Window(3))
    #expect(largestDifference(chain, once) > 0.05, "three pools in a row, not one")
    expectClose(
      chain, Naive.averagePooling(Naive.averagePooling(once, Window(3)), Window(3)), absolute: 1e-5)
  }
}

/// The size of a network as the benchmark counts it.
@Suite("NAS-Bench-201: cost of a cell")
struct NASBench201CostTests {
  @Test(
    arguments: [
      (Primitive.norConv3x3, 220_119_690, 1_531_546), (.norConv1x1, 31_376_010, 241_306),
      (.avgPool3x3, 7_783_050, 73_306), (.skipConnect, 7_783_050, 73_306),
      (.none, 7_783_050, 73_306),
    ])
  func uniformCells(_ primitive: Primitive, _ macs: Int, _ parameters: Int) {
    let size = networkCost(of: NASBench201Genotype(Array(repeating: primitive, count: 6)))
    #expect(size.macs == macs)
    #expect(size.parameters == parameters)
  }

  @Test(.enabled(if: DevelopmentData.nasBench201 != nil, "TOPONAS_NASBENCH201 names no table"))
  func `all 15,625 rows of the table`() throws {
    let file = try #require(DevelopmentData.nasBench201)
    let rows = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
    let names = rows[0].split(separator: ",")
    let columns = try ["arch_str", "flops_m", "params_m"].map { name in
      try #require(names.firstIndex { $0 == name })
    }
    #expect(rows.count == 15_626)
    for row in rows.dropFirst() {
      let fields = row.split(separator: ",")
      let genotype = try NASBench201Genotype(parsing: String(fields[columns[0]]))
      let size = networkCost(of: genotype)
      #expect(Double(fields[columns[1]]) == Double(size.macs) / 1e6)
      #expect(Double(fields[columns[2]]) == Double(size.parameters) / 1e6)
    }
  }
}
