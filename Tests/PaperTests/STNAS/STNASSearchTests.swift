import Datasets
import NeuralNetworks
import SearchSpaces
import Tensors
import TestSupport
import Testing
import TopologicalSimplification

@testable import SearchMethods

/// The search as a whole: phases, resume, budget, and what its scores are.
@Suite("ST-NAS: search")
struct STNASSearchTests {
  private struct Stop: Error {}

  private static let seed = RandomGenerator(seed: 1)
  private static let layout = TopologyAugmentedSpace(
    stages: 2, lastNode: 3, longestSkip: 2, module: .convolution(kernel: 3))

  private static var algorithm: STNAS {
    var algorithm = STNAS()
    algorithm.sampling = WeightSampling(burnIn: 1, interval: 2, samples: 2)
    algorithm.samplingRate = 0.01
    algorithm.evolution = EvolutionRule(
      population: 4, parents: 2, mutants: 2, crossovers: 2, mutationRate: 0.3)
    (algorithm.generations, algorithm.calibrationBatches) = (2, 2)
    return algorithm
  }

  private func search(
    _ algorithm: STNAS = Self.algorithm, seed: RandomGenerator = Self.seed
  ) throws -> STNASSearch<CellSupernet<Topology>> {
    let network = CellSupernet<Topology>(
      Self.layout.searchSpace, channels: 2, cells: 2, classes: 10, seed: seed)
    let task = SearchTask(
      SyntheticImages.make(count: 24, seed: 1), SearchSettings(epochs: 2, batchSize: 4),
      size: NetworkSize(channels: 2, cells: 2), seed: seed)
    return try STNASSearch(network, task, algorithm)
  }

  private func cost(_ genotype: Topology) -> NetworkCost { networkCost(of: genotype) }

  /// The lines of a search without times, until so many events have come.
  private func run(
    _ search: STNASSearch<CellSupernet<Topology>>, events: Int = .max, threads: Int = 2
  ) throws -> (lines: [String], events: Int) {
    var (lines, count) = ([String](), 0)
    do {
      try Threads.$limit.withValue(threads) {
        try search.run { event in
          if case .unit(let report) = event {
            lines.append("\(report.unit) \(report.genotype) \(report.columns)")
          }
          count += 1
          if count == events { throw Stop() }
        }
      }
    } catch is Stop {}
    return (lines, count)
  }

  @Test func `stopped anywhere, it ends with the same bytes`() throws {
    let whole = try search()
    let (lines, events) = try run(whole, threads: 1)
    #expect(lines.count == 2 + 1 + 1 + 2 && events > 30)
    let end = whole.state
    for stop in stride(from: 1, to: events, by: 5) {
      let first = try search()
      _ = try run(first, events: stop)
      let second = try search()
      try second.restore(first.state)
      let rest = try run(second, threads: 3).lines
      #expect(rest == lines.suffix(rest.count), "stopped at \(stop)")
      #expect(second.state.tensors == end.tensors && second.state.numbers == end.numbers)
      #expect(second.results == whole.results)
    }
  }

  @Test func `another seed gives another search`() throws {
    let (a, b) = (try search(), try search(seed: RandomGenerator(seed: 2)))
    #expect(try run(a).lines != run(b).lines)
  }

  @Test func `its phases are what it announces`() throws {
    let search = try search()
    #expect(
      (0..<6).map(search.phase) == [
        .training(epoch: 0), .training(epoch: 1), .sampling, .generation(0), .generation(1),
        .generation(2),
      ])
    var (steps, evaluations) = (0, 0)
    try search.run { event in
      switch event {
      case .step: steps += 1
      case .evaluation: evaluations += 1
      case .unit(let report):
        let work = search.work(in: report.unit - 1)
        #expect(work == UnitWork(steps: steps, evaluations: evaluations))
        (steps, evaluations) = (0, 0)
      }
    }
    #expect(search.samples.count == 2)
    #expect(search.samples[0] != search.samples[1], "Langevin steps lie between them")
  }

  @Test func `results are the best of a ranking without repetitions, the best last`() throws {
    let search = try search()
    _ = try run(search)
    let pool = search.pool
    #expect(Set(pool.members.map(\.genome)).count == pool.members.count)
    #expect(pool.members.count == search.measured.reduce(0, +) && pool.members.count > 4)
    let best = Topology(search.genes.derivedEdges(pool.best[0].genome), of: search.network.space)
    #expect(search.results.count == 2 && search.results[1] == best)
    #expect(pool.best[0].fitness >= pool.best[1].fitness)
  }

  @Test func `a score is the mean accuracy with all weight samples`() throws {
    let search = try search()
    _ = try run(search)
    let member = search.pool.members[1]
    let path = search.genes.path(member.genome)
    let calibration = Array(search.halves.training.evaluationBatches.prefix(2))
    let accuracies = search.samples.map { sample in
      for (parameter, value) in zip(search.network.parameters, sample) { parameter.value = value }
      recalibrate(search.network, path, on: calibration)
      return evaluate(search.network, on: search.halves.validation, path).accuracy
    }
    #expect(sharedScore(accuracies) == member.fitness)
  }

  @Test func `the table has every accuracy of what was measured`() throws {
    let search = try search()
    var rows: [[String]] = []
    try search.run { event in
      guard case .unit(let report) = event else { return }
      let record = search.records[0]
      #expect(record.rows.allSatisfy { $0[0] == "\(report.unit)" })
      rows += record.rows
      #expect(record.total == rows.count && rows.count == search.pool.members.count)
      if let scores = report.scores {
        let new = rows.suffix(scores.count).map { row in
          sharedScore([Double(row[3]), Double(row[4])].compactMap { $0 })
        }
        #expect(scores.best == search.pool.best[0].fitness)
        let sorted = new.sorted()
        expectClose(
          scores.median ?? -1,
          sorted.isEmpty ? -1 : (sorted[sorted.count / 2] + sorted[(sorted.count - 1) / 2]) / 2,
          absolute: 1e-12)
      } else {
        #expect(record.rows.isEmpty && search.phase(report.unit - 1) != .generation(0))
      }
    }
    let text = ([search.records[0].columns] + rows).map { $0.joined(separator: ",") }
    let table = try ScoredArchitecture.table(text.joined(separator: "\n"))
    #expect(table.map(\.score) == search.pool.members.map(\.fitness))
    for (scored, member) in zip(table, search.pool.members) {
      let topology = Topology(search.genes.derivedEdges(member.genome), of: search.network.space)
      #expect(scored.genotype == "\(topology)" && scored.cost == cost(topology))
    }
    #expect(table[0].accuracies != table[1].accuracies)
  }

  @Test func `searches of unlike seeds can measure the same population`() throws {
    var algorithm = Self.algorithm
    (algorithm.populationSeed, algorithm.generations) = (7, 0)
    let searches = try [1, 2].map {
      try search(algorithm, seed: RandomGenerator(seed: UInt64($0)))
    }
    for search in searches { _ = try run(search) }
    let members = searches.map { $0.pool.members }
    #expect(members[0].map(\.genome) == members[1].map(\.genome))
    #expect(members[0].map(\.fitness) != members[1].map(\.fitness), "their weights differ")
    algorithm.populationSeed = 8
    let other = try search(algorithm)
    _ = try run(other)
    #expect(other.pool.members.map(\.genome) != members[0].map(\.genome))
  }

  @Test func `nothing over the budget is measured`() throws {
    let space = Self.layout.searchSpace
    let one = Topology([[true, false], [false, false]], of: Self.layout)
    var algorithm = Self.algorithm
    algorithm.budget = SearchBudget(macs: cost(one).macs)
    let search = try search(algorithm)
    _ = try run(search)
    let topologies = search.pool.members.map {
      Topology(search.genes.derivedEdges($0.genome), of: space)
    }
    #expect(topologies.allSatisfy { cost($0).macs <= cost(one).macs })
    #expect(search.pool.seen.count > search.pool.members.count, "some were over it")
    algorithm.budget = SearchBudget(parameters: 10)
    let hopeless = try self.search(algorithm)
    #expect(throws: SearchError.self) { try run(hopeless) }
  }

  @Test func `a damaged state changes nothing`() throws {
    let search = try search()
    _ = try run(search, events: 33)
    guard case .generation = search.phase(search.progress.units) else {
      Issue.record("the search is in \(search.phase(search.progress.units))")
      return
    }
    let state = search.state
    func isRefused(_ change: (inout SearchState) -> Void) throws -> Bool {
      var damaged = state
      change(&damaged)
      let other = try self.search()
      let before = other.state
      do {
        try other.restore(damaged)
        return false
      } catch { return other.state.tensors == before.tensors }
    }
    for name in state.tensors.keys.filter({ !$0.hasPrefix("value") && !$0.hasPrefix("vel") }) {
      #expect(try isRefused { $0.tensors[name] = nil }, "\(name)")
    }
    for name in state.numbers.keys { #expect(try isRefused { $0.numbers[name] = -1 }, "\(name)") }
    #expect(try isRefused { $0.tensors["seen"]?[0] = 7 })
    #expect(try isRefused { $0.progress = SearchProgress(units: 90) })
    #expect(try isRefused { $0.progress = SearchProgress(units: -1) })
  }

  // MARK: Other spaces

  private static let spaces = [
    SearchSpace.nasBench201, .darts, Simplifier().simplify(.nasBench201),
    Simplifier(weights: .independent).simplify(.nasBench201), Simplifier().simplify(.darts),
  ]

  @Test(arguments: spaces.indices)
  func `a sampled path gives one candidate all the weight, in every space`(_ index: Int) {
    let space = Self.spaces[index]
    let genes = Genes(space)
    var generator = Self.seed.stream("genes", index)
    let genome = genes.uniform(using: &generator)
    let path = genes.path(genome)
    for (kind, cell) in space.cells.enumerated() {
      let columns = space.logitCounts[kind].max() ?? 0
      let weights = cell.operations.enumerated().flatMap { edge, operation in
        operation.candidateWeights.map { EdgeWeight(edge: edge, weight: $0) }
      }
      let values = path.forCells(ofKind: kind).values(
        of: weights, logits: .constant(.zeros([space.edges.count, columns])))
      let expected = space.edges.indices.flatMap { edge in
        space.primitives.indices.map {
          genome[kind * space.edges.count + edge] == $0 ? 1.0 : 0
        }
      }
      #expect(values.value.doubles == expected)
    }
  }

  @Test func `on NAS-Bench-201 a genome is a cell`() {
    let genes = Genes(.nasBench201)
    let genome = [3, 0, 1, 4, 2, 3]
    let cell = NASBench201Genotype(genes.derivedEdges(genome), of: .nasBench201)
    #expect(cell.operations == genome.map { SearchSpace.nasBench201.primitives[$0] })
    #expect(genes.choices.allSatisfy { $0.count == 5 })
    let chain = Genes(Self.layout.searchSpace).choices.map(\.count)
    #expect(chain == [1, 2, 1, 2, 1, 1, 2, 1, 2, 1], "the chain is no choice")
  }
}
