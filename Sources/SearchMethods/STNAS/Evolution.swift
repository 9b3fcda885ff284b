import SearchSpaces
import Tensors

/// What an architecture may cost at most; nil is no limit.
public struct SearchBudget: Hashable, Codable, Sendable {
  /// Multiply-accumulates for one image.
  public var macs: Int?
  /// Trained parameters.
  public var parameters: Int?

  /// Creates a budget.
  public init(macs: Int? = nil, parameters: Int? = nil) {
    (self.macs, self.parameters) = (macs, parameters)
  }

  /// Whether a cost is within all limits, or equal to them.
  public func allows(_ cost: TopologyCost) -> Bool {
    cost.macs <= macs ?? .max && cost.parameters <= parameters ?? .max
  }
}

/// All genomes that an evolution has seen, and the best of those within the budget.
///
/// It knows no network: a genome is a list of bits, its cost and its fitness are given.
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
    /// The bits.
    public let genome: [Bool]
    /// The higher the better.
    public let fitness: Double
  }

  /// What a genome may cost.
  public let budget: SearchBudget
  /// k: how many of the best are parents.
  public let parents: Int
  /// All genomes that were measured, in their order.
  public private(set) var members: [Member] = []
  /// All genomes that were seen.
  public private(set) var seen: Set<[Bool]> = []

  /// Creates a pool that has seen nothing.
  public init(budget: SearchBudget, parents: Int) {
    precondition(parents > 0, "an evolution needs one parent at least, found k = \(parents)")
    self.budget = budget
    self.parents = parents
  }

  /// Sees a genome of this cost.
  ///
  /// Equation: C-5 [reconstructed: low]. evolution with Score(a) as fitness under a constraint of MAdds; what is over
  /// the budget is rejected.
  public mutating func see(_ genome: [Bool], cost: TopologyCost) -> Verdict {
    guard seen.insert(genome).inserted else { return .duplicate }
    return budget.allows(cost) ? .kept : .overBudget
  }

  /// Adds a genome that was kept, with its fitness.
  public mutating func add(_ genome: [Bool], fitness: Double) {
    precondition(seen.contains(genome), "a genome is seen before it is measured")
    members.append(Member(genome: genome, fitness: fitness))
  }

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
  /// p_mut: the probability with which a bit of a mutant flips.
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
  /// - Parameters:
  ///   - best: the k best, one at least.
  ///   - generator: what is random.
  /// - Returns: the mutants, then the crossovers.
  public func proposals(
    of best: [EvolutionPool.Member], using generator: inout RandomGenerator
  ) -> [[Bool]] {
    precondition(!best.isEmpty, "a generation needs a parent")
    var proposals: [[Bool]] = []
    for _ in 0..<mutants {
      let parent = best[generator.integer(below: best.count)].genome
      proposals.append(mutant(of: parent, flipping: draw(mutationRate, parent.count, &generator)))
    }
    for _ in 0..<crossovers {
      let first = generator.integer(below: best.count)
      // Another one, if there is another one.
      let step = best.count > 1 ? 1 + generator.integer(below: best.count - 1) : 0
      let (a, b) = (best[first].genome, best[(first + step) % best.count].genome)
      proposals.append(crossover(of: a, b, takingFirst: draw(0.5, a.count, &generator)))
    }
    return proposals
  }

  private func draw(
    _ probability: Double, _ count: Int, _ generator: inout RandomGenerator
  ) -> [Bool] {
    (0..<count).map { _ in Double(generator.uniform()) < probability }
  }
}

/// The genome with some bits flipped.
public func mutant(of parent: [Bool], flipping flips: [Bool]) -> [Bool] {
  precondition(
    parent.count == flips.count, "\(parent.count) bits need as many draws, found \(flips.count)")
  return zip(parent, flips).map { $0 != $1 }
}

/// The genome whose bits come from `a` where the draw says so, and from `b` elsewhere.
public func crossover(of a: [Bool], _ b: [Bool], takingFirst: [Bool]) -> [Bool] {
  precondition(
    a.count == b.count && a.count == takingFirst.count,
    "two parents of \(a.count) and \(b.count) bits need as many draws, found \(takingFirst.count)")
  return takingFirst.indices.map { takingFirst[$0] ? a[$0] : b[$0] }
}
