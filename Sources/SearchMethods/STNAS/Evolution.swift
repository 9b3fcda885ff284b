import SearchSpaces
import Tensors

/// All genomes that an evolution has seen, and the best of those within the budget.
///
/// It knows no network: a genome is a list of genes, which are bits or other whole numbers; its cost and its fitness are
/// given.
public struct EvolutionPool: Sendable {
  /// What becomes of a genome that is proposed.
  public enum Verdict: String, Sendable {
    /// It is within the budget and was never seen: its fitness is worth measuring.
    case kept
    /// It is over the budget: it is seen, and never ranked.
    case overBudget = "over budget"
    /// It was seen before.
    case duplicate
  }

  /// A genome with its fitness.
  public struct Member: Hashable, Sendable {
    /// The genes.
    public let genome: [Int]
    /// The higher the better.
    public let fitness: Double

    /// Creates a member.
    public init(genome: [Int], fitness: Double) {
      (self.genome, self.fitness) = (genome, fitness)
    }
  }

  /// What a genome may cost.
  public let budget: SearchBudget
  /// k: how many of the best are parents.
  public let parents: Int
  /// All genomes that were measured, in their order.
  public private(set) var members: [Member] = []
  /// All genomes that were seen, in their order.
  public private(set) var seen: [[Int]] = []
  private var known: Set<[Int]> = []

  /// Creates a pool that has seen nothing.
  public init(budget: SearchBudget, parents: Int) {
    self.init(budget: budget, parents: parents, seen: [], members: [])
  }

  /// Creates the pool that has seen and measured these.
  init(budget: SearchBudget, parents: Int, seen: [[Int]], members: [Member]) {
    precondition(parents > 0, "an evolution needs one parent at least, found k = \(parents)")
    (self.budget, self.parents) = (budget, parents)
    (self.seen, self.members, known) = (seen, members, Set(seen))
  }

  /// Sees a genome of this cost.
  ///
  /// Equation: C-5 [reconstructed: low]. evolution with Score(a) as fitness under a constraint of MAdds; what is over
  /// the budget is rejected.
  ///
  /// Explained in chapter 21.
  public mutating func see(_ genome: [Int], cost: NetworkCost) -> Verdict {
    guard known.insert(genome).inserted else { return .duplicate }
    seen.append(genome)
    return budget.allows(cost) ? .kept : .overBudget
  }

  /// Adds a genome that was kept, with its fitness.
  public mutating func add(_ genome: [Int], fitness: Double) {
    precondition(hasSeen(genome), "a genome is seen before it is measured")
    members.append(Member(genome: genome, fitness: fitness))
  }

  /// Whether a genome was seen.
  public func hasSeen(_ genome: [Int]) -> Bool { known.contains(genome) }

  /// All that were measured, the best first; ties go to the earlier.
  public var ranking: [Member] {
    members.indices.sorted {
      let (a, b) = (members[$0].fitness, members[$1].fitness)
      return a == b ? $0 < $1 : a > b
    }.map { members[$0] }
  }

  /// The k best.
  public var best: [Member] { Array(ranking.prefix(parents)) }
}

/// How new genomes are made of the best.
public struct EvolutionRule: Hashable, Codable, Sendable {
  /// How many random genomes an evolution begins with.
  public var population: Int
  /// k: how many of the best are parents.
  public var parents: Int
  /// How many mutants a generation proposes.
  public var mutants: Int
  /// How many crossovers a generation proposes, after the mutants.
  public var crossovers: Int
  /// p_mut: the probability with which a gene of a mutant changes.
  public var mutationRate: Double

  /// Creates a rule; the standard numbers are those of single-path one-shot search, second-hand.
  public init(
    population: Int = 50, parents: Int = 10, mutants: Int = 25, crossovers: Int = 25,
    mutationRate: Double = 0.1
  ) {
    precondition(
      population >= 1 && parents >= 1 && mutants >= 0 && crossovers >= 0,
      "expected a population and parents, and no negative number of children, found \(population), "
        + "\(parents), \(mutants), \(crossovers)")
    precondition(0...1 ~= mutationRate, "a probability lies in [0, 1], found \(mutationRate)")
    (self.population, self.parents) = (population, parents)
    (self.mutants, self.crossovers, self.mutationRate) = (mutants, crossovers, mutationRate)
  }

  /// The genomes that a generation proposes; they may have been seen before.
  ///
  /// Equation: C-8 [reconstructed: low]. of the k best of all genomes seen, a generation proposes m mutants (parent
  /// uniform among the k, every bit flipped with probability p_mut), then m crossovers (two parents, every bit from the
  /// first with probability 1/2); a genome is evaluated once; over-budget genomes are seen but never ranked; ties go
  /// to the earlier.
  ///
  /// A gene that is no bit changes to any of its other values with the same probability.
  ///
  /// - Parameters:
  ///   - best: the k best, one at least.
  ///   - choices: the values that each gene can have; a gene with one value never changes.
  ///   - generator: what is random.
  /// - Returns: the mutants, then the crossovers.
  ///
  /// Explained in chapter 21.
  public func proposals(
    of best: [EvolutionPool.Member], choices: [[Int]], using generator: inout RandomGenerator
  ) -> [[Int]] {
    precondition(!best.isEmpty, "a generation needs a parent")
    var proposals: [[Int]] = []
    for _ in 0..<mutants {
      let parent = best[generator.integer(below: best.count)].genome
      proposals.append(mutant(of: parent, replacing: changes(of: parent, choices, &generator)))
    }
    for _ in 0..<crossovers {
      let first = generator.integer(below: best.count)
      // Another one, if there is another one.
      let step = best.count > 1 ? 1 + generator.integer(below: best.count - 1) : 0
      let (a, b) = (best[first].genome, best[(first + step) % best.count].genome)
      proposals.append(
        crossover(of: a, b, takingFirst: a.map { _ in generator.integer(below: 2) == 1 }))
    }
    return proposals
  }

  /// Of each gene another value, or nil where it stays.
  private func changes(
    of genome: [Int], _ choices: [[Int]], _ generator: inout RandomGenerator
  ) -> [Int?] {
    zip(genome, choices).map { value, choices in
      guard Double(generator.uniform()) < mutationRate else { return nil }
      let others = choices.filter { $0 != value }
      return others.isEmpty ? nil : others[generator.integer(below: others.count)]
    }
  }
}

/// The genome with some genes replaced; nil leaves one as it is.
public func mutant(of parent: [Int], replacing values: [Int?]) -> [Int] {
  precondition(
    parent.count == values.count, "\(parent.count) genes need as many draws, found \(values.count)")
  return zip(parent, values).map { $1 ?? $0 }
}

/// The genome whose genes come from `a` where the draw says so, and from `b` elsewhere.
public func crossover(of a: [Int], _ b: [Int], takingFirst: [Bool]) -> [Int] {
  precondition(
    a.count == b.count && a.count == takingFirst.count,
    "two parents of \(a.count) and \(b.count) genes need as many draws, found \(takingFirst.count)")
  return takingFirst.indices.map { takingFirst[$0] ? a[$0] : b[$0] }
}
