import Datasets
import NeuralNetworks
import SearchSpaces
import Tensors
import TestSupport
import Testing

@testable import SearchMethods

/// DARTS, second order, on losses whose gradients are known: D1-5, D1-6.
@Suite("DARTS: second order on toy losses")
struct DARTSSecondOrderToyTests {
  private let golden: GoldenFile
  init() throws { golden = try GoldenFile("methods-golden") }

  private func vector(_ number: Double) -> Tensor { Tensor(vector: [number]) }

  /// L_val = alpha w - 2 alpha + 1, L_train = w^2 - 2 alpha w + alpha^2.
  private struct Toy {
    var alpha: Double
    var w: Double

    func unrolled(_ xi: Double) -> Double {
      unrolledWeights(
        [Tensor(vector: [w])], gradient: [Tensor(vector: [2 * w - 2 * alpha])], rate: xi)[0]
        .doubles[0]
    }

    /// D1-6, with the gradient of L_train in alpha counted and its places noted.
    func gradient(_ xi: Double, places: (Double) -> Void = { _ in }) -> Double {
      secondOrderArchitectureGradient(
        at: [Tensor(vector: [w])], rate: xi, validation: [Tensor(vector: [unrolled(xi) - 2])],
        along: [Tensor(vector: [alpha])]
      ) { moved in
        places(moved[0].doubles[0])
        return [Tensor(vector: [2 * alpha - 2 * moved[0].doubles[0]])]
      }[0].doubles[0]
    }

    /// Where alternating steps of the two gradients end.
    mutating func settle(_ xi: Double) {
      for _ in 0..<4000 {
        alpha -= 0.02 * gradient(xi)
        w -= 0.05 * (2 * w - 2 * alpha)
      }
    }
  }

  private let single = isDoublePrecision ? 1.0 : 1e4

  @Test func eqD1_5_golden() throws {
    let test = try golden["darts-toy-first-gradient"]
    let toy = Toy(alpha: try test.scalar("alpha"), w: try test.scalar("w"))
    expectClose(
      toy.unrolled(try test.scalar("xi")), try test.scalar("wUnrolled"), absolute: 1e-9 * single)
  }

  @Test func eqD1_5_momentumAndWeightDecayAreThoseOfTheStepThatFollows() {
    // Without Nesterov's form the unrolled weights are where SGD goes with the same gradient.
    let parameter = Parameter("w", sample([3], 1))
    var sgd = SGD(learningRate: 0.1, momentum: 0.9, weightDecay: 3e-4)
    sgd.step([parameter], [sample([3], 2)])
    let unrolled = unrolledWeights(
      [parameter.value], gradient: [sample([3], 3)], rate: 0.1, velocities: sgd.velocities,
      momentum: 0.9, weightDecay: 3e-4)
    let plain = unrolledWeights([parameter.value], gradient: [sample([3], 3)], rate: 0.1)
    sgd.step([parameter], [sample([3], 3)])
    expectClose(unrolled[0], parameter.value, absolute: 1e-6)
    #expect(largestDifference(plain[0], parameter.value) > 0.01, "the buffer counts")
  }

  @Test func eqD1_5_limit_withoutARateNothingMoves() {
    #expect(
      unrolledWeights([sample([3], 1)], gradient: [sample([3], 2)], rate: 0)[0] == sample([3], 1))
  }

  @Test func eqD1_5_limit_theFirstStepHasWeightDecayAndNoMomentum() {
    let (w, gradient) = (sample([3], 1), sample([3], 2))
    expectClose(
      unrolledWeights([w], gradient: [gradient], rate: 0.1, momentum: 0.9, weightDecay: 0.5)[0],
      w - 0.1 * (gradient + 0.5 * w), absolute: 1e-6)
  }

  @Test func eqD1_6_golden() throws {
    let test = try golden["darts-toy-first-gradient"]
    let toy = Toy(alpha: try test.scalar("alpha"), w: try test.scalar("w"))
    var places: [Double] = []
    let gradient = toy.gradient(try test.scalar("xi")) { places.append($0) }
    expectClose(gradient, try test.scalar("gradAlpha"), absolute: 1e-9 * single)
    // w +- epsilon v around w itself, epsilon = 0.01 / |v|.
    let distance = try test.scalar("finiteDifferenceEpsilon") * toy.alpha
    expectClose(places, [toy.w + distance, toy.w - distance], absolute: 1e-6)
    let product = mixedDerivative(at: [vector(toy.w)], along: [vector(toy.alpha)]) {
      [vector(2 * toy.alpha - 2 * $0[0].doubles[0])]
    }
    expectClose(
      product[0].doubles[0], try test.scalar("finiteDifferenceProduct"), absolute: 1e-9 * single)
  }

  /// epsilon = 0.01 / |v| with the length of all weights together, not of each tensor.
  @Test func eqD1_6_theDistanceIsThatOfAllWeightsTogether() {
    var places: [[Double]] = []
    _ = secondOrderArchitectureGradient(
      at: [vector(1), vector(-1)], rate: 0.1, validation: [vector(0)],
      along: [vector(3), vector(4)]
    ) {
      places.append($0.map { $0.doubles[0] })
      return [vector(0)]
    }
    #expect(places.count == 2)
    expectClose(places.flatMap { $0 }, [1.006, -0.992, 0.994, -1.008], absolute: 1e-6)
  }

  @Test func eqD1_6_fixedPointOfTheToyProblem() throws {
    let test = try golden["darts-toy-fixed-point"]
    let (rates, ends) = (try test.vector("xi"), try test.vector("fixedPoint"))
    #expect(rates.count == 3)
    for (xi, expected) in zip(rates, ends) {
      var toy = Toy(alpha: try test.scalar("alpha0"), w: try test.scalar("w0"))
      toy.settle(xi)
      expectClose(
        [toy.alpha, toy.w], [expected, expected], absolute: isDoublePrecision ? 1e-9 : 1e-3)
    }
    expectClose(ends, rates.map { 2 / (1 + 2 * $0) })
  }

  /// L_train = w A w / 2 + w B alpha and L_val = |w|^2 / 2 + alpha w: the difference is exact, H = B^T v.
  @Test func eqD1_6_exactForQuadraticLosses() {
    let (a, b) = (sample([3, 3], 1).doubles, sample([3, 3], 2).doubles)
    let (w, alpha, xi) = (sample([3], 3).doubles, sample([3], 4).doubles, 0.3)
    /// A row of m, or a column, times x.
    func times(_ m: [Double], _ x: [Double], transposed: Bool = false) -> [Double] {
      (0..<3).map { i -> Double in
        let line = (0..<3).map { m[transposed ? 3 * $0 + i : 3 * i + $0] }
        return zip(line, x).reduce(0) { $0 + $1.0 * $1.1 }
      }
    }
    /// w' for some alpha; A is taken symmetric.
    func unrolled(_ alpha: [Double]) -> [Double] {
      let (first, second) = (times(a, w), times(a, w, transposed: true))
      let mixed = times(b, alpha)
      return (0..<3).map { i -> Double in
        let slope: Double = (first[i] + second[i]) / 2 + mixed[i]
        return w[i] - xi * slope
      }
    }
    func loss(_ alpha: [Double]) -> Double {
      zip(unrolled(alpha), alpha).reduce(0) { total, pair -> Double in
        total + pair.0 * pair.0 / 2 + pair.0 * pair.1
      }
    }
    let outer = unrolled(alpha)
    let gradient = secondOrderArchitectureGradient(
      at: [Tensor(vector: w)], rate: xi, validation: [Tensor(vector: outer)],
      along: [Tensor(vector: zip(outer, alpha).map(+))]
    ) { [Tensor(vector: times(b, $0[0].doubles, transposed: true))] }[0].doubles
    let numeric = (0..<3).map { index in
      let ends = [1e-4, -1e-4].map { step -> Double in
        var moved = alpha
        moved[index] += step
        return loss(moved)
      }
      return (ends[0] - ends[1]) / 2e-4
    }
    expectClose(
      gradient, numeric, absolute: isDoublePrecision ? 1e-8 : 1e-3, relative: 1e-8 * single)
  }

  /// L_train = alpha w^2 (1 + w / 3): its gradient in alpha bends, so the place of the difference counts.
  private func bentGradient(_ w: [Tensor]) -> [Tensor] {
    w.map { $0.map { $0 * $0 * (1 + $0 / 3) } }
  }

  @Test func eqD1_6_negative_aboutTheUnrolledWeightsItIsAnother() {
    let (w, unrolled, v) = ([vector(1)], [vector(0.4)], [vector(1.5)])
    let right = mixedDerivative(at: w, along: v, of: bentGradient)[0].doubles[0]
    let exact = 1.5 * (2 * 1 + 1 * 1)
    expectClose(right, exact, absolute: isDoublePrecision ? 1e-3 : 5e-3)
    let wrong = mixedDerivative(at: unrolled, along: v, of: bentGradient)[0].doubles[0]
    #expect(abs(wrong - exact) > 1)
  }

  @Test func eqD1_6_negative_theProductOfTheWrongPrecedence() {
    // (p - n) / 2 * epsilon, and (p - n) / epsilon: both miss the fixed point of the toy problem.
    let toy = Toy(alpha: 2, w: -2)
    var values: [Double] = []
    _ = toy.gradient(0.1) { values.append(2 * toy.alpha - 2 * $0) }
    let (difference, epsilon) = (values[0] - values[1], 0.01 / toy.alpha)
    let outer = toy.unrolled(0.1) - 2
    #expect(abs(outer - 0.1 * difference / 2 * epsilon - -2.8) > 0.3)
    #expect(abs(outer - 0.1 * difference / epsilon - -2.8) > 0.3)
    expectClose(outer - 0.1 * difference / (2 * epsilon), -2.8, absolute: 1e-4)
  }

  @Test func eqD1_6_limit_withoutADirectionNoProduct() {
    let product = mixedDerivative(at: [vector(1)], along: [vector(0)], of: bentGradient)
    #expect(product[0].doubles == [0])
    expectClose(Toy(alpha: 2, w: -2).gradient(0), -4, absolute: 1e-6)
  }
}

/// DARTS, second order, on a supernet: D1-6.
@Suite("DARTS: second order on a supernet")
struct DARTSSecondOrderSupernetTests {
  private let network = NASBench201Supernet(
    .nasBench201, channels: 2, cellsPerStage: 1, classes: 10, seed: RandomGenerator(seed: 1))

  private func batch(_ seed: UInt64) -> Batch {
    BatchLoader(
      SyntheticImages.make(count: 8, seed: seed), batchSize: 8, generator: RandomGenerator(seed: 1)
    ).epoch(0)[0]
  }

  private func step(
    training: UInt64 = 2, rate: Double = 0.025, velocities: [Tensor] = [],
    weightDecay: Double = 5e-4
  ) -> ArchitectureStep<NASBench201Supernet> {
    let training = batch(training)
    var settings = SearchSettings(epochs: 2, batchSize: 8)
    settings.weightDecay = weightDecay
    var optimizer = SGD(learningRate: rate, momentum: 0.9, weightDecay: weightDecay)
    optimizer.velocities = velocities
    return ArchitectureStep(
      network: network, validation: batch(1), training: { training },
      relaxation: SoftmaxRelaxation(), moment: SearchMoment(of: 2), settings: settings,
      weightOptimizer: optimizer)
  }

  /// The rate of the weights falls from epoch to epoch, and that of the look-ahead with it.
  @Test func eqD1_5_theRateIsThatOfTheEpochNotOfTheFirst() {
    func gradient(_ method: SecondOrderDARTS) -> Tensor {
      method.architectureGradient(step(rate: 0.5)).gradients[0]
    }
    let ours = gradient(SecondOrderDARTS())
    #expect(ours == gradient(SecondOrderDARTS(unrolledRate: 0.5)))
    let first = gradient(SecondOrderDARTS(unrolledRate: step().settings.learningRate))
    #expect(largestDifference(ours, first) > 1e-4)
  }

  /// The loss that is reported is that at the unrolled weights, which tells where they are.
  @Test func eqD1_5_theLookAheadIsTheStepThatTheWeightsWouldTake() {
    let weights = network.parameters
    let (w, velocities) = (weights.map(\.value), weights.map { sample($0.value.shape, 5) })
    let step = step(velocities: velocities, weightDecay: 0.5)
    func lossAhead(momentum: Double, weightDecay: Double) -> Scalar {
      let gradient = lossAndGradients(
        of: network, step.training(), step.relaxation, differentiating: weights
      ).gradients
      let unrolled = unrolledWeights(
        w, gradient: gradient, rate: 0.1, velocities: velocities, momentum: momentum,
        weightDecay: weightDecay)
      for (weight, value) in zip(weights, unrolled) { weight.value = value }
      defer { for (weight, value) in zip(weights, w) { weight.value = value } }
      return lossAndGradients(of: network, step.validation, step.relaxation, differentiating: [])
        .loss
    }
    let loss = SecondOrderDARTS(unrolledRate: 0.1).architectureGradient(step).loss
    #expect(loss == lossAhead(momentum: 0.9, weightDecay: 0.5))
    #expect(abs(loss - lossAhead(momentum: 0.9, weightDecay: 0)) > 1e-3)
    #expect(abs(loss - lossAhead(momentum: 0, weightDecay: 0.5)) > 1e-3)
  }

  @Test func eqD1_6_everythingIsRestoredToTheLastBit() {
    let all = network.parameters + network.buffers + network.architectureParameters
    let before = all.map(\.value)
    let result = SecondOrderDARTS().architectureGradient(step())
    #expect(all.map(\.value) == before)
    #expect(result.gradients.map(\.shape) == [[6, 5]] && result.loss.isFinite)
  }

  @Test func eqD1_6_limit_withoutARateItIsTheFirstOrder() {
    let first = DARTS().architectureGradient(step())
    let second = SecondOrderDARTS(unrolledRate: 0).architectureGradient(step())
    #expect(first.loss == second.loss && first.correct == second.correct)
    expectClose(second.gradients[0], first.gradients[0], absolute: 1e-6)
  }

  @Test func eqD1_6_itLooksAtTheTrainingBatch() {
    let gradients = [2, 3].map {
      SecondOrderDARTS(unrolledRate: 0.5).architectureGradient(step(training: $0)).gradients[0]
    }
    #expect(largestDifference(gradients[0], gradients[1]) > 1e-4)
  }

  /// The slope of L_val(w'(alpha), alpha) itself, which no first-order gradient follows.
  ///
  /// It jumps wherever a ReLU switches, so that only steps too short for single precision show it.
  @Test(.enabled(if: isDoublePrecision))
  func eqD1_6_gradientOfTheUnrolledLoss() {
    network.alpha.value = sample([6, 5], 3)
    let (rate, weights) = (0.2, network.parameters)
    let step = step()
    let second = SecondOrderDARTS(unrolledRate: rate, distance: 1e-8)
      .architectureGradient(step).gradients[0]
    let first = DARTS().architectureGradient(step).gradients[0]
    let (alpha, w) = (network.alpha.value, weights.map(\.value))
    func unrolledLoss(_ alpha: Tensor) -> Double {
      network.alpha.value = alpha
      let gradient = lossAndGradients(
        of: network, step.training(), step.relaxation, differentiating: weights
      ).gradients
      let unrolled = unrolledWeights(w, gradient: gradient, rate: rate, weightDecay: 5e-4)
      for (weight, value) in zip(weights, unrolled) { weight.value = value }
      defer { for (weight, value) in zip(weights, w) { weight.value = value } }
      return Double(
        lossAndGradients(of: network, step.validation, step.relaxation, differentiating: []).loss)
    }
    let direction = sample([6, 5], 9)
    let length = direction.dot(direction).squareRoot()
    let distance = 1e-8
    let ends = [distance, -distance].map { step -> Double in
      var moved = alpha
      moved.add(direction, scaledBy: Scalar(step / length))
      return unrolledLoss(moved)
    }
    let slope = (ends[0] - ends[1]) / (2 * distance)
    let (right, wrong) = (second.dot(direction) / length, first.dot(direction) / length)
    expectClose(slope, right, absolute: 1e-5)
    #expect(abs(right - wrong) > 1e-3)
  }
}
