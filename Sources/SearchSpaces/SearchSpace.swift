import Tensors

/// A cell to be searched: a directed acyclic graph whose every edge is a path.
///
/// A plain value. A simplification maps a space to a space, and every search method runs on both.
public struct SearchSpace: Sendable {
  /// One edge of the cell.
  public struct Edge: Hashable, Sendable {
    /// The node it starts from.
    public let source: Int
    /// The node it goes to, a larger number.
    public let target: Int
  }

  /// For example `nasbench201`.
  public let name: String
  /// The candidates of every edge; a candidate's index is its place here.
  public let primitives: [Primitive]
  /// How many nodes the cell has; node 0 is its input, the last node its output.
  public let nodeCount: Int
  /// The edges, in the order of the rows of the architecture parameter.
  public let edges: [Edge]
  /// What each edge computes.
  public private(set) var paths: [Path]

  /// The same cell with every path replaced by `transform` of it.
  public func mapPaths(_ transform: (Path) -> Path) -> SearchSpace {
    var space = self
    space.paths = paths.map(transform)
    return space
  }
}

extension SearchSpace {
  /// The cell of NAS-Bench-201: 4 nodes, all 6 edges, 5 candidates each.
  ///
  /// Equation: D5-1 [published: D-X-Y/AutoDL-Projects]. node_i = sum over j < i of o_ij(node_j), node 3 is the output.
  public static let nasBench201: SearchSpace = {
    let primitives: [Primitive] = [.none, .skipConnect, .norConv1x1, .norConv3x3, .avgPool3x3]
    let edges = (1..<4).flatMap { target in
      (0..<target).map { Edge(source: $0, target: target) }
    }
    let all = Array(primitives.indices)
    let edgePath = Path.choice(
      primitives.enumerated().map { index, primitive in
        Branch(ArchitectureWeight([index], within: all), nasBench201Path(primitive))
      })
    return SearchSpace(
      name: "nasbench201", primitives: primitives, nodeCount: 4, edges: edges,
      paths: edges.map { _ in edgePath })
  }()

  /// The chain of modules that a candidate of NAS-Bench-201 stands for.
  ///
  /// Equation: TS-4 [published: D-X-Y/AutoDL-Projects]. nor_conv_k = BN . Conv_k . ReLU; no BN after the pool.
  public static func nasBench201Path(_ primitive: Primitive) -> Path {
    let name = primitive.rawValue
    func convolution(_ window: Window) -> Path {
      .chain([
        ModuleSpec(.relu, name: "\(name).relu"),
        ModuleSpec(.convolution(window, .dense, .own), name: "\(name).conv"),
        ModuleSpec(.batchNorm, name: "\(name).bn"),
      ])
    }
    switch primitive {
    case .none: return .module(ModuleSpec(.zero, name: name))
    case .skipConnect: return .module(ModuleSpec(.identity, name: name))
    case .norConv1x1: return convolution(Window(1))
    case .norConv3x3: return convolution(Window(3))
    case .avgPool3x3: return .module(ModuleSpec(.averagePool(Window(3)), name: name))
    }
  }
}
