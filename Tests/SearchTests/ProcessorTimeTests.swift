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

  /// The C library has another clock of the same, in millionths of a second.
  @Test func `it is that of the whole process, in seconds`() {
    let before = Double(clock()) / 1e6
    let seconds = processorSeconds()
    let after = Double(clock()) / 1e6
    #expect(before - 0.01...after + 0.01 ~= seconds, "\(before), \(seconds), \(after)")
  }
}
