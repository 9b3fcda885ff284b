import Autodiff
import SearchSpaces
import Tensors

/// The node of explicit topology learning: each edge times the probability that it is kept.
///
/// The form of the method underneath stays, except that the marginals replace the shares of its edges. So with
/// PC-DARTS the operations see a part of the channels, and no softmax over single edges is left.
public struct MarginalEdges: NodeForm {
  /// How many edges a node may keep.
  public let sizes: SubsetSizes
  /// Whether the output of a cell is the nodes without a successor.
  public let joinsLooseEnds: Bool
  private let form: any NodeForm

  /// Creates the form on top of another.
  public init(
    _ sizes: SubsetSizes, on form: any NodeForm = PlainSum(), joinsLooseEnds: Bool = false
  ) {
    self.sizes = sizes
    self.form = form
    self.joinsLooseEnds = joinsLooseEnds
  }

  /// The divisor of the channels of the form underneath.
  public var channelDivisor: Int { form.channelDivisor }

  /// beta: one number for each set that a node may keep, node by node, 0 at the start.
  public func parameters(of edges: [SearchSpace.Edge]) -> [ArchitectureParameter] {
    [
      ArchitectureParameter(
        "beta", shape: [CellTopology(edges, sizes: sizes).subsetCount], deviation: 0,
        isPerEdge: false)
    ]
  }

  /// The logarithms of the marginals at the temperature 1.
  ///
  /// In a search the temperature of the epoch is that of `TopologyRelaxation`.
  public func logEdgeShares(_ parameters: [Variable], edges: [SearchSpace.Edge]) -> Variable? {
    logEdgeMarginals(parameters[0], CellTopology(edges, sizes: sizes))
  }

  /// The probability of each node to be a loose end, if those are the output; else nil.
  public func outputShares(_ edgeShares: Variable?, edges: [SearchSpace.Edge]) -> Variable? {
    guard joinsLooseEnds, let edgeShares else { return nil }
    return looseEndProbabilities(edgeShares, CellTopology(edges, sizes: sizes))
  }

  /// The path beside an edge of the form underneath.
  public func pathBeside(edge: Int, of cell: SearchSpace.Cell) -> Path? {
    form.pathBeside(edge: edge, of: cell)
  }

  /// The node of the form underneath.
  public func node(_ operated: Variable, _ incoming: IncomingEdges) -> Variable {
    form.node(operated, incoming)
  }
}

/// A node as the sum of its edges, each times its marginal.
///
/// In a network the cell does the same with the shares that `MarginalEdges` gives it.
/// Shapes: `outputs` of one shape, q [outputs.count].
///
/// Equation: A-4 [published: guyuchao/DOTS; reconstructed: high]. o_ij(x) = sum over k of sm(alpha_ij)_k o_k(x), the mixed
/// edge that `outputs` holds; other relaxations put other weights in place of the softmax.
///
/// Equation: A-5 [published: guyuchao/DOTS; reconstructed: high]. x_j = sum over i < j of q_ij o_ij(x_i).
///
/// Explained in chapter 19.
public func marginalSum(_ outputs: [Variable], marginals q: Variable) -> Variable {
  mixture(outputs.map { .identity($0) }, weights: q)
}
