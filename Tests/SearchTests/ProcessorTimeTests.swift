import Benchmarks
import Foundation
import Testing

/// The time that processors work for a process.
@Suite("Processor time")
struct ProcessorTimeTests {
  @Test func `it grows with work`() {
    let start = processorSeconds()
    var (sum, rounds) = (0.0, 0)
    while processorSeconds() - start < 0.01, rounds < 1_000_000_000 {
      sum += Double(rounds).squareRoot()
      rounds += 1
    }
    #expect(processorSeconds() - start >= 0.01 && sum > 0)
  }
}
