import Autodiff
import NeuralNetworks
import SearchMethods
import SearchSpaces
import Tensors
import TestSupport
import Testing
import TopologicalSimplification

/// Partial Module Sharing, TS-10 to TS-16.
@Suite("TopoNAS: Partial Module Sharing")
struct TopoNASPartialModuleSharingTests {
  private let golden: GoldenFile
  init() throws { golden = try GoldenFile("worked-examples") }

  private static let relu = ModuleSpec(.relu, of: "a", role: "relu")
  private static let bn = ModuleSpec(.batchNorm, of: "a", role: "bn")

  private static func conv(
    _ k: Int, _ owner: Primitive, _ role: String = "conv"
  ) -> ModuleSpec {
    ModuleSpec(.convolution(Window(k), .dense, .own), of: owner, role: role)
  }

  private static func branches(_ chains: [[ModuleSpec]]) -> [Branch] {
    chains.enumerated().map { index, chain in
      Branch(ArchitectureWeight([index], within: Array(chains.indices)), .chain(chain))
    }
  }

  /// The value of a path for given logits of one edge; weights depend on module names alone.
  private func value(
    _ path: Path, _ logits: Tensor, _ x: Tensor, _ mode: ForwardPass.Mode = .training
  ) -> Tensor {
    run(path, logits, x, mode).value
  }

  /// Value and gradients with respect to the input, the logits and all kernels, by name.
  private func run(
    _ path: Path, _ logits: Tensor, _ x: Tensor, _ mode: ForwardPass.Mode = .training
  ) -> (value: Tensor, gradients: [String: Tensor]) {
    let network = PathNetwork(
      path, channels: x.shape.channels, name: "e", seed: RandomGenerator(seed: 4))
    for buffer in network.buffers {
      buffer.value = Tensor(repeating: 0.7, shape: buffer.value.shape)
    }
    let inputs = [
      Parameter("x", x), Parameter("a", logits.reshaped(to: [1, logits.shape.count])),
    ]
    let parameters = inputs + network.parameters
    let pass = ForwardPass(mode, differentiating: parameters)
    let weights = RelaxedArchitecture(
      logits: pass.variable(inputs[1]), relaxation: SoftmaxRelaxation())
    let y = network(pass.variable(inputs[0]), weights, in: pass)
    let gradients = pass.gradients(of: sum(y * .constant(sample(y.shape, 11))))
    return (
      y.value, Dictionary(uniqueKeysWithValues: zip(parameters.map(\.name), gradients))
    )
  }

  /// Expects two paths to agree in value and in all gradients.
  private func expectSame(
    _ a: Path, _ b: Path, _ logits: Tensor, _ x: Tensor, _ mode: ForwardPass.Mode = .training,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let (a, b) = (run(a, logits, x, mode), run(b, logits, x, mode))
    expectClose(a.value, b.value, absolute: 2e-5, "value", sourceLocation: sourceLocation)
    #expect(a.gradients.keys.sorted() == b.gradients.keys.sorted(), sourceLocation: sourceLocation)
    for (name, gradient) in a.gradients {
      guard let other = b.gradients[name] else { continue }
      expectClose(
        gradient, other, absolute: 5e-4, relative: 1e-4, name, sourceLocation: sourceLocation)
    }
  }

  private let x = sample([3, 6, 5, 4], 7)
  private let logits = Tensor([0.3, -0.5, 0.8], shape: [3])

  // MARK: TS-10

  private static let prefixed = branches([
    [relu, conv(1, "p")], [relu, conv(3, "q")], [conv(1, "r")],
  ])

  @Test func eqTS10_sharedPrefixIsExact() {
    let shared = sharing(.prefix, length: 1, of: Self.prefixed, [0, 1])
    expectSame(shared, .choice(Self.prefixed), logits, x)
    #expect(shared.modules.map(\.signature) == ["ReLU", "PW 1x1", "conv 3x3", "PW 1x1"])
  }

  @Test func eqTS10_aLongPrefixKeepsItsOrder() {
    let pool = ModuleSpec(.averagePool(Window(3)), of: "a", role: "pool")
    let branches = Self.branches([
      [pool, Self.relu, Self.conv(1, "p")], [pool, Self.relu, Self.conv(3, "q")],
      [Self.conv(1, "r")],
    ])
    let shared = sharing(.prefix, length: 2, of: branches, [0, 1])
    #expect(shared.modules.prefix(2).map(\.signature) == ["avg pool 3x3", "ReLU"])
    expectSame(shared, .choice(branches), logits, x)
  }

  @Test func eqTS10_limit_aGroupOfEverythingNeedsNoOuterWeight() {
    let two = Self.branches([
      [Self.relu, Self.conv(1, "p")], [Self.relu, Self.conv(3, "q")],
    ])
    let shared = sharing(.prefix, length: 1, of: two, [0, 1])
    #expect("\(shared)".hasPrefix("ReLU\nsum\n  w(0 | 0 1) *"))
    let pair = Tensor([0.3, -0.5], shape: [2])
    expectSame(shared, .choice(two), pair, x)
  }

  @Test func eqTS10_negative_aPrefixWithDifferentWeightsIsNotOneModule() {
    let different = Self.branches([
      [Self.conv(3, "p", "first"), Self.conv(1, "p", "second")],
      [Self.conv(3, "q", "first"), Self.conv(1, "q", "second")],
    ])
    let shared = sharing(.prefix, length: 1, of: different, [0, 1])
    let pair = Tensor([0.3, -0.5], shape: [2])
    #expect(largestDifference(value(shared, pair, x), value(.choice(different), pair, x)) > 0.01)
  }

  /// A convolution in front is shared at the price of one weight for both, so it is exact at vertices only.
  @Test func eqTS10_negative_aSharedConvolutionIsNoIdentity() throws {
    let sum = Path.choice(
      Self.branches([
        [Self.conv(3, "p"), Self.relu],
        [Self.conv(3, "q"), ModuleSpec(.averagePool(Window(3)), of: "q", role: "pool")],
      ]))
    let steps = Simplifier().simplify(sum).steps
    try #require(steps.count == 1)
    #expect(steps[0].rule == .sharePrefix && steps[0].subject == "conv 3x3")
    #expect(steps[0].exactness == .atOneHotWeights)
  }

  // MARK: TS-11

  @Test func eqTS11_aLinearSuffixIsExact() {
    // The pool is linear and has no weights.
    let pool = ModuleSpec(.averagePool(Window(3)), of: "a", role: "pool")
    let branches = Self.branches([
      [Self.conv(1, "p"), pool], [Self.conv(3, "q"), pool], [Self.relu],
    ])
    expectSame(sharing(.suffix, length: 1, of: branches, [0, 1]), .choice(branches), logits, x)
  }

  @Test func eqTS11_anAffineSuffixNeedsTheNestedForm() throws {
    let test = try golden["affine-suffix"]
    let (a, p) = (try test.scalar("A"), try test.vector("p"))
    let inputs = [try test.tensor("branch1"), try test.tensor("branch2")]
    func suffix(_ z: Tensor) throws -> Tensor {
      addBias(
        convolution(.constant(z), .constant(try test.tensor("pointwise")), Window(1)),
        .constant(try test.tensor("bias"))
      ).value
    }
    let flat =
      Scalar(a * p[0]) * (try suffix(inputs[0])) + Scalar(a * p[1]) * (try suffix(inputs[1]))
    let nested = Scalar(a) * (try suffix(Scalar(p[0]) * inputs[0] + Scalar(p[1]) * inputs[1]))
    try expectGolden(flat, test, "output", slack: 2)
    try expectGolden(nested, test, "output", slack: 2)
    let unnested = try suffix(Scalar(a * p[0]) * inputs[0] + Scalar(a * p[1]) * inputs[1])
    expectClose(
      largestDifference(flat, unnested), try test.scalar("maxDifferenceUnnested"), absolute: 1e-4)
  }

  @Test func eqTS11_anAffineBatchNormSuffixIsExactInTheNestedForm() {
    // In evaluation mode, with a running mean of 0.7, batch norm is affine and not linear.
    let shared = sharing(.suffix, length: 1, of: Self.normalized, [0, 1])
    expectSame(shared, .choice(Self.normalized), logits, x, .evaluation)
  }

  private static let normalized = branches([
    [conv(1, "p"), bn], [conv(3, "q"), bn], [relu],
  ])

  @Test(arguments: [0, 1])
  func eqTS11_aBatchNormSuffixIsExactAtOneHotWeights(_ hot: Int) {
    let shared = sharing(.suffix, length: 1, of: Self.normalized, [0, 1])
    var oneHot = Tensor([0, 0, 0], shape: [3])
    oneHot[hot] = 40
    expectSame(shared, .choice(Self.normalized), oneHot, x)
  }

  @Test func eqTS11_negative_aBatchNormSuffixIsARelaxationElsewhere() {
    let shared = sharing(.suffix, length: 1, of: Self.normalized, [0, 1])
    #expect(
      largestDifference(value(shared, logits, x), value(.choice(Self.normalized), logits, x)) > 0.05
    )
  }

  // MARK: TS-12

  @Test func eqTS12_theGroupTakesThePlaceOfItsFirstMember() {
    let shared = sharing(.suffix, length: 1, of: Self.normalized, [0, 1])
    guard case .choice(let branches) = shared else {
      Issue.record("expected a sum, found \(shared)")
      return
    }
    #expect(
      branches.map(\.weight) == [
        ArchitectureWeight([0, 1], within: [0, 1, 2]), ArchitectureWeight([2], within: [0, 1, 2]),
      ])
    #expect(branches[0].path.modules.last?.name == "a.bn", "one owner, counted once")
  }

  private static let wrapped = branches([
    [relu, conv(1, "p"), bn], [relu, conv(3, "q"), bn], [conv(1, "r")],
  ])

  /// The edge after PMS: prefix ReLU and suffix BN of the first two branches shared.
  private static func groupedPath() -> Path {
    guard case .choice(let once) = sharing(.suffix, length: 1, of: wrapped, [0, 1]),
      case .chain(let group) = once[0].path, case .choice(let inner) = group[0]
    else { return .choice(wrapped) }
    let prefixed = sharing(.prefix, length: 1, of: inner, [0, 1])
    return Path.choice([Branch(once[0].weight, .chain([prefixed, group[1]])), once[1]]).flattened
  }

  /// f by the formula, from outputs of the single modules; `inside` are the weights within the norm.
  private func edgeByFormula(group: Scalar, inside: [Scalar]) -> Tensor {
    func output(_ chain: [ModuleSpec]) -> Tensor { value(.chain(chain), logits, x) }
    let mixed =
      inside[0] * output([Self.relu, Self.conv(1, "p")])
      + inside[1] * output([Self.relu, Self.conv(3, "q")])
    let rest = logits.softmax()[2] * output([Self.conv(1, "r")])
    return rest + group * batchNorm(.constant(mixed), Normalization(of: mixed)).value
  }

  @Test func eqTS12_theEdgeAfterSharingIsTheFormula() {
    let alpha = logits.softmax()
    let group = alpha[0] + alpha[1]
    let path = Self.groupedPath()
    #expect(path.modules.map(\.signature) == ["ReLU", "PW 1x1", "conv 3x3", "BN", "PW 1x1"])
    expectClose(
      value(path, logits, x),
      edgeByFormula(group: group, inside: [alpha[0] / group, alpha[1] / group]), absolute: 2e-5)
  }

  @Test func eqTS12_negative_theGroupWeightAppearsOnceAndOutside() {
    let alpha = logits.softmax()
    let right = value(Self.groupedPath(), logits, x)
    let inside = edgeByFormula(group: 1, inside: [alpha[0], alpha[1]])
    #expect(largestDifference(right, inside) > 0.1, "A inside the norm is lost")
    let group = alpha[0] + alpha[1]
    let twice = edgeByFormula(group: group * group, inside: [alpha[0], alpha[1]])
    #expect(largestDifference(right, twice) > 0.1)
  }

  @Test func eqTS12_limit_aGroupWithAllTheWeightIsAllThereIs() {
    let two = Tensor([0.3, -0.5, -60], shape: [3])
    let alone = sharing(
      .suffix, length: 1,
      of: Self.branches([Self.wrapped[0].path.modules, Self.wrapped[1].path.modules]), [0, 1])
    expectClose(
      value(Self.groupedPath(), two, x), value(alone, Tensor([0.3, -0.5], shape: [2]), x),
      absolute: 2e-5)
  }

  // MARK: TS-13

  private func weights(_ sets: [([Int], [Int])]) -> [EdgeWeight] {
    sets.map { EdgeWeight(edge: 0, weight: ArchitectureWeight($0.0, within: $0.1)) }
  }

  @Test func eqTS13_nestedWeightsFromLogits() throws {
    let test = try golden["nested-softmax"]
    let logits = Tensor(vector: try test.vector("logits")).reshaped(to: [1, 8])
    let (all, group) = (Array(0..<8), Array(4..<8))
    func values(_ sets: [([Int], [Int])]) -> [Double] {
      nestedSoftmax(.constant(logits), weights(sets)).value.doubles
    }
    let alpha = values(all.map { ([$0], all) })
    let outer = values((0..<4).map { ([$0], all) } + [(group, all)])
    let inner = values(group.map { ([$0], group) })
    try expectGolden(alpha, test, vector: "alpha")
    try expectGolden(outer, test, vector: "outer")
    try expectGolden(inner, test, vector: "inner")
    expectClose(outer[4], try test.scalar("groupWeight"))
    expectClose(inner.map { outer[4] * $0 }, Array(alpha[4...]), "A p_i = alpha_i")
    func entropy(_ p: [Double]) -> Double {
      p.reduce(0) { $0 - $1 * Double(Elementary.log(Scalar($1))) }
    }
    expectClose(entropy(alpha), entropy(outer) + outer[4] * entropy(inner), "entropy chain rule")
    expectClose(entropy(alpha), try test.scalar("entropyFlat"))
    expectClose(entropy(outer), try test.scalar("entropyOuter"))
    expectClose(entropy(inner), try test.scalar("entropyInner"))
  }

  @Test func eqTS13_gradient() {
    let sets = weights([([0], [0, 1, 2, 3]), ([1, 2], [0, 1, 2, 3]), ([2], [1, 2])])
    expectGradients(at: [sample([1, 4])]) { nestedSoftmax($0[0], sets) }
  }

  /// T6: the entropy chain rule for a group within a group.
  @Test(arguments: 0..<5) func eqTS13_invariant_entropyChainRule(_ seed: Int) {
    let logits = 2 * sample([1, 6], seed)
    func shares(_ sets: [[Int]], within: [Int]) -> [Double] {
      nestedSoftmax(.constant(logits), weights(sets.map { ($0, within) })).value.doubles
    }
    func entropy(_ p: [Double]) -> Double {
      p.reduce(0) { $0 - $1 * Double(Elementary.log(Scalar($1))) }
    }
    let (all, group, pair) = (Array(0..<6), [1, 3, 4, 5], [3, 5])
    let alpha = shares(all.map { [$0] }, within: all)
    let outer = shares([[0], [2], group], within: all)
    let middle = shares([[1], [4], pair], within: group)
    let inner = shares([[3], [5]], within: pair)
    for p in [alpha, outer, middle, inner] { expectClose(p.reduce(0, +), 1) }
    expectClose(
      entropy(alpha), entropy(outer) + outer[2] * (entropy(middle) + middle[2] * entropy(inner)))
    #expect(
      abs(entropy(alpha) - entropy(outer) - entropy(middle)) > 0.01, "the rest needs its share")
  }

  @Test func eqTS13_negative_aGroupsLogitIsNoSumOfLogits() {
    let logits = Tensor([0.4, 0.4, 0.4], shape: [1, 3])
    let group = nestedSoftmax(.constant(logits), weights([([0, 1], [0, 1, 2])])).item
    expectClose(group, 2.0 / 3)
    #expect(abs(group - Tensor([0.8, 0.4], shape: [2]).softmax()[0]) > 0.05)
  }

  @Test func eqTS13_limit_extremeLogitsStayFinite() {
    let logits = Tensor([-400, -401, 300, 0], shape: [1, 4])
    let values = nestedSoftmax(
      .constant(logits), weights([([0], [0, 1]), ([0, 1], [0, 1, 2, 3])]))
    expectClose(values.value.doubles, [0.7310586, 0], absolute: 1e-6)
  }

  @Test func eqTS13_negative_insideWeightsAreNotTheFlatOnes() throws {
    let test = try golden["nested-softmax"]
    let logits = Tensor(vector: try test.vector("logits")).reshaped(to: [1, 8])
    let inside = nestedSoftmax(.constant(logits), weights([([4], [4, 5, 6, 7])])).item
    #expect(abs(Double(inside) - (try test.vector("alpha")[4])) > 0.1)
  }

  // MARK: TS-14

  @Test func eqTS14_batchNormCancelsAPositiveFactor() {
    let z = sample([3, 6, 5, 4], 9)
    func norm(_ z: Tensor) -> Tensor {
      batchNorm(.constant(z), Normalization(of: z, epsilon: 0)).value
    }
    expectClose(norm(0.37 * z), norm(z), absolute: 1e-4)
    expectClose(norm(-0.37 * z), -1 * norm(z), absolute: 1e-4, "but not the sign")
  }

  @Test func eqTS14_theSimplifiedEdgePutsItOutside() {
    // With logits that move weight between the group and the rest, p unchanged, the group scales.
    let path = sharing(.suffix, length: 1, of: Self.normalized, [0, 1])
    let zero = Tensor.zeros(x.shape)
    func group(_ rest: Scalar) -> Tensor {
      // The third branch is ReLU: subtract its share to leave the group.
      let logits = Tensor([0.3, -0.5, rest], shape: [3])
      return value(path, logits, x) - logits.softmax()[2] * x.relu()
    }
    let weight = { (rest: Scalar) in 1 - Tensor([0.3, -0.5, rest], shape: [3]).softmax()[2] }
    expectClose((weight(2) / weight(0)) * group(0), group(2), absolute: 1e-4)
    #expect(largestDifference(group(0), zero) > 0.1)
  }

  /// T7: with the weights inside the norm, those of the group have no effect.
  @Test func eqTS14_negative_insideTheBatchNormTheWeightHasNoEffect() {
    let all = [0, 1, 2]
    let inside = Path.chain([
      .choice(
        [(0, Self.conv(1, "p")), (1, Self.conv(3, "q"))].map {
          Branch(ArchitectureWeight([$0], within: all), .module($1))
        }), .module(Self.bn),
    ])
    func output(_ path: Path, _ rest: Scalar) -> Tensor {
      value(path, Tensor([0.3, -0.5, rest], shape: [3]), x)
    }
    expectClose(output(inside, 0), output(inside, 2), absolute: 5e-3, "A cancels")
    let shared = sharing(.suffix, length: 1, of: Self.normalized, [0, 1])
    #expect(largestDifference(output(shared, 0), output(shared, 2)) > 0.1, "here it does not")
  }

  // MARK: TS-15, TS-16

  @Test func eqTS15_initialWeightsAreTheBaselines() throws {
    let test = try golden["initial-weights"]
    let (all, group) = (Array(0..<8), Array(4..<8))
    let values = nestedSoftmax(
      .constant(.zeros([1, 8])), weights([([0], all), (group, all), ([5], group)])
    ).value.doubles
    expectClose(values[0], try test.scalar("n1Each"))
    expectClose(values[1] * values[2], try test.scalar("n1Each"))
    // Independent logits at 0 (N2): the group is one of five, its members a quarter of it.
    let independent = nestedSoftmax(.constant(.zeros([1, 5])), weights([([4], Array(0..<5))])).item
    expectClose(independent / 4, try test.scalar("n2ZeroGrouped"))
    expectClose(independent, try test.scalar("n2ZeroOther"))
  }

  @Test func eqTS16_theProductAlongAPathIsTheLeafsWeight() {
    let all = [0, 1, 2, 3, 4]
    let product = ArchitectureWeight([1, 2, 3], within: all).times(
      ArchitectureWeight([2, 3], within: [1, 2, 3])
    )
    .times(ArchitectureWeight([3], within: [2, 3]))
    #expect(product == ArchitectureWeight([3], within: all))
    let logits = sample([1, 5])
    let factors = [[1, 2, 3], [2, 3], [3]]
    let wholes = [all, [1, 2, 3], [2, 3]]
    let values = nestedSoftmax(.constant(logits), weights(Array(zip(factors, wholes)))).value
      .doubles
    expectClose(values.reduce(1, *), Double(logits.softmax()[3]))
    #expect(ArchitectureWeight.one.times(product) == product && product.times(.one) == product)
  }

  /// With logits of their own, sums below have factors that do not telescope; they stay.
  @Test func eqTS16_factorsBehindOneThatTelescopesStay() {
    let (all, group, own) = ([0, 1, 2, 3], [2, 3], [4, 5])
    let inner = ArchitectureWeight([3], within: group).times(ArchitectureWeight([5], within: own))
    let product = ArchitectureWeight(group, within: all).times(inner)
    #expect("\(product)" == "w(3 | 0 1 2 3) w(5 | 4 5)")
    let values = nestedSoftmax(
      .constant(sample([1, 6])),
      [product, ArchitectureWeight([3], within: all), ArchitectureWeight([5], within: own)].map {
        EdgeWeight(edge: 0, weight: $0)
      }
    ).value
    expectClose(values[0], values[1] * values[2])
  }

  @Test(arguments: [SearchSpace.nasBench201, .darts])
  func eqTS16_invariant_leavesOfASimplifiedEdgeHaveTheirFlatWeights(_ space: SearchSpace) {
    /// The weights of all leaves below `path`, which has the weight `outer`.
    func leaves(_ path: Path, _ outer: ArchitectureWeight) -> [ArchitectureWeight] {
      switch path {
      case .choice(let branches): branches.flatMap { leaves($0.path, outer.times($0.weight)) }
      case .chain(let steps): steps.flatMap { leaves($0, outer) }
      case .module(let module):
        if case .convolution(_, _, .merged(let kernel)) = module.kind {
          kernel.parts.map { outer.times($0.weight) }
        } else {
          [outer]
        }
      }
    }
    let all = Array(space.primitives.indices)
    for path in space.mapOperations(Simplifier().simplify).paths {
      let single = leaves(path, .one).filter { $0.members.count == 1 }
      for i in all { #expect(single.contains(ArchitectureWeight([i], within: all))) }
      #expect(single.allSatisfy { $0.shares.count == 1 && $0.within == all })
    }
  }

  @Test func eqTS16_negative_weightsThatDoNotFollowAreRefused() async {
    await #expect(processExitsWith: .failure) {
      _ = ArchitectureWeight([1, 2], within: [0, 1, 2]).times(
        ArchitectureWeight([0], within: [0, 1]))
    }
  }
}
