import SearchSpaces

/// Where a rewritten path computes the same as before.
///
/// Where modules with weights of their own became one, it is meant for that common weight.
public enum Exactness: String, CaseIterable, Comparable, Sendable {
  /// For all weights and inputs.
  case everywhere
  /// Where one operation has all the weight, so at every discrete architecture; elsewhere a relaxation.
  case atOneHotWeights = "at one-hot weights"
  /// As `atOneHotWeights`, if the kernels there are normalized too.
  case atOneHotWeightsUpToScale = "at one-hot weights, up to the scale of the kernels"

  /// The same in a few words, for pictures.
  public var badge: String {
    switch self {
    case .everywhere: "exact"
    case .atOneHotWeights: "exact at corners"
    case .atOneHotWeightsUpToScale: "exact at corners, up to scale"
    }
  }

  /// From exact to less so.
  public static func < (a: Exactness, b: Exactness) -> Bool {
    let place = { (exactness: Exactness) in allCases.firstIndex(of: exactness) ?? 0 }
    return place(a) < place(b)
  }
}

/// One step of a simplification.
public struct RewriteStep: Sendable {
  /// What was done.
  public let rule: RewriteRule
  /// The equations it rests on.
  public let equations: [Equation]
  /// The modules that were shared, or the convolutions that were merged.
  public let subject: String
  /// The candidates that each branch that takes part belongs to.
  public let owners: [[Primitive]]
  /// Where the path before and after agree.
  public let exactness: Exactness
  /// The whole path's cost before, at the reference size.
  public let before: Cost
  /// The whole path's cost after, at the reference size.
  public let after: Cost
  /// The whole path after.
  public let path: Path

  /// The branches that take part, by name: `sep_conv_3x3`, or `sep_conv_3x3+sep_conv_5x5` where they were one already.
  public var operations: [String] {
    owners.map { $0.map(\.rawValue).joined(separator: "+") }
  }
}
