import SearchSpaces
import Settings
import Tensors

/// ST-NAS: Guo et al., *Powering One-shot Topological NAS with Stabilized Share-parameter Proxy*, 2020.
///
/// A supernet is trained one sampled architecture at a time (C-3). Then Langevin dynamics yields several samples of its
/// weights (C-1b, C-9), and an evolution under a budget (C-5, C-8) ranks architectures by their mean accuracy with all of
/// them (C-2). Of the paper itself the abstract and the introduction were at hand; the equations say what is
/// reconstructed.
///
/// It runs on every space, plain or simplified. That of the paper is the topology-augmented one.
public struct STNAS: SearchAlgorithm {
  /// Which steps of Langevin dynamics give the weight samples.
  public var sampling = WeightSampling(burnIn: 20, interval: 10, samples: 4)
  /// eta of Langevin dynamics.
  public var samplingRate = 1e-3
  /// Temp of Langevin dynamics; 1 samples the posterior, 0 gives snapshots of plain SGD.
  public var temperature = 1.0
  /// How many training batches give the running statistics of a batch norm.
  public var calibrationBatches = 2
  /// How new genomes are made.
  public var evolution = EvolutionRule(population: 12, parents: 4, mutants: 3, crossovers: 3)
  /// What the random population follows from, so that several searches can measure the same architectures; nil is the
  /// seed of the search.
  public var populationSeed: UInt64?
  /// How many generations follow the random population.
  public var generations = 2
  /// What an architecture may cost, in the network in which it is trained from scratch.
  public var budget = SearchBudget()

  /// Creates the algorithm with small numbers; they are variables.
  public init() {}

  /// The name with its main numbers.
  public var description: String {
    "ST-NAS, \(sampling.samples) weight samples, population \(evolution.population), "
      + "\(generations) generations"
  }

  /// Two halves.
  public var useOfImages: String { "half for the weights, half for the scores" }
  /// One architecture is evaluated per step.
  public var samplesOperations: Bool { true }

  /// The epochs of the supernet, the sampling, the random population, and the generations.
  public func units(_ settings: SearchSettings) -> Int { settings.epochs + 2 + generations }

  /// The same with one weight sample after one Langevin step, two architectures and no generations.
  public var rehearsal: (algorithm: any SearchAlgorithm, epochs: Int) {
    var short = self
    short.sampling = WeightSampling(burnIn: 0, interval: 1, samples: 1)
    (short.evolution.population, short.generations, short.budget) = (2, 0, SearchBudget())
    return (short, 2)
  }

  /// A search at its beginning.
  public func search<Network: Supernet>(
    _ network: Network, _ task: SearchTask
  ) throws -> any Search {
    try STNASSearch(network, task, self)
  }
}

extension STNAS {
  /// ST-NAS in the list of methods.
  public static let entry = MethodEntry(
    "st-nas", summary: "ST-NAS: sampled training, scores by several weight samples, evolution",
    settings: [
      Setting(
        "weight-samples", .integer(1...1000),
        help: "weights by which an architecture is scored; 1 is the usual one-shot score.",
        standard: .integer(standard.sampling.samples)),
      Setting(
        "burn-in", .integer(0...1_000_000), help: "Langevin steps before the first of them.",
        standard: .integer(standard.sampling.burnIn)),
      Setting(
        "sample-interval", .integer(1...1_000_000), help: "Langevin steps for each of them.",
        standard: .integer(standard.sampling.interval)),
      Setting(
        "sampling-rate", .number(0...10), help: "the learning rate of the Langevin steps.",
        standard: .number(standard.samplingRate)),
      Setting(
        "temperature", .number(0...1000),
        help: "what multiplies the variance of the Langevin noise; 0 is plain SGD.",
        standard: .number(standard.temperature)),
      Setting(
        "calibration-batches", .integer(1...10_000),
        help: "training batches that give the statistics of batch norms before a score.",
        standard: .integer(standard.calibrationBatches)),
      Setting(
        "population", .integer(1...100_000), help: "random architectures at the beginning.",
        standard: .integer(standard.evolution.population)),
      Setting(
        "population-seed", .integer(0...Int.max),
        help: "the seed of these alone, so that searches of unlike seeds measure the same ones.",
        standardText: "that of the search"),
      Setting(
        "generations", .integer(0...100_000), help: "generations after the random population.",
        standard: .integer(standard.generations)),
      Setting(
        "parents", .integer(1...100_000), help: "the best architectures, which have children.",
        standard: .integer(standard.evolution.parents)),
      Setting(
        "mutants", .integer(0...100_000), help: "mutants per generation.",
        standard: .integer(standard.evolution.mutants)),
      Setting(
        "crossovers", .integer(0...100_000), help: "crossovers per generation.",
        standard: .integer(standard.evolution.crossovers)),
      Setting(
        "mutation-rate", .number(0...1), help: "the probability that a mutant changes an edge.",
        standard: .number(standard.evolution.mutationRate)),
    ] + SearchBudget.settings,
    reporting: EvolutionMetrics.self
  ) { values, _ in
    var algorithm = STNAS()
    algorithm.sampling = WeightSampling(
      burnIn: values.integer("burn-in"), interval: values.integer("sample-interval"),
      samples: values.integer("weight-samples"))
    algorithm.samplingRate = values.number("sampling-rate")
    algorithm.temperature = values.number("temperature")
    algorithm.calibrationBatches = values.integer("calibration-batches")
    algorithm.evolution = EvolutionRule(
      population: values.integer("population"), parents: values.integer("parents"),
      mutants: values.integer("mutants"), crossovers: values.integer("crossovers"),
      mutationRate: values.number("mutation-rate"))
    algorithm.populationSeed = values["population-seed"]?.integer.map(UInt64.init)
    algorithm.generations = values.integer("generations")
    algorithm.budget = SearchBudget(values)
    return algorithm
  }

  private static let standard = STNAS()
}
