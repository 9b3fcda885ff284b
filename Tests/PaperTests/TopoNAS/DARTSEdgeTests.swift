import Autodiff
import NeuralNetworks
import SearchMethods
import SearchSpaces
import Tensors
import TestSupport
import Testing
import TopologicalSimplification

/// The edge of DARTS as the worked example, its variants, and whole edges with gradients.
///
/// TS-35, TS-37, TS-38.
@Suite("TopoNAS: worked example DARTS")
struct TopoNASDARTSEdgeTests {
  private let golden: GoldenFile
  private static let convolutions = [
    "sep_conv_3x3", "sep_conv_5x5", "dil_conv_3x3", "dil_conv_5x5",
  ]
  init() throws { golden = try GoldenFile("worked-examples") }

  private func edge(stride: Int = 1) -> Path {
    MixedOperation(
      SearchSpace.darts.primitives.map { SearchSpace.dartsPath($0, stride: stride) }
    ).path
  }

  // MARK: TS-35

  @Test(arguments: convolutions)
  func eqTS35_costOfACandidateOfDARTS(_ name: String) throws {
    let test = try golden["per-operation-cost"]
    let index = try #require(test.label("step").firstIndex(of: name))
    let cost = cost(of: SearchSpace.dartsPath("\(name)"))
    func expected(_ key: String) throws -> Int { Int(try test.vector(key)[index]) }
    #expect(cost.relus == (try expected("relu")))
    #expect(cost.depthwise == (try expected("depthwise")))
    #expect(cost.pointwise == (try expected("pointwise")))
    #expect(cost.batchNorms == (try expected("batchNorm")))
    #expect(cost.modules == (try expected("modules")))
    #expect(cost.macs == (try expected("macs")))
    #expect(cost.executedWeights == (try expected("executedWeights")))
  }

  // MARK: TS-37

  @Test func eqTS37_stepsOfTheSimplification() throws {
    let test = try golden["darts-steps-variant-T"]
    let steps = Simplifier().simplify(edge()).steps
    #expect(
      steps.map(\.rule) == [.sharePrefix, .shareSuffix, .reparameterize, .float, .reparameterize])
    try #require(steps.count == 5)
    #expect(
      steps.map(\.operations) == [
        Self.convolutions, Self.convolutions, Array(Self.convolutions[2...]),
        Array(Self.convolutions[..<2]), Array(Self.convolutions[..<2]),
      ])
    #expect(
      steps.map(\.subject) == [
        "ReLU", "PW 1x1 BN", "DW 3x3 dilation 2 + DW 5x5 dilation 2", "PW 1x1 BN ReLU",
        "DW 3x3 + DW 5x5, DW 3x3 + DW 5x5",
      ])
    let costs = [steps[0].before] + steps.map(\.after)
    func column(_ key: String) throws -> [Int] { try test.vector(key).map { Int($0) } }
    #expect(costs.map(\.relus) == (try column("relu")))
    #expect(costs.map(\.depthwise) == (try column("depthwise")))
    #expect(costs.map(\.pointwise) == (try column("pointwise")))
    #expect(costs.map(\.dense) == (try column("dense")))
    #expect(costs.map(\.batchNorms) == (try column("batchNorm")))
    #expect(costs.map(\.pools) == (try column("pool")))
    #expect(costs.map(\.modules) == (try column("modules")))
    #expect(costs.map(\.modules) == [28, 25, 19, 18, 15, 13])
    #expect(costs.map(\.macs) == (try column("macs")))
    #expect(costs.map(\.flops) == (try column("flops")))
    #expect(costs.map(\.executedWeights) == (try column("executedWeights")))
    // The reference counts the merged dilated kernel, 5x5, once; each candidate keeps its own, 3x3 and 5x5.
    #expect(costs[5].trainableWeights == (try test.integer("trainableWeights")) + 16 * 9)
    let ratio = { (value: (Cost) -> Int) in
      costs.map { Double(value($0)) / Double(value(costs[0])) }
    }
    try expectGolden(ratio(\.modules), test, vector: "moduleRatio")
    try expectGolden(ratio(\.macs), test, vector: "macRatio")
  }

  @Test func eqTS37_exactnessOfTheSteps() {
    let relaxed = Exactness.atOneHotWeights
    #expect(
      Simplifier(normalization: .none).simplify(edge()).steps.map(\.exactness)
        == [.everywhere, relaxed, .everywhere, relaxed, .everywhere])
    #expect(
      Simplifier().simplify(edge()).steps.map(\.exactness) == [
        .everywhere, relaxed, .atOneHotWeightsUpToScale, relaxed, .atOneHotWeightsUpToScale,
      ])
  }

  @Test func eqTS37_theSimplifiedEdge() {
    #expect(
      "\(Simplifier().simplify(edge()).path)" == """
        sum
          w(0 | 0 1 2 3 4 5 6 7) *
            zero
          w(1 | 0 1 2 3 4 5 6 7) *
            max pool 3x3
            BN
          w(2 | 0 1 2 3 4 5 6 7) *
            avg pool 3x3
            BN
          w(3 | 0 1 2 3 4 5 6 7) *
            identity
          w(4 5 6 7 | 0 1 2 3 4 5 6 7) *
            ReLU
            sum
              w(4 5 | 4 5 6 7) *
                DW 5x5 <- sep_conv_3x3.dw1 + sep_conv_5x5.dw1
                PW 1x1
                BN
                ReLU
                DW 5x5 <- sep_conv_3x3.dw2 + sep_conv_5x5.dw2
              w(6 7 | 4 5 6 7) *
                DW 5x5 dilation 2 <- dil_conv_3x3.dw + dil_conv_5x5.dw
            PW 1x1
            BN
        """)
  }

  /// The last row of each variant's table: modules by type, MACs, weights.
  @Test(arguments: ["P", "S", "FMS-B", "T with pools under the shared BN"])
  func eqTS38_endStatesOfTheVariants(_ variant: String) throws {
    let simplifier =
      switch variant {
      case "P": Simplifier(grouping: Grouping(.pairs))
      case "S": Simplifier(grouping: Grouping(.parameterFree))
      case "FMS-B": Simplifier(floating: .block, merging: .always)
      default: Simplifier(grouping: Grouping(joinsPools: true))
      }
    let test = try golden["darts-variants"]
    let index = try #require(test.label("step").firstIndex(of: variant))
    let cost = cost(of: simplifier.simplify(edge()).path)
    func expected(_ key: String) throws -> Int { Int(try test.vector(key)[index]) }
    #expect(cost.relus == (try expected("relu")))
    #expect(cost.depthwise == (try expected("depthwise")))
    #expect(cost.pointwise == (try expected("pointwise")))
    #expect(cost.batchNorms == (try expected("batchNorm")))
    #expect(cost.pools == (try expected("pool")))
    #expect(cost.modules == (try expected("modules")))
    #expect(cost.macs == (try expected("macs")))
    #expect(cost.executedWeights == (try expected("executedWeights")))
  }

  // MARK: Whole edges

  /// The trained weights of the reference, in the order of the modules.
  private static let kernelsOfT = [
    "sepStageOne3", "sepStageOne5", "pointwise1", "sepStageTwo3", "sepStageTwo5", "dil3", "dil5",
    "pointwise2",
  ]
  private static let kernelsOfP = [
    "sepStageOne3", "sepStageOne5", "pointwise1", "sepStageTwo3", "sepStageTwo5", "pointwise2",
    "dil3", "dil5", "pointwise3",
  ]

  /// Value and gradients of an edge: of x, of the logits, of the weights.
  private func run(
    _ path: Path, _ x: Tensor, _ logits: Tensor, kernels: [Tensor], upstream: Tensor
  ) throws -> (output: Tensor, gradients: [Tensor]) {
    let network = PathNetwork(
      path, channels: x.shape.channels, name: "e", seed: RandomGenerator(seed: 1))
    try #require(network.parameters.map(\.value.shape) == kernels.map(\.shape))
    for (parameter, kernel) in zip(network.parameters, kernels) { parameter.value = kernel }
    let inputs = [Parameter("x", x), Parameter("a", logits)]
    let pass = ForwardPass(.training, differentiating: inputs + network.parameters)
    let weights = RelaxedArchitecture(
      logits: pass.variable(inputs[1]), relaxation: SoftmaxRelaxation())
    let y = network(pass.variable(inputs[0]), weights, in: pass)
    return (y.value, pass.gradients(of: sum(y * .constant(upstream))))
  }

  private func expectWholeEdge(_ id: String, _ simplifier: Simplifier, _ kernels: [String]) throws {
    let test = try golden[id]
    let (output, gradients) = try run(
      simplifier.simplify(edge()).path, try test.tensor("input"),
      Tensor(vector: try test.vector("logits")).reshaped(to: [1, 8]),
      kernels: try kernels.map(test.tensor), upstream: try test.tensor("upstream"))
    try expectGolden(output, test, "output", slack: 10)
    try expectGolden(gradients[0], test, "gradInput", slack: 100)
    try expectGolden(gradients[1].doubles, test, vector: "gradLogits", slack: 100)
    for (kernel, gradient) in zip(kernels, gradients.dropFirst(2)) {
      let name = "grad" + kernel.prefix(1).uppercased() + kernel.dropFirst()
      try expectGolden(gradient, test, name, slack: 100)
    }
  }

  @Test func eqTS37_wholeEdgeWithGradients() throws {
    try expectWholeEdge(
      "darts-edge-variant-T", Simplifier(normalization: .none), Self.kernelsOfT)
  }

  @Test func eqTS37_wholeEdgeWithKernelNormalization() throws {
    try expectWholeEdge("darts-edge-variant-T-kn", Simplifier(), Self.kernelsOfT)
  }

  @Test func eqTS38_wholeEdgeWithGradients() throws {
    try expectWholeEdge(
      "darts-edge-variant-P", Simplifier(grouping: Grouping(.pairs), normalization: .none),
      Self.kernelsOfP)
  }

  // MARK: Vertices

  /// The simplified edge's weights, and those of the plain edge tied to them.
  ///
  /// Kernels have one name in both; a shared pointwise convolution stands for all its owners'.
  private func tied(_ plain: PathNetwork, to simplified: PathNetwork, normalizing: Bool) {
    for parameter in plain.parameters {
      let (owner, part) = Self.split(parameter.name)
      let source = simplified.parameters.filter { candidate in
        let (owners, role) = Self.split(candidate.name)
        return owners.split(separator: "+").contains { $0 == owner }
          && (role == part || (owner.hasPrefix("dil") && role.hasPrefix("pw") && part == "pw"))
      }
      precondition(source.count == 1, "\(parameter.name): \(source.map(\.name))")
      let value = source[0].value
      let isDepthwise = part.hasPrefix("dw")
      parameter.value =
        normalizing && isDepthwise ? unitNormKernel(.constant(value)).value : value
    }
  }

  /// `e.sep_conv_3x3.dw1.weight` is ("sep_conv_3x3", "dw1").
  private static func split(_ name: String) -> (owners: String, part: String) {
    let words = name.split(separator: ".").map(String.init)
    return (words[1], words[2..<words.count - 1].joined(separator: "."))
  }

  private static let variants: [String: Simplifier] = [
    "T": Simplifier(normalization: .none), "T with KN": Simplifier(),
    "P": Simplifier(grouping: Grouping(.pairs), normalization: .none),
    "S": Simplifier(grouping: Grouping(.parameterFree), normalization: .none),
    "FMS-B": Simplifier(floating: .block, normalization: .none, merging: .always),
    "pools": Simplifier(grouping: Grouping(joinsPools: true), normalization: .none),
  ]

  /// T12: with alpha one-hot on an operation the simplified edge equals the plain one, weights tied.
  ///
  /// With kernel normalization the plain edge needs the normalized depthwise kernels, for a pointwise
  /// convolution, not a batch norm, follows them.
  @Test(arguments: variants.keys.sorted(), [1, 2])
  func eqTS37_verticesAreThePlainEdge(_ variant: String, _ stride: Int) throws {
    let simplifier = try #require(Self.variants[variant])
    let seed = RandomGenerator(seed: 3)
    let plain = PathNetwork(edge(stride: stride), channels: 8, name: "e", seed: seed)
    let simplified = PathNetwork(
      simplifier.simplify(edge(stride: stride)).path, channels: 8, name: "e", seed: seed)
    tied(plain, to: simplified, normalizing: simplifier.normalization == .unitNorm)
    for hot in 0..<8 {
      var logits = Tensor.zeros([1, 8])
      logits[hot] = 40
      let (a, b) = (outputAndGradient(plain, logits), outputAndGradient(simplified, logits))
      expectClose(b.output, a.output, absolute: 2e-3, "operation \(hot)")
      expectClose(b.gradient, a.gradient, absolute: 1e-2, "gradient at operation \(hot)")
    }
  }

  /// Inside the simplex the same edges differ.
  @Test func eqTS37_negative_insideTheSimplexTheyDiffer() {
    let seed = RandomGenerator(seed: 3)
    let plain = PathNetwork(edge(), channels: 8, name: "e", seed: seed)
    let simplified = PathNetwork(
      Simplifier(normalization: .none).simplify(edge()).path, channels: 8, name: "e", seed: seed)
    tied(plain, to: simplified, normalizing: false)
    let logits = Tensor.zeros([1, 8])
    let (a, b) = (outputAndGradient(plain, logits), outputAndGradient(simplified, logits))
    #expect(largestDifference(a.output, b.output) > 0.1)
  }

  private func outputAndGradient(
    _ network: PathNetwork, _ logits: Tensor
  ) -> (output: Tensor, gradient: Tensor) {
    let x = Parameter("x", sample([2, 8, 8, 8], 7))
    let pass = ForwardPass(.training, differentiating: [x])
    let weights = RelaxedArchitecture(
      logits: .constant(logits), relaxation: SoftmaxRelaxation())
    let y = network(pass.variable(x), weights, in: pass)
    return (y.value, pass.gradients(of: sum(y * .constant(sample(y.shape, 9))))[0])
  }
}
