import SearchSpaces
import Tensors
import TestSupport
import Testing
import TopologicalSimplification

/// Nested weights where several choices of the method meet: TS-15 with TS-20.
@Suite("TopoNAS: nested weights of a second stage")
struct TopoNASNestedWeightsTests {
  @Test func eqTS15_independentWeightsOfASecondStageStartAsDerivedOnes() throws {
    let operation = SearchSpace.darts.cells[0].operations[0]
    /// The weights of all candidates at the start.
    func initialWeights(_ weights: NestedWeights) -> [Double] {
      let simplified = Simplifier(floating: .independentStages, weights: weights)
        .simplify(operation)
      let logits = Tensor(
        simplified.initialLogits.map { Scalar($0) },
        shape: [
          1, simplified.initialLogits.count,
        ])
      return nestedSoftmax(
        .constant(logits), simplified.candidateWeights.map { EdgeWeight(edge: 0, weight: $0) }
      ).value.doubles
    }
    let derived = initialWeights(.derived)
    // A candidate with two stages needs both: 1/8 and then 1/2.
    expectClose(derived, [1, 1, 1, 1, 0.5, 0.5, 1, 1].map { $0 / 8 })
    expectClose(initialWeights(.independent), derived)
  }
}
