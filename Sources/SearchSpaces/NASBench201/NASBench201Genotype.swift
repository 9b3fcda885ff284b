import Tensors

/// A derived cell of NAS-Bench-201: one operation per edge.
public struct NASBench201Genotype: DerivedArchitecture, Hashable {
  /// The operation of each edge, in the order 0->1, 0->2, 1->2, 0->3, 1->3, 2->3.
  public let operations: [Primitive]

  /// Creates a genotype from its six operations.
  public init(_ operations: [Primitive]) {
    precondition(operations.count == 6, "a cell has 6 edges, found \(operations.count) operations")
    self.operations = operations
  }

  /// The cell of the edges that a derivation keeps; what it leaves out is `none`.
  public init(_ edges: [DerivedEdge], primitives: [Primitive]) {
    var operations = Array(repeating: Primitive.none, count: 6)
    for edge in edges { operations[edge.edge] = primitives[edge.candidate] }
    self.init(operations)
  }

  /// The strongest candidate of every edge, by the rule `StrongestCandidates`.
  ///
  /// Shapes: logits [6, primitives.count].
  public init(logits: Tensor, primitives: [Primitive]) {
    precondition(
      primitives == SearchSpace.nasBench201.primitives,
      "expected the candidates of NAS-Bench-201, found \(primitives)")
    self.init(
      StrongestCandidates().edges(CellEvidence(.nasBench201, logWeights: logits)),
      primitives: primitives)
  }

  /// The string of the benchmark: `|op~0|+|op~0|op~1|+|op~0|op~1|op~2|`.
  public var description: String {
    var edges = operations.makeIterator()
    return (1..<4).map { target in
      let terms = (0..<target).map { "\(edges.next()?.rawValue ?? "")~\($0)" }
      return "|\(terms.joined(separator: "|"))|"
    }.joined(separator: "+")
  }

  /// The string of the benchmark, and the index.
  static let texts = GenotypeTexts(
    hint: "a cell of NAS-Bench-201 is |op~0|+|op~0|op~1|+|op~0|op~1|op~2|, or its index",
    formats: [
      GenotypeFormat(
        "nasbench201", "the string of the benchmark", text: \NASBench201Genotype.description)
    ])

  /// The number of edges, 6: every edge has one operation.
  public var edgeCount: Int { operations.count }
  /// How many edges are skip connections.
  public var skipCount: Int { operations.count { $0 == .skipConnect } }
}

extension DerivedArchitecture {
  /// Itself, if it is a cell of the benchmark; nil for those of other spaces.
  public var cellOfBenchmark: NASBench201Genotype? { self as? NASBench201Genotype }
}
