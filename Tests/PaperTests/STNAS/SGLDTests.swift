import NeuralNetworks
import Tensors
import TestSupport
import Testing

/// Langevin dynamics: C-1, C-1b, C-10, C-11.
@Suite("ST-NAS: Langevin dynamics")
struct STNASSGLDTests {
  private let scalarTrace: GoldenCase
  private let regression: GoldenCase
  private let stationary: GoldenCase
  init() throws {
    let file = try GoldenFile("methods-next-golden")
    scalarTrace = try file["sgld-scalar-trace"]
    regression = try file["sgld-regression-trace"]
    stationary = try file["sgld-stationary"]
  }

  private func numbers(_ x: [Double]) -> Tensor { Tensor(vector: x) }

  // MARK: The regression of the golden trace

  /// The gradient of every example: its error times its inputs.
  private func gradients(_ w: [Double]) throws -> [Tensor] {
    let (x, y) = (try regression.tensor("X").doubles, try regression.vector("y"))
    return y.indices.map { b in
      let error = x[2 * b] * w[0] + x[2 * b + 1] * w[1] - y[b]
      return numbers([error * x[2 * b], error * x[2 * b + 1]])
    }
  }

  /// The weights after every step, `step` of weights, gradients of a batch, and noise.
  private func trace(_ step: (Tensor, [Tensor], Tensor) throws -> Tensor) throws -> Tensor {
    let batches = try regression.tensor("batches").doubles
    let noise = try regression.tensor("noise").doubles
    var weights = [numbers(Array(try regression.tensor("w").doubles.prefix(2)))]
    for t in 0..<5 {
      let all = try gradients(weights[t].doubles)
      weights.append(
        try step(
          weights[t], batches[2 * t..<2 * t + 2].map { all[Int($0)] },
          numbers(Array(noise[2 * t..<2 * t + 2]))))
    }
    return numbers(weights.flatMap(\.doubles)).reshaped(to: [6, 2])
  }

  private func published(
    stepSize: Double? = nil, examples: Int? = nil, precision: Double? = nil,
    noiseFactor: Double = 1
  ) throws -> Tensor {
    let (eps, count) = (try regression.scalar("eps"), try regression.integer("N"))
    let lambda = try regression.scalar("priorPrecision")
    return try trace { w, gradients, noise in
      langevinStep(
        w, gradients, priorPrecision: precision ?? lambda, stepSize: stepSize ?? eps,
        examples: examples ?? count, noise: Scalar(noiseFactor) * noise)
    }
  }

  private func optimizer(seed: UInt64 = 1) throws -> SGLD {
    SGLD(
      stepSize: try regression.scalar("eps"),
      priorPrecision: try regression.scalar("priorPrecision"),
      examples: try regression.integer("N"), noise: RandomGenerator(seed: seed))
  }

  private func mean(_ gradients: [Tensor]) -> Tensor {
    (1 / Scalar(gradients.count)) * gradients.dropFirst().reduce(gradients[0], +)
  }

  // MARK: C-1

  @Test func eqC1_golden() throws {
    let (a, eps) = (try scalarTrace.scalar("a"), try scalarTrace.scalar("eps"))
    var trace = [numbers([1])]
    for xi in try scalarTrace.vector("noise") {
      let w = trace[trace.count - 1]
      trace.append(
        langevinStep(
          w, [Scalar(a) * w], priorPrecision: 0, stepSize: eps, examples: 1, noise: numbers([xi])))
    }
    try expectGolden(trace.map { Double($0[0]) }, scalarTrace, vector: "w")
    try expectGolden(try published(), regression, "w")
  }

  @Test func eqC1_limit_withoutNoiseItIsGradientDescentAtHalfTheStep() {
    let (w, gradient) = (sample([5], 1), sample([5], 2))
    let parameter = Parameter("w", w)
    var sgd = SGD(learningRate: 0.15)
    sgd.step([parameter], [gradient])
    let step = langevinStep(
      w, [gradient], priorPrecision: 0, stepSize: 0.3, examples: 1, noise: .zeros([5]))
    expectClose(step, parameter.value, absolute: 1e-7, relative: 1e-6)
  }

  @Test func eqC1_invariant_theOrderOfABatchDoesNotMatter() throws {
    let reversed = try trace { w, gradients, noise in
      langevinStep(
        w, gradients.reversed(), priorPrecision: 1, stepSize: 0.02, examples: 6, noise: noise)
    }
    expectClose(reversed, try published(), absolute: 1e-6)
  }

  @Test func eqC1_negative_theNoiseHasTheRootOfTheStep() throws {
    // With eps in the place of its root the weights hardly leave the minimum.
    let wrong = try published(noiseFactor: try regression.scalar("eps").squareRoot())
    #expect(largestDifference(wrong, try regression.tensor("w")) > 0.05)
  }

  @Test func eqC1_negative_aBatchStandsForAllExamples() throws {
    // N = B leaves out the factor N / B.
    #expect(largestDifference(try published(examples: 2), try regression.tensor("w")) > 0.05)
  }

  @Test func eqC1_negative_thePriorCountsOnce() throws {
    #expect(largestDifference(try published(precision: 2), try regression.tensor("w")) > 1e-3)
    #expect(largestDifference(try published(precision: 0), try regression.tensor("w")) > 1e-3)
  }

  // MARK: C-1b

  @Test func eqC1b_golden() throws {
    let sgld = SGLD(
      learningRate: try regression.scalar("eta"),
      weightDecay: try regression.scalar("weightDecay"), examples: try regression.integer("N"),
      noise: RandomGenerator(seed: 1))
    let found = try trace { sgld.moved($0, gradient: mean($1), noise: $2) }
    try expectGolden(found, regression, "w")
  }

  @Test func eqC1b_limit_atTemperature0ItIsPlainSGDToTheLastBit() {
    let start = [sample([3, 4], 1), sample([7], 2)]
    let (a, b) = (start.map { Parameter("w", $0) }, start.map { Parameter("w", $0) })
    var sgd = SGD(learningRate: 0.1, weightDecay: 0.03)
    var sgld = SGLD(
      learningRate: 0.1, weightDecay: 0.03, temperature: 0, examples: 50,
      noise: RandomGenerator(seed: 1))
    for step in 0..<3 {
      let gradients = [sample([3, 4], 10 + step), sample([7], 20 + step)]
      sgd.step(a, gradients)
      sgld.step(b, gradients)
    }
    #expect(a.map(\.value) == b.map(\.value))
  }

  @Test func eqC1b_theNoiseIsThatOfTheSeedAndTheStep() {
    func run(_ steps: Range<Int>, from start: Tensor, seed: UInt64 = 1) -> Tensor {
      let parameter = Parameter("w", start)
      var sgld = SGLD(learningRate: 0.1, examples: 10, noise: RandomGenerator(seed: seed))
      sgld.steps = steps.lowerBound
      for _ in steps { sgld.step([parameter], [.zeros([6])]) }
      return parameter.value
    }
    let whole = run(0..<4, from: .zeros([6]))
    #expect(run(2..<4, from: run(0..<2, from: .zeros([6]))) == whole, "it goes on from a number")
    #expect(run(0..<4, from: .zeros([6]), seed: 2) != whole)
    #expect(run(0..<1, from: .zeros([6])) != run(1..<2, from: .zeros([6])))
  }

  @Test func eqC1b_theTemperatureScalesTheVariance() {
    func deviation(_ temperature: Double) -> Double {
      SGLD(
        learningRate: 0.1, temperature: temperature, examples: 20, noise: RandomGenerator(seed: 1)
      ).noiseDeviation
    }
    expectClose(deviation(1), 0.1, absolute: 1e-12)
    expectClose(deviation(4), 0.2, absolute: 1e-12)
  }

  @Test func eqC1b_negative_weightDecayIsThePriorAndNotAddedToIt() throws {
    let sgld = try optimizer()
    let twice = try trace { w, gradients, noise in
      sgld.moved(w, gradient: mean(gradients) + Scalar(sgld.weightDecay) * w, noise: noise)
    }
    #expect(largestDifference(twice, try regression.tensor("w")) > 1e-3)
  }

  // MARK: C-11

  @Test func eqC11_theTwoFormsGiveOneTrace() throws {
    let sgld = try optimizer()
    expectClose(sgld.learningRate, try regression.scalar("eta"), absolute: 1e-12)
    expectClose(sgld.weightDecay, try regression.scalar("weightDecay"), absolute: 1e-12)
    expectClose(
      sgld.noiseDeviation, try regression.scalar("eps").squareRoot(), absolute: 1e-12)
    let found = try trace { sgld.moved($0, gradient: mean($1), noise: $2) }
    let tolerance = isDoublePrecision ? 1e-14 : 1e-6
    expectClose(found, try published(), absolute: tolerance, relative: tolerance)
  }

  @Test func eqC11_negative_etaIsNotEps() throws {
    let sgld = SGLD(
      learningRate: 0.02, weightDecay: 1.0 / 6, examples: 6, noise: RandomGenerator(seed: 1))
    let found = try trace { sgld.moved($0, gradient: mean($1), noise: $2) }
    #expect(largestDifference(found, try published()) > 0.05)
  }

  // MARK: C-10

  private var modes: [LangevinMode] {
    get throws {
      zip(try stationary.vector("a"), try stationary.vector("eps")).map {
        LangevinMode(curvature: $0, stepSize: $1)
      }
    }
  }

  @Test func eqC10_golden() throws {
    expectClose(
      try modes.map(\.stationaryVariance), try stationary.vector("variance"), absolute: 1e-12)
    expectClose(
      try modes.map(\.autocorrelation), try stationary.vector("autocorrelation"), absolute: 1e-12)
  }

  @Test func eqC10_invariant_aStepLeavesTheVarianceAsItIs() throws {
    for mode in try modes {
      let (rho, variance) = (mode.autocorrelation, mode.stationaryVariance)
      expectClose(rho * rho * variance + mode.stepSize, variance, absolute: 1e-12)
    }
  }

  @Test func eqC10_limit_smallStepsSampleThePosteriorAndLargeOnesDiverge() {
    expectClose(
      LangevinMode(curvature: 2, stepSize: 1e-9).stationaryVariance, 0.5, absolute: 1e-8)
    #expect(LangevinMode(curvature: 2, stepSize: 1.99).isStable)
    let unstable = LangevinMode(curvature: 2, stepSize: 2)
    #expect(!unstable.isStable && unstable.stationaryVariance == .infinity)
    #expect(abs(unstable.autocorrelation) >= 1)
  }

  /// Many chains side by side, after `steps` steps: the chains, and one step before.
  private func chains(
    _ count: Int, _ mode: LangevinMode, steps: Int, each: (Tensor) -> Void = { _ in }
  ) -> Tensor {
    let parameter = Parameter("w", .zeros([count]))
    var sgld = SGLD(
      stepSize: mode.stepSize, priorPrecision: 0, examples: 1, noise: RandomGenerator(seed: 3))
    for _ in 0..<steps {
      each(parameter.value)
      sgld.step([parameter], [Scalar(mode.curvature) * parameter.value])
    }
    return parameter.value
  }

  /// The standard error of a variance of 20,000 chains is 1 % of it, that of a correlation below 0.7 %.
  @Test(arguments: [(2.0, 0.5), (2.0, 0.1), (5.0, 0.5)])
  func eqC10_chainsHaveThisVarianceAndCorrelation(_ a: Double, _ eps: Double) {
    let (count, mode) = (20_000, LangevinMode(curvature: a, stepSize: eps))
    var before = Tensor.zeros([count])
    let now = chains(count, mode, steps: 40) { before = $0 }
    let variance = now.dot(now) / Double(count)
    expectClose(variance, mode.stationaryVariance, absolute: 0, relative: 0.05)
    let correlation = now.dot(before) / before.dot(before)
    expectClose(correlation, mode.autocorrelation, absolute: 0.035)
  }

  /// The variance of 4,000 means has a standard error of 2.2 %; the chain's ends make it 3 % smaller.
  @Test func eqC10_aChainIsWorthFewerSamplesThanItHas() {
    let (count, length) = (4000, 50)
    let mode = LangevinMode(curvature: 2, stepSize: 0.5)
    var (sum, step) = (Tensor.zeros([count]), 0)
    _ = chains(count, mode, steps: 20 + length) { w in
      if step >= 20 { sum += w }
      step += 1
    }
    let variance = sum.dot(sum) / Double(count * length * length)
    let worth = mode.stationaryVariance / variance
    expectClose(worth, mode.effectiveSamples(of: length), absolute: 0, relative: 0.12)
    expectClose(mode.effectiveSamples(of: length), 50.0 / 3, absolute: 1e-9)
  }

  /// 2,000 chains: the standard error of a covariance is about 3 % of the variances.
  @Test func eqC10_aQuadraticHasThisCovariance() throws {
    let covariance = try regression.tensor("posteriorCovariance").doubles
    let determinant = covariance[0] * covariance[3] - covariance[1] * covariance[2]
    let hessian = [
      covariance[3] / determinant, -covariance[1] / determinant, -covariance[2] / determinant,
      covariance[0] / determinant,
    ]
    let center = try regression.vector("posteriorMean")
    // Sigma = H^-1 (I - eps H / 4)^-1 mode by mode.
    let eps = 0.08
    let (trace, half) = (hessian[0] + hessian[3], (hessian[0] - hessian[3]) / 2)
    let root = (half * half + hessian[1] * hessian[2]).squareRoot()
    var expected = [0.0, 0, 0, 0]
    for value in [trace / 2 + root, trace / 2 - root] {
      let vector = [hessian[1], value - hessian[0]]
      let length = vector[0] * vector[0] + vector[1] * vector[1]
      let variance = LangevinMode(curvature: value, stepSize: eps).stationaryVariance
      for k in 0..<4 { expected[k] += variance * vector[k / 2] * vector[k % 2] / length }
    }
    let count = 2000
    let parameter = Parameter("w", .zeros([count, 2]))
    var sgld = SGLD(
      stepSize: eps, priorPrecision: 0, examples: 1, noise: RandomGenerator(seed: 5))
    for _ in 0..<40 {
      let w = parameter.value.doubles
      let gradient = (0..<2 * count).map { index -> Scalar in
        let (chain, row) = (index / 2, index % 2)
        return Scalar(
          hessian[2 * row] * (w[2 * chain] - center[0])
            + hessian[2 * row + 1] * (w[2 * chain + 1] - center[1]))
      }
      sgld.step([parameter], [Tensor(gradient, shape: [count, 2])])
    }
    let w = parameter.value.doubles
    var (sums, products) = ([0.0, 0], [0.0, 0, 0, 0])
    for chain in 0..<count {
      let d = [w[2 * chain] - center[0], w[2 * chain + 1] - center[1]]
      for k in 0..<2 { sums[k] += d[k] / Double(count) }
      for k in 0..<4 { products[k] += d[k / 2] * d[k % 2] / Double(count) }
    }
    expectClose(sums, [0, 0], absolute: 0.045)
    expectClose(products, expected, absolute: 0.025)
    #expect(abs(products[3] - covariance[3]) > 0.015, "it is not yet that of the posterior")
  }
}
