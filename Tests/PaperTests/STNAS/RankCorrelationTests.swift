import SearchSpaces
import Tensors
import TestSupport
import Testing

@testable import SearchMethods

/// Kendall's tau and its interval, and the table of what was measured, by which a score under fewer samples can be told.
@Suite("ST-NAS: rankings")
struct STNASRankingTests {
  /// Numbers of which the second list agrees with the first as far as the noise lets it.
  private func pairs(_ count: Int, noise: Double, seed: UInt64 = 1) -> (a: [Double], b: [Double]) {
    var generator = RandomGenerator(seed: seed)
    let a = (0..<count).map { _ in Double(generator.normal()) }
    return (a, a.map { $0 + noise * Double(generator.normal()) })
  }

  // MARK: Kendall's tau

  /// Of the 6 pairs one is tied in b, 2 agree, and 3 do not.
  @Test func `tau-b counts ties of either list`() {
    let tau = rankCorrelation([1, 2, 3, 4], [2, 2, 3, 1])
    expectClose(tau, -1 / 30.0.squareRoot(), absolute: 1e-12)
    #expect(rankCorrelation([1, 1, 1], [1, 2, 3]) == 0)
    #expect(rankCorrelation([1, 2, 3], [3, 2, 1]) == -1)
  }

  @Test func `a list agrees with itself in every draw`() {
    let found = RankCorrelation([3, 1, 4, 1.5, 9, 2.6], [3, 1, 4, 1.5, 9, 2.6])
    #expect(found.tau == 1 && found.lower == 1 && found.upper == 1)
  }

  @Test func `the interval holds what is between its ends, and depends on the seed alone`() {
    let (a, b) = pairs(40, noise: 1)
    let found = RankCorrelation(a, b)
    #expect(found.tau == rankCorrelation(a, b))
    #expect(found.lower < found.tau && found.tau < found.upper)
    #expect(found == RankCorrelation(a, b, seed: 1) && found != RankCorrelation(a, b, seed: 2))
    let narrow = RankCorrelation(a, b, confidence: 0.5)
    #expect(found.lower < narrow.lower && narrow.upper < found.upper)
  }

  @Test func `the interval of many items is narrower`() {
    let widths = [20, 80].map { count in
      let (a, b) = pairs(count, noise: 1)
      let found = RankCorrelation(a, b, draws: 500)
      return found.upper - found.lower
    }
    // As 1 / sqrt(count) for large counts.
    #expect((0.3...0.75).contains(widths[1] / widths[0]), "\(widths)")
  }

  /// Of 60 pairs of lists that have nothing to do with each other, about 3 intervals of 95 % miss tau = 0.
  @Test func `the interval covers tau as often as it says`() {
    let misses = (0..<60).count { trial in
      let (a, b) = (
        pairs(30, noise: 0, seed: UInt64(2 * trial)).a,
        pairs(30, noise: 0, seed: UInt64(2 * trial + 1)).a
      )
      let found = RankCorrelation(a, b, draws: 200)
      return found.lower > 0 || found.upper < 0
    }
    #expect((0...9).contains(misses), "\(misses)")
  }

  /// Drawing both lists apart would tear the pairs asunder, and the interval would lie around 0.
  @Test func `negative: an item keeps both of its numbers`() {
    let (a, b) = pairs(40, noise: 0.2)
    let found = RankCorrelation(a, b)
    var generator = RandomGenerator(seed: 1)
    func drawn(_ x: [Double]) -> [Double] { x.map { _ in x[generator.integer(below: x.count)] } }
    let apart = (0..<50).map { _ in rankCorrelation(drawn(a), drawn(b)) }
    #expect(found.lower > 0.5 && apart.allSatisfy { $0 < found.lower })
  }

  // MARK: The table

  private let two = [
    ScoredArchitecture(
      unit: 4, genotype: "Genotype(stages=['01', '10'])",
      cost: NetworkCost(macs: 12_345, parameters: 67), accuracies: [0.5, 0.25, 0.75]),
    ScoredArchitecture(
      unit: 5, genotype: "a \"quoted\", text", cost: NetworkCost(macs: 1, parameters: 0),
      accuracies: [1.0 / 3, 0, 1]),
  ]

  private func text(_ architectures: [ScoredArchitecture]) -> String {
    let record = ScoredArchitecture.record(
      architectures, samples: architectures[0].samples, total: architectures.count)
    return ([record.columns] + record.rows).map { $0.joined(separator: ",") + "\n" }.joined()
  }

  @Test func `a table is read as it was written`() throws {
    #expect(text(two).hasPrefix("epoch,macs,parameters,accuracy1,accuracy2,accuracy3,genotype\n4,"))
    #expect(try ScoredArchitecture.table(text(two)) == two)
    #expect(try ScoredArchitecture.table(text(two).replacing("\n", with: "\r\n")) == two)
  }

  @Test func `a score by fewer samples is the mean of the first ones`() {
    #expect(two[0].score == 0.5 && two[0].samples == 3)
    #expect((1...3).map { two[0].score(samples: $0) } == [0.5, 0.375, 0.5])
  }

  @Test(arguments: [
    ("", 1), ("epoch,macs,parameters,genotype\n", 1),
    ("epoch,macs,parameters,accuracy2,genotype", 1),
    ("1,2,3,0.5,\"x\"", 1),
  ]) func `a text without its head is no table`(_ text: String, _ line: Int) {
    #expect(throws: ScoredArchitecture.TableError.self) { try ScoredArchitecture.table(text) }
  }

  @Test(arguments: [
    "1,2,3,0.5", "1,2,3,1.5,x", "1,2,3,-0.1,x", "1,2,3,nan,x", "1,2,x,0.5,x", "0,2,3,0.5,x",
    "1,-2,3,0.5,x", "1,2,3,0.5,x,y", "1,2,3,0.5,\"x",
  ]) func `a damaged row is told by its line`(_ row: String) {
    let text = "epoch,macs,parameters,accuracy1,genotype\n1,2,3,0.5,x\n\(row)\n"
    do {
      _ = try ScoredArchitecture.table(text)
      Issue.record("it was read")
    } catch { #expect(error.line == 3) }
  }
}
