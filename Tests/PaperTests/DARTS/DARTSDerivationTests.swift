import SearchSpaces
import Tensors
import TestSupport
import Testing

/// From weights to cells: D1-8 and D1-10.
@Suite("DARTS: derivation")
struct DARTSDerivationTests {
  private let primitives = SearchSpace.darts.primitives
  private typealias Connection = DARTSGenotype.Connection

  /// Log weights in which every candidate of every edge but those listed has the logarithm -10.
  private func logWeights(_ values: [(edge: Int, operation: Primitive, value: Scalar)]) -> Tensor {
    var table = Tensor(repeating: -10, shape: [14, primitives.count])
    for (edge, operation, value) in values {
      table[edge * primitives.count + (primitives.firstIndex(of: operation) ?? 0)] = value
    }
    return table
  }

  private func cell(_ logWeights: Tensor) -> DARTSGenotype.Cell {
    DARTSGenotype.Cell(logWeights: logWeights, primitives: primitives)
  }

  @Test func eqD1_8_twoStrongestPredecessorsStrongestFirst() {
    // Node 2 has edges 0 and 1, node 3 edges 2 to 4, node 4 edges 5 to 8, node 5 edges 9 to 13.
    let derived = cell(
      logWeights([
        (0, .sepConv3x3, -2), (1, .sepConv5x5, -1),
        (2, .maxPool3x3, -3), (3, .avgPool3x3, -1), (4, .skipConnect, -2),
        (5, .dilConv3x3, -1), (6, .dilConv5x5, -4), (7, .sepConv3x3, -3), (8, .sepConv5x5, -2),
        (9, .skipConnect, -5), (10, .sepConv3x3, -4), (11, .sepConv5x5, -3),
        (12, .maxPool3x3, -2), (13, .dilConv5x5, -1),
      ]))
    #expect(
      derived.connections == [
        Connection(.sepConv5x5, from: 1), Connection(.sepConv3x3, from: 0),
        Connection(.avgPool3x3, from: 1), Connection(.skipConnect, from: 2),
        Connection(.dilConv3x3, from: 0), Connection(.sepConv5x5, from: 3),
        Connection(.dilConv5x5, from: 4), Connection(.maxPool3x3, from: 3),
      ])
    #expect(derived.concatenated == [2, 3, 4, 5])
  }

  @Test func eqD1_8_theRulesOfTheOfficialCodeOnRandomWeights() {
    for seed in 0..<20 {
      let table = sample([14, 8], seed).logSoftmax()
      let connections = cell(table).connections
      var first = 0
      for node in 2...5 {
        // In the plain words of the rule: no other predecessor is stronger, no other candidate either.
        func strength(_ source: Int) -> Scalar {
          (1..<8).map { table[(first + source) * 8 + $0] }.max() ?? 0
        }
        let pair = connections[2 * node - 4..<2 * node - 2].map { ($0.operation, $0.source) }
        let left = (0..<node).filter { source in !pair.contains { $0.1 == source } }
        #expect(left.count == node - 2)
        #expect(strength(pair[0].1) >= strength(pair[1].1))
        #expect(left.allSatisfy { strength($0) <= strength(pair[1].1) })
        for (operation, source) in pair {
          let column = primitives.firstIndex(of: operation) ?? 0
          #expect(table[(first + source) * 8 + column] == strength(source))
        }
        first += node
      }
    }
  }

  @Test func eqD1_8_ofEqualsTheFirstWins() {
    #expect(
      cell(.zeros([14, 8])).connections
        == [2, 3, 4, 5].flatMap { _ in
          [Connection(.maxPool3x3, from: 0), Connection(.maxPool3x3, from: 1)]
        })
    // Sources 1 and 3 of node 5 are equally strong, source 3 by two candidates.
    let derived = cell(
      logWeights([(10, .dilConv3x3, -1), (12, .sepConv5x5, -1), (12, .dilConv5x5, -1)]))
    #expect(
      derived.connections(to: 5) == [
        Connection(.dilConv3x3, from: 1), Connection(.sepConv5x5, from: 3),
      ])
  }

  @Test func eqD1_8_noneIsNeverChosen() {
    var table = sample([14, 8], 3)
    let before = cell(table)
    for edge in 0..<14 { table[edge * 8] = 20 + Scalar(edge) }
    #expect(cell(table) == before, "however strong none is")
    #expect(before.connections.allSatisfy { $0.operation != .none })
  }

  @Test func eqD1_8_negative_countingNoneWouldRankOtherwise() {
    // With none counted, edge 2 of node 3 would come first.
    let table = logWeights([
      (2, .none, -0.1), (2, .sepConv3x3, -5), (3, .sepConv3x3, -3), (4, .sepConv3x3, -4),
    ])
    #expect(cell(table).connections(to: 3).map(\.source) == [1, 2])
    let counted = (0..<3).map { source in (0..<8).map { table[(2 + source) * 8 + $0] }.max() ?? 0 }
    #expect(argMaxOf(counted) == 0)
  }

  @Test func eqD1_8_negative_theMeanIsNotTheMaximum() {
    // Edge 2 is strong on average, edges 3 and 4 have one strong candidate each.
    var table = logWeights([(3, .sepConv3x3, -1), (4, .dilConv3x3, -1.5)])
    for column in 1..<8 { table[2 * 8 + column] = -2 }
    #expect(cell(table).connections(to: 3).map(\.source) == [1, 2])
    let means = (0..<3).map { source in
      (1..<8).reduce(Scalar(0)) { $0 + table[(2 + source) * 8 + $1] } / 7
    }
    #expect(argMaxOf(means) == 0)
  }

  @Test func eqD1_8_negative_logitsOfTwoEdgesAreNotComparable() {
    // The logit of edge 0 is larger, its share is smaller.
    var logits = Tensor.zeros([14, 8])
    for column in 0..<8 { logits[column] = 3 }
    logits[4] = 3.5
    logits[8 + 5] = 2
    #expect(cell(logits.logSoftmax()).connections(to: 2).map(\.source) == [1, 0])
    #expect(cell(logits).connections(to: 2).map(\.source) == [0, 1])
  }

  @Test func eqD1_8_limit_aShiftOfAnEdgesLogitsChangesNothing() {
    let logits = sample([14, 8], 5)
    let shifts = sample([14], 6)
    let shifted = Tensor(
      (0..<14 * 8).map { logits[$0] + 4 * shifts[$0 / 8] }, shape: logits.shape)
    #expect(cell(shifted.logSoftmax()) == cell(logits.logSoftmax()))
  }

  @Test func eqD1_8_bothCellsAreDerivedEachFromItsOwn() {
    let (normal, reduction) = (sample([14, 8], 1), sample([14, 8], 2))
    let genotype = DARTSGenotype(normal: normal, reduction: reduction, primitives: primitives)
    #expect(genotype.normal == cell(normal))
    #expect(genotype.reduction == cell(reduction))
    #expect(genotype.normal != genotype.reduction)
  }

  private func argMaxOf(_ numbers: [Scalar]) -> Int {
    numbers.indices.max { numbers[$0] < numbers[$1] } ?? 0
  }

  @Test func eqD1_10_numberOfCells() throws {
    let golden = try GoldenFile("methods-golden")["darts-space"]
    let cells = DARTSGenotype.cellCount
    #expect(["\(cells)"] == (try golden.label("cell")))
    #expect(["\(cells * cells)"] == (try golden.label("normalAndReduce")))
  }

  @Test func eqD1_10_countedOneByOne() {
    // All pairs of predecessors times all pairs of operations, node by node.
    let choices = (2...5).map { node in
      (0..<node).reduce(0) { count, i in count + (i + 1..<node).count } * 7 * 7
    }
    #expect(choices == [49, 147, 294, 490])
    #expect(choices.reduce(1, *) == DARTSGenotype.cellCount)
    #expect(primitives.count { $0 != .none } == 7)
  }
}
