import SearchSpaces
import Tensors

/// Every node keeps its most probable set of edges, each with its strongest candidate other than `none`.
///
/// A node may keep 0, 1, 2 or more edges. The operations have no say in it, as the edges have none in the operations.
///
/// Equation: A-7 [published: guyuchao/DOTS; reconstructed: high]. S_j* = arg max over S of beta_j(S); the operation of a kept
/// edge is arg max over k != none of alpha_ij_k. Of equals the first. Published for pairs.
///
/// Explained in chapter 27.
public struct StrongestSubsets: Derivation {
  /// How many edges a node may keep.
  public let sizes: SubsetSizes
  /// Whether the output of a cell is the nodes without a successor.
  public let joinsLooseEnds: Bool

  /// Creates the rule.
  public init(_ sizes: SubsetSizes, joinsLooseEnds: Bool = false) {
    self.sizes = sizes
    self.joinsLooseEnds = joinsLooseEnds
  }

  /// Node by node the edges that stay, by their sources; beta is the first parameter of the nodes.
  public func edges(_ evidence: CellEvidence) -> [DerivedEdge] {
    precondition(!evidence.nodeParameters.isEmpty, "there is no beta to choose edges by")
    let candidates = evidence.primitives.indices.filter { evidence.primitives[$0] != .none }
    return CellTopology(evidence.edges, sizes: sizes)
      .strongestSubsets(evidence.nodeParameters[0]).joined()
      .map { edge in
        DerivedEdge(
          edge: edge, candidate: evidence.strongest(ofEdge: edge, among: candidates).candidate)
      }
  }

  /// All nodes, or those without a successor.
  public func joinedNodes(_ edges: [DerivedEdge], of space: SearchSpace) -> [Int] {
    guard joinsLooseEnds else { return Array(space.innerNodes) }
    return CellTopology(space.edges, sizes: sizes).looseEnds(edges.map(\.edge))
  }
}
