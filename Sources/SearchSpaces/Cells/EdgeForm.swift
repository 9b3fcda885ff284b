/// What stands around the mixed operation on every edge of a supernet.
///
/// A search method chooses it. A cell does not know whether the operation inside was simplified, and no
/// derived architecture shows the form.
///
/// Equation: TS-1b [published: PC-DARTS, GDAS]. PC-DARTS: f acts on the first C / K channels, the rest bypasses;
/// GDAS: alpha is replaced by h of TS-31, which is a relaxation and changes no form.
public struct EdgeForm: Hashable, Sendable {
  /// K: a C / K of the channels go through the operation, the rest bypasses it; 1 is all of them.
  public var channelDivisor = 1
  /// Whether a node weighs its edges by a softmax over a parameter beta, one number an edge.
  public var isNormalized = false
  /// Whether a skip connection stands beside the operation.
  public var hasAuxiliarySkip = false

  /// Creates the form of DARTS: the operation alone.
  public init() {}
}

extension SearchSpace {
  /// The same cells with another form of their edges.
  ///
  /// Equation: TS-32 [published: PC-DARTS]. The simplified edge is built on C / K channels, K = 4, and the edge
  /// normalization is untouched: the form and the simplification commute.
  public func with(_ form: EdgeForm) -> SearchSpace {
    precondition(form.channelDivisor >= 1, "1 or more parts of the channels, found \(form)")
    var space = self
    space.edgeForm = form
    return space
  }
}
