import Tensors

/// The topology-augmented space: stages whose nodes are joined by modules, and what is searched is which edges there are.
///
/// Guo et al., *Powering One-shot Topological NAS with Stabilized Share-parameter Proxy*, 2020. The paper's layout is
/// not known; this one has its number of topologies at 5 stages of 7 optional edges. All edges have the same module, so
/// that the topology is all there is to choose.
///
///     stage with 5 nodes besides its input:   0 -> 1 -> 2 -> 3 -> 4 -> 5    always
///                                             0 -> 2, 1 -> 3, 2 -> 4, 3 -> 5    optional, with skips of 2
///                                             0 -> 3, 1 -> 4, 2 -> 5            and with skips of 3
///
/// A topological simplification rewrites the candidates of one edge, and here there is one beside `none`: it leaves the space
/// as it is, to the last bit. Between edges its rules do not hold. Edges into a node have different inputs, so neither a
/// shared prefix nor a merged kernel computes the same; a shared batch norm is exact at one-hot weights, which the bits of a
/// node are not, as several edges can be on. Edges out of a node could share their ReLU, exact everywhere; that would save
/// time and no weights.
public struct TopologyAugmentedSpace: Hashable, Sendable {
  /// L: how many stages.
  public let stages: Int
  /// n: the last node of a stage; node 0 is its input.
  public let lastNode: Int
  /// How many nodes an optional edge advances at most.
  public let longestSkip: Int
  /// What every edge computes.
  public let module: EdgeModule

  /// Creates the layout.
  ///
  /// - Parameters:
  ///   - stages: L, at least 1.
  ///   - lastNode: n, at least 2.
  ///   - longestSkip: how many nodes an optional edge advances at most, from 2 to n.
  ///   - module: what every edge computes.
  public init(stages: Int, lastNode: Int, longestSkip: Int, module: EdgeModule) {
    precondition(
      stages >= 1 && lastNode >= 2 && 2...lastNode ~= longestSkip,
      "expected L >= 1, n >= 2 and skips of 2 to n nodes, found L = \(stages), n = \(lastNode), skips of \(longestSkip)"
    )
    self.stages = stages
    self.lastNode = lastNode
    self.longestSkip = longestSkip
    self.module = module
  }

  /// 3 stages of 4 optional edges, ReLU-Conv-BN: 4096 topologies, to see a search at work.
  public static let tiny = TopologyAugmentedSpace(
    stages: 3, lastNode: 5, longestSkip: 2, module: .convolution(kernel: 3))
  /// 5 stages of 7 optional edges, separable convolutions: 2^35 topologies at a small cost.
  public static let small = TopologyAugmentedSpace(
    stages: 5, lastNode: 5, longestSkip: 3, module: .separableConvolution(kernel: 3))
  /// 5 stages of 7 optional edges, inverted residuals: as near to the paper as its abstract allows.
  public static let paper = TopologyAugmentedSpace(
    stages: 5, lastNode: 5, longestSkip: 3, module: .invertedResidual(kernel: 3, expansion: 6))

  /// The layout of a search space that was made of one, simplified or not; nil if the space is another one.
  public init?(layoutOf space: SearchSpace) {
    let primitives = space.primitives
    guard space.macroStructure is StagesOfNodes,
      let module = EdgeModule.named.first(where: { primitives == [.none, $0.primitive] })
    else { return nil }
    self.init(
      stages: space.cells.count, lastNode: space.nodeCount - 1,
      longestSkip: space.edges.map { $0.target - $0.source }.max() ?? 2, module: module)
  }

  /// The edges of a stage, sorted by their targets.
  ///
  /// Equation: C-7 [reconstructed: low]. nodes 0..n, the chain edges (j - 1, j) always on, E optional skip edges (i, j)
  /// with j - i >= 2, E <= n (n - 1) / 2.
  ///
  /// Here those up to the longest skip.
  ///
  /// Explained in chapter 21.
  public var edges: [SearchSpace.Edge] {
    (1...lastNode).flatMap { target in
      (max(0, target - longestSkip)..<target).map { .init(source: $0, target: target) }
    }
  }

  /// E: how many optional edges a stage has.
  public var optionalEdges: Int { edges.count - lastNode }

  /// How many topologies the space has.
  ///
  /// Equation: C-6 [derived]. 2^(L E) for L stages of E optional edges; 2^35 = 34,359,738,368, over 3.4 10^10 as the
  /// abstract says, for 5 stages of 7.
  ///
  /// Equation: C-12 [derived]. besides powers of two, no count of complete graphs (C-7) and no power of one lies in
  /// [3.4, 3.5] 10^10; the nearest is 3346^3 = 3.746 10^10.
  ///
  /// Explained in chapter 21.
  public var topologyCount: ExactCount { power(2, stages * optionalEdges) }

  /// The counts of the graphs that the edges of a stage can be chosen to be, with the chain and without it (C-7).
  public var stageCounts: GraphCounts {
    GraphCounts(nodes: lastNode + 1, longestSkip: longestSkip)
  }

  /// A count of graphs for all stages, each of which has one.
  public func inAllStages(_ count: KeyPath<GraphCounts, ExactCount>) -> ExactCount {
    power(stageCounts[keyPath: count], stages)
  }

  /// The space for a search: a kind of cells for each stage, on every edge `none` or the module.
  ///
  /// Equation: C-4 [reconstructed: medium]. x_j = sum over i < j of g_ij E_ij(x_i), g in {0, 1}; g_(j-1,j) = 1.
  ///
  /// The chain edges have the same two candidates as the others, which a search by gradients may mix; a derivation
  /// and a sampled topology never leave them out, so that every node has an input.
  ///
  /// Explained in chapter 21.
  public var searchSpace: SearchSpace {
    let path = module.path
    return SearchSpace(
      "st-nas",
      candidates: [
        Candidate(.none) { .module(ModuleSpec(.zero(stride: $0), of: .none)) },
        Candidate(module.primitive) { _ in path },
      ], nodeCount: lastNode + 1, edges: edges,
      kinds: (1...stages).map { ("stage\($0)", false) }, derivation: ChainAndStrongestEdges(),
      macroStructure: StagesOfNodes(stages: stages))
  }

  /// What a topology costs in a network of C channels in the first stage, its searched part alone.
  public func cost(
    of topology: Topology, channels: Int, imageExtent: Int = MapSize.imageExtent
  ) -> NetworkCost {
    precondition(topology.layout == self, "\(topology) is of another layout than \(self)")
    let plan = searchSpace.plan(channels: channels, cells: stages, imageExtent: imageExtent)
    return plan.cells.map { layer in
      guard case .cell(let stage) = layer.kind else { return .zero }
      return (lastNode + topology.bits[stage].count { $0 }) * module.cost(at: layer.size)
    }.reduce(.zero, +)
  }
}

/// The chain edges stay whatever they weigh, the other edges if their module weighs more than `none`.
public struct ChainAndStrongestEdges: Derivation {
  /// Creates the rule.
  public init() {}

  /// Whether an edge is one of the chain.
  public func alwaysKeeps(_ edge: SearchSpace.Edge) -> Bool { edge.isChain }

  /// The edges that stay, in their order, each with its strongest candidate other than `none`.
  public func edges(_ evidence: CellEvidence) -> [DerivedEdge] {
    let modules = evidence.primitives.indices.filter { evidence.primitives[$0] != .none }
    return evidence.edges.indices.compactMap { edge in
      let all = evidence.edges[edge].isChain ? modules : Array(evidence.primitives.indices)
      let best = evidence.strongest(ofEdge: edge, among: all).candidate
      return modules.contains(best) ? DerivedEdge(edge: edge, candidate: best) : nil
    }
  }
}

extension SearchSpace.Edge {
  /// Whether the edge leads from a node to the next one.
  public var isChain: Bool { target == source + 1 }
}

/// The macro structure of an ST-NAS network for small images: each stage once, and a residual block before some.
///
///     stem (3x3 convolution to C, BN)
///     stages; before those at 1/3 and 2/3 of them a residual block halves the image and doubles the channels
///     BN, ReLU, global average, linear
///
/// It is this project's: the paper's networks are for images of 224 x 224.
public struct StagesOfNodes: MacroStructure {
  /// How many stages.
  public let stages: Int

  /// Creates the structure.
  public init(stages: Int) { self.stages = stages }

  /// C = 16 and all stages.
  public var evaluationSize: NetworkSize { NetworkSize(channels: 16, cells: stages) }

  /// Adds the layers; the size has as many cells as there are stages.
  public func addLayers(of size: NetworkSize, to plan: inout NetworkPlan) {
    precondition(
      size.cells == stages, "expected a network of \(stages) stages, found \(size.cells)")
    var channels = size.channels
    plan.addStem(channels: channels)
    for stage in 0..<stages {
      if stage > 0, [stages / 3, 2 * stages / 3].contains(stage) {
        plan.addResidualBlock()
        channels *= 2
      }
      plan.addCell(kind: stage, channels: channels)
    }
    plan.addNormalization()
    plan.addClassifier()
  }
}
