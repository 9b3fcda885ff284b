import CommandLineParsing
import Messages
import TopologicalSimplification

/// How a simplifier is chosen on the command line.
enum SimplifierOptions {
  /// The options that choose it.
  static let options = [
    OptionSpec(
      "variant", .choice(Grouping.Variant.allCases.map(\.rawValue)),
      help: "Which operations share modules: T all with a convolution, P at the end only those "
        + "with equally many stages, S only modules without weights.",
      default: "T"),
    OptionSpec(
      "floating", .choice(FloatingModuleSharing.allCases.map(\.rawValue) + ["none"]),
      help: "How modules in the middle are shared: A one cascade, B the last block, C a cascade "
        + "whose second stage has weights of its own, which favors other operations.",
      default: "A"),
    OptionSpec(
      "kernel-norm", .integer(0...4),
      help: "Kernel normalization: 0 none, 1 unit norm, 2 mean removed, 3 Frobenius norm, "
        + "4 unit norm with a trained gain.",
      default: "1"),
    OptionSpec(
      "merge", .choice(["where-it-pays", "always"]),
      help:
        "Which convolutions become one: those whose joint kernel has no more taps than they, or all "
        + "that can.",
      default: "where-it-pays"),
    OptionSpec(
      "join-pools", .flag,
      help: "Let pools share the batch norm of the convolutions, and skip connections that halve "
        + "the image too.",
      default: "--no-join-pools"),
    OptionSpec(
      "weights", .choice(NestedWeights.allCases.map(\.rawValue)),
      help: "Weights of nested sums: N1 from one logit a candidate, N2 from logits of their own.",
      default: "N1"),
  ]

  /// The first of them that the user gave, if any.
  static func given(_ options: ParsedOptions) -> String? {
    Self.options.map(\.name).first(where: options.isGiven)
  }

  /// The simplifier that was chosen: `base` with the options over it.
  static func simplifier(
    _ options: ParsedOptions, over base: Simplifier = Simplifier()
  ) throws(SimplifierOptionsError) -> Simplifier {
    var simplifier = base
    simplifier.grouping = Grouping(
      options.text("variant").flatMap(Grouping.Variant.init) ?? base.grouping.variant,
      joinsPools: options.flag("join-pools") ?? base.grouping.joinsPools)
    if let floating = options.text("floating") {
      simplifier.floating = FloatingModuleSharing(rawValue: floating)
    }
    if let number = options.integer("kernel-norm") {
      simplifier.normalization = KernelNormalization(rawValue: "KN-\(number)") ?? .unitNorm
    }
    if let merging = options.text("merge") {
      simplifier.merging = merging == "always" ? .always : .whereItPays
    }
    if let weights = options.text("weights").flatMap(NestedWeights.init) {
      simplifier.weights = weights
    }
    guard !simplifier.hasTwoIndependentSums else { throw .twoSums }
    return simplifier
  }

  /// The options that choose a simplifier: those with what is not the default.
  static func words(_ simplifier: Simplifier) -> [String] {
    let (usual, grouping) = (Simplifier(), simplifier.grouping)
    var words: [String] = []
    if grouping.variant != usual.grouping.variant {
      words += ["--variant", grouping.variant.rawValue]
    }
    if simplifier.floating != usual.floating {
      words += ["--floating", simplifier.floating?.rawValue ?? "none"]
    }
    if simplifier.normalization != usual.normalization {
      words += ["--kernel-norm", String(simplifier.normalization.rawValue.dropFirst(3))]
    }
    if simplifier.merging == .always { words += ["--merge", "always"] }
    if grouping.joinsPools { words.append("--join-pools") }
    if simplifier.weights != usual.weights { words += ["--weights", simplifier.weights.rawValue] }
    return words
  }
}

extension Simplifier {
  /// Whether two sums over the same operations would have logits of their own.
  var hasTwoIndependentSums: Bool { floating == .block && weights == .independent }
}

/// Why the options choose no simplifier.
enum SimplifierOptionsError: UserError, Equatable {
  /// The sums of FMS-B over the same operations would give them different weights.
  case twoSums

  /// The message for the user, with a hint on the last line.
  var message: Message {
    switch self {
    case .twoSums:
      """
      --floating B mixes the same operations in two sums, which cannot both have weights of their own (N2)
      Hint: leave --weights N2 out, or take --floating A or C.
      """
    }
  }
}
