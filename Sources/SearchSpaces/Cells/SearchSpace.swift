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
  ///
  /// Explained in chapter 06.
  public init(_ candidates: [Path]) {
    let weights = candidates.indices.map {
      ArchitectureWeight([$0], within: Array(candidates.indices))
    }
    self.init(
      .choice(zip(weights, candidates).map { Branch($0, $1) }), candidateWeights: weights,
      initialLogits: candidates.map { _ in 0 })
  }
}

extension MixedOperation {
  /// Whether both have the same path, weights and logits; operations with merged kernels, which cannot be compared, have
  /// not.
  package func isWritten(like other: MixedOperation) -> Bool {
    candidateWeights == other.candidateWeights && initialLogits == other.initialLogits
      && path.isWritten(like: other.path)
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

    /// Creates an edge.
    public init(source: Int, target: Int) {
      self.source = source
      self.target = target
    }
  }

  /// What leaves a cell.
  public enum Output: Sendable {
    /// The last node.
    case lastNode
    /// The channels of all nodes that are no inputs, one after the other.
    case concatenation
  }

  /// A kind of cell; all cells of a kind share one architecture parameter.
  public struct Cell: Sendable {
    /// For example `normal`.
    public let name: String
    /// Whether the edges that start from its inputs halve the image.
    public let isReduction: Bool
    /// What each edge computes.
    public let operations: [MixedOperation]
    /// The skip connection of each edge, as it is before any simplification.
    public let skips: [Path]

    /// The name where it stands alone: `normal cell`, `cell`, `cell3`.
    public var title: String { name.hasPrefix("cell") ? name : "\(name) cell" }
  }

  /// For example `nasbench201`.
  public let name: String
  /// The candidates of every edge; a candidate's index is its place here.
  public let candidates: [Candidate]
  /// Operations of derived cells that no search of the space chooses among.
  public let otherOperations: [Candidate]
  /// How many nodes are inputs of a cell; they come first.
  public let inputCount: Int
  /// How many nodes a cell has.
  public let nodeCount: Int
  /// The edges, in the order of the rows of an architecture parameter.
  public let edges: [Edge]
  /// The kinds of cells, in the order of the architecture parameters.
  public private(set) var cells: [Cell]
  /// What leaves a cell.
  public let output: Output
  /// Whether a 1x1 convolution brings each input to the channels of a cell first.
  public let preprocessesInputs: Bool
  /// Whether the batch norms of derived cells, and of what preprocesses their inputs, have gain and bias.
  public let derivedNormsHaveGain: Bool
  /// How cells are stacked to a network.
  public let macroStructure: any MacroStructure
  /// How a node combines its edges; at first it is their sum.
  public internal(set) var nodeForm: any NodeForm = PlainSum()
  /// How weights become a discrete cell.
  public internal(set) var derivation: any Derivation

  /// Creates a space.
  ///
  /// - Parameters:
  ///   - name: a name for files and reports.
  ///   - candidates: the operations of every edge, of different names.
  ///   - otherOperations: operations of derived cells that no search of the space chooses among.
  ///   - inputCount: how many nodes are inputs of a cell.
  ///   - nodeCount: how many nodes a cell has, its inputs among them.
  ///   - edges: the edges, sorted by their targets; nil joins every node to all nodes before it, inputs apart.
  ///   - kinds: the kinds of cells, each with its name and whether it halves the image.
  ///   - output: what leaves a cell.
  ///   - preprocessesInputs: whether a 1x1 convolution brings each input to the channels of a cell first.
  ///   - derivedNormsHaveGain: whether the batch norms of derived cells have gain and bias, which those of a search
  ///     never have.
  ///   - derivation: how weights become a discrete cell.
  ///   - macroStructure: how cells are stacked to a network.
  public init(
    _ name: String, candidates: [Candidate], otherOperations: [Candidate] = [],
    inputCount: Int = 1, nodeCount: Int, edges: [Edge]? = nil,
    kinds: [(name: String, isReduction: Bool)] = [("cell", false)],
    output: Output = .lastNode, preprocessesInputs: Bool = false,
    derivedNormsHaveGain: Bool = true, derivation: any Derivation = StrongestCandidates(),
    macroStructure: any MacroStructure
  ) {
    let edges =
      edges
      ?? (inputCount..<nodeCount).flatMap { target in
        (0..<target).map { Edge(source: $0, target: target) }
      }
    Self.check(candidates + otherOperations, edges, inputCount..<nodeCount)
    self.name = name
    self.candidates = candidates
    self.otherOperations = otherOperations
    self.inputCount = inputCount
    self.nodeCount = nodeCount
    self.edges = edges
    self.output = output
    self.preprocessesInputs = preprocessesInputs
    self.derivedNormsHaveGain = derivedNormsHaveGain
    self.derivation = derivation
    self.macroStructure = macroStructure
    cells = []
    cells = kinds.map { cell($0.name, isReduction: $0.isReduction) }
  }

  private static func check(_ candidates: [Candidate], _ edges: [Edge], _ nodes: Range<Int>) {
    for name in candidates.map(\.primitive.rawValue) {
      // Genotypes are read word by word.
      precondition(
        !name.isEmpty && name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" },
        "the name of a candidate has letters, digits and underscores, found '\(name)'")
    }
    let names = candidates.map(\.primitive)
    precondition(Set(names).count == names.count, "candidates have different names, found \(names)")
    precondition(
      edges.allSatisfy { 0 <= $0.source && $0.source < $0.target && nodes.contains($0.target) },
      "an edge leads from a node to a later one that is no input, found \(edges)")
    precondition(
      zip(edges, edges.dropFirst()).allSatisfy { $0.target <= $1.target },
      "edges are sorted by their targets, found \(edges)")
    precondition(
      nodes.allSatisfy { node in edges.contains { $0.target == node } },
      "every node but the inputs needs an edge that leads to it, found \(edges)")
  }

  private func cell(_ name: String, isReduction: Bool) -> Cell {
    func paths(_ path: (Int) -> Path) -> [Path] {
      edges.map { path(isReduction && $0.source < inputCount ? 2 : 1) }
    }
    let tables = candidates.map { paths($0.path) }
    let skip = candidates.first { $0.primitive == .skipConnect }
    return Cell(
      name: name, isReduction: isReduction,
      operations: edges.indices.map { edge in MixedOperation(tables.map { $0[edge] }) },
      skips: paths(skip?.path ?? Path.skipConnection))
  }

  /// The names of the candidates.
  public var primitives: [Primitive] { candidates.map(\.primitive) }

  /// The nodes that are no inputs.
  public var innerNodes: Range<Int> { inputCount..<nodeCount }

  /// The stride of the operations of an edge: a reduction cell halves its inputs.
  public func stride(of edge: Edge, kind: Int) -> Int {
    cells[kind].isReduction && edge.source < inputCount ? 2 : 1
  }

  /// What an operation computes in a derived cell.
  public func derivedPath(_ primitive: Primitive, stride: Int) -> Path {
    let operations = candidates + otherOperations
    guard let candidate = operations.first(where: { $0.primitive == primitive }) else {
      preconditionFailure("\(primitive) is no operation of \(name)")
    }
    return candidate.derivedPath(stride)
  }

  /// A space of the same cells and network with one more candidate.
  ///
  /// It begins anew: the edges are plain and their nodes sums, whatever this space was simplified or prepared to.
  public func adding(_ candidate: Candidate) -> SearchSpace {
    SearchSpace(
      "\(name)_\(candidate.primitive)", candidates: candidates + [candidate],
      otherOperations: otherOperations, inputCount: inputCount, nodeCount: nodeCount, edges: edges,
      kinds: cells.map { ($0.name, $0.isReduction) }, output: output,
      preprocessesInputs: preprocessesInputs, derivedNormsHaveGain: derivedNormsHaveGain,
      derivation: derivation, macroStructure: macroStructure)
  }

  /// The network of `channels` channels in the nodes of the first cells and of `cells` cells, as it counts them.
  public func plan(
    channels: Int, cells: Int, hasAuxiliaryHead: Bool = false, classes: Int = 10,
    imageExtent: Int = MapSize.imageExtent
  ) -> NetworkPlan {
    plan(
      NetworkSize(channels: channels, cells: cells, hasAuxiliaryHead: hasAuxiliaryHead),
      classes: classes, imageExtent: imageExtent,
      outlines: self.cells.map { cell in
        CellOutline(
          inputCount: inputCount, isReduction: cell.isReduction,
          joinedNodes: output == .concatenation ? innerNodes.count : 1)
      })
  }

  func plan(
    _ size: NetworkSize, classes: Int, imageExtent: Int, outlines: [CellOutline]
  ) -> NetworkPlan {
    var plan = NetworkPlan(
      of: outlines, preprocessesInputs: preprocessesInputs,
      images: MapSize(channels: 3, height: imageExtent, width: imageExtent), classes: classes)
    macroStructure.addLayers(of: size, to: &plan)
    return plan
  }

  /// What every edge of every cell computes, cell by cell.
  public var paths: [Path] { cells.flatMap(\.operations).map(\.path) }

  /// The same space with every mixed operation replaced by `transform` of it.
  public func mapOperations(_ transform: (MixedOperation) -> MixedOperation) -> SearchSpace {
    var space = self
    space.cells = cells.map {
      Cell(
        name: $0.name, isReduction: $0.isReduction, operations: $0.operations.map(transform),
        skips: $0.skips)
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
