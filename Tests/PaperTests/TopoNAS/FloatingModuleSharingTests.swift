import Autodiff
import NeuralNetworks
import SearchMethods
import SearchSpaces
import Tensors
import TestSupport
import Testing
import TopologicalSimplification

/// Floating Module Sharing, TS-18 to TS-20.
@Suite("TopoNAS: Floating Module Sharing")
struct TopoNASFloatingModuleSharingTests {
  private let golden: GoldenFile
  init() throws { golden = try GoldenFile("worked-examples") }

  /// A double-stacked separable operation without its shared prefix and suffix: DW, PW, BN, ReLU, DW.
  private static func operation(_ k: Int) -> [ModuleSpec] {
    [
      ModuleSpec(.convolution(Window(k), .depthwise, .own), of: "sep\(k)", role: "dw1"),
      ModuleSpec(.convolution(Window(1), .dense, .own), of: "sep\(k)", role: "pw"),
      ModuleSpec(.batchNorm, of: "sep\(k)", role: "bn"),
      ModuleSpec(.relu, of: "sep\(k)", role: "relu"),
      ModuleSpec(.convolution(Window(k), .depthwise, .own), of: "sep\(k)", role: "dw2"),
    ]
  }

  /// alpha_3 sep3 + alpha_5 sep5 of one input.
  private static let pair = MixedOperation([3, 5].map { .chain(operation($0)) }).path

  private static let simplifier = Simplifier(normalization: .none)

  /// The path's value, and how many operations of each name the tape recorded.
  private func run(
    _ path: Path, _ x: Tensor, logits: [Scalar], kernels: [Tensor]
  ) throws -> (value: Tensor, operations: [String]) {
    let network = PathNetwork(
      path, channels: x.shape.channels, name: "e", seed: RandomGenerator(seed: 1))
    try #require(network.parameters.map(\.value.shape) == kernels.map(\.shape))
    for (parameter, kernel) in zip(network.parameters, kernels) { parameter.value = kernel }
    let tape = Tape()
    let weights = RelaxedArchitecture(
      logits: .constant(Tensor(logits, shape: [1, logits.count])), relaxation: SoftmaxRelaxation())
    let y = network(tape.variable(x), weights, in: ForwardPass(.training))
    return (y.value, tape.operations)
  }

  private func kernels(_ names: [String]) throws -> [Tensor] {
    let test = try golden["floating-module"]
    return try names.map(test.tensor)
  }

  private func plain(_ logits: [Scalar]) throws -> Tensor {
    try run(
      Self.pair, golden["floating-module"].tensor("input"), logits: logits,
      kernels: kernels([
        "stageOne3", "pointwise", "stageTwo3", "stageOne5", "pointwise", "stageTwo5",
      ])
    ).value
  }

  private func shared(_ logits: [Scalar], _ simplifier: Simplifier = simplifier) throws -> Tensor {
    try run(
      simplifier.simplify(Self.pair).path, golden["floating-module"].tensor("input"),
      logits: logits,
      kernels: kernels(["stageOne3", "stageOne5", "pointwise", "stageTwo3", "stageTwo5"])
    ).value
  }

  private static func logits(_ p: [Double]) -> [Scalar] { p.map { Elementary.log(Scalar($0)) } }

  // MARK: TS-18

  @Test func eqTS18_thePartsOfADoubleStackedOperation() {
    let steps = Self.simplifier.simplify(Self.pair).steps
    #expect(steps.map(\.rule) == [.float, .reparameterize])
    #expect(steps[0].subject == "PW 1x1 BN ReLU", "F, with the linear PW taken in")
    #expect(
      "\(steps[0].path)" == """
        sum
          w(0 | 0 1) *
            DW 3x3
          w(1 | 0 1) *
            DW 5x5
        PW 1x1
        BN
        ReLU
        sum
          w(0 | 0 1) *
            DW 3x3
          w(1 | 0 1) *
            DW 5x5
        """)
  }

  @Test func eqTS18_limit_aModuleAtAnEndDoesNotFloat() {
    let chains = [3, 5].map { Path.chain(Array(Self.operation($0).dropLast())) }
    let steps = Self.simplifier.simplify(MixedOperation(chains).path).steps
    #expect(!steps.contains { $0.rule == .float }, "it is a suffix, which PMS shares")
  }

  @Test func eqTS18_negative_modulesThatDifferDoNotFloat() {
    var other = Self.operation(5)
    other[3] = ModuleSpec(.maxPool(Window(3)), of: "sep5", role: "pool")
    let path = MixedOperation([.chain(Self.operation(3)), .chain(other)]).path
    #expect(!Self.simplifier.simplify(path).steps.contains { $0.rule == .float })
  }

  // MARK: TS-19

  @Test func eqTS19_golden() throws {
    let test = try golden["floating-module"]
    let p = Self.logits(try test.vector("p"))
    try expectGolden(try plain(p), test, "originalSum", slack: 10)
    try expectGolden(try shared(p), test, "shared", slack: 10)
    let difference = try shared(p) - (try plain(p))
    let relative = difference.norm / (try plain(p)).norm
    expectClose(relative, try test.scalar("relativeDifference"), absolute: 1e-4)
  }

  @Test func eqTS19_limit_atOneHotWeightsItIsExact() throws {
    let test = try golden["floating-module"]
    for (logits, name) in [([40, 0], "vertexFirst"), ([0, 40], "vertexSecond")]
      as [([Scalar], String)]
    {
      try expectGolden(try shared(logits), test, name, slack: 10)
      try expectGolden(try plain(logits), test, name, slack: 10)
    }
  }

  @Test func eqTS19_invariant_theFloatingModuleIsEvaluatedOnce() throws {
    let x = try golden["floating-module"].tensor("input")
    let all = try kernels(["stageOne3", "stageOne5", "pointwise", "stageTwo3", "stageTwo5"])
    let path = Self.simplifier.simplify(Self.pair).path
    let operations = try run(path, x, logits: [0, 0], kernels: all).operations
    #expect(operations.count { $0 == "separableConvolution" } == 1, "one pointwise convolution")
    #expect(operations.count { $0 == "depthwiseConvolution" } == 1, "and the second merged stage")
  }

  @Test func eqTS19_negative_theSecondStageNeedsTheSharesToo() throws {
    let test = try golden["floating-module"]
    let p = Self.logits(try test.vector("p"))
    let wrong = try shared(
      p + [0, 0], Simplifier(floating: .independentStages, normalization: .none))
    #expect(largestDifference(wrong, try test.tensor("shared")) > 0.05)
  }

  // MARK: TS-20

  @Test func eqTS20_independentStagesWithEqualSharesAreTheCascade() throws {
    let simplifier = Simplifier(floating: .independentStages, normalization: .none)
    let p = Self.logits([0.3, 0.7])
    expectClose(try shared(p + p, simplifier), try shared(p), absolute: 1e-4)
  }

  @Test func eqTS20_negative_theSecondStageFollowsItsOwnLogits() throws {
    let simplifier = Simplifier(floating: .independentStages, normalization: .none)
    // First stage 3x3, second stage 5x5: by hand, without a sum.
    let mixed = try shared([40, 0, 0, 40], simplifier)
    let test = try golden["floating-module"]
    let first = DepthwiseConvolution.forward(
      try test.tensor("input"), try test.tensor("stageOne3"), Window(3))
    let z = Convolution.forward(first, try test.tensor("pointwise"), Window(1))
    let middle = batchNorm(.constant(z), Normalization(of: z)).value.relu()
    expectClose(
      mixed, DepthwiseConvolution.forward(middle, try test.tensor("stageTwo5"), Window(5)),
      absolute: 1e-4)
    #expect(largestDifference(mixed, try shared([40, 0, 40, 0], simplifier)) > 0.05)
  }

  @Test func eqTS20_theSecondStageHasLogitsOfItsOwn() {
    let operation = Simplifier(floating: .independentStages).simplify(
      SearchSpace.darts.cells[0].operations[0])
    #expect(operation.initialLogits == Array(repeating: 0, count: 16))
    #expect(
      operation.candidateWeights.map(\.shares.count) == [1, 1, 1, 1, 2, 2, 1, 1],
      "a separable convolution is as strong as the product of its two shares")
    #expect(operation.candidateWeights[5].shares.last == .init([13], within: [12, 13]))
  }

  /// FMS-B on one-block and two-block operations of one stride.
  @Test func eqTS20_theSharedBlock() {
    let names: [Primitive] = [.sepConv3x3, .sepConv5x5, .dilConv3x3, .dilConv5x5]
    let path = MixedOperation(names.map { SearchSpace.dartsPath($0) }).path
    let result = Simplifier(floating: .block, merging: .always).simplify(path)
    #expect(result.steps[0].rule == .float && result.steps[0].equations.map(\.id) == ["TS-20"])
    #expect(
      "\(result.path)" == """
        sum
          w(0 1 | 0 1 2 3) *
            ReLU
            DW 5x5 <- sep_conv_3x3.dw1 + sep_conv_5x5.dw1
            PW 1x1
            BN
          w(2 3 | 0 1 2 3) *
            identity
        ReLU
        DW 9x9 <- sep_conv_3x3.dw2 + sep_conv_5x5.dw2 + dil_conv_3x3.dw + dil_conv_5x5.dw
        PW 1x1
        BN
        """)
  }

  @Test func eqTS20_inVariantPOnlyOperationsOfEquallyManyStagesShareABlock() {
    let names: [Primitive] = [.sepConv3x3, .sepConv5x5, .dilConv3x3, .dilConv5x5]
    let path = MixedOperation(names.map { SearchSpace.dartsPath($0) }).path
    let steps = Simplifier(grouping: Grouping(.pairs), floating: .block).simplify(path).steps
    #expect(
      steps.filter { $0.rule == .float }.map(\.operations) == [["sep_conv_3x3", "sep_conv_5x5"]])
  }

  @Test func eqTS20_negative_blocksOfDifferentStrideAreNotShared() {
    let names: [Primitive] = [.sepConv3x3, .dilConv3x3]
    let path = MixedOperation(names.map { SearchSpace.dartsPath($0, stride: 2) }).path
    #expect(!Simplifier(floating: .block).simplify(path).steps.contains { $0.rule == .float })
  }
}

extension Tensor {
  fileprivate var norm: Double { dot(self).squareRoot() }
}
