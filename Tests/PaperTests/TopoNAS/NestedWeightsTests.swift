import Autodiff
import NeuralNetworks
import SearchMethods
import SearchSpaces
import Tensors
import TestSupport
import Testing
import TopologicalSimplification

/// The parameterization of nested weights, TS-15 N2, on both spaces.
@Suite("TopoNAS: independent nested weights")
struct TopoNASNestedWeightsTests {
  private let golden: GoldenFile
  private let simplified = Simplifier().simplify(SearchSpace.darts.cells[0].operations[0])
  init() throws { golden = try GoldenFile("worked-examples") }

  private func candidateWeights(_ operation: MixedOperation, _ logits: [Double]) -> [Double] {
    nestedSoftmax(
      .constant(Tensor(vector: logits).reshaped(to: [1, logits.count])),
      operation.candidateWeights.map { EdgeWeight(edge: 0, weight: $0) }
    ).value.doubles
  }

  @Test func eqTS15_independentLogitsStartAtTheBaselines() throws {
    let operation = withIndependentWeights(simplified)
    let weights = candidateWeights(operation, operation.initialLogits)
    let test = try golden["initial-weights"]
    expectClose(Array(weights[..<4]), Array(repeating: try test.scalar("n2LogOther"), count: 4))
    expectClose(Array(weights[4...]), Array(repeating: try test.scalar("n2LogGrouped"), count: 4))
    expectClose(
      operation.initialLogits.max() ?? 0, try test.scalar("outerGroupLogit"), "log of the group")
  }

  @Test func eqTS15_negative_zeroLogitsFavorWhatIsNotGrouped() throws {
    let operation = withIndependentWeights(simplified, balanced: false)
    let weights = candidateWeights(operation, operation.initialLogits)
    let test = try golden["initial-weights"]
    expectClose(Array(weights[..<4]), Array(repeating: try test.scalar("n2ZeroOther"), count: 4))
    expectClose(Array(weights[4...]), Array(repeating: try test.scalar("n2ZeroGrouped"), count: 4))
  }

  @Test func eqTS15_invariant_theCandidatesSumToOne() {
    let operation = withIndependentWeights(simplified)
    let logits = sample([1, operation.initialLogits.count], 5).doubles
    expectClose(candidateWeights(operation, logits).reduce(0, +), 1)
  }

  /// Five summands, then the group's two branches, then each pair; the stages share theirs.
  @Test func eqTS15_everySumHasLogitsOfItsOwn() {
    let operation = withIndependentWeights(simplified)
    #expect(operation.initialLogits.count == 5 + 2 + 2 + 2)
    #expect(operation.candidateWeights.map(\.shares.count) == [1, 1, 1, 1, 3, 3, 3, 3])
    let nb201 = withIndependentWeights(
      Simplifier().simplify(SearchSpace.nasBench201.cells[0].operations[0]))
    #expect(nb201.initialLogits.count == 4 + 2)
  }

  @Test func eqTS15_theNetworkRunsOnEitherParameterization() {
    let x = sample([2, 8, 8, 16])
    func output(_ operation: MixedOperation) -> Tensor {
      let network = PathNetwork(
        operation.path, channels: 16, name: "e", seed: RandomGenerator(seed: 1))
      let logits = Tensor(vector: operation.initialLogits)
      let weights = RelaxedArchitecture(
        logits: .constant(logits.reshaped(to: [1, logits.shape.count])),
        relaxation: SoftmaxRelaxation())
      return network(.constant(x), weights, in: ForwardPass(.training)).value
    }
    // Both give every candidate 1 / 8 at the start, so they are the same function there.
    expectClose(output(withIndependentWeights(simplified)), output(simplified), absolute: 1e-4)
  }

  /// With FMS-C the second stage has a sum of its own.
  @Test func eqTS15_aSecondStageStartsAsWithDerivedWeights() {
    func initial(_ weights: NestedWeights) -> [Double] {
      let operation = Simplifier(floating: .independentStages, weights: weights)
        .simplify(SearchSpace.darts.cells[0].operations[0])
      return candidateWeights(operation, operation.initialLogits)
    }
    // A candidate with two stages needs both shares: 1 / 8 and then 1 / 2.
    expectClose(initial(.derived), [1, 1, 1, 1, 0.5, 0.5, 1, 1].map { $0 / 8 })
    expectClose(initial(.independent), initial(.derived))
  }

  @Test func eqTS15_twoSumsOverTheSameOperationsAreRefused() async {
    await #expect(processExitsWith: .failure) {
      _ = Simplifier(floating: .block, weights: .independent)
        .simplify(SearchSpace.darts.cells[0].operations[0])
    }
  }
}
