import SearchSpaces
import Tensors

/// A space as an evolution sees it: a gene for each edge of each kind of cells, which is the candidate of the edge.
///
/// In the topology-augmented space a gene is a bit: whether an edge has its module or not.
public struct Genes: Sendable {
  /// The space, plain or simplified.
  public let space: SearchSpace
  /// The candidates that each gene can be, as indices: on an edge that is never left out all but `none`.
  public let choices: [[Int]]

  /// The genes of a space.
  public init(_ space: SearchSpace) {
    self.space = space
    let all = Array(space.primitives.indices)
    let own = space.edges.map { edge in
      space.derivation.alwaysKeeps(edge) ? all.filter { space.primitives[$0] != .none } : all
    }
    choices = space.cells.flatMap { _ in own }
  }

  /// A genome of which every gene has each of its candidates with the same probability.
  ///
  /// So every architecture is equally likely.
  public func uniform(using generator: inout RandomGenerator) -> [Int] {
    choices.map { $0[generator.integer(below: $0.count)] }
  }

  /// The first candidate of every gene: in spaces that have `none`, it is nearly everywhere.
  public var first: [Int] { choices.map { $0[0] } }

  /// The genome of the candidates with the largest weights: logarithms [edges, candidates] of each kind of cells.
  func strongest(_ logWeights: [Tensor]) -> [Int] {
    let (all, candidates) = (logWeights.flatMap(\.scalars), space.primitives.count)
    return choices.enumerated().map { gene, own in
      own[argMax(own.map { all[gene * candidates + $0] })]
    }
  }

  /// The architecture of a genome inside a supernet of the space.
  public func path(_ genome: [Int]) -> SampledPath { SampledPath(byKind(genome), of: space) }

  /// The edges that the space's derivation keeps of a genome, of each kind of cells.
  ///
  /// It sees a larger weight at the candidate of the genome than at the others, which are alike.
  public func derivedEdges(_ genome: [Int]) -> [[DerivedEdge]] {
    byKind(genome).map { genes in
      let candidates = space.primitives.count
      var logWeights = Tensor(repeating: -1, shape: [genes.count, candidates])
      for (edge, candidate) in genes.enumerated() { logWeights[edge * candidates + candidate] = 0 }
      return space.derivation.edges(CellEvidence(space, logWeights: logWeights))
    }
  }

  private func byKind(_ genome: [Int]) -> [[Int]] {
    precondition(
      genome.count == choices.count, "expected \(choices.count) genes, found \(genome.count)")
    let edges = space.edges.count
    return space.cells.indices.map { Array(genome[$0 * edges..<($0 + 1) * edges]) }
  }
}
