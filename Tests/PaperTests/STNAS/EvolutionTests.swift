import Foundation
import SearchSpaces
import Tensors
import TestSupport
import Testing

@testable import SearchMethods

/// The evolution under a budget: C-5, C-8.
@Suite("ST-NAS: evolution")
struct STNASEvolutionTests {
  private let golden: GoldenCase
  init() throws { golden = try GoldenFile("methods-next-golden")["stnas-evolution"] }

  private func genome(_ text: String) -> [Int] { text.map { $0 == "1" ? 1 : 0 } }
  private func text(_ genome: [Int]) -> String { genome.map(String.init).joined() }

  private func cost(_ genome: [Int]) throws -> NetworkCost {
    let costs = zip(genome, try golden.vector("cost")).map { $0 * Int($1) }
    return NetworkCost(macs: costs.reduce(try golden.integer("base"), +), parameters: 0)
  }

  /// The sum of the values of the bits, and what pairs of them add, `1,4:-2`.
  private func fitness(_ genome: [Int]) throws -> Double {
    let values = zip(genome, try golden.vector("value")).map { Double($0) * $1 }
    return try golden.label("bonus").reduce(values.reduce(0, +)) { sum, bonus in
      let parts = bonus.split { ",:".contains($0) }.compactMap { Int($0) }
      return sum + (Double(genome[parts[0]] * genome[parts[1]] * parts[2]))
    }
  }

  /// Runs the evolution of the golden case; `isRanked` says which verdicts are measured.
  private func run(
    isRanked: (EvolutionPool.Verdict) -> Bool = { $0 == .kept }
  ) throws -> (pool: EvolutionPool, lines: [String], verdicts: [String]) {
    var pool = EvolutionPool(
      budget: SearchBudget(macs: try golden.integer("budget")), parents: try golden.integer("k"))
    var (lines, verdicts): ([String], [String]) = ([], [])
    func propose(_ genomes: [[Int]]) throws {
      for genome in genomes {
        let verdict = pool.see(genome, cost: try cost(genome))
        lines.append(text(genome))
        verdicts.append(verdict.rawValue)
        if isRanked(verdict) { pool.add(genome, fitness: try fitness(genome)) }
      }
    }
    func rank() {
      lines.append("top: \(pool.best.map { text($0.genome) }.joined(separator: " "))")
      verdicts.append("ranking")
    }
    try propose(try golden.label("candidates").prefix(6).map(genome))
    rank()
    let draws = zip(try golden.label("mutations"), try golden.label("crossovers"))
    for (mutations, crossovers) in draws {
      let best = pool.best
      let mutants = mutations.matches(of: /\((\d), \[([^\]]*)\]\)/).map { draw in
        let flips = draw.2.split(separator: ", ").compactMap { Int($0) }
        let parent = best[Int(draw.1) ?? 0].genome
        return mutant(
          of: parent, replacing: (0..<6).map { flips.contains($0) ? 1 - parent[$0] : nil })
      }
      let crossed = crossovers.matches(of: /\((\d), (\d), '([01]+)'\)/).map { draw in
        crossover(
          of: best[Int(draw.1) ?? 0].genome, best[Int(draw.2) ?? 0].genome,
          takingFirst: draw.3.map { $0 == "1" })
      }
      try propose(mutants + crossed)
      if verdicts.count < (try golden.label("verdicts").count) { rank() }
    }
    return (pool, lines, verdicts)
  }

  // MARK: C-8

  @Test func eqC8_golden() throws {
    let found = try run()
    #expect(found.lines == (try golden.label("candidates")))
    #expect(found.verdicts == (try golden.label("verdicts")))
    #expect(found.pool.best.map { text($0.genome) } == (try golden.label("finalTop")))
    let genomes = try golden.label("candidates").filter { !$0.hasPrefix("top") }.map(genome)
    let isGenome = try golden.label("candidates").map { !$0.hasPrefix("top") }
    func numbers(_ name: String) throws -> [Double] {
      zip(try golden.vector(name), isGenome).filter(\.1).map(\.0)
    }
    expectClose(try genomes.map { Double(try cost($0).macs) }, try numbers("candidateCost"))
    expectClose(try genomes.map(fitness), try numbers("candidateFitness"))
  }

  @Test func eqC8_invariant_noGenomeIsMeasuredTwice() throws {
    let pool = try run().pool
    #expect(Set(pool.members.map(\.genome)).count == pool.members.count)
    #expect(pool.members.allSatisfy { pool.hasSeen($0.genome) })
    #expect(Set(pool.seen).count == pool.seen.count)
    let verdicts = try golden.label("verdicts")
    #expect(pool.members.count == verdicts.count { $0 == "kept" })
    #expect(pool.seen.count == verdicts.count { $0 == "kept" || $0 == "over budget" })
  }

  @Test func eqC8_tiesGoToTheEarlier() {
    var pool = EvolutionPool(budget: SearchBudget(), parents: 3)
    for (index, fitness) in [1.0, 2, 1, 2, 1].enumerated() {
      let genome = (0..<5).map { $0 == index ? 1 : 0 }
      _ = pool.see(genome, cost: .zero)
      pool.add(genome, fitness: fitness)
    }
    let order = pool.ranking.compactMap { $0.genome.firstIndex(of: 1) }
    #expect(order == [1, 3, 0, 2, 4])
    #expect(pool.best.count == 3)
  }

  @Test func eqC8_proposalsAreMutantsAndThenCrossovers() {
    let parents = [[0, 0, 0, 0], [1, 1, 1, 1]].map {
      EvolutionPool.Member(genome: $0, fitness: 0)
    }
    let rule = EvolutionRule(mutants: 300, crossovers: 300, mutationRate: 0.1)
    var generator = RandomGenerator(seed: 1)
    let bits = Array(repeating: [0, 1], count: 4)
    let proposals = rule.proposals(of: parents, choices: bits, using: &generator)
    #expect(proposals.count == 600)
    // 1200 bits: the standard error of the rate is 0.009.
    let flips = proposals.prefix(300).reduce(0) { count, genome in
      let ones = genome.reduce(0, +)
      return count + min(ones, 4 - ones)
    }
    #expect(abs(Double(flips) / 1200 - 0.1) < 0.03)
    let ones = proposals.suffix(300).reduce(0) { $0 + $1.reduce(0, +) }
    #expect(abs(Double(ones) / 1200 - 0.5) < 0.05)
    var again = RandomGenerator(seed: 1)
    #expect(rule.proposals(of: parents, choices: bits, using: &again) == proposals)
  }

  @Test func eqC8_limit_ratesOf0And1() {
    let parent = EvolutionPool.Member(genome: [1, 0, 1], fitness: 1)
    var generator = RandomGenerator(seed: 1)
    func mutants(_ rate: Double) -> [[Int]] {
      EvolutionRule(mutants: 3, crossovers: 2, mutationRate: rate)
        .proposals(of: [parent], choices: [[0, 1], [0, 1], [1]], using: &generator)
    }
    #expect(mutants(0).allSatisfy { $0 == parent.genome })
    let flipped = mutants(1)
    #expect(flipped.prefix(3).allSatisfy { $0 == [0, 1, 1] }, "a single value stays")
    #expect(flipped.suffix(2).allSatisfy { $0 == parent.genome }, "a single parent has itself")
  }

  @Test func eqC8_negative_crossoverTakesBitsAndNotAHalf() {
    let (a, b) = ([1, 1, 1, 1], [0, 0, 0, 0])
    #expect(crossover(of: a, b, takingFirst: [true, false, true, false]) == [1, 0, 1, 0])
    let other = crossover(of: b, a, takingFirst: [true, true, false, false])
    #expect(other == [0, 0, 1, 1])
  }

  // MARK: C-5

  @Test func eqC5_overTheBudgetNothingIsRanked() throws {
    let pool = try run().pool
    #expect(pool.hasSeen(genome("111111")))
    #expect(!pool.members.contains { $0.genome == genome("111111") })
    #expect(try pool.members.allSatisfy { try cost($0.genome).macs <= 24 })
  }

  @Test func eqC5_limit_theBudgetItselfIsAllowed() {
    let budget = SearchBudget(macs: 24, parameters: 7)
    #expect(budget.allows(NetworkCost(macs: 24, parameters: 7)))
    #expect(!budget.allows(NetworkCost(macs: 25, parameters: 7)))
    #expect(!budget.allows(NetworkCost(macs: 24, parameters: 8)))
    #expect(SearchBudget().allows(NetworkCost(macs: .max, parameters: .max)))
  }

  /// The fittest of all is too expensive.
  @Test func eqC5_negative_withoutTheBudgetAnotherOneWins() throws {
    let wrong = try run { $0 != .duplicate }.pool.best
    #expect(text(wrong[0].genome) == "111111")
    #expect(wrong.map { text($0.genome) } != (try golden.label("finalTop")))
  }

  @Test func eqC5_negative_whatIsOverTheBudgetIsSeenNevertheless() throws {
    var pool = EvolutionPool(budget: SearchBudget(macs: 24), parents: 3)
    let all = genome("111111")
    #expect(pool.see(all, cost: try cost(all)) == .overBudget)
    #expect(pool.see(all, cost: try cost(all)) == .duplicate, "it is not proposed again")
  }
}
