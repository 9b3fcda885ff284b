import NeuralNetworks
import SearchSpaces
import Tensors
import TestSupport
import Testing

@testable import TopologicalSimplification

/// The rewriter on sums that NAS-Bench-201 does not have.
@Suite("Simplifier on other sums")
struct SimplifierTests {
  private func relu(_ name: String) -> ModuleSpec { ModuleSpec(.relu, of: "\(name)", role: "relu") }
  private func bn(_ name: String) -> ModuleSpec {
    ModuleSpec(.batchNorm, of: "\(name)", role: "bn")
  }
  private func depthwise(_ k: Int, _ d: Int, _ name: String, stride: Int = 1) -> ModuleSpec {
    ModuleSpec(
      .convolution(Window(k, stride: stride, dilation: d), .depthwise, .own), of: "\(name)",
      role: "dw")
  }
  private func pointwise(_ name: String) -> ModuleSpec {
    ModuleSpec(.convolution(Window(1), .dense, .own), of: "\(name)", role: "pw")
  }

  private func sum(_ chains: [[ModuleSpec]]) -> Path {
    .choice(
      chains.enumerated().map { index, chain in
        Branch(ArchitectureWeight([index], within: Array(chains.indices)), .chain(chain))
      })
  }

  /// Two separable convolutions with dilation: ReLU, depthwise, pointwise, BN.
  private func dilated(stride: Int = 1) -> [[ModuleSpec]] {
    [("dil3", 3), ("dil5", 5)].map { name, k in
      [relu(name), depthwise(k, 2, name, stride: stride), pointwise(name), bn(name)]
    }
  }

  @Test(arguments: [1, 2]) func `a pair of separable convolutions becomes one chain`(_ stride: Int)
    throws
  {
    let (path, steps) = Simplifier(normalization: .none).simplify(sum(dilated(stride: stride)))
    #expect(steps.map(\.rule) == [.sharePrefix, .shareSuffix, .reparameterize])
    try #require(steps.count == 3)
    #expect(steps[1].subject == "PW 1x1 BN")
    #expect(steps[1].exactness == .atOneHotWeights)
    #expect(steps.map(\.after.modules) == [7, 5, 4])
    let suffix = stride == 1 ? "" : " stride 2"
    #expect(
      "\(path)" == """
        ReLU
        DW 5x5\(suffix) dilation 2 <- dil3.dw + dil5.dw
        PW 1x1
        BN
        """)
    #expect(cost(of: path).trainableWeights == 16 * (9 + 25) + 256)
    #expect(cost(of: path).executedWeights == 16 * 25 + 256)
  }

  @Test(
    arguments: [SearchSpace.darts, .nasBench201],
    [Simplifier(), Simplifier(weights: .independent)])
  func `a space is simplified edge by edge`(_ space: SearchSpace, _ simplifier: Simplifier) {
    for (before, after) in zip(space.cells, simplifier.simplify(space).cells) {
      for (operation, simplified) in zip(before.operations, after.operations) {
        let alone = simplifier.simplify(operation)
        #expect("\(simplified.path)" == "\(alone.path)")
        #expect(simplified.path.weights == alone.path.weights)
        #expect(simplified.candidateWeights == alone.candidateWeights)
        #expect(simplified.initialLogits == alone.initialLogits)
      }
    }
  }

  @Test func `operations are written alike if nothing in them differs`() {
    func operation(_ chains: [[ModuleSpec]], logits: [Double] = [0, 0]) -> MixedOperation {
      MixedOperation(sum(chains), candidateWeights: [], initialLogits: logits)
    }
    let chains = dilated()
    let usual = operation(chains)
    #expect(usual.isWritten(like: operation(dilated())))
    let others = [
      operation(dilated(stride: 2)), operation(chains, logits: [0, 1]),
      operation([chains[1], chains[0]]), operation([chains[0], [relu("dil5")] + chains[1]]),
      operation([chains[0], chains[1].dropLast() + [bn("another")]]),
      MixedOperation(
        .choice(chains.map { Branch(.one, .chain($0)) }), candidateWeights: [],
        initialLogits: [0, 0]),
      MixedOperation(sum(chains), candidateWeights: [.one], initialLogits: [0, 0]),
    ]
    for other in others { #expect(!usual.isWritten(like: other)) }
    // The kernels of two merged ones may be normalized in different ways.
    let merged = Simplifier().simplify(usual)
    #expect(merged.path.modules.contains { $0.isMerged } && !merged.isWritten(like: merged))
  }

  @Test func `kernels that cost more together than apart stay apart`() {
    let chains = [[depthwise(5, 1, "a")], [depthwise(5, 2, "b")]]
    #expect(Simplifier().simplify(sum(chains)).steps.isEmpty)
  }

  @Test func `strides that differ are neither shared nor merged`() {
    let chains = [[depthwise(3, 1, "a")], [depthwise(5, 1, "b", stride: 2)]]
    #expect(Simplifier().simplify(sum(chains)).steps.isEmpty)
  }

  @Test func `of equal chains something remains to choose between`() {
    let chains = ["a", "b"].map { [pointwise($0), bn($0)] }
    let (path, steps) = Simplifier().simplify(sum(chains))
    #expect(steps.map(\.rule) == [.shareSuffix, .reparameterize])
    #expect("\(path)" == "PW 1x1 <- a.pw + b.pw\nBN")
  }

  @Test func `kernels are normalized only where a batch norm follows`() {
    func kernels(_ path: Path) -> [KernelNormalization] {
      path.modules.compactMap { module in
        guard case .convolution(_, _, .merged(let kernel)) = module.kind else { return nil }
        return (kernel as? MergedKernel)?.normalization
      }
    }
    let bare = Simplifier().simplify(sum([[depthwise(3, 1, "a")], [depthwise(5, 1, "b")]]))
    #expect(kernels(bare.path) == [.none])
    #expect(bare.steps.map(\.exactness) == [.everywhere])
    // What follows here takes no scale out: a ReLU, or a convolution that only passes it on.
    for follower in [relu, pointwise] {
      let chains = [[depthwise(3, 1, "a"), follower("a")], [depthwise(5, 1, "b"), follower("b")]]
      let (path, steps) = Simplifier().simplify(sum(chains))
      #expect(path.steps.count == 2 && kernels(path) == [.none], "\(path)")
      #expect(steps.last?.exactness == .everywhere && steps.last?.rule == .reparameterize)
    }
    let separable = Simplifier().simplify(sum(dilated()))
    #expect(kernels(separable.path) == [.unitNorm])
    #expect(
      separable.steps.last?.exactness == .atOneHotWeightsUpToScale, "a pointwise stands between")
  }

  /// Two groups could share their last modules, and none is an identity.
  @Test func `the rewrite that saves more modules goes first, of equals that with more MACs`() {
    func first(_ cheap: @escaping (String) -> [ModuleSpec]) -> String? {
      let windows = [("a", 3, 1), ("b", 5, 1), ("c", 3, 2), ("d", 5, 2)]
      let chains = windows.map { name, k, dilation in
        [depthwise(k, dilation, name)] + (name < "c" ? cheap(name) : [pointwise(name)])
      }
      return Simplifier().simplify(sum(chains)).steps.first?.subject
    }
    #expect(first { [bn($0), relu($0)] } == "BN ReLU", "two modules, and not one MAC")
    #expect(first { [bn($0)] } == "PW 1x1", "one module either way")
  }

  @Test func `a group stands in the place of its first member`() throws {
    let skip = [ModuleSpec(.identity, of: "skip")]
    let path = Simplifier().simplify(sum([dilated()[0], skip, dilated()[1]])).path
    guard case .choice(let branches) = path else {
      Issue.record("expected a sum, found \(path)")
      return
    }
    #expect(branches.map(\.weight.members) == [[0, 2], [1]])
  }

  @Test func `pools and skip stay outside`() {
    let pool = [ModuleSpec(.maxPool(Window(3)), of: "max"), bn("max")]
    let skip = [ModuleSpec(.identity, of: "skip")]
    let (path, steps) = Simplifier().simplify(sum([pool, skip] + dilated()))
    #expect(steps.count == 3)
    #expect(path.modules.map(\.signature).prefix(3) == ["max pool 3x3", "BN", "identity"])
    guard case .choice(let branches) = path else {
      Issue.record("expected a sum, found \(path)")
      return
    }
    #expect(branches.map(\.weight.members) == [[0], [1], [2, 3]])
  }

  @Test func `three kernels merge into one, and a merged one merges further`() throws {
    let chains = [[depthwise(1, 1, "a")], [depthwise(3, 1, "b")], [depthwise(5, 1, "c")]]
    let (path, steps) = Simplifier().simplify(sum(chains))
    try #require(steps.count == 1, "the largest set first")
    #expect(steps[0].operations == ["a", "b", "c"])
    #expect("\(path)" == "DW 5x5 <- a.dw + b.dw + c.dw")
    // The same in two steps: first a + b by hand.
    guard case .choice(let branches) = sum(chains),
      let partly = reparameterizing(branches, [0, 1], normalization: .unitNorm),
      case .choice(let rest) = partly,
      let whole = reparameterizing(rest, [0, 1], normalization: .unitNorm),
      case .module(let module) = whole,
      case .convolution(_, _, .merged(let kernel)) = module.kind
    else {
      Issue.record("the kernels did not merge")
      return
    }
    #expect(
      kernel.parts.map(\.weight) == (0..<3).map { ArchitectureWeight([$0], within: [0, 1, 2]) })
  }

  @Test func `a prefix of several modules is shared whole`() {
    let chains = [
      [relu("a"), depthwise(3, 1, "a"), relu("a2")], [relu("b"), depthwise(3, 1, "b"), bn("b")],
    ]
    let candidates = sharingCandidates(
      .prefix,
      in: (0..<2).map { Branch(ArchitectureWeight([$0], within: [0, 1]), .chain(chains[$0])) },
      Grouping())
    #expect(candidates.map(\.length) == [1, 2])
    #expect(candidates.allSatisfy { $0.members == [0, 1] })
  }

  @Test func `a merged kernel is never shared as if it were a plain one`() {
    let merged = ModuleSpec(
      .convolution(
        Window(5), .depthwise,
        .merged(
          MergedKernel(
            [3, 5].map { KernelPart(name: "k\($0)", window: Window($0), weight: .one) },
            normalization: .none))), of: "a", role: "dw")
    let branches = [[merged, bn("a")], [depthwise(5, 1, "b"), relu("b")]].enumerated().map {
      Branch(ArchitectureWeight([$0.offset], within: [0, 1]), Path.chain($0.element))
    }
    #expect(sharingCandidates(.prefix, in: branches, Grouping()).isEmpty)
  }

  /// Random streams and checkpoints know weights by these names.
  @Test func `a shared module belongs to all its candidates, and its name says so`() {
    let path = Simplifier().simplify(SearchSpace.darts.cells[0].operations[0].path).path
    let names = PathNetwork(path, channels: 2, name: "e", seed: RandomGenerator(seed: 1))
      .parameters.map(\.name)
    #expect(
      names == [
        "e.sep_conv_3x3.dw1.weight", "e.sep_conv_5x5.dw1.weight",
        "e.sep_conv_3x3+sep_conv_5x5.pw1.weight", "e.sep_conv_3x3.dw2.weight",
        "e.sep_conv_5x5.dw2.weight", "e.dil_conv_3x3.dw.weight", "e.dil_conv_5x5.dw.weight",
        "e.sep_conv_3x3+sep_conv_5x5+dil_conv_3x3+dil_conv_5x5.pw2.weight",
      ])
    let all: [Primitive] = [.sepConv3x3, .sepConv5x5, .dilConv3x3, .dilConv5x5]
    let last = path.modules.last
    #expect(last?.owners == all && last?.role == "bn2")
    #expect(path.modules.owners == [.none, .maxPool3x3, .avgPool3x3, .skipConnect] + all)
  }

  @Test func `names of candidates may hold any sign`() {
    let chains: [[ModuleSpec]] = ["a.b+c", "a.b+d"].map { (owner: Primitive) in
      [
        ModuleSpec(.relu, of: owner, role: "r"),
        ModuleSpec(.convolution(Window(1), .dense, .own), of: owner, role: "k"),
      ]
    }
    let steps = Simplifier().simplify(sum(chains)).steps
    #expect(steps.map(\.owners) == [[["a.b+c"], ["a.b+d"]], [["a.b+c"], ["a.b+d"]]])
  }

  // MARK: Rules as values

  @Test func `rules have names, equations and a statement`() {
    #expect(RewriteRule.all.map(\.name) == ["PMS prefix", "PMS suffix", "FMS", "REP"])
    #expect(
      RewriteRule.all.map { $0.equations.map(\.id) } == [
        ["TS-10", "TS-12"], ["TS-11", "TS-12", "TS-14"], ["TS-18", "TS-19", "TS-20"],
        ["TS-5", "TS-6", "TS-21", "TS-24", "TS-26", "TS-27"],
      ])
    #expect(RewriteRule.all.allSatisfy { !$0.statement.isEmpty })
  }

  /// Every step of every variant keeps what its rule promises, and names equations of its rule.
  @Test(arguments: [SearchSpace.nasBench201, .darts])
  func `steps keep the promises of their rules`(_ space: SearchSpace) {
    for path in [space.cells[0].operations[0].path, space.cells.last?.operations[0].path] {
      for floating in [nil] + FloatingModuleSharing.allCases.map(Optional.some) {
        for normalization in KernelNormalization.allCases {
          let simplifier = Simplifier(
            floating: floating, normalization: normalization, merging: .always)
          for step in path.map({ simplifier.simplify($0).steps }) ?? [] {
            #expect(step.exactness <= step.rule.exactness, "\(step.rule)")
            #expect(!step.equations.isEmpty)
            #expect(step.equations.allSatisfy(step.rule.equations.contains), "\(step.rule)")
          }
        }
      }
    }
  }

  @Test func `a simplifier applies the rules of its list and no others`() {
    let edge = SearchSpace.darts.cells[0].operations[0].path
    #expect(Simplifier(rules: []).simplify(edge).steps.isEmpty)
    #expect(
      Simplifier(rules: [.sharePrefix]).simplify(edge).steps.map(\.rule) == [.sharePrefix])
    #expect(
      Simplifier(rules: RewriteRule.all.filter { $0 != .float }).simplify(edge).steps.map(\.subject)
        == Simplifier(floating: nil).simplify(edge).steps.map(\.subject))
  }

  /// Why there are turns: another rule first would take the blocks of FMS-B apart.
  @Test func `without a first turn no block is left to share`() {
    let late = RewriteRule("late FMS", statement: "", exactness: .atOneHotWeights) {
      sum, place, settings in
      RewriteRule.float.offers(sum, place, settings).map { rewrite in
        Rewrite(
          rewrite.path, subject: rewrite.subject, of: sum, exactness: rewrite.exactness)
      }
    }
    let edge = SearchSpace.darts.cells[0].operations[0].path
    func steps(_ rules: [RewriteRule]) -> [RewriteStep] {
      Simplifier(floating: .block, rules: rules).simplify(edge).steps
    }
    let (inTurn, inOrder) = (
      steps(RewriteRule.all), steps([.sharePrefix, .shareSuffix, late, .reparameterize])
    )
    #expect(inTurn[0].rule == .float && inTurn[0].subject == "ReLU PW 1x1 BN")
    #expect(inOrder[0].rule == .sharePrefix && !inOrder.contains { $0.rule == late })
    #expect(inTurn.last?.after.modules != inOrder.last?.after.modules)
  }

  /// A rule as users may write one.
  @Test func `a rule of one's own`() throws {
    let poolOnce = RewriteRule(
      "equal pools", statement: "equal pools of a sum are run once, with their common weight",
      exactness: .everywhere
    ) { sum, _, _ in
      let pools = sum.indices.filter { index in
        guard case .averagePool = sum[index].path.singleModule?.kind else { return false }
        return true
      }
      guard pools.count > 1 else { return [] }
      let group = BranchGroup(sum, pools)
      let pool = ModuleSpec.shared(pools.flatMap { sum[$0].path.modules })
      return [
        Rewrite(
          group.replaced(by: .module(pool)), subject: pool.signature, of: pools.map { sum[$0] },
          exactness: .everywhere)
      ]
    }
    let pools: [[ModuleSpec]] = ["a", "b"].map { (owner: Primitive) in
      [ModuleSpec(.averagePool(Window(3)), of: owner)]
    }
    let skip = [ModuleSpec(.identity, of: "skip")]
    let (path, steps) = Simplifier(rules: RewriteRule.all + [poolOnce]).simplify(
      sum(pools + [skip]))
    #expect(steps.map(\.rule) == [poolOnce])
    #expect(steps[0].operations == ["a", "b"] && steps[0].exactness == .everywhere)
    #expect(
      "\(path)" == "sum\n  w(0 1 | 0 1 2) *\n    avg pool 3x3\n  w(2 | 0 1 2) *\n    identity")
    #expect(Simplifier().simplify(sum(pools + [skip])).steps.isEmpty)
  }
}
