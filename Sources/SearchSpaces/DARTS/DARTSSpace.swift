import Tensors

extension SearchSpace {
  /// The cells of DARTS: 2 inputs, 4 intermediate nodes, 14 edges, 8 candidates each.
  ///
  /// In a reduction cell the edges from the two inputs halve the image.
  ///
  /// Equation: D1-2 [published: quark0/darts]. x_j = sum over i < j of o_ij(x_i).
  ///
  /// Explained in chapter 05.
  public static let darts = SearchSpace(
    "darts",
    candidates: [
      .none, .maxPool3x3, .avgPool3x3, .skipConnect, .sepConv3x3, .sepConv5x5, .dilConv3x3,
      .dilConv5x5,
    ].map(dartsOperation), otherOperations: [.sepConv7x7, .conv7x1And1x7].map(dartsOperation),
    inputCount: 2,
    nodeCount: 6, kinds: [("normal", false), ("reduction", true)],
    output: .concatenation, preprocessesInputs: true, derivation: StrongestEdges(),
    macroStructure: CellsWithReductions())

  private static func dartsOperation(_ primitive: Primitive) -> Candidate {
    Candidate(primitive, derivedPath: { dartsDerivedPath(primitive, stride: $0) }) {
      dartsPath(primitive, stride: $0)
    }
  }

  /// The chain of modules that an operation of the DARTS space stands for, as in a search.
  ///
  /// `sep_conv_7x7` and `conv_7x1_1x7` are no candidates of a search, but operations of published cells.
  ///
  /// Equation: TS-4 [published: quark0/darts].
  /// sep_conv_k = BN . PW . DW_k . ReLU . BN . PW . DW_k . ReLU, stride only in the first stage;
  /// dil_conv_k = BN . PW . DW_(k, dilation 2) . ReLU; conv_7x1_1x7 = BN . conv 7x1 . conv 1x7 . ReLU; pools are followed by BN;
  /// skip_connect at stride 2 = BN . factorized reduction . ReLU.
  ///
  /// Explained in chapter 05.
  public static func dartsPath(_ primitive: Primitive, stride: Int = 1) -> Path {
    func only(_ kind: ModuleSpec.Kind) -> Path { .module(ModuleSpec(kind, of: primitive)) }
    func part(_ kind: ModuleSpec.Kind, _ role: String) -> ModuleSpec {
      ModuleSpec(kind, of: primitive, role: role)
    }
    func separable(_ window: Window, _ stage: String) -> [ModuleSpec] {
      [
        part(.relu, "relu\(stage)"), part(.convolution(window, .depthwise, .own), "dw\(stage)"),
        part(.convolution(Window(1), .dense, .own), "pw\(stage)"), part(.batchNorm, "bn\(stage)"),
      ]
    }
    func doubled(_ k: Int) -> Path {
      .chain(separable(Window(k, stride: stride), "1") + separable(Window(k), "2"))
    }
    func dilated(_ k: Int) -> Path {
      .chain(separable(Window(k, stride: stride, dilation: 2), ""))
    }
    func strips(_ k: Int) -> Path {
      let window = Window(k, stride: stride)
      return .chain([
        part(.relu, "relu"), part(.stripConvolution(Strip(window, .horizontal)), "conv1x\(k)"),
        part(.stripConvolution(Strip(window, .vertical)), "conv\(k)x1"), part(.batchNorm, "bn"),
      ])
    }
    func pool(_ kind: ModuleSpec.Kind) -> Path {
      .chain([part(kind, "pool"), part(.batchNorm, "bn")])
    }
    switch primitive {
    case .none: return only(.zero(stride: stride))
    case .skipConnect: return .skipConnection(stride: stride)
    case .maxPool3x3: return pool(.maxPool(Window(3, stride: stride)))
    case .avgPool3x3: return pool(.averagePool(Window(3, stride: stride)))
    case .sepConv3x3: return doubled(3)
    case .sepConv5x5: return doubled(5)
    case .sepConv7x7: return doubled(7)
    case .conv7x1And1x7: return strips(7)
    case .dilConv3x3: return dilated(3)
    case .dilConv5x5: return dilated(5)
    default: preconditionFailure("\(primitive) is no candidate of the DARTS space")
    }
  }

  /// The chain of modules that an operation of a derived cell stands for: no batch norm after a pool.
  public static func dartsDerivedPath(_ primitive: Primitive, stride: Int = 1) -> Path {
    let path = dartsPath(primitive, stride: stride)
    switch primitive {
    case .maxPool3x3, .avgPool3x3: return path.steps[0]
    default: return path
    }
  }
}
