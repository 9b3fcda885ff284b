import SearchSpaces

/// The node of DARTS-: a skip connection beside the mixed operation of every edge.
///
/// Equation: D7-1 [published: Meituan-AutoML/DARTS-]. o(x) = beta_t skip(x) + sum over k of softmax(alpha)_k o_k(x);
/// skip is a factorized reduction at stride 2, and is discarded at the derivation.
///
/// Explained in chapter 15.
public struct AuxiliarySkips: NodeForm {
  /// Creates the form.
  public init() {}

  /// The skip connection of the edge, as it was before any simplification, with weights of its own.
  public func pathBeside(edge: Int, of cell: SearchSpace.Cell) -> Path? { cell.skips[edge] }
}
