import Datasets
import Messages
import SearchSpaces
import Settings
import Tensors

/// GOLD-NAS: Bi et al., *GOLD-NAS: Gradual, One-Level, Differentiable*, 2020.
///
/// Every candidate of every edge has a gate of its own. Weights and gates descend on the same images, a penalty makes
/// weak gates weaker, and those that became too weak leave between two epochs, for good. One search yields a series of
/// architectures, each smaller than the one before.
public struct GOLDNAS: SearchAlgorithm {
  /// Which gates leave.
  public let rule: PruningRule
  /// What the penalty charges.
  public let penalty: GatePenalty
  /// lambda_0: where the increment of the penalty's weight starts; nil scales the published 1e-5 with the epoch's length.
  public let penaltyStart: Double?
  /// c_0: what the increment is multiplied by.
  public let penaltyGrowth: Double
  /// t_0: an architecture is stable after more than so many epochs without pruning.
  public let stableEpochs: Int
  /// The search stops below this cost, in millions of multiply-accumulates; nil is `publishedShare` of the supernet's.
  public let minimumCost: Double?

  /// What the published search leaves of its supernet's multiply-accumulates when it stops, a share of 0.308.
  ///
  /// It stops below 240 million, and counts 779.472448 million for the supernet of 36 channels and 14 cells
  /// [published: sunsmarterjie/GOLD_NAS]. That networks of other sizes stop at the same share is this project's choice.
  public static let publishedShare = 240 / 779.472448

  /// Creates the method; the standard numbers are the published ones.
  public init(
    rule: PruningRule = PruningRule(), penalty: GatePenalty = GatePenalty(),
    penaltyStart: Double? = nil, penaltyGrowth: Double = 2, stableEpochs: Int = 3,
    minimumCost: Double? = nil
  ) {
    (self.rule, self.penalty) = (rule, penalty)
    (self.penaltyStart, self.penaltyGrowth) = (penaltyStart, penaltyGrowth)
    (self.stableEpochs, self.minimumCost) = (stableEpochs, minimumCost)
  }

  /// The name of the method and its numbers.
  public var description: String {
    "GOLD-NAS, shares up to \(rule.minimumShare) leave and \(rule.passes) per epoch up to \(rule.maximumShare)"
  }

  /// The shares of weights and gates of one-level search.
  ///
  /// Both optimizers are SGD. The learning rates are constant: 0.01 of the weights, 1 of the gates (B-15).
  public func adapt(_ settings: inout SearchSettings) {
    settings.learningRate = 0.01
    settings.minimumLearningRate = 0.01
    settings.momentum = 0.9
    settings.isNesterov = false
    settings.weightDecay = 3e-4
    settings.alphaLearningRate = 1
    settings.alphaWeightDecay = 0
  }

  /// Gates and weights have the same images.
  public var useOfImages: String { "four fifths for weights and gates, one fifth held out" }
  /// The auxiliary head is used in search too (B-18).
  public var usesAuxiliaryHead: Bool { true }
  /// A gate belongs to one candidate, so that no sum of a simplified edge can have logits of its own.
  public func objection(to space: SearchSpace) -> Message? {
    space.objectionToOwnLogits(of: Self.entry.name)
  }

  /// A search at its beginning, all gates at 1/2.
  public func search<Network: Supernet>(
    _ network: Network, _ task: SearchTask
  ) throws -> any Search {
    try GOLDNASSearch(network, task, self)
  }

  /// lambda_0 for epochs of so many steps.
  ///
  /// The published search has 521 steps per epoch. In shorter epochs the same weight would push a gate less far; that it
  /// grows in proportion is this project's choice.
  func penaltyStart(steps: Int) -> Double {
    penaltyStart ?? 1e-5 * 521 / Double(max(1, steps))
  }
}

extension GOLDNAS {
  /// GOLD-NAS in the list of methods.
  ///
  /// 100 epochs at most are this project's choice, for the published search ends by its cost alone; so are the scaled
  /// start of lambda and the scaled stop. The other numbers are the published ones.
  public static let entry = MethodEntry(
    "gold-nas", summary: "GOLD-NAS: gates that leave one by one, a series of results",
    settings: [
      Setting(
        "lambda-start", .number(1e-9...1000),
        help: "the start of the increment of the penalty's weight.",
        standardText: "1e-5, scaled by 521 / steps per epoch"),
      Setting(
        "lambda-growth", .number(1...100),
        help: "what the increment is multiplied by after an epoch in which few gates leave.",
        standard: .number(2)),
      Setting(
        "leave-per-epoch", .integer(0...1000),
        help: "how many gates above the lower share may leave in an epoch.", standard: 4),
      Setting(
        "lower-share", .number(0...0.5), help: "gates with this share of their node or less leave.",
        standard: .number(0.01)),
      Setting(
        "upper-share", .number(0...0.5),
        help: "the weakest gates leave if their share is not above this.", standard: .number(0.05)),
      Setting(
        "cost-penalty", .number(0...1000),
        help: "what a million MACs of an operation add to the penalty.", standard: .number(0)),
      Setting(
        "stable-epochs", .integer(0...1000),
        help: "an architecture is emitted after more epochs than this without pruning.",
        standard: 3),
      Setting(
        "min-macs", .number(0...1e6),
        help: "the search stops when the network costs fewer millions of MACs.",
        standardText: "31 % of the supernet's, as published"),
    ],
    published: { _ in .init(epochs: 100, batch: 96) }, reporting: GradualMetrics.self,
    searches: { $0.keepsAnyCandidates }
  ) { values, _ in
    GOLDNAS(
      rule: PruningRule(
        minimumShare: values.number("lower-share"), maximumShare: values.number("upper-share"),
        passes: values["leave-per-epoch"]?.integer ?? 4),
      penalty: GatePenalty(mu: values.number("cost-penalty")),
      penaltyStart: values["lambda-start"]?.number,
      penaltyGrowth: values.number("lambda-growth"),
      stableEpochs: values["stable-epochs"]?.integer ?? 3,
      minimumCost: values["min-macs"]?.number)
  }
}
