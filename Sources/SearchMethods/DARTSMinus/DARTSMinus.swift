import SearchSpaces
import Settings
import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// DARTS-: Chu et al., *DARTS-: Robustly Stepping out of Performance Collapse Without Indicators*, 2021.
///
/// DARTS, first order, with a skip connection beside every mixed edge whose weight falls to 0. It takes the part in
/// the training of the weights that makes skip connections win; no derived cell has it.
public struct DARTSMinus: SearchMethod {
  /// The weight of the skip connections in the first epoch.
  public let firstWeight: Double
  /// How the weight falls.
  public let decay: AuxiliaryDecay

  /// Creates the method.
  public init(firstWeight: Double = 1, decay: AuxiliaryDecay = .linear) {
    self.firstWeight = firstWeight
    self.decay = decay
  }

  /// The name of the method and how its weight falls.
  public var description: String {
    "DARTS-, auxiliary skip connections from \(firstWeight) to 0 (\(decay.rawValue))"
  }

  /// A skip connection beside every operation.
  public func prepare(_ space: SearchSpace) -> SearchSpace { space.with(AuxiliarySkips()) }

  /// A softmax, and the weight of the epoch.
  public func relaxation(
    for pass: SearchPass, at moment: SearchMoment, parameters: [Shape]
  ) -> any Relaxation {
    let share = decay.share(epoch: moment.epoch, of: moment.epochs)
    return SoftmaxRelaxation(auxiliaryWeight: Scalar(firstWeight * share))
  }
}

/// How the weight of the auxiliary skip connections falls.
public enum AuxiliaryDecay: String, CaseIterable, Codable, Sendable {
  /// (T - e) / T.
  case linear
  /// (1 + cos(pi e / T)) / 2.
  case cosine
  /// cos(pi e / (2 T)).
  case halfCosine = "half-cosine"

  /// The share of the first weight that is left in an epoch counted from 0.
  ///
  /// Equation: D7-2 [published: Meituan-AutoML/DARTS-]. beta_t = beta_0 (T - e) / T; or with (1 + cos(pi e / T)) / 2, or
  /// cos(pi e / (2 T)).
  ///
  /// Explained in chapter 15.
  public func share(epoch: Int, of epochs: Int) -> Double {
    let progress = Double(epoch) / Double(epochs)
    return switch self {
    case .linear: 1 - progress
    case .cosine: (1 + cos(Double.pi * progress)) / 2
    case .halfCosine: cos(Double.pi * progress / 2)
    }
  }
}

extension DARTSMinus {
  /// DARTS- in the list of methods.
  public static let entry = MethodEntry(
    "darts-minus", summary: "DARTS-: auxiliary skip connections that fade",
    settings: [
      Setting(
        "skip-weight", .number(0...1000),
        help: "the weight of the auxiliary skip connections in the first epoch.",
        standard: .number(DARTSMinus().firstWeight)),
      Setting(
        "skip-decay", .choice(AuxiliaryDecay.allCases.map(\.rawValue)),
        help: "how that weight falls to 0.", standard: .word(DARTSMinus().decay.rawValue)),
    ]
  ) { values, _ in
    DARTSMinus(
      firstWeight: values.number("skip-weight"),
      decay: AuxiliaryDecay(rawValue: values.word("skip-decay")) ?? DARTSMinus().decay)
  }
}
