import SearchSpaces
import Testing

/// Whole numbers of any size.
@Suite("Exact counts")
struct ExactCountTests {
  @Test func `small numbers are those of the machine`() {
    for a in [0, 1, 7, 999_999_999, 1_000_000_000, 3_000_000_001] as [UInt64] {
      #expect("\(ExactCount(a))" == "\(a)")
      for b in [0, 1, 12, 1_000_000_000, 4_294_967_295] as [UInt64] {
        #expect("\(ExactCount(a) * b)" == "\(a * b)")
        #expect("\(ExactCount(a) * ExactCount(b))" == "\(a * b)")
        #expect("\(ExactCount(a) + ExactCount(b))" == "\(a + b)")
      }
    }
    #expect("\(ExactCount(.max))" == "18446744073709551615")
  }

  @Test func `powers of two beyond the machine's numbers`() {
    let power = (0..<128).reduce(ExactCount(1)) { count, _ in count * 2 }
    #expect("\(power)" == "340282366920938463463374607431768211456")
    #expect("\(ExactCount(.max) * UInt64.max)" == "340282366920938463426481119284349108225")
    #expect(ExactCount(.max) * UInt64.max == ExactCount(.max) * ExactCount(.max))
  }

  @Test func `a difference undoes a sum`() {
    let numbers = [ExactCount(0), ExactCount(1), ExactCount(999_999_999), ExactCount(.max)]
      .flatMap { [$0, $0 * 1_000_000_000, $0 * ExactCount(.max)] }
    for a in numbers {
      #expect(a - a == ExactCount(0) && a - ExactCount(0) == a)
      for b in numbers { #expect(a + b - b == a) }
    }
    #expect("\(ExactCount(1_000_000_000) * 1_000_000_000 - ExactCount(1))" == "999999999999999999")
  }

  @Test func `inner zeros are written`() {
    #expect("\(ExactCount(1_000_000_000) * 1_000_000_000)" == "1000000000000000000")
    #expect(ExactCount(1 << 40) * ExactCount(0) == ExactCount(0))
  }
}
