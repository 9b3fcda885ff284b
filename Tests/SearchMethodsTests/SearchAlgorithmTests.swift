import Datasets
import SearchMethods
import SearchSpaces
import Settings
import Tensors
import TestSupport
import Testing
import TopologicalSimplification

/// The searches that do not alternate weights and alpha; `SearchStateTests` has the others.
@Suite("Search algorithms")
struct SearchAlgorithmTests {
  private struct Stop: Error {}

  /// What a search leaves: its state, and what it reported without times.
  private struct Trace: Equatable {
    var tensors: [String: Tensor] = [:]
    var numbers: [String: Double] = [:]
    var lines: [String] = []
  }

  private static let algorithms = MethodEntry.all.map { entry in
    var values = entry.standardValues
    for name in few.names { values[name] = few[name] }
    return entry.make(values, RandomGenerator(seed: 1))
  }.filter { !($0 is any SearchMethod) }
  /// Smaller numbers for a network of a few images.
  private static let few: SettingValues = [
    "burn-in": 1, "sample-interval": 1, "weight-samples": 2, "calibration-batches": 1,
    "population": 2, "parents": 2, "mutants": 1, "crossovers": 1, "generations": 1,
  ]
  private static let spaces = [SearchSpace.nasBench201, Simplifier().simplify(.nasBench201)]

  private func search(
    _ algorithm: any SearchAlgorithm, _ space: SearchSpace, epochs: Int = 2
  ) throws -> any Search {
    let seed = RandomGenerator(seed: 1)
    var settings = SearchSettings(epochs: epochs, batchSize: 4)
    algorithm.adapt(&settings)
    let network = CellSupernet<CellGenotype>(
      algorithm.prepare(space), channels: 4, cells: 1, classes: 10,
      hasAuxiliaryHead: algorithm.usesAuxiliaryHead, seed: seed)
    let images = SmallImages.make(count: 24, seed: 1)
    return try algorithm.search(
      network,
      SearchTask(images, settings, size: NetworkSize(channels: 4, cells: 1), seed: seed) { space in
        CellSupernet<CellGenotype>(space, channels: 4, cells: 1, classes: 10, seed: seed)
      })
  }

  /// Runs a search from a state; throws away what comes after so many events.
  private func trace(
    _ search: some Search, from state: SearchState? = nil, threads: Int, events: Int = .max
  ) throws -> (trace: Trace, state: SearchState, events: Int) {
    if let state { try search.restore(state) }
    var (trace, count) = (Trace(), 0)
    do {
      try Threads.$limit.withValue(threads) {
        try search.run { event in
          if case .unit(let report) = event {
            trace.lines.append("\(report.unit) \(report.genotype) \(report.columns)")
          }
          count += 1
          if count == events { throw Stop() }
        }
      }
    } catch is Stop {}
    let end = search.state
    (trace.tensors, trace.numbers) = (end.tensors, end.numbers)
    return (trace, end, count)
  }

  @Test(arguments: algorithms.indices, spaces.indices)
  func `stopped anywhere, a search ends with the same bytes, for any number of threads`(
    _ algorithm: Int, _ space: Int
  ) throws {
    let (algorithm, space) = (Self.algorithms[algorithm], Self.spaces[space])
    let whole = try trace(search(algorithm, space), threads: 1)
    #expect(!whole.trace.lines.isEmpty && !whole.trace.tensors.isEmpty)
    for stop in Set([1, 2, whole.events / 2, whole.events - 1]) where stop > 0 {
      let first = try trace(search(algorithm, space), threads: 2, events: stop)
      let second = try trace(search(algorithm, space), from: first.state, threads: 3).trace
      #expect(second.tensors == whole.trace.tensors, "\(algorithm), stopped at \(stop)")
      #expect(second.numbers == whole.trace.numbers, "\(algorithm), stopped at \(stop)")
      #expect(second.lines == whole.trace.lines.suffix(second.lines.count))
    }
  }

  @Test(arguments: algorithms.indices)
  func `what is announced of a search is what it does`(_ index: Int) throws {
    func check(_ search: some Search) throws {
      var (steps, evaluations) = (0, 0)
      try search.run { event in
        switch event {
        case .step: steps += 1
        case .evaluation: evaluations += 1
        case .unit(let report):
          let work = search.work(in: report.unit - 1)
          #expect(steps == work.steps && evaluations == work.evaluations)
          (steps, evaluations) = (0, 0)
        }
      }
      #expect(search.results.isEmpty == false)
    }
    try check(search(Self.algorithms[index], .nasBench201))
  }

  /// How long a search takes is measured in a shorter one.
  @Test(arguments: algorithms.indices)
  func `a rehearsal has steps of every kind`(_ index: Int) throws {
    func kinds(_ search: some Search) -> Set<String> {
      Set((0..<search.units).map { search.stepKind(in: $0).name })
    }
    let (short, epochs) = Self.algorithms[index].rehearsal
    let whole = try kinds(search(Self.algorithms[index], .nasBench201, epochs: 70))
    #expect(try kinds(search(short, .nasBench201, epochs: epochs)) == whole)
    #expect(!(short is DOTS) || whole.count == 4)
    #expect(!(short is STNAS) || whole == ["step", "score"])
  }

  @Test func `a damaged state changes nothing`() throws {
    for algorithm in Self.algorithms {
      let search = try search(algorithm, .nasBench201)
      var state = search.state
      let name = try #require(state.tensors.keys.max())
      state.tensors[name] = nil
      #expect(throws: SearchStateError.self) { try search.restore(state) }
    }
  }
}
