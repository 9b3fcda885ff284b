import Messages
import Settings
import TopologicalSimplification

/// A simplifier as `config.json` holds it.
package struct Simplification: Codable, Equatable {
  package var variant: Grouping.Variant
  package var joinsPools: Bool
  /// Nil is none.
  package var floating: FloatingModuleSharing?
  package var kernelNormalization: KernelNormalization
  package var mergesAlways: Bool
  package var weights: NestedWeights

  /// How a simplifier simplifies.
  package init(_ simplifier: Simplifier = Simplifier()) {
    variant = simplifier.grouping.variant
    joinsPools = simplifier.grouping.joinsPools
    floating = simplifier.floating
    kernelNormalization = simplifier.normalization
    mergesAlways = simplifier.merging == .always
    weights = simplifier.weights
  }

  /// The default simplification, with what was chosen in place of its settings.
  package init(_ chosen: SettingValues) throws(SimplificationError) {
    self.init()
    Self.settings.apply(chosen, to: &self)
    try check()
  }

  /// The simplifier.
  package var simplifier: Simplifier {
    Simplifier(
      grouping: Grouping(variant, joinsPools: joinsPools), floating: floating,
      normalization: kernelNormalization, merging: mergesAlways ? .always : .whereItPays,
      weights: weights)
  }

  /// Throws if two sums over the same operations would have logits of their own.
  package func check() throws(SimplificationError) {
    guard floating != .block || weights != .independent else { throw .twoSums }
  }
}

extension Simplification {
  /// What can be chosen of it.
  package static let settings: [PlanSetting<Simplification>] = [
    PlanSetting(
      Setting(
        "variant", .choice(Grouping.Variant.allCases.map(\.rawValue)),
        help: "Which operations share modules: T all with a convolution, P at the end only those "
          + "with the same number of stages, S only modules without weights.",
        standard: "T"), \.variant),
    PlanSetting(
      Setting(
        "floating", .choice(FloatingModuleSharing.allCases.map(\.rawValue) + ["none"]),
        help: "How modules in the middle are shared: A one cascade, B the last block, C a cascade "
          + "whose second stage has weights of its own, which favors other operations.",
        standard: "A"), \.floatingWord),
    PlanSetting(
      Setting(
        "kernel-norm", .integer(0...4),
        help: "Kernel normalization: 0 none, 1 unit norm, 2 mean removed, 3 Frobenius norm, "
          + "4 unit norm with a trained gain.",
        standard: 1), \.kernelNormalizationNumber),
    PlanSetting(
      Setting(
        "merge", .choice(["where-it-pays", "always"]),
        help:
          "Which convolutions become one: those whose joint kernel has no more taps than they, or all that can.",
        standard: "where-it-pays"), \.mergingWord),
    PlanSetting(
      Setting(
        "join-pools", .flag,
        help: "Let pools share the batch norm of the convolutions, and skip connections that halve "
          + "the image too.",
        standard: .flag(false)), \.joinsPools),
    PlanSetting(
      Setting(
        "weights", .choice(NestedWeights.allCases.map(\.rawValue)),
        help:
          "Weights of nested sums: N1 from one logit per candidate, N2 from logits of their own.",
        standard: "N1"), \.weights),
  ]

  /// The names of the settings.
  package static let names = Set(settings.map(\.setting.name))

  /// What differs from the usual simplifier, by the names of the settings.
  package var choices: SettingValues {
    let (own, usual) = (Self.settings.values(of: self), Self.settings.values(of: Simplification()))
    return own.only(own.names.filter { own[$0] != usual[$0] })
  }

  private var floatingWord: String {
    get { floating?.rawValue ?? "none" }
    set { floating = FloatingModuleSharing(rawValue: newValue) }
  }

  private var kernelNormalizationNumber: Int {
    get { KernelNormalization.allCases.firstIndex(of: kernelNormalization) ?? 0 }
    set { kernelNormalization = KernelNormalization.allCases[newValue] }
  }

  private var mergingWord: String {
    get { mergesAlways ? "always" : "where-it-pays" }
    set { mergesAlways = newValue == "always" }
  }
}

extension Grouping.Variant: SettingConvertible {}
extension NestedWeights: SettingConvertible {}

/// Why there is no such simplifier.
package enum SimplificationError: UserError, Equatable {
  /// The sums of FMS-B over the same operations would give them different weights.
  case twoSums

  /// The code with which a program ends that reports it.
  package var exitCode: ExitCode { .usage }

  /// The message for the user, with a hint on the last line.
  package var message: Message {
    switch self {
    case .twoSums:
      """
      \(setting: "floating") B mixes the same operations in two sums, which cannot both have weights of their own (N2)
      Hint: leave \(setting: "weights") N2 out, or take \(setting: "floating") A or C.
      """
    }
  }
}
