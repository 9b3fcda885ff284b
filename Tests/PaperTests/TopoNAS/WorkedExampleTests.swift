import Autodiff
import NeuralNetworks
import SearchMethods
import SearchSpaces
import Tensors
import TestSupport
import Testing
import TopologicalSimplification

/// The recursive simplification, discretisation, cost, and NAS-Bench-201 as the worked example.
///
/// TS-22, TS-33, TS-35, TS-36.
@Suite("TopoNAS: worked example NAS-Bench-201")
struct TopoNASWorkedExampleTests {
  private let golden: GoldenFile
  private let plain = SearchSpace.nasBench201.paths[0]
  init() throws { golden = try GoldenFile("worked-examples") }

  // MARK: TS-22

  @Test func eqTS22_everyStepLowersTheNumberOfModules() {
    let (path, steps) = Simplifier().simplify(plain)
    #expect(steps.count == 3)
    for step in steps { #expect(step.after.modules < step.before.modules) }
    #expect(Simplifier().simplify(path).steps.isEmpty, "nothing is left to do")
  }

  /// A sum of 2 to 5 random chains of 1 to 4 modules.
  private func randomSum(_ generator: inout RandomGenerator) -> Path {
    let count = 2 + generator.integer(below: 4)
    return MixedOperation(
      (0..<count).map { branch in
        .chain(
          (0..<1 + generator.integer(below: 4)).map { place -> ModuleSpec in
            let kinds: [ModuleSpec.Kind] = [
              .relu, .batchNorm, .averagePool(Window(3)), .convolution(Window(1), .dense, .own),
              .convolution(Window(3), .dense, .own), .convolution(Window(3), .depthwise, .own),
              .convolution(Window(5, dilation: 2), .depthwise, .own),
            ]
            return ModuleSpec(
              kinds[generator.integer(below: kinds.count)], of: "op\(branch)", role: "m\(place)")
          })
      }
    ).path
  }

  /// Every step that says it changes nothing changes nothing, on sums of random chains.
  @Test func eqTS22_stepsThatSayTheyAreExactAre() {
    var generator = RandomGenerator(seed: 5)
    var exact = 0
    for _ in 0..<100 {
      var before = randomSum(&generator)
      let columns = 1 + (before.weights.flatMap(\.within).max() ?? 0)
      for step in Simplifier(normalization: .none).simplify(before).steps {
        if step.exactness == .everywhere {
          exact += 1
          let outputs = [before, step.path].map {
            run(
              $0, sample([2, 5, 5, 4], 1), sample([1, columns], 2), kernels: [],
              upstream: .zeros([2, 5, 5, 4])
            ).output
          }
          expectClose(outputs[1], outputs[0], absolute: 1e-3, "\(step.rule) \(step.subject)")
        }
        before = step.path
      }
    }
    #expect(exact > 10)
  }

  /// T15: sums of random chains.
  @Test func eqTS22_randomSumsTerminateWithFewerModulesAtEachStep() {
    var generator = RandomGenerator(seed: 3)
    for _ in 0..<200 {
      let path = randomSum(&generator)
      let steps = Simplifier().simplify(path).steps
      for step in steps { #expect(step.after.modules < step.before.modules) }
      #expect(steps.count <= cost(of: path).modules)
      if let last = steps.last {
        #expect(Simplifier().simplify(last.path).steps.isEmpty)
        // What is left computes something for every candidate.
        let members = Set(last.path.weights.flatMap(\.members))
        #expect(members == Set(path.weights.flatMap(\.members)))
      }
    }
  }

  private static let simplifiers = Grouping.Variant.allCases.flatMap { variant in
    [false, true].flatMap { joinsPools in
      [nil, .cascade, .block, .independentStages].map { floating in
        Simplifier(grouping: Grouping(variant, joinsPools: joinsPools), floating: floating)
      }
    }
  }

  /// T15: all variants, with and without pools, every way to float, on the edges of both spaces.
  @Test(arguments: simplifiers.indices)
  func eqTS22_everyVariantTerminatesWithFewerModulesAtEachStep(_ index: Int) {
    for merging in [MergeRule.whereItPays, .always] {
      var simplifier = Self.simplifiers[index]
      simplifier.merging = merging
      let darts = [1, 2].map { stride in
        MixedOperation(
          SearchSpace.darts.primitives.map { SearchSpace.dartsPath($0, stride: stride) }
        ).path
      }
      for path in [plain] + darts {
        let (end, steps) = simplifier.simplify(path)
        let counts = [cost(of: path).modules] + steps.map(\.after.modules)
        #expect(zip(counts, counts.dropFirst()).allSatisfy { $0 > $1 }, "\(counts)")
        #expect(!steps.isEmpty && simplifier.simplify(end).steps.isEmpty, "nothing is left to do")
      }
    }
  }

  @Test func eqTS22_aPathWithNothingInCommonStaysAsItIs() {
    let path = SearchSpace.nasBench201Path(.norConv3x3)
    let result = Simplifier().simplify(path)
    #expect(result.steps.isEmpty)
    #expect("\(result.path)" == "\(path)")
  }

  // MARK: TS-35

  @Test(arguments: ["nor_conv_1x1", "nor_conv_3x3"])
  func eqTS35_costOfACandidate(_ name: String) throws {
    let test = try golden["per-operation-cost"]
    let index = try #require(test.label("step").firstIndex(of: name))
    let cost = cost(of: SearchSpace.nasBench201Path("\(name)"))
    func expected(_ key: String) throws -> Int { Int(try test.vector(key)[index]) }
    #expect(cost.modules == (try expected("modules")))
    #expect(cost.macs == (try expected("macs")))
    #expect(cost.flops == (try expected("flops")))
    #expect(cost.executedWeights == (try expected("executedWeights")))
    #expect(
      cost.activationBytes == cost.modules * (try test.integer("activationBytesPerSample")))
  }

  @Test func eqTS35_depthwiseAndPointwiseAndStride() {
    func conv(_ window: Window, _ grouping: ModuleSpec.Grouping) -> ModuleSpec {
      ModuleSpec(.convolution(window, grouping, .own), of: "m")
    }
    // dil_conv_3x3 and dil_conv_5x5 of the table, and the same at stride 2: a quarter of the MACs.
    for (k, macs) in [(3, 409_600), (5, 671_744)] {
      let path = { (stride: Int) in
        Path.chain([
          conv(Window(k, stride: stride, dilation: 2), .depthwise), conv(Window(1), .dense),
        ])
      }
      #expect(cost(of: path(1)).macs == macs)
      #expect(cost(of: path(2)).macs == macs / 4)
      #expect(cost(of: path(1)).depthwise == 1 && cost(of: path(1)).pointwise == 1)
    }
  }

  // MARK: TS-36

  @Test func eqTS36_stepsOfTheSimplification() throws {
    let test = try golden["nb201-steps"]
    let steps = Simplifier().simplify(plain).steps
    #expect(steps.map(\.rule) == [.sharePrefix, .shareSuffix, .reparameterize])
    #expect(steps.map(\.exactness) == [.everywhere, .atOneHotWeights, .atOneHotWeights])
    #expect(
      Simplifier(normalization: .none).simplify(plain).steps.map(\.exactness)
        == [.everywhere, .atOneHotWeights, .everywhere], "REP without KN is an identity")
    #expect(steps.allSatisfy { $0.operations == ["nor_conv_1x1", "nor_conv_3x3"] })
    let costs = [steps[0].before] + steps.map(\.after)
    func column(_ key: String) throws -> [Int] { try test.vector(key).map { Int($0) } }
    #expect(costs.map(\.relus) == (try column("relu")))
    #expect(costs.map { $0.dense + $0.pointwise } == (try column("dense")))
    #expect(costs.map(\.batchNorms) == (try column("batchNorm")))
    #expect(costs.map(\.pools) == (try column("pool")))
    #expect(costs.map(\.modules) == (try column("modules")))
    #expect(costs.map(\.modules) == [7, 6, 5, 4])
    #expect(costs.map(\.macs) == (try column("macs")))
    #expect(costs.map(\.flops) == (try column("flops")))
    #expect(costs.map(\.executedWeights) == (try column("executedWeights")))
    let trainable = try test.integer("trainableWeights")
    #expect(costs.allSatisfy { $0.trainableWeights == trainable })
    let ratio = { (value: (Cost) -> Int) in
      costs.map { Double(value($0)) / Double(value(costs[0])) }
    }
    try expectGolden(ratio(\.modules), test, vector: "moduleRatio")
    try expectGolden(ratio(\.macs), test, vector: "macRatio")
  }

  @Test func eqTS36_theSimplifiedEdge() {
    let path = Simplifier().simplify(plain).path
    #expect(
      "\(path)" == """
        sum
          w(0 | 0 1 2 3 4) *
            zero
          w(1 | 0 1 2 3 4) *
            identity
          w(2 3 | 0 1 2 3 4) *
            ReLU
            conv 3x3 <- nor_conv_1x1.conv + nor_conv_3x3.conv
            BN
          w(4 | 0 1 2 3 4) *
            avg pool 3x3
        """)
  }

  /// Value and gradients of an edge, its kernels given.
  private func run(
    _ path: Path, _ x: Tensor, _ logits: Tensor, kernels: [Tensor], upstream: Tensor,
    epsilon: Double = 1e-5
  ) -> (output: Tensor, gradients: [Tensor]) {
    let network = PathNetwork(
      path, channels: x.shape.channels, name: "e", seed: RandomGenerator(seed: 1))
    for (parameter, kernel) in zip(network.parameters, kernels) { parameter.value = kernel }
    let inputs = [Parameter("x", x), Parameter("a", logits)]
    let pass = ForwardPass(.training, differentiating: inputs + network.parameters)
    let weights = RelaxedArchitecture(
      logits: pass.variable(inputs[1]), relaxation: SoftmaxRelaxation())
    let y = network(pass.variable(inputs[0]), weights, in: pass)
    return (y.value, pass.gradients(of: sum(y * .constant(upstream))))
  }

  @Test func eqTS36_wholeEdgeWithGradients() throws {
    let test = try golden["nb201-edge"]
    let (output, gradients) = run(
      Simplifier().simplify(plain).path, try test.tensor("input"),
      Tensor(vector: try test.vector("logits")).reshaped(to: [1, 5]),
      kernels: [try test.tensor("kernel1"), try test.tensor("kernel3")],
      upstream: try test.tensor("upstream"))
    try expectGolden(output, test, "output", slack: 2)
    try expectGolden(gradients[0], test, "gradInput", slack: 20)
    try expectGolden(gradients[1].doubles, test, vector: "gradLogits", slack: 20)
    try expectGolden(gradients[2], test, "gradKernel1", slack: 20)
    try expectGolden(gradients[3], test, "gradKernel3", slack: 20)
  }

  /// T12: with alpha one-hot on an operation the simplified edge equals the plain one.
  ///
  /// Without kernel normalization always; with it because a batch norm follows the convolution and
  /// cancels the scale of its kernel, up to the epsilon of the batch norm.
  @Test(arguments: [KernelNormalization.none, .unitNorm], 0..<5)
  func eqTS36_verticesAreThePlainEdge(_ normalization: KernelNormalization, _ hot: Int) {
    let x = sample([4, 8, 8, 16], 1)
    var logits = Tensor.zeros([1, 5])
    logits[hot] = 40
    let kernels = [sample([16, 1, 1, 16], 2), sample([16, 3, 3, 16], 3)]
    let upstream = sample(x.shape, 4)
    let simplified = Simplifier(normalization: normalization).simplify(plain).path
    let (a, b) = (
      run(plain, x, logits, kernels: kernels, upstream: upstream),
      run(simplified, x, logits, kernels: kernels, upstream: upstream)
    )
    expectClose(b.output, a.output, absolute: 2e-4)
    expectClose(b.gradients[0], a.gradients[0], absolute: 2e-3, "gradient of the input")
    expectClose(b.gradients[2], a.gradients[2], absolute: 2e-3, "gradient of the 1x1 kernel")
    expectClose(b.gradients[3], a.gradients[3], absolute: 2e-3, "gradient of the 3x3 kernel")
  }

  @Test func eqTS36_eachStepIsExactWhereItSaysSo() {
    let x = sample([4, 8, 8, 16], 1)
    let kernels = [sample([16, 1, 1, 16], 2), sample([16, 3, 3, 16], 3)]
    for normalization in KernelNormalization.allCases {
      var before = plain
      for step in Simplifier(normalization: normalization).simplify(plain).steps {
        let outputs = [before, step.path].map {
          run($0, x, .zeros([1, 5]), kernels: kernels, upstream: x).output
        }
        let difference = largestDifference(outputs[0], outputs[1])
        if step.exactness == .everywhere {
          #expect(difference < 1e-4, "\(step.rule)")
        } else {
          #expect(difference > 0.02, "\(step.rule)")
        }
        before = step.path
      }
    }
  }

  @Test func eqTS36_negative_insideTheSimplexTheyDiffer() {
    let x = sample([4, 8, 8, 16], 1)
    let kernels = [sample([16, 1, 1, 16], 2), sample([16, 3, 3, 16], 3)]
    let simplified = Simplifier().simplify(plain).path
    let outputs = [plain, simplified].map {
      run($0, x, .zeros([1, 5]), kernels: kernels, upstream: x).output
    }
    #expect(largestDifference(outputs[0], outputs[1]) > 0.05)
  }

  // MARK: TS-33

  @Test func eqTS33_ofEqualWeightsTheFirstWins() {
    let genotype = NASBench201Genotype(
      logits: .zeros([6, 5]), primitives: SearchSpace.nasBench201.primitives)
    #expect(genotype.operations.allSatisfy { $0 == .none })
  }

  @Test func eqTS33_nestedAndFlatWeightsHaveOneArgMax() {
    for seed in 0..<200 {
      let logits = sample([6, 5], seed)
      let genotype = NASBench201Genotype(
        logits: logits, primitives: SearchSpace.nasBench201.primitives)
      let (all, group) = (Array(0..<5), [2, 3])
      for edge in 0..<6 {
        func value(_ members: [Int], _ within: [Int]) -> Double {
          nestedSoftmax(
            .constant(logits),
            [EdgeWeight(edge: edge, weight: ArchitectureWeight(members, within: within))]
          ).value.doubles[0]
        }
        let leaves = all.map { i in
          group.contains(i) ? value(group, all) * value([i], group) : value([i], all)
        }
        let best = leaves.indices.max { leaves[$0] < leaves[$1] } ?? 0
        #expect(genotype.operations[edge] == SearchSpace.nasBench201.primitives[best])
      }
    }
  }

  /// T14 with N2: the arg max over the products of independent weights.
  @Test func eqTS33_withIndependentWeightsTheProductsDecide() {
    let space = Simplifier(weights: .independent).simplify(SearchSpace.nasBench201)
    let network = NASBench201Supernet(
      space, channels: 1, cellsPerStage: 1, classes: 2, seed: RandomGenerator(seed: 1))
    var greedyDiffers = 0
    for seed in 0..<100 {
      // Four outer logits: none, skip, the group, the pool; two of the group.
      let logits = sample([6, 6], seed)
      network.alpha.value = logits
      for edge in 0..<6 {
        let row = (6 * edge..<6 * edge + 6).map { Elementary.exp(logits[$0]) }
        let (p, q) = (row[4] / (row[4] + row[5]), row[5] / (row[4] + row[5]))
        let weights: [Scalar] = [row[0], row[1], row[2] * p, row[2] * q, row[3]]
        let best = space.primitives[weights.indices.max { weights[$0] < weights[$1] } ?? 0]
        #expect(network.genotype.operations[edge] == best)
        // The strongest summand first and then its strongest member is another rule.
        let strongest = (0..<4).max { row[$0] < row[$1] } ?? 0
        let isConvolution = [Primitive.norConv1x1, .norConv3x3].contains(best)
        if (strongest == 2) != isConvolution { greedyDiffers += 1 }
      }
    }
    #expect(greedyDiffers > 10)
  }

  /// T14 for DARTS: the cells of the simplified space are those of the plain one.
  @Test func eqTS33_cellsOfDARTSAreDerivedAlikeFromNestedWeights() {
    let (plain, simplified) = (SearchSpace.darts, Simplifier().simplify(SearchSpace.darts))
    for seed in 0..<20 {
      let logits = sample([14, 8], seed)
      let cells = [plain, simplified].map { space in
        DARTSGenotype.Cell(
          logWeights: space.cells[0].logCandidateWeights(logits), primitives: space.primitives)
      }
      #expect(cells[0] == cells[1])
    }
  }
}
