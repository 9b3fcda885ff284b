import Datasets
import Messages
import SearchSpaces
import Settings
import Tensors

/// DOTS: Gu et al., *DOTS: Decoupling Operation and Topology in Differentiable Architecture Search*, 2021.
///
/// Two searches in one run: first the operations, in two groups, of which the best two of each edge survive; then, in a
/// new network of the survivors, which pair of edges each node keeps.
public struct DOTS: SearchAlgorithm {
  /// T in the first epoch of the topology search.
  public let firstTemperature: Double
  /// T in its last epoch.
  public let lastTemperature: Double

  /// Creates the method; the standard numbers are the published ones.
  public init(firstTemperature: Double = 10, lastTemperature: Double = 0.02) {
    (self.firstTemperature, self.lastTemperature) = (firstTemperature, lastTemperature)
  }

  /// The name of the method and its temperatures.
  public var description: String { "DOTS, tau from \(firstTemperature) to \(lastTemperature)" }

  /// The weights' SGD and the order of a step are those of DARTS on its own space (A-17, A-18).
  public func adapt(_ settings: inout SearchSettings) {
    settings.learningRate = 0.025
    settings.minimumLearningRate = 0.001
    settings.momentum = 0.9
    settings.isNesterov = false
    settings.weightDecay = 3e-4
    settings.movesAlphaFirst = true
  }

  /// The topology search takes all images.
  public var useOfImages: String { "half for the weights, half for alpha; all for the topology" }

  /// Candidates must fall in both groups, each with a logit of its own.
  public func objection(to space: SearchSpace) -> Message? {
    guard OperationGroups.split(space.primitives) else {
      return """
        \(Self.entry.name) keeps an operation with weights and one without on each edge, and the candidates of \(space.name) are of one kind
        Hint: search another \(setting: "space").
        """
    }
    return space.objectionToOwnLogits(of: Self.entry.name)
  }

  /// Itself, with one epoch for each phase.
  public var rehearsal: (algorithm: any SearchAlgorithm, epochs: Int) {
    (self, DOTSPhase.allCases.count)
  }

  /// A search at its beginning, all numbers of the architecture 0.
  public func search<Network: Supernet>(
    _ network: Network, _ task: SearchTask
  ) throws -> any Search {
    try DOTSSearch(network, task, self)
  }
}

extension DOTS {
  /// DOTS in the list of methods.
  public static let entry = MethodEntry(
    "dots", summary: "DOTS: operations first, then pairs of edges among the survivors",
    settings: [
      Setting(
        "set-tau-from", .number(0.001...1000),
        help: "the temperature of the pairs in the first epoch of the topology search.",
        standard: .number(10)),
      Setting(
        "set-tau-to", .number(0.001...1000),
        help: "the temperature of the pairs in its last epoch.", standard: .number(0.02)),
    ],
    published: { _ in .init(epochs: DOTSPhase.epochCount) }, reporting: DOTSMetrics.self
  ) { values, _ in
    DOTS(
      firstTemperature: values.number("set-tau-from"),
      lastTemperature: values.number("set-tau-to"))
  }
}
