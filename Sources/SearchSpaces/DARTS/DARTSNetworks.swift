import NeuralNetworks
import Tensors

/// The search network of DARTS for images that can be halved twice, its cells given by a search space.
///
/// All normal cells share one architecture parameter, all reduction cells another.
public typealias DARTSSupernet = CellSupernet<DARTSGenotype>

/// The network in which the derived cells of the DARTS space are trained from scratch, for CIFAR.
///
/// NetworkCIFAR [published: quark0/darts]: 20 cells and C = 36 in the paper. All batch norms have gain and bias, and
/// there is none after a pool.
public typealias DARTSNetwork = DerivedNetwork<DARTSGenotype>

extension CellSupernet<DARTSGenotype> {
  /// Creates the network with random weights: C = `channels`, `layers` cells.
  public convenience init(
    _ space: SearchSpace, channels: Int, layers: Int, classes: Int, seed: RandomGenerator
  ) {
    self.init(space, channels: channels, cells: layers, classes: classes, seed: seed)
  }
}

extension DerivedNetwork<DARTSGenotype> {
  /// Creates the network with random weights: C = `channels`, `layers` cells, at least 2.
  ///
  /// With an auxiliary head a second classifier reads the output of cell 2 layers / 3 in training.
  public convenience init(
    _ genotype: DARTSGenotype, channels: Int, layers: Int, classes: Int,
    hasAuxiliaryHead: Bool = false, seed: RandomGenerator
  ) {
    self.init(
      genotype, channels: channels, cells: layers, classes: classes,
      hasAuxiliaryHead: hasAuxiliaryHead, seed: seed)
  }
}

extension DARTSGenotype: SpaceGenotype {
  /// The space of DARTS.
  public var space: SearchSpace { .darts }

  /// The cells of the edges that a derivation keeps.
  public init(_ edges: [[DerivedEdge]], of space: SearchSpace) {
    self.init(normal: Cell(edges[0], of: space), reduction: Cell(edges[1], of: space))
  }

  /// The normal and the reduction cell as graphs.
  public var cells: [CellGraph] { [normal.graph(kind: 0), reduction.graph(kind: 1)] }
}

extension DARTSGenotype.Cell {
  /// The cell as a graph: two inputs, the nodes, counted from 0 as in the published pictures, and the output.
  public func graph(kind: Int) -> CellGraph {
    let edges = zip(2..., nodes).flatMap { node, connections in
      connections.map { SearchSpace.Edge(source: $0.source, target: node) }
    }
    return CellGraph(
      .darts, kind: kind, nodeCount: 2 + nodes.count,
      zip(connections, edges).enumerated().map { index, pair in
        (pair.0.operation, pair.1, "operation\(index)")
      }, joined: concatenated)
  }
}
