import Autodiff
import NeuralNetworks
import Tensors

/// What one edge of a supernet computes, and how its logits are laid out.
public struct MixedOperation: Sendable {
  /// The weighted sum of the candidates, or what a simplification made of it.
  public let path: Path
  /// The weight of each candidate: for the derivation, and for regularizers of alpha.
  public let candidateWeights: [ArchitectureWeight]
  /// Where each logit of the edge starts; the published spaces have one a candidate, all 0.
  public let initialLogits: [Double]

  /// Creates a mixed operation.
  public init(
    _ path: Path, candidateWeights: [ArchitectureWeight], initialLogits: [Double]
  ) {
    self.path = path
    self.candidateWeights = candidateWeights
    self.initialLogits = initialLogits
  }

  /// The sum of candidates, each with its softmax weight.
  ///
  /// Equation: TS-1 [paper: words only; published: DARTS]. f(x) = sum over i of alpha_i o_i(x), alpha = softmax(a).
  public init(_ candidates: [Path]) {
    let weights = candidates.indices.map {
      ArchitectureWeight([$0], within: Array(candidates.indices))
    }
    self.init(
      .choice(zip(weights, candidates).map { Branch($0, $1) }), candidateWeights: weights,
      initialLogits: candidates.map { _ in 0 })
  }
}

/// Cells to be searched: directed acyclic graphs whose every edge is a mixed operation.
///
/// A plain value. A simplification maps a space to a space, and every search method runs on both.
public struct SearchSpace: Sendable {
  /// One edge of a cell.
  public struct Edge: Hashable, Sendable {
    /// The node it starts from.
    public let source: Int
    /// The node it goes to, a larger number.
    public let target: Int
  }

  /// A kind of cell; all cells of a kind share one architecture parameter.
  public struct Cell: Sendable {
    /// For example `normal`.
    public let name: String
    /// What each edge computes.
    public let operations: [MixedOperation]
    /// The skip connection of each edge, as it is before any simplification.
    public let skips: [Path]
  }

  /// For example `nasbench201`.
  public let name: String
  /// The candidates of every edge; a candidate's index is its place here.
  public let primitives: [Primitive]
  /// How many nodes are inputs of a cell; they come first.
  public let inputCount: Int
  /// How many nodes a cell has.
  public let nodeCount: Int
  /// The edges, in the order of the rows of an architecture parameter.
  public let edges: [Edge]
  /// The kinds of cells, in the order of the architecture parameters.
  public private(set) var cells: [Cell]
  /// How a node combines its edges; at first it is their sum.
  public internal(set) var nodeForm: any NodeForm = PlainSum()
  /// How weights become a discrete cell.
  public internal(set) var derivation: any Derivation

  /// A cell in which every node is joined to all nodes before it, inputs apart.
  init(
    _ name: String, _ primitives: [Primitive], inputCount: Int, nodeCount: Int,
    derivation: any Derivation,
    cells: [(name: String, candidate: (Primitive, Edge) -> Path)]
  ) {
    let edges = (inputCount..<nodeCount).flatMap { target in
      (0..<target).map { Edge(source: $0, target: target) }
    }
    self.name = name
    self.primitives = primitives
    self.inputCount = inputCount
    self.nodeCount = nodeCount
    self.derivation = derivation
    self.edges = edges
    self.cells = cells.map { name, candidate in
      let operations = edges.map { edge in MixedOperation(primitives.map { candidate($0, edge) }) }
      return Cell(
        name: name, operations: operations, skips: edges.map { candidate(.skipConnect, $0) })
    }
  }

  /// What every edge of every cell computes, cell by cell.
  public var paths: [Path] { cells.flatMap(\.operations).map(\.path) }

  /// The same space with every mixed operation replaced by `transform` of it.
  public func mapOperations(_ transform: (MixedOperation) -> MixedOperation) -> SearchSpace {
    var space = self
    space.cells = cells.map {
      Cell(name: $0.name, operations: $0.operations.map(transform), skips: $0.skips)
    }
    return space
  }

  /// The same space with every path replaced by `transform` of it.
  public func mapPaths(_ transform: (Path) -> Path) -> SearchSpace {
    mapOperations {
      MixedOperation(
        transform($0.path), candidateWeights: $0.candidateWeights, initialLogits: $0.initialLogits)
    }
  }
}

extension SearchSpace {
  /// How many logits each edge has, for each kind of cell; the columns after them mean nothing.
  public var logitCounts: [[Int]] { cells.map { $0.operations.map(\.initialLogits.count) } }
}

extension SearchSpace.Cell {
  /// alpha: the logits [edges, columns], near their starting points.
  ///
  /// The published codes start at 0.001 N(0, 1).
  func initialAlpha(_ name: String, seed: RandomGenerator) -> Parameter {
    let columns = operations.map(\.initialLogits.count).max() ?? 0
    var generator = seed.stream(name)
    let noise = Tensor.normal(
      [operations.count, columns], standardDeviation: 1e-3, using: &generator)
    let start = operations.flatMap { operation in
      operation.initialLogits
        + Array(repeating: 0, count: columns - operation.initialLogits.count)
    }
    return Parameter(name, noise + Tensor(start.map { Scalar($0) }, shape: noise.shape))
  }

  /// The logarithm of every candidate's weight, given the logits [edges, columns]: [edges, candidates].
  public func logCandidateWeights(_ logits: Tensor) -> Tensor {
    let weights = operations.enumerated().flatMap { edge, operation in
      operation.candidateWeights.map { EdgeWeight(edge: edge, weight: $0) }
    }
    return logNestedSoftmax(.constant(logits), weights).value.reshaped(
      to: [operations.count, weights.count / operations.count])
  }
}
