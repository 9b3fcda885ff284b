import Autodiff
import Datasets
import NeuralNetworks
import SearchMethods
import SearchSpaces
import Tensors
import TestSupport
import Testing
import TopologicalSimplification

/// DARTS, first order: D1-1, D1-7, D1-9, and TS-29 on the simplified space.
@Suite("DARTS: first order")
struct DARTSFirstOrderTests {
  private let golden: GoldenFile
  init() throws { golden = try GoldenFile("methods-golden") }

  @Test func eqD1_1_mixedOperation() throws {
    let test = try golden["darts-softmax"]
    let logits = Tensor(vector: try test.vector("alpha")).reshaped(to: [1, 3])
    let all = [0, 1, 2]
    let weights = SoftmaxRelaxation().values(
      of: all.map { EdgeWeight(edge: 0, weight: ArchitectureWeight([$0], within: all)) },
      logits: .constant(logits))
    try expectGolden(weights.value.doubles, test, vector: "softmax")
    let outputs = try test.vector("operationOutputs").map {
      Summand.identity(.constant(Tensor([Scalar($0)], shape: [1])))
    }
    expectClose(mixture(outputs, weights: weights).item, try test.scalar("mixed"))
  }

  private let network = NASBench201Supernet(
    .nasBench201, channels: 2, cellsPerStage: 1, classes: 10, seed: RandomGenerator(seed: 1))
  private let batch = BatchLoader(
    SyntheticImages.make(count: 8, seed: 1), batchSize: 8, generator: RandomGenerator(seed: 1)
  ).epoch(0)[0]

  /// Along the gradient, where the slope is largest, and along random directions, which see every part of it.
  @Test(arguments: 0..<4)
  func eqD1_7_architectureGradientIsThatOfTheValidationLoss(_ seed: Int) {
    let gradient = firstOrderArchitectureGradient(
      of: network, validation: batch, SoftmaxRelaxation()
    ).gradients[0]
    let direction = seed == 0 ? gradient : sample([6, 5], seed)
    let length = direction.dot(direction).squareRoot()
    let (original, step) = (network.alpha.value, isDoublePrecision ? 1e-6 : 0.05)
    let ends = [step, -step].map { t -> Double in
      network.alpha.value = original
      network.alpha.value.add(direction, scaledBy: Scalar(t / length))
      return Double(
        lossAndGradients(of: network, batch, SoftmaxRelaxation(), differentiating: []).loss)
    }
    network.alpha.value = original
    expectClose(
      (ends[0] - ends[1]) / (2 * step), gradient.dot(direction) / length,
      absolute: isDoublePrecision ? 1e-7 : 2e-3, relative: isDoublePrecision ? 1e-6 : 0.05)
  }

  @Test func eqD1_7_itIsTheSameGradientAsAmongAll() {
    let alone = firstOrderArchitectureGradient(
      of: network, validation: batch, SoftmaxRelaxation())
    let among = lossAndGradients(
      of: network, batch, SoftmaxRelaxation(),
      differentiating: network.parameters + network.architectureParameters)
    #expect(alone.loss == among.loss)
    expectClose(alone.gradients[0], among.gradients[network.parameters.count], absolute: 1e-6)
  }

  @Test func eqD1_1_gradientsOfEachRowSumToZero() {
    // A common shift of the logits of an edge changes no weight.
    let gradient = firstOrderArchitectureGradient(
      of: network, validation: batch, SoftmaxRelaxation()
    ).gradients[0]
    for edge in 0..<6 {
      expectClose((0..<5).reduce(0) { $0 + Double(gradient[edge * 5 + $1]) }, 0, absolute: 1e-6)
    }
  }

  @Test func eqD1_1_limit_aDecidedEdgeIsOneCandidate() {
    let all = [0, 1, 2]
    let weights = SoftmaxRelaxation().values(
      of: all.map { EdgeWeight(edge: 0, weight: ArchitectureWeight([$0], within: all)) },
      logits: .constant(Tensor([0, 60, 0], shape: [1, 3])))
    expectClose(weights.value.doubles, [0, 1, 0])
  }

  @Test func eqD1_7_negative_theTrainingLossHasAnotherGradient() {
    let other = BatchLoader(
      SyntheticImages.make(count: 8, seed: 2), batchSize: 8, generator: RandomGenerator(seed: 1)
    ).epoch(0)[0]
    let gradients = [batch, other].map {
      firstOrderArchitectureGradient(of: network, validation: $0, SoftmaxRelaxation()).gradients[0]
    }
    let difference = gradients[0] - gradients[1]
    #expect(difference.dot(difference) > 0.01 * gradients[0].dot(gradients[0]))
  }

  // MARK: TS-29

  private let simplified = NASBench201Supernet(
    Simplifier().simplify(SearchSpace.nasBench201), channels: 2, cellsPerStage: 1, classes: 10,
    seed: RandomGenerator(seed: 1))

  @Test func eqTS29_theSimplifiedSpaceKeepsTheFlatLogits() {
    #expect(simplified.alpha.value == network.alpha.value, "the same start, number for number")
    let independent = NASBench201Supernet(
      Simplifier(weights: .independent).simplify(SearchSpace.nasBench201), channels: 2,
      cellsPerStage: 1, classes: 10, seed: RandomGenerator(seed: 1))
    #expect(independent.alpha.value.shape == [6, 6], "N2 has logits for each sum")
  }

  @Test func eqTS29_gradientOnTheSimplifiedSpace() {
    simplified.alpha.value = sample([6, 5], 3)
    let gradient = firstOrderArchitectureGradient(
      of: simplified, validation: batch, SoftmaxRelaxation()
    ).gradients[0]
    let length = gradient.dot(gradient).squareRoot()
    let (original, step) = (simplified.alpha.value, isDoublePrecision ? 1e-6 : 0.02)
    let ends = [step, -step].map { t -> Double in
      simplified.alpha.value = original
      simplified.alpha.value.add(gradient, scaledBy: Scalar(t / length))
      return Double(
        lossAndGradients(of: simplified, batch, SoftmaxRelaxation(), differentiating: []).loss)
    }
    expectClose(
      (ends[0] - ends[1]) / (2 * step), length, absolute: isDoublePrecision ? 1e-7 : 2e-3,
      relative: isDoublePrecision ? 1e-6 : 0.05)
    for edge in 0..<6 {
      expectClose((0..<5).reduce(0) { $0 + Double(gradient[edge * 5 + $1]) }, 0, absolute: 1e-6)
    }
  }

  /// Where the weights have no gradient, that of alpha takes another way through merged kernels.
  @Test(arguments: KernelNormalization.allCases)
  func eqTS29_theGradientOfAlphaAloneIsThatAmongAll(_ normalization: KernelNormalization) {
    let network = NASBench201Supernet(
      Simplifier(normalization: normalization).simplify(.nasBench201), channels: 2,
      cellsPerStage: 1, classes: 10, seed: RandomGenerator(seed: 1))
    network.alpha.value = sample([6, 5], 3)
    let alone = firstOrderArchitectureGradient(
      of: network, validation: batch, SoftmaxRelaxation())
    let among = lossAndGradients(
      of: network, batch, SoftmaxRelaxation(),
      differentiating: network.parameters + network.architectureParameters)
    expectClose(alone.loss, among.loss)
    expectClose(
      alone.gradients[0], among.gradients[network.parameters.count], absolute: 1e-5, relative: 1e-4)
  }

  @Test func eqTS29_limit_decidedEdgesAreTheSameNetworkOnBothSpaces() {
    // Both spaces start with the same kernels; at a vertex the shared modules are those of one candidate.
    for hot in 0..<5 {
      var logits = Tensor.zeros([6, 5])
      for edge in 0..<6 { logits[edge * 5 + hot] = 60 }
      let losses = [network, simplified].map { net -> Double in
        net.alpha.value = logits
        return Double(
          lossAndGradients(of: net, batch, SoftmaxRelaxation(), differentiating: []).loss)
      }
      expectClose(losses[1], losses[0], absolute: 5e-5)
    }
  }

  @Test func eqD1_9_cosineSchedule() throws {
    let test = try golden["darts-cosine"]
    let rates = try test.vector("epoch").map {
      cosineLearningRate(epoch: Int($0), of: 50, from: 0.025, to: 0.001)
    }
    expectClose(rates, try test.vector("learningRate"), absolute: 1e-12)
    expectClose(
      cosineLearningRate(epoch: 50, of: 50, from: 0.025, to: 0.001), 0.001, absolute: 1e-12)
  }

  @Test func eqD1_9_invariant_theRateFallsAndIsSymmetric() {
    let rates = (0...50).map { cosineLearningRate(epoch: $0, of: 50, from: 0.025, to: 0.001) }
    #expect(rates[0] == 0.025)
    #expect(zip(rates, rates.dropFirst()).allSatisfy { $0 > $1 })
    for epoch in 0...50 {
      expectClose(rates[epoch] + rates[50 - epoch], 0.026, absolute: 1e-12)
    }
  }

  @Test func eqD1_9_negative_itIsNoStraightLine() {
    let rate = cosineLearningRate(epoch: 10, of: 50, from: 0.025, to: 0.001)
    #expect(rate - (0.025 - 0.2 * 0.024) > 0.002, "slower at first")
  }

  @Test func `entropy is log 5 at the start and 0 when decided`() {
    expectClose(meanEntropy([.zeros([6, 5])]), 1.6094379124)
    var decided = Tensor.zeros([1, 5])
    decided[2] = 60
    expectClose(meanEntropy([decided]), 0)
  }
}
