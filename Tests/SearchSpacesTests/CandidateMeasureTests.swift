import Autodiff
import SearchSpaces
import Tensors
import TestSupport
import Testing

/// Shares under another measure than that of the softmax.
@Suite("Candidate measures")
struct CandidateMeasureTests {
  /// Gates: m(S) = sum over S of sigma(a_i), and all candidates together need not weigh 1.
  private struct Gates: CandidateMeasure {
    let isNormalized: Bool
    func logMeasure(_ logits: Variable, groups: [[Int]]) -> Variable {
      // log sigma(a) = a - log(exp 0 + exp a); the sum over a group is a log-sum-exp of those.
      let zeros = Variable.constant(.zeros(logits.shape))
      let both = concatenateChannels([logits, zeros])
      let (columns, count) = (logits.shape[1], logits.shape.count)
      let pairs = (0..<count).map { index in
        let first = index / columns * 2 * columns + index % columns
        return [first, first + columns]
      }
      let flat = gather(logits, Array(0..<count))
      return logSumExp(flat - logSumExp(both, groups: pairs), groups: groups)
    }
  }

  private let logits = sample([2, 4], 1)
  private func weight(_ edge: Int, _ members: [Int], within: [Int]) -> EdgeWeight {
    EdgeWeight(edge: edge, weight: ArchitectureWeight(members, within: within))
  }
  private func shares(_ weights: [EdgeWeight], normalized: Bool = true) -> [Double] {
    exp(logNestedShares(.constant(logits), weights, Gates(isNormalized: normalized))).value.doubles
  }
  private func gate(_ edge: Int, _ candidate: Int) -> Double {
    1 / (1 + Double(Elementary.exp(-logits[4 * edge + candidate])))
  }

  @Test func eqTS13_sharesOfGates() {
    let found = shares([weight(1, [0, 2], within: [0, 1, 2, 3])])
    let total = (0..<4).reduce(0) { $0 + gate(1, $1) }
    expectClose(found, [(gate(1, 0) + gate(1, 2)) / total])
  }

  @Test func eqTS16_productsTelescopeUnderAnyMeasure() {
    let all = [0, 1, 2, 3]
    let found = shares([
      weight(0, [1, 2], within: all), weight(0, [2], within: [1, 2]), weight(0, [2], within: all),
    ])
    expectClose([found[0] * found[1]], [found[2]])
  }

  @Test func eqTS13_withoutNormalizationTheOutermostWholeIsNotDividedBy() {
    let all = [0, 1, 2, 3]
    let found = shares(
      [weight(0, [3], within: all), weight(0, [1, 2], within: all)], normalized: false)
    expectClose(found, [gate(0, 3), gate(0, 1) + gate(0, 2)])
    // The tempting wrong way: the sum of all weights is not 1.
    let sum = shares(all.map { weight(0, [$0], within: all) }, normalized: false).reduce(0, +)
    #expect(abs(sum - 1) > 0.1)
  }

  /// A sum within a group is evaluated by itself: its weights must complete that of the group.
  @Test func eqTS16_withoutNormalizationAGroupsWeightTimesAnInnerOneIsTheGate() {
    let all = [0, 1, 2, 3]
    let outer = shares([weight(0, [1, 2], within: all)], normalized: false)
    let inner = shares(
      [weight(0, [1], within: [1, 2]), weight(0, [2], within: [1, 2])], normalized: false)
    expectClose(inner.map { outer[0] * $0 }, [gate(0, 1), gate(0, 2)])
    expectClose(inner[0] + inner[1], 1)
  }

  @Test func eqTS13_withoutNormalizationAWeightOfOneStaysOne() {
    let one = EdgeWeight(edge: 0, weight: .one)
    let found = shares([one, weight(0, [3], within: [0, 1, 2, 3])], normalized: false)
    expectClose(found, [1, gate(0, 3)])
  }

  @Test func eqTS13_gradientOfSharesOfGates() {
    let all = [0, 1, 2, 3]
    let weights = [weight(0, [1, 2], within: all), weight(1, [0], within: [0, 3])]
    for normalized in [true, false] {
      expectGradients(at: [logits]) {
        exp(logNestedShares($0[0], weights, Gates(isNormalized: normalized)))
      }
    }
  }

  @Test func eqTS13_limit_theSoftmaxIsOneOfThem() {
    let weights = [weight(0, [1, 2], within: [0, 1, 2, 3]), weight(1, [3], within: [1, 3])]
    let measured = exp(logNestedShares(.constant(logits), weights, SoftmaxMeasure())).value
    #expect(measured == nestedSoftmax(.constant(logits), weights).value)
  }
}
