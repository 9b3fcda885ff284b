import SearchMethods
import SearchSpaces
import Testing
import TopologicalSimplification

@Suite("A search of one's own")
struct RandomSearchTests {
  private func tried(_ space: SearchSpace) throws -> Trial<RandomSearch> {
    try Trial { try RandomSearch(supernet(space), images, epochs: 3, batchSize: 4, seed: seed) }
  }

  @Test(arguments: [nil, Simplifier()])
  func `it searches, is resumed and reported, plain and simplified`(_ simplifier: Simplifier?)
    throws
  {
    let trial = try tried(simplifier?.simplify(.nasBench201) ?? .nasBench201)
    #expect(trial.reports.map(\.unit) == [1, 2, 3])
    #expect(trial.reports[2].genotype == "\(trial.search.results[0])")
    #expect(trial.reports.allSatisfy { $0.columns[0].value.isFinite })
    #expect(trial.page.contains("best acc"))
  }

  @Test func `a state of another search is refused`() throws {
    let search = try RandomSearch(
      supernet(.nasBench201), images, epochs: 3, batchSize: 4, seed: seed)
    var state = search.state
    state.tensors["best.alpha"] = nil
    #expect(throws: SearchStateError.missing("best.alpha")) { try search.restore(state) }
  }
}
