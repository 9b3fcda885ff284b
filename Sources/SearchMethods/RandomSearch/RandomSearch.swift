import SearchSpaces
import Settings
import Tensors

/// Random search with weight sharing: the baseline that every search has to beat.
///
/// Each step trains the shared weights of one architecture, drawn at random; after each epoch some architectures are
/// drawn anew, and the one with the highest accuracy on images that trained no weights is kept. No gradient reaches the
/// architecture, and no step moves weights that its architecture does not have, not even by momentum or decay.
///
/// An architecture of the supernet has one operation on every edge. Where a derivation keeps some edges only, as on the
/// space of DARTS, what is derived has fewer, and it may replace `none` on an edge that it keeps.
///
/// With one logit for each candidate every choice of operations is equally likely. With nested weights (N2) the sums of
/// an edge have logits of their own: a candidate has the largest weight as the product of its shares in them, so that
/// candidates of one group are not chosen as often as those that stand alone.
public struct RandomSearch: SearchAlgorithm {
  /// Architectures that are drawn and evaluated after each epoch, besides the best so far.
  public let samples: Int
  /// What an architecture may cost, in the network in which it is trained from scratch; others are never evaluated.
  public let budget: SearchBudget

  /// Creates the algorithm.
  public init(samples: Int = 8, budget: SearchBudget = SearchBudget()) {
    precondition(samples > 0, "an epoch draws an architecture at least, found \(samples)")
    (self.samples, self.budget) = (samples, budget)
  }

  /// The name, and how many architectures an epoch draws.
  public var description: String { "random search, \(samples) samples per epoch" }

  /// Two halves.
  public var useOfImages: String { "half for the weights, half to judge by" }
  /// One operation per edge is evaluated.
  public var samplesOperations: Bool { true }

  /// A search at its beginning.
  public func search<Network: Supernet>(
    _ network: Network, _ task: SearchTask
  ) throws -> any Search {
    try RandomSearchLoop(network, task, self)
  }
}

extension RandomSearch {
  /// Random search in the list of methods.
  public static let entry = MethodEntry(
    "random-search", summary: "random search with weight sharing, the baseline",
    settings: [
      Setting(
        "samples-per-epoch", .integer(1...10_000),
        help: "architectures that are drawn and evaluated after each epoch.", standard: 8)
    ] + SearchBudget.settings,
    reporting: UnitMetrics.self
  ) { values, _ in
    RandomSearch(
      samples: values["samples-per-epoch"]?.integer ?? 8, budget: SearchBudget(values))
  }
}
