import SearchSpaces

/// Which candidates may share modules with each other.
///
/// What is known of the paper does not say; T is this project's default, because it is fully recursive.
public struct Grouping: Sendable {
  /// The variants of the DARTS edge: T (TS-37), P (TS-38) and S, which all differ in what may be shared.
  public enum Variant: String, CaseIterable, Codable, Sendable {
    /// TS-37: all operations with a convolution.
    case total = "T"
    /// TS-38: at the end, only operations with the same number of separable stages.
    case pairs = "P"
    /// Only modules without weights, and only at the ends: nothing that needs common weights.
    case parameterFree = "S"
  }

  /// The variant.
  public let variant: Variant
  /// Whether pools and, where the image is halved, skip connections join in too.
  public let joinsPools: Bool

  /// Creates a rule.
  public init(_ variant: Variant = .total, joinsPools: Bool = false) {
    self.variant = variant
    self.joinsPools = joinsPools
  }

  /// Only paths of one family share; nil shares nothing.
  func family(of path: Path, at end: SharedEnd) -> Int? {
    guard joinsPools || path.modules.contains(where: \.isConvolution) else { return nil }
    return variant == .pairs && end == .suffix ? path.modules.count(where: \.isBatchNorm) : 0
  }

  /// Whether a module may be shared at all.
  func mayShare(_ module: ModuleSpec) -> Bool {
    variant != .parameterFree || !module.hasWeights
  }

  /// Whether modules in the middle of chains may be shared.
  var mayFloat: Bool { variant != .parameterFree }
}
