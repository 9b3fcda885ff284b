import Tensors

/// Which operations every edge of the GOLD-NAS space can have.
public enum GOLDNASCandidates: String, CaseIterable, Sendable {
  /// The published ones: a skip connection and a separable 3x3 convolution.
  case own
  /// Those of DARTS: two pools, the skip connection, and four convolutions.
  ///
  /// `none` is not among them, as an edge may keep no operation at all.
  case ofDARTS = "darts"

  /// The operations, in the order of an edge.
  public var primitives: [Primitive] {
    switch self {
    case .own: [.skipConnect, .sepConv3x3]
    case .ofDARTS: SearchSpace.darts.primitives.filter { $0 != .none }
    }
  }
}

extension SearchSpace {
  /// The chain of cells of GOLD-NAS: those of DARTS with fewer operations, each of the `cells` a kind of its own.
  ///
  /// Macro structure and cells of B.1 [published: sunsmarterjie/GOLD_NAS]: two inputs, which are preprocessed, four
  /// nodes, 14 edges, and two candidates on each. The search keeps any of them: 0, 1 or 2 on an edge. A search by
  /// another method derives two edges a node, as DARTS does.
  public static func goldNAS(
    cells: Int = 14, candidates: GOLDNASCandidates = .own
  ) -> SearchSpace {
    let chain = ChainOfCells(cells: cells)
    let primitives = candidates.primitives
    return SearchSpace(
      "gold-nas", candidates: primitives.map(goldNASOperation),
      otherOperations: goldNASOperations.filter { !primitives.contains($0) }.map(goldNASOperation),
      inputCount: 2, nodeCount: 6, kinds: chain.kinds, output: .concatenation,
      preprocessesInputs: true, derivedNormsHaveGain: false, derivation: StrongestEdges(),
      macroStructure: chain)
  }

  /// All operations that a cell of GOLD-NAS can have, in the order in which an edge lists them.
  static let goldNASOperations: [Primitive] =
    GOLDNASCandidates.ofDARTS.primitives + SearchSpace.darts.otherOperations.map(\.primitive)

  private static func goldNASOperation(_ primitive: Primitive) -> Candidate {
    Candidate(primitive) { goldNASPath(primitive, stride: $0) }
  }

  /// The chain of modules that an operation of the GOLD-NAS space stands for, in a search and in a derived cell.
  ///
  /// Equation: B-12 [published: sunsmarterjie/GOLD_NAS]. skip_connect = BN at stride 1, BN . (PW, PW) . ReLU at stride
  /// 2, both pointwise convolutions of stride 2 to half of the channels, the second of the image shifted by one; the
  /// other operations as in DARTS, the pools followed by BN; no BN in a cell has gain and bias, in retraining either.
  ///
  /// Explained in chapter 26.
  public static func goldNASPath(_ primitive: Primitive, stride: Int = 1) -> Path {
    guard primitive == .skipConnect, stride == 1 else {
      return dartsPath(primitive, stride: stride)
    }
    return .chain([
      ModuleSpec(.identity, of: .skipConnect),
      ModuleSpec(.batchNorm, of: .skipConnect, role: "bn"),
    ])
  }
}
