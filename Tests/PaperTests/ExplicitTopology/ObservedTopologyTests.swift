import Autodiff
import Datasets
import NeuralNetworks
import Tensors
import TestSupport
import Testing

@testable import SearchMethods
@testable import SearchSpaces

/// What explicit topology learning tells of its sets, and which spaces it objects to.
@Suite("Explicit topology: observations")
struct ObservedTopologyTests {
  private static let seed = RandomGenerator(seed: 1)

  private func network(
    _ method: ExplicitTopology, _ plain: SearchSpace = .darts
  ) -> CellSupernet<CellGenotype> {
    CellSupernet(method.prepare(plain), channels: 2, cells: 3, classes: 10, seed: Self.seed)
  }

  @Test func eqA1_undecidedNodesAtTheStartAndDecidedOnesInTheLimit() throws {
    let method = ExplicitTopology(sizes: .two)
    let network = network(method)
    let start = method.observations(of: network, at: SearchMoment(epoch: 0, of: 3))
    // Of 10 pairs each has a tenth; of 1, 3, 6 and 10 pairs the entropies.
    expectClose(start.columns[0].value, 0.9)
    expectClose(
      start.columns[1].value,
      [1.0, 3, 6, 10].reduce(0) { $0 + Double(Elementary.log(Scalar($1))) } / 4)
    #expect(start.notes.isEmpty)
    for beta in network.architectureParameters.suffix(2) { beta.value = 100 * sample([20], 1) }
    let end = method.observations(of: network, at: SearchMoment(epoch: 2, of: 3))
    #expect(end.columns[0].value < 1e-3 && end.columns[1].value < 1e-2)
    #expect(end.notes.count == 2 && end.notes[0].hasSuffix("\(network.genotype)"))
    #expect(end.notes[1] != end.notes[0])
  }

  @Test func eqA2_theTablesHoldTheMarginalsAndTheSets() {
    let method = ExplicitTopology(sizes: .upToTwo)
    let network = network(method)
    let records = method.observations(of: network, at: SearchMoment(epoch: 1, of: 3)).records
    #expect(records.map(\.name) == ["marginals", "subsets"])
    #expect(records[0].rows.count == 28 && records[1].rows.count == 2 * (4 + 7 + 11 + 16))
    #expect(records[1].rows[0].prefix(4) == ["2", "normal", "2", "empty"])
    #expect(records[1].rows[3][3] == "0+1")
    // The mean number of edges of node 2 with {}, {0}, {1} and {0, 1} alike is 1.
    expectClose(records[0].rows.prefix(2).reduce(0) { $0 + (Double($1[3]) ?? 0) }, 1)
  }

  @Test func `the rule of DARTS ranks edges by the same alpha`() {
    let method = ExplicitTopology(sizes: .oneOrTwo)
    let network = network(method)
    network.architectureParameters[0].value = sample([14, 8], 4)
    network.architectureParameters[1].value = sample([14, 8], 5)
    let darts = CellGenotype(
      [4, 5].map { seed in
        StrongestEdges().edges(
          CellEvidence(.darts, logWeights: sample([14, 8], seed).logSoftmax()))
      }, of: .darts)
    let notes = method.observations(of: network, at: SearchMoment(epoch: 2, of: 3)).notes
    #expect(notes[1].hasSuffix("\(darts)"))
    #expect(network.genotype.edgeCount == 8 && darts.edgeCount == 16)
  }

  @Test func `a search reports what its method observes, and nothing where that is nothing`() throws
  {
    func metrics(_ method: any SearchMethod) throws -> (EpochMetrics, [String]) {
      let search = try BilevelSearch(
        NASBench201Supernet(
          method.prepare(.nasBench201), channels: 2, cellsPerStage: 1, classes: 10,
          seed: Self.seed), SyntheticImages.make(count: 8, seed: 1),
        SearchSettings(epochs: 1, batchSize: 4), method: method, seed: Self.seed)
      return (try search.runUnit { _ in }, search.records.map(\.name))
    }
    let (plain, tables) = try metrics(DARTS())
    #expect(plain.observed == nil && plain.remarks == nil && tables == ["alphas"])
    let (topology, more) = try metrics(ExplicitTopology())
    #expect(topology.columns.map(\.title).suffix(2) == ["undecided", "set entropy"])
    #expect(topology.notes.count == 3 && more == ["alphas", "marginals", "subsets"])
    #expect(topology.curves.count == plain.curves.count + 2)
  }

  @Test func `it objects to spaces that its numbers do not fit`() {
    func objection(_ method: ExplicitTopology, _ space: SearchSpace) -> String {
      method.objection(to: space)?.text ?? ""
    }
    let ends = ExplicitTopology(sizes: .oneOrTwo, joinsLooseEnds: true)
    #expect(objection(ends, .nasBench201).contains("joins no nodes"))
    #expect(objection(ends, .darts).isEmpty)
    let gold = SearchSpace.goldNAS(cells: 3)
    #expect(objection(ends, gold).contains("has an operation in each cell"))
    #expect(objection(ExplicitTopology(sizes: .upToTwo), gold).contains("predecessors without 0"))
    #expect(objection(ExplicitTopology(), gold).isEmpty)
    let penalty = ExplicitTopology(penalty: PassiveAggressiveTerm())
    #expect(objection(penalty, .darts).contains("no topology of darts"))
    #expect(objection(penalty, .nasBench201).isEmpty)
    #expect(
      objection(ExplicitTopology(sizes: .upToTwo, penalty: PassiveAggressiveTerm()), .darts)
        .isEmpty)
  }
}
