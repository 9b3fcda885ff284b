import Autodiff
import SearchSpaces
import Tensors

/// The node of PC-DARTS: operations on a part of the channels, and edges weighted by a parameter of their own.
public struct PartialChannels: NodeForm {
  /// K: the first C / K channels go through the operations.
  public let channelDivisor: Int
  /// Whether a node weights its edges by a softmax over beta.
  public let isNormalized: Bool

  /// Creates the form.
  public init(divisor: Int, isNormalized: Bool = true) {
    channelDivisor = divisor
    self.isNormalized = isNormalized
  }

  /// The logits beta [edges] of the edges in their nodes.
  public func parameters(of edges: [SearchSpace.Edge]) -> [ArchitectureParameter] {
    isNormalized ? [ArchitectureParameter("beta", shape: [edges.count])] : []
  }

  /// The logarithms of the edge normalization.
  ///
  /// Equation: D2-3 [published: yuhuixu1993/PC-DARTS]. softmax(alpha_ij)_k softmax(beta_j)_i; then the rule of DARTS.
  ///
  /// Explained in chapter 08.
  public func logEdgeShares(_ parameters: [Variable], edges: [SearchSpace.Edge]) -> Variable? {
    isNormalized
      ? SearchMethods.logEdgeShares(parameters[0], targets: edges.map(\.target)) : nil
  }

  /// The node from the part that went through the operations, and from the rest.
  ///
  /// The published code concatenates and shuffles on every edge. Both are linear and the same for all, so here the
  /// edges are added first.
  ///
  /// Equation: D2-1 [published: yuhuixu1993/PC-DARTS]. The first C / K channels go through the mixed operation, the rest
  /// bypasses it, max-pooled (2, 2) where the stride is 2; both are concatenated and shuffled in K groups.
  ///
  /// Explained in chapter 24.
  public func node(_ operated: Variable, _ incoming: IncomingEdges) -> Variable {
    guard channelDivisor > 1 else { return operated }
    let bypass = incoming.sum {
      $0.rest.shape.height == operated.shape.height
        ? $0.rest : $0.pooledRest(Window(2, stride: 2))
    }
    return shuffleChannels(concatenateChannels([operated, bypass]), groups: channelDivisor)
  }
}
