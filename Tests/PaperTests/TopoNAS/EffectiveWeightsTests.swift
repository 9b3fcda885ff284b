import Autodiff
import SearchSpaces
import Tensors
import TestSupport
import Testing
import TopologicalSimplification

/// What a shared batch norm does to the weights, TS-17; linear operations as one kernel, TS-36b; cost, TS-34.
@Suite("TopoNAS: effective weights and normalized cost")
struct TopoNASEffectiveWeightsTests {
  private let golden: GoldenFile
  init() throws { golden = try GoldenFile("worked-examples") }

  private func normalized(_ x: Tensor) -> Tensor {
    batchNorm(.constant(x), Normalization(of: x, epsilon: 0)).value
  }

  /// Each channel times its factor.
  private func scaled(_ x: Tensor, _ factors: [Double]) -> Tensor {
    ChannelwiseSum.forward([.init(x, scale: Tensor(vector: factors))])
  }

  /// The weights of two operations in each channel: [operation][channel].
  private func weights(_ p: [Double], _ s: [[Double]], _ r: [Double]) -> [[Double]] {
    let channels = r.indices.map {
      effectiveWeights(
        shares: p, deviations: [s[0][$0], s[1][$0]], correlations: [[1, r[$0]], [r[$0], 1]]
      ).weights
    }
    return (0..<2).map { i in channels.map { $0[i] } }
  }

  // MARK: TS-17

  @Test func eqTS17_golden() throws {
    let test = try golden["effective-weights"]
    let p = try test.vector("p")
    let s = [try test.vector("s1"), try test.vector("s2")]
    let r = try test.vector("correlation")
    let omega = weights(p, s, r)
    try expectGolden(
      Tensor(omega.flatMap { $0.map { Scalar($0) } }, shape: [2, 2]), test, "effectiveWeights")
    for (channel, expected) in try test.vector("sMix").enumerated() {
      let mixture = effectiveWeights(
        shares: p, deviations: s.map { $0[channel] },
        correlations: [[1, r[channel]], [r[channel], 1]])
      expectClose(mixture.mixtureDeviation, expected)
    }
  }

  @Test func eqTS17_invariant_theSharedBatchNormIsThatMixture() throws {
    let test = try golden["effective-weights"]
    let (z1, z2) = (try test.tensor("branch1"), try test.tensor("branch2"))
    let p = try test.vector("p")
    let omega = weights(
      p, [z1, z2].map { ChannelMoments.of($0).variance.map { $0.squareRoot() } },
      try test.vector("correlation"))
    let mixed = normalized(Scalar(p[0]) * z1 + Scalar(p[1]) * z2)
    expectClose(
      mixed, scaled(normalized(z1), omega[0]) + scaled(normalized(z2), omega[1]), absolute: 1e-4)
    try expectGolden(mixed, test, "output", slack: 10)
  }

  @Test func eqTS17_limit_equalDeviations() {
    let p = [0.2, 0.8]
    let length = (p[0] * p[0] + p[1] * p[1]).squareRoot()
    func omega(_ r: Double) -> [Double] {
      effectiveWeights(shares: p, deviations: [3, 3], correlations: [[1, r], [r, 1]]).weights
    }
    expectClose(omega(0), p.map { $0 / length })
    expectClose(omega(1), p)
  }

  @Test func eqTS17_negative_theSharesAreNotTheWeights() {
    let weights = effectiveWeights(
      shares: [0.5, 0.5], deviations: [1, 3], correlations: [[1, 0], [0, 1]]
    ).weights
    #expect(weights[1] / weights[0] > 2.9, "a kernel grown by 3 is heard 3 times as loud")
  }

  // MARK: TS-17b

  @Test func eqTS17b_uncorrelatedOutputsOfUniformShares() {
    let identity = (0..<4).map { i in (0..<4).map { $0 == i ? 1.0 : 0 } }
    expectClose(amplitudeFactor(shares: [0.25, 0.25, 0.25, 0.25], correlations: identity), 2)
    expectClose(amplitudeFactor(shares: [0, 1, 0, 0], correlations: identity), 1, "at a vertex")
  }

  @Test func eqTS17b_invariant_theSharedGroupHasDeviationOneForEveryShare() {
    let (a, b) = (sample([4, 6, 6, 3], 1), sample([4, 6, 6, 3], 2))
    for p in [0.0, 0.3, 0.9] as [Scalar] {
      let group = normalized(p * normalized(a) + (1 - p) * normalized(b))
      expectClose(ChannelMoments.of(group).variance, [1, 1, 1])
    }
  }

  @Test func eqTS17b_negative_thePlainSumIsQuieter() {
    let (a, b) = (sample([8, 8, 8, 1], 1), sample([8, 8, 8, 1], 2))
    let sum = 0.5 * normalized(a) + 0.5 * normalized(b)
    let deviation = ChannelMoments.of(sum).variance[0].squareRoot()
    let correlation = 2 * deviation * deviation - 1
    #expect(deviation < 0.8)
    expectClose(
      amplitudeFactor(shares: [0.5, 0.5], correlations: [[1, correlation], [correlation, 1]]),
      1 / deviation)
  }

  // MARK: TS-36b

  @Test func eqTS36b_golden() throws {
    let test = try golden["avgpool-as-depthwise"]
    let x = try test.tensor("input")
    try expectGolden(coverage(of: Window(3), height: 6, width: 6), test, "coverage")
    try expectGolden(linearOperations(x, skip: 0, averagePool: 1), test, "output")
  }

  @Test func eqTS36b_equalsTheTwoOperations() {
    let x = sample([2, 5, 7, 3])
    expectClose(
      linearOperations(x, skip: 0.3, averagePool: 0.7),
      0.3 * x + 0.7 * AveragePooling.forward(x, Window(3)))
    expectClose(linearOperations(x, skip: 1, averagePool: 0), x)
  }

  @Test func eqTS36b_negative_withoutTheCoverageTheBorderIsTooDark() {
    let x = Tensor(repeating: 1, shape: [1, 4, 4, 2])
    let mean = Tensor(repeating: 1.0 / 9, shape: [2, 3, 3, 1])
    let wrong = DepthwiseConvolution.forward(x, mean, Window(3))
    #expect(largestDifference(wrong, linearOperations(x, skip: 0, averagePool: 1)) > 0.5)
  }

  // MARK: TS-34

  @Test func eqTS34_costAndRatio() {
    let reference = SearchCost(seconds: 10, bytes: 4e9)
    let (before, after) = (
      normalizedCost(of: SearchCost(seconds: 14, bytes: 6e9), reference: reference),
      normalizedCost(of: SearchCost(seconds: 11, bytes: 5e9), reference: reference)
    )
    expectClose([before.time, before.memory, after.time, after.memory], [1.4, 1.5, 1.1, 1.25])
    let ratio = normalizedCost(
      of: SearchCost(seconds: 11, bytes: 5e9), reference: SearchCost(seconds: 14, bytes: 6e9))
    expectClose(ratio.time, after.time / before.time, "the reference cancels")
  }

  @Test func eqTS34_limit_theReferenceCostsOne() {
    let reference = SearchCost(seconds: 3, bytes: 5)
    let cost = normalizedCost(of: reference, reference: reference)
    #expect(cost.time == 1 && cost.memory == 1)
  }

  /// The figure of the authors: its ratios and savings follow from its costs.
  @Test func eqTS34_theReportedFigure() throws {
    let test = try golden["reported-figure"]
    let (before, after) = (try test.vector("costBefore"), try test.vector("costAfter"))
    let ratios = zip(before, after).map {
      normalizedCost(
        of: SearchCost(seconds: $1, bytes: 1), reference: SearchCost(seconds: $0, bytes: 1)
      ).time
    }
    expectClose(ratios, try test.vector("costRatio"), absolute: 1.1e-3, relative: 0)
    expectClose(
      ratios.map { 100 * (1 - $0) }, try test.vector("costSavingPercent"), absolute: 0.11,
      relative: 0)
  }
}
