import Autodiff
import SearchMethods
import SearchSpaces
import Tensors
import Testing
import TopologicalSimplification

// A method inside of the bilevel search says how logits become weights, and how they move.

/// A softmax that cools from epoch to epoch, over logits that are pulled to 0.
private struct Cooling: SearchMethod {
  var description: String { "cooling, from 2 to 0.5" }

  func relaxation(
    for pass: SearchPass, at moment: SearchMoment, parameters: [Shape]
  ) -> any Relaxation {
    CooledSoftmax(
      temperature: 2 - 1.5 * Scalar(moment.epoch) / Scalar(max(1, moment.epochs - 1)))
  }

  func architectureGradient(_ step: ArchitectureStep<some Supernet>) -> BatchResult {
    let result = firstOrderArchitectureGradient(
      of: step.network, validation: step.validation, step.relaxation)
    return BatchResult(
      loss: result.loss, correct: result.correct,
      gradients: zip(result.gradients, step.network.architectureParameters).map {
        $0 + 0.1 * $1.value
      })
  }
}

private struct CooledSoftmax: Relaxation {
  let temperature: Scalar

  func values(of weights: [EdgeWeight], logits: Variable) -> Variable {
    nestedSoftmax((1 / temperature) * logits, weights)
  }
}

@Suite("A search method of one's own")
struct SearchMethodTests {
  @Test(arguments: [nil, Simplifier()])
  func `it searches, is resumed and reported, plain and simplified`(_ simplifier: Simplifier?)
    throws
  {
    let trial = try tried(.nasBench201, simplifiedBy: simplifier, Cooling())
    let darts = try tried(.nasBench201, simplifiedBy: simplifier)
    #expect(trial.search.network.alphas[0].value != darts.search.network.alphas[0].value)
    #expect(trial.page.contains("train acc"))
  }
}
