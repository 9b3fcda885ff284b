import Autodiff
import NeuralNetworks
import SearchMethods
import SearchSpaces
import Tensors
import TestSupport
import Testing
import TopologicalSimplification

/// Sampled weights on plain and simplified edges, TS-31.
@Suite("TopoNAS: with GDAS")
struct TopoNASGDASTests {
  private let golden: GoldenFile
  init() throws { golden = try GoldenFile("worked-examples") }

  private static let all = Array(0..<5)
  private static let group = [2, 3, 4]

  private func row(_ numbers: [Double]) -> Tensor {
    Tensor(vector: numbers).reshaped(to: [1, numbers.count])
  }

  private func weights(_ sets: [([Int], [Int])]) -> [EdgeWeight] {
    sets.map { EdgeWeight(edge: 0, weight: ArchitectureWeight($0.0, within: $0.1)) }
  }

  private func relaxation(_ test: GoldenCase) throws -> GumbelRelaxation {
    GumbelRelaxation(
      noise: row(try test.vector("gumbel")), temperature: Scalar(try test.scalar("tau")))
  }

  @Test(arguments: ["gdas-nested-inside", "gdas-nested-outside"])
  func eqTS31_golden(_ id: String) throws {
    let test = try golden[id]
    let (relaxation, logits) = (try relaxation(test), row(try test.vector("logits")))
    func values(_ sets: [([Int], [Int])]) -> [Double] {
      relaxation.values(of: weights(sets), logits: .constant(logits)).value.doubles
    }
    #expect(values(Self.all.map { ([$0], Self.all) }) == (try test.vector("oneHot")))
    #expect(values([(Self.group, Self.all)]) == [try test.scalar("groupWeightForward")])
    #expect(values(Self.group.map { ([$0], Self.group) }) == (try test.vector("innerOneHot")))
    // The gradient of the shares that the reference gives: q, and r inside the group.
    let perturbed = logits + row(try test.vector("gumbel"))
    let q = nestedSoftmax(.constant(perturbed), weights(Self.all.map { ([$0], Self.all) })).value
    try expectGolden(q.doubles, test, vector: "q")
    let r = nestedSoftmax(.constant(perturbed), weights(Self.group.map { ([$0], Self.group) }))
      .value
    try expectGolden(r.doubles, test, vector: "innerQ")
  }

  @Test func eqTS31_gradientIsThatOfTheSoftShares() {
    let (noise, logits) = (sample([1, 5], 1), sample([1, 5], 2))
    let sets = weights([(Self.group, Self.all), ([3], Self.group), ([0], Self.all)])
    let upstream = Tensor([0.3, -1, 2], shape: [3])
    func gradient(_ relaxed: (Variable) -> Variable) -> Tensor {
      let tape = Tape()
      let a = tape.variable(logits)
      return tape.gradients(of: relaxed(a), cotangent: upstream, withRespectTo: [a])[0]
    }
    expectClose(
      gradient { GumbelRelaxation(noise: noise, temperature: 0.5).values(of: sets, logits: $0) },
      gradient { nestedSoftmax(2 * ($0 + .constant(noise)), sets) })
  }

  /// Value, gradient of the logits and tape of an edge of NAS-Bench-201 on which `sampled` is drawn.
  private func run(
    _ path: Path, sampled: Int
  ) -> (value: Tensor, gradient: Tensor, operations: [String]) {
    var noise = Tensor.zeros([1, 5])
    noise[sampled] = 3
    let network = PathNetwork(path, channels: 4, name: "e", seed: RandomGenerator(seed: 1))
    let tape = Tape()
    let logits = tape.variable(0.1 * sample([1, 5], 3))
    let weights = RelaxedArchitecture(
      logits: logits, relaxation: GumbelRelaxation(noise: noise, temperature: 1))
    let y = network(.constant(sample([2, 6, 6, 4], 4)), weights, in: ForwardPass(.training))
    let operations = tape.operations
    let loss = sum(y * .constant(sample(y.shape, 5)))
    return (y.value, tape.gradients(of: loss, withRespectTo: [logits])[0], operations)
  }

  private static let plain = SearchSpace.nasBench201.paths[0]
  private static let simplified = Simplifier(normalization: .none).simplify(plain).path

  /// T13.
  @Test(arguments: 0..<5)
  func eqTS31_aGroupIsEvaluatedOnlyIfAMemberWasSampled(_ sampled: Int) {
    let result = run(Self.simplified, sampled: sampled)
    let isInGroup = sampled == 2 || sampled == 3
    #expect(result.operations.contains("mixedConvolution") == isInGroup)
    // The relaxation is a softmax backward, so every logit moves, sampled or not.
    for index in 0..<5 { #expect(abs(result.gradient[index]) > 1e-5, "logit \(index)") }
  }

  @Test(arguments: 0..<5)
  func eqTS31_limit_theSampledOperationAloneMakesTheValue(_ sampled: Int) {
    let simplified = run(Self.simplified, sampled: sampled).value
    expectClose(simplified, run(Self.plain, sampled: sampled).value, absolute: 1e-4)
    let alone = PathNetwork(
      SearchSpace.nasBench201Path(SearchSpace.nasBench201.primitives[sampled]), channels: 4,
      name: "e", seed: RandomGenerator(seed: 1))
    let expected = alone(.constant(sample([2, 6, 6, 4], 4)), nil, in: ForwardPass(.training)).value
    expectClose(simplified, expected, absolute: 1e-4)
  }

  /// Softmax shares would mix all operations in.
  @Test func eqTS31_negative_softSharesAreNotSampledOnes() {
    let network = PathNetwork(
      Self.simplified, channels: 4, name: "e", seed: RandomGenerator(seed: 1))
    let weights = RelaxedArchitecture(
      logits: .constant(0.1 * sample([1, 5], 3)), relaxation: SoftmaxRelaxation())
    let soft = network(.constant(sample([2, 6, 6, 4], 4)), weights, in: ForwardPass(.training))
      .value
    for sampled in 0..<5 {
      #expect(largestDifference(soft, run(Self.simplified, sampled: sampled).value) > 0.1)
    }
  }
}
