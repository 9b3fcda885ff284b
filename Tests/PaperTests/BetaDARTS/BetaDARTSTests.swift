import Autodiff
import Datasets
import NeuralNetworks
import SearchSpaces
import Tensors
import TestSupport
import Testing
import TopologicalSimplification

@testable import SearchMethods

/// beta-DARTS: D4-1 to D4-3, and TS-30 on the simplified space.
@Suite("beta-DARTS")
struct BetaDARTSTests {
  private let golden: GoldenCase
  init() throws { golden = try GoldenFile("methods-golden")["beta-decay"] }

  @Test func eqD4_1_golden() throws {
    let alpha = try golden.tensor("alpha")
    expectClose(
      Double(betaDecay([.constant(alpha)]).item), try golden.scalar("loss"),
      absolute: golden.relativeTolerance)
    // The mean is over all edges, whatever cell they are in.
    let rows = (0..<2).map { alpha.reshaped(to: [6]).scalars[3 * $0..<3 * $0 + 3] }
      .map { Variable.constant(Tensor(Array($0), shape: [1, 3])) }
    expectClose(Double(betaDecay(rows).item), try golden.scalar("loss"))
  }

  @Test func eqD4_1_gradient() {
    expectGradients(at: [sample([6, 5], 1), sample([2, 3], 2)]) { betaDecay($0) }
  }

  @Test func eqD4_1_limit_itIsTheLargestLogitWhereOneLeads() {
    expectClose(betaDecay([.constant(Tensor([0, 50, 3], shape: [1, 3]))]).item, 50)
  }

  @Test func eqD4_2_golden() throws {
    try expectGolden(betaDecayGradient([golden.tensor("alpha")])[0], golden, "gradAlpha")
  }

  @Test func eqD4_2_itIsTheGradientOfTheDecay() {
    let logits = [sample([6, 5], 1), sample([4, 8], 2)]
    let tape = Tape()
    let variables = logits.map { tape.variable($0) }
    let gradients = tape.gradients(of: betaDecay(variables), withRespectTo: variables)
    expectClose(betaDecayGradient(logits), gradients, absolute: 1e-6)
    let counts = logits.map { Array(repeating: $0.shape[1], count: $0.shape[0]) }
    expectClose(betaDecayGradient(logits, counts: counts), gradients, absolute: 1e-6)
  }

  @Test func eqD4_2_limit_columnsBehindTheLogitsOfAnEdgeHaveNoPart() {
    let wide = Tensor([0.1, 0.4, 9, 0.3, 0.2, 0.5], shape: [2, 3])
    let gradient = betaDecayGradient([wide], counts: [[2, 3]])[0]
    let own = betaDecayGradient([Tensor([0.1, 0.4], shape: [1, 2])])[0].scalars.map { $0 / 2 }
    expectClose(Tensor(Array(gradient.scalars[0..<2]), shape: [2]), Tensor(own, shape: [2]))
    #expect(gradient[2] == 0 && gradient.scalars[3...].allSatisfy { $0 > 0 })
    // Where nested sums have logits of their own, the edges of a reduction cell have different numbers.
    let network = DARTSSupernet(
      Simplifier(grouping: Grouping(joinsPools: true), weights: .independent).simplify(.darts),
      channels: 2, layers: 3, classes: 10, seed: RandomGenerator(seed: 1))
    #expect(Set(network.space.logitCounts[1]).count == 2)
    #expect(network.space.logitCounts.map { $0.max() } == network.alphas.map { $0.value.shape[1] })
  }

  @Test func eqD4_2_invariant_itsSumIsOneAndTheLargestFallsMost() {
    let logits = sample([6, 5], 1)
    let gradient = betaDecayGradient([logits])[0]
    expectClose(gradient.total(), 1, absolute: 1e-5)
    for edge in 0..<6 {
      let row = edge * 5..<edge * 5 + 5
      #expect(argMax(Array(gradient.scalars[row])) == argMax(Array(logits.scalars[row])))
      #expect(gradient.scalars[row].allSatisfy { $0 > 0 })
    }
  }

  @Test func eqD4_2_negative_weightDecayIsAnother() {
    // Weight decay pulls negative logits up; the beta decay pushes all down.
    let logits = Tensor([-1, 1], shape: [1, 2])
    #expect(betaDecayGradient([logits])[0][0] > 0 && logits[0] < 0)
  }

  @Test func eqD4_3_theWeightGrowsByHalfAnEpoch() {
    let weights = (0..<100).map { betaDecayWeight(epoch: $0, of: 100, maximum: 50) }
    expectClose(weights, (0..<100).map { 0.5 * Double($0) })
  }

  private static let plain = SearchSpace.nasBench201
  private static let spaces = [plain, Simplifier().simplify(plain)]

  /// The gradient of a step of alpha in an epoch, and that of DARTS.
  private func gradients(_ space: SearchSpace, epoch: Int) -> (beta: Tensor, darts: Tensor, Tensor)
  {
    let network = NASBench201Supernet(
      space, channels: 2, cellsPerStage: 1, classes: 10, seed: RandomGenerator(seed: 1))
    network.alpha.value = sample([6, 5], 3)
    let batch = BatchLoader(
      SyntheticImages.make(count: 8, seed: 1), batchSize: 8, generator: RandomGenerator(seed: 1)
    ).epoch(0)[0]
    let step = ArchitectureStep(
      network: network, validation: batch, training: { batch }, relaxation: SoftmaxRelaxation(),
      moment: SearchMoment(epoch: epoch, of: 10),
      settings: SearchSettings(epochs: 10, batchSize: 8),
      weightOptimizer: SGD(learningRate: 0.1))
    return (
      BetaDARTS().architectureGradient(step).gradients[0],
      DARTS().architectureGradient(step).gradients[0], network.alpha.value
    )
  }

  @Test(arguments: spaces.indices)
  func eqD4_3_theDecayIsAddedToTheGradientOfTheLoss(_ space: Int) {
    let (beta, darts, alpha) = gradients(Self.spaces[space], epoch: 4)
    expectClose(beta, darts + 20 * betaDecayGradient([alpha])[0], absolute: 1e-5)
  }

  @Test(arguments: spaces.indices)
  func eqTS30_limit_inTheFirstEpochItIsDARTS(_ space: Int) {
    let (beta, darts, _) = gradients(Self.spaces[space], epoch: 0)
    #expect(beta == darts)
  }

  @Test func eqTS30_theDecayIsThatOfTheFlatLogitsOnBothSpaces() {
    let decays = Self.spaces.map { space in
      let (beta, darts, _) = gradients(space, epoch: 9)
      return beta - darts
    }
    expectClose(decays[0], decays[1], absolute: 1e-5)
    #expect(decays[0].dot(decays[0]) > 1)
  }
}
