/// What a search costs: its time and its peak memory.
public struct SearchCost: Hashable, Sendable {
  /// Wall time.
  public let seconds: Double
  /// Peak memory.
  public let bytes: Double

  /// Creates a cost.
  public init(seconds: Double, bytes: Double) {
    self.seconds = seconds
    self.bytes = bytes
  }
}

/// The cost of a search in units of another.
///
/// How the authors' "normalized cost" is defined is not known; this is a proposal.
///
/// Equation: TS-34 [reconstructed: low]. c_t = t_search / t_ref, c_m = m_peak / m_ref, R = c_after / c_before.
/// The reference is the same network with one nor_conv_3x3 an edge; R, of which it cancels, is the simplified
/// search in units of the plain one.
///
/// Explained in chapter 13.
public func normalizedCost(of search: SearchCost, reference: SearchCost) -> (
  time: Double, memory: Double
) {
  (search.seconds / reference.seconds, search.bytes / reference.bytes)
}
