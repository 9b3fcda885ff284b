import SearchMethods
import TestSupport
import Testing

/// The weight of the penalty over the epochs: B-6, B-16.
@Suite("GOLD-NAS: schedule of the penalty")
struct GOLDNASPenaltyScheduleTests {
  private let golden: GoldenCase
  init() throws { golden = try GoldenFile("methods-golden")["gold-lambda"] }

  private func schedule() throws -> PenaltySchedule {
    PenaltySchedule(
      start: try golden.scalar("lambda0"), growth: try golden.scalar("c0"),
      enough: try golden.integer("n0"))
  }

  @Test func eqB6_golden() throws {
    var schedule = try schedule()
    #expect(schedule == PenaltySchedule(), "the published numbers")
    var (weights, increments): ([Double], [Double]) = ([], [])
    for pruned in try golden.vector("pruned") {
      schedule.endEpoch(pruned: Int(pruned))
      weights.append(schedule.weight)
      increments.append(schedule.increment)
    }
    expectClose(weights, try golden.vector("lambda"), absolute: 1e-15, relative: 1e-12)
    expectClose(increments, try golden.vector("step"), absolute: 1e-15, relative: 1e-12)
  }

  @Test func eqB6_invariant_itFallsOnlyWhereEnoughGatesLeave() {
    var schedule = PenaltySchedule()
    for pruned in [0, 3, 4, 1, 9, 3, 4, 0] {
      let before = schedule
      schedule.endEpoch(pruned: pruned)
      #expect((schedule.weight < before.weight) == (pruned >= 4))
      #expect((schedule.increment > before.increment) == (pruned < 4))
      #expect(schedule.weight >= 0)
    }
  }

  @Test func eqB6_limit_whileEnoughLeaveFromTheStartItStaysZero() {
    var schedule = PenaltySchedule()
    schedule.endEpoch(pruned: 4)
    #expect(schedule.weight == 0 && schedule.increment == 1e-5)
  }

  /// Dividing lambda before the comparison divides it in quiet epochs too.
  @Test func eqB6_negative_lambdaIsNotDividedBeforeTheComparison() throws {
    var (weight, increment) = (0.0, 1e-5)
    let wrong = try golden.vector("pruned").map { pruned in
      weight /= 2
      if pruned >= 4 {
        increment = 1e-5
      } else {
        increment *= 2
        weight += increment
      }
      return weight
    }
    let right = try golden.vector("lambda")
    #expect(wrong[0] == right[0])
    #expect(zip(wrong.dropFirst(), right.dropFirst()).allSatisfy { $0 < 0.9 * $1 })
  }

  @Test func eqB6_negative_theIncrementGrowsBeforeItIsAdded() throws {
    var schedule = try schedule()
    schedule.endEpoch(pruned: 0)
    #expect(schedule.weight == 2e-5, "not 1e-5")
  }

  @Test func eqB16_theFirstEpochHasNoPenaltyAndQuietOnesAddAGeometricSum() throws {
    var schedule = try schedule()
    #expect(schedule.weight == 0)
    for epoch in 1...8 {
      schedule.endEpoch(pruned: 0)
      let sum = (1...epoch).reduce(0.0) { sum, power in
        sum + (0..<power).reduce(1.0) { product, _ in 2 * product }
      }
      expectClose(schedule.weight, 1e-5 * sum, absolute: 0, relative: 1e-12)
    }
  }

  @Test func eqB16_negative_theFirstEpochIsNotPenalizedByLambda0() {
    #expect(PenaltySchedule(start: 0.5).weight == 0)
  }
}
