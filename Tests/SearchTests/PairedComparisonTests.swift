import Tensors
import Testing

@testable import Runs

/// The test of paired differences, and what a study compares by it.
@Suite("Paired comparisons of a study")
struct PairedComparisonTests {
  @Test(arguments: [
    ([1.0, 2, 3, 4], 0.125), ([-1.0, -2, -3, -4], 0.125), ([3.0, -1, 2], 0.5), ([1.0, -1], 1.0),
    ([0.7], 1.0), ([0.0, 0, 0], 1.0), ([1.0, 1, 1, 1, 1, 1], 0.03125), ([0.1, 0.2, -0.3], 1.0),
  ])
  func `p counts the signs whose sum is as far from 0`(_ differences: [Double], _ p: Double) {
    #expect(signFlipTest(differences) == p)
  }

  /// The definition, sign by sign, with no bits and no drawing.
  private func plainTwin(_ differences: [Double]) -> Double {
    let sums = differences.reduce([0.0]) { sums, next in sums.flatMap { [$0 + next, $0 - next] } }
    let observed = abs(differences.reduce(0, +)) - 1e-9
    return Double(sums.count { abs($0) >= observed }) / Double(sums.count)
  }

  @Test func `it is the definition, drawn where there are too many signs`() {
    var generator = RandomGenerator(seed: 5)
    for count in [2, 5, 9, 14] {
      let differences = (0..<count).map { _ in Double(generator.uniform()) - 0.4 }
      #expect(signFlipTest(differences) == plainTwin(differences))
    }
    for shift in [0.35, 0.5] {
      let many = (0..<16).map { _ in Double(generator.uniform()) - shift }
      #expect(abs(signFlipTest(many) - plainTwin(many)) < 0.02, "drawn")
      #expect(signFlipTest(many) == signFlipTest(many), "the same draws")
    }
  }

  @Test func `neither the unit, nor the side, nor the order of the pairs matters`() {
    let differences = [0.31, -0.12, 0.55, 0.08, -0.02, 0.4]
    let p = signFlipTest(differences)
    #expect(signFlipTest(differences.map { 100 * $0 }) == p)
    #expect(signFlipTest(differences.map(-)) == p)
    #expect(signFlipTest(differences.reversed()) == p)
    #expect(p >= PairedComparison.leastPValue(pairs: 6))
    #expect(PairedComparison.leastPValue(pairs: 6) == signFlipTest([1, 1, 1, 1, 1, 1]))
    #expect(PairedComparison.leastPValue(pairs: 1) == 1)
    let drawn = 16_383.0
    #expect(
      PairedComparison.leastPValue(pairs: 20) == 1 / (drawn + 1), "the observed signs count too")
    #expect(signFlipTest([Double](repeating: 1, count: 20)) < 0.001)
  }

  /// What a p-value is for: where nothing differs, p <= 0.05 in at most one of twenty studies.
  @Test func `chance alone seldom looks like a result`() {
    var generator = RandomGenerator(seed: 7)
    let studies = (0..<2000).map { _ in
      signFlipTest((0..<6).map { _ in Double(generator.uniform()) - 0.5 })
    }
    let rare = studies.count { $0 <= 0.05 }
    #expect(20...110 ~= rare, "expected about 62 of 2,000, found \(rare)")
  }

  /// Taking one side alone halves p; forgetting who belongs to whom drowns a difference in the spread of the seeds.
  @Test func `the tempting wrong tests give other numbers`() {
    let plain = [50.0, 60, 70, 80]
    let other = [51.0, 62, 71, 82]
    let differences = zip(other, plain).map { $0 - $1 }
    #expect(signFlipTest(differences) == 0.125)
    let sums = (0..<16).map { signs in
      differences.enumerated().reduce(0) {
        $0 + (signs >> $1.offset & 1 == 0 ? 1 : -1) * $1.element
      }
    }
    let oneSided = Double(sums.count { $0 >= 6 }) / 16
    #expect(oneSided == 0.0625)
    let all = plain + other
    let halves = (0..<256).filter { $0.nonzeroBitCount == 4 }
    let gaps = halves.map { half in
      all.indices.reduce(0) { $0 + (half >> $1 & 1 == 1 ? all[$1] : -all[$1]) }
    }
    let unpaired = Double(gaps.count { abs($0) >= 6 }) / Double(halves.count)
    #expect(unpaired > 0.7)
  }
}
