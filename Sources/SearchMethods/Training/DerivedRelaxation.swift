import Autodiff
import SearchSpaces
import Tensors

/// A supernet as the cell that is derived from it, with the weights of the search.
///
/// Each operation that a derivation keeps has the weight 1, each edge that it keeps the share 1, all others 0. What the
/// accuracy of the supernet loses by it is the discretization gap: the derivation alone, before any training.
public struct DerivedRelaxation: Relaxation {
  /// The candidates that each edge of each kind of cells keeps; none where the edge is left out.
  private let kept: [[[Int]]]

  private init(kept: [[[Int]]]) { self.kept = kept }

  /// Creates the relaxation from the derived edges of each kind of cells, of `count` edges in the space.
  public init(_ cells: [[DerivedEdge]], edges count: Int) {
    kept = cells.map { edges in
      edges.reduce(into: [[Int]](repeating: [], count: count)) {
        $0[$1.edge].append($1.candidate)
      }
    }
  }

  /// The relaxation of what a supernet stands for now.
  public init(of network: some Supernet) {
    self.init(network.derivedEdges, edges: network.space.edges.count)
  }

  /// The relaxation of one kind of cells.
  public func forCells(ofKind kind: Int) -> any Relaxation { DerivedRelaxation(kept: [kept[kind]]) }

  /// True: nothing else is evaluated.
  public var yieldsZeros: Bool { true }

  /// 1 where a derived operation is a member of every factor, else 0.
  public func values(of weights: [EdgeWeight], logits: Variable) -> Variable {
    .constant(
      Tensor(
        vector: weights.map { weight in
          kept[0][weight.edge].contains { candidate in
            weight.weight.shares.allSatisfy { $0.members.contains(candidate) }
          } ? 1 : 0
        }))
  }

  /// 1 for each edge that is kept, else 0; by them a node form leaves out what runs beside the other edges.
  public func edgeShares(
    _ parameters: [Variable], of edges: [SearchSpace.Edge], in form: any NodeForm
  ) -> Variable? { .constant(Tensor(vector: kept[0].map { $0.isEmpty ? 0 : 1 })) }
}

/// What deriving costs, in words.
func discretizationNote(supernet accuracy: Double, derived: Double) -> String {
  "accuracy of the supernet \(accuracy.inPercent()), of the derived cell with its weights \(derived.inPercent())"
}
