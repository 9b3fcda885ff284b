import Tensors

extension SearchSpace {
  /// The cell of NAS-Bench-201: 4 nodes, all 6 edges, 5 candidates each.
  ///
  /// Equation: D5-1 [published: D-X-Y/AutoDL-Projects]. node_i = sum over j < i of o_ij(node_j), node 3 is the output.
  ///
  /// Explained in chapter 05.
  public static let nasBench201 = SearchSpace(
    "nasbench201",
    candidates: [.none, .skipConnect, .norConv1x1, .norConv3x3, .avgPool3x3].map { primitive in
      Candidate(primitive) { _ in nasBench201Path(primitive) }
    }, nodeCount: 4, derivation: StrongestCandidates(), macroStructure: StagesOfCells())

  /// The chain of modules that a candidate of NAS-Bench-201 stands for.
  ///
  /// Equation: TS-4 [published: D-X-Y/AutoDL-Projects]. nor_conv_k = BN . Conv_k . ReLU; no BN after the pool.
  ///
  /// Explained in chapter 05.
  public static func nasBench201Path(_ primitive: Primitive) -> Path {
    func only(_ kind: ModuleSpec.Kind) -> Path { .module(ModuleSpec(kind, of: primitive)) }
    func convolution(_ window: Window) -> Path {
      .chain([
        ModuleSpec(.relu, of: primitive, role: "relu"),
        ModuleSpec(.convolution(window, .dense, .own), of: primitive, role: "conv"),
        ModuleSpec(.batchNorm, of: primitive, role: "bn"),
      ])
    }
    switch primitive {
    case .none: return only(.zero())
    case .skipConnect: return only(.identity)
    case .norConv1x1: return convolution(Window(1))
    case .norConv3x3: return convolution(Window(3))
    case .avgPool3x3: return only(.averagePool(Window(3)))
    default: preconditionFailure("\(primitive) is no candidate of NAS-Bench-201")
    }
  }
}
