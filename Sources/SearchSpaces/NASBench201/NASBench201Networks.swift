import NeuralNetworks
import Tensors

/// The network of NAS-Bench-201, its cells given by a search space.
public typealias NASBench201Supernet = CellSupernet<NASBench201Genotype>

/// The network of NAS-Bench-201 in which a derived cell is trained from scratch; C = 16 and N = 5 in the benchmark.
public typealias NASBench201Network = DerivedNetwork<NASBench201Genotype>

extension CellSupernet<NASBench201Genotype> {
  /// Creates the network with random weights: C = `channels`, N = `cellsPerStage`.
  public convenience init(
    _ space: SearchSpace, channels: Int, cellsPerStage: Int, classes: Int, seed: RandomGenerator
  ) {
    self.init(space, channels: channels, cells: cellsPerStage, classes: classes, seed: seed)
  }

  /// alpha, which all cells share: the logits [6, columns].
  public var alpha: Parameter { alphas[0] }
}

extension DerivedNetwork<NASBench201Genotype> {
  /// Creates the network with random weights: C = `channels`, N = `cellsPerStage`.
  public convenience init(
    _ genotype: NASBench201Genotype, channels: Int, cellsPerStage: Int, classes: Int,
    seed: RandomGenerator
  ) {
    self.init(genotype, channels: channels, cells: cellsPerStage, classes: classes, seed: seed)
  }
}

extension NASBench201Genotype: SpaceGenotype {
  /// The space of NAS-Bench-201.
  public var space: SearchSpace { .nasBench201 }

  /// The cell of the edges that a derivation keeps; what it leaves out is `none`.
  public init(_ edges: [[DerivedEdge]], of space: SearchSpace) {
    self.init(edges[0], primitives: space.primitives)
  }

  /// The cell as a graph: four nodes with all six edges.
  public var cells: [CellGraph] {
    [
      CellGraph(
        space, kind: 0,
        zip(space.edges, operations).map { edge, operation in
          (operation, edge, "edge\(edge.source)to\(edge.target)")
        })
    ]
  }
}
