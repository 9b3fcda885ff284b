import Tensors

/// How the architecture parameters of one kind of cells become a discrete cell.
///
/// A space has the rule of its publication; a search method may put another in its place.
public protocol Derivation: Sendable {
  /// The edges that stay, each with its operation, in the order in which a genotype lists them.
  func edges(_ evidence: CellEvidence) -> [DerivedEdge]
  /// The nodes whose channels make up the output of a cell of these edges, where the space joins nodes.
  func joinedNodes(_ edges: [DerivedEdge], of space: SearchSpace) -> [Int]
  /// Whether an edge keeps an operation other than `none` whatever the evidence says.
  func alwaysKeeps(_ edge: SearchSpace.Edge) -> Bool
}

extension Derivation {
  /// No edge is sure to be kept.
  public func alwaysKeeps(_ edge: SearchSpace.Edge) -> Bool { false }

  /// All nodes that are no inputs.
  public func joinedNodes(_ edges: [DerivedEdge], of space: SearchSpace) -> [Int] {
    Array(space.innerNodes)
  }
}

/// What the derivation of one kind of cells goes by.
public struct CellEvidence: Sendable {
  /// The edges of the cell.
  public let edges: [SearchSpace.Edge]
  /// The nodes that are no inputs.
  public let nodes: Range<Int>
  /// The candidates of every edge.
  public let primitives: [Primitive]
  /// The logarithm of the weight with which every candidate enters its node, [edges, candidates].
  public let logWeights: Tensor
  /// The values of what the node form has besides alpha.
  public let nodeParameters: [Tensor]

  /// The evidence on a cell of a space.
  ///
  /// `logWeights` has the shape [edges, candidates].
  public init(_ space: SearchSpace, logWeights: Tensor, nodeParameters: [Tensor] = []) {
    let shape: Shape = [space.edges.count, space.primitives.count]
    precondition(
      logWeights.shape == shape,
      "expected log weights of shape \(shape), found \(logWeights.shape)")
    edges = space.edges
    nodes = space.inputCount..<space.nodeCount
    primitives = space.primitives
    self.logWeights = logWeights
    self.nodeParameters = nodeParameters
  }

  /// The strongest of some candidates of an edge, with the logarithm of its weight; ties go to the lowest index.
  public func strongest(
    ofEdge edge: Int, among candidates: [Int]
  ) -> (candidate: Int, logWeight: Scalar) {
    let weights = candidates.map { logWeights[edge * primitives.count + $0] }
    let best = argMax(weights)
    return (candidates[best], weights[best])
  }

  /// The edges that lead to a node, as indices.
  public func incoming(_ node: Int) -> [Int] { edges.indices.filter { edges[$0].target == node } }
}

/// An edge that a derivation keeps.
public struct DerivedEdge: Hashable, Sendable {
  /// The edge, as an index into those of the cell.
  public let edge: Int
  /// The operation, as an index into the space's candidates.
  public let candidate: Int

  /// Creates an edge.
  public init(edge: Int, candidate: Int) {
    self.edge = edge
    self.candidate = candidate
  }
}

/// Every edge keeps its strongest candidate, `none` included; ties go to the lowest index.
///
/// Equation: TS-33 [reconstructed: high], as D5 [published: D-X-Y/AutoDL-Projects].
/// arg max over i of alpha_i. The largest logit is the largest weight, whether nested or flat.
///
/// Explained in chapter 08.
public struct StrongestCandidates: Derivation {
  /// Creates the rule.
  public init() {}

  /// All edges of the cell, in their order.
  public func edges(_ evidence: CellEvidence) -> [DerivedEdge] {
    evidence.edges.indices.map { edge in
      let all = Array(evidence.primitives.indices)
      return DerivedEdge(
        edge: edge, candidate: evidence.strongest(ofEdge: edge, among: all).candidate)
    }
  }
}

/// Every node keeps its strongest edges, each with its strongest candidate other than `none`.
///
/// Equation: D1-8 [published: quark0/darts]. The predecessors i of node j are ranked by
/// max over k != none of alpha_ij_k, and two are kept; their operation is arg max over k != none.
/// Ties go to the lowest index.
///
/// Equation: TS-33 [reconstructed: high]. With nested weights alpha_i = A p_i, so the rule is that of the plain space.
///
/// Explained in chapter 08.
public struct StrongestEdges: Derivation {
  /// How many edges lead to a node of the discrete cell.
  public let count: Int

  /// Creates the rule; DARTS keeps two edges per node.
  public init(perNode count: Int = 2) { self.count = count }

  /// Node by node the edges that stay, the strongest one first.
  public func edges(_ evidence: CellEvidence) -> [DerivedEdge] {
    let candidates = evidence.primitives.indices.filter { evidence.primitives[$0] != .none }
    return evidence.nodes.flatMap { node in
      let ranked = evidence.incoming(node)
        .map { edge in (edge: edge, best: evidence.strongest(ofEdge: edge, among: candidates)) }
        .sorted {
          $0.best.logWeight == $1.best.logWeight
            ? $0.edge < $1.edge : $0.best.logWeight > $1.best.logWeight
        }
      return ranked.prefix(count).map {
        DerivedEdge(edge: $0.edge, candidate: $0.best.candidate)
      }
    }
  }
}

extension SearchSpace {
  /// The same cells, derived by another rule.
  public func with(_ derivation: any Derivation) -> SearchSpace {
    var space = self
    space.derivation = derivation
    return space
  }
}
