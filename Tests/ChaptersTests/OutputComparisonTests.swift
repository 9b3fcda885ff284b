import Chapters
import Testing

/// Which outputs agree.
@Suite("Output comparison")
struct OutputComparisonTests {
  @Test(
    arguments: [
      ("a  b", "a b"), ("x\n\n", "x"), ("0.123", "0.124"), ("loss 1.2500", "loss 1.2501"),
      ("-0.00", "0.00"), ("[1.00, 2.00]", "[1.01, 2.00]"), ("1e-5", "1.5e-5"),
      ("12345.678", "12346.1"), ("~ 3 s", "~ 9.5 s and more"), ("~ any", "44 ms"),
      ("share .5 of", "share .5 of"), ("conv3x3", "conv3x3"), ("25.0 %", "25.1 %"),
      ("d=\"M12.5 80.1L13.0 79.8\"", "d=\"M12.4 80.1L13.1 79.8\""),
    ])
  func `agree`(_ expected: String, _ printed: String) {
    #expect(OutputComparison.agree(expected, printed))
  }

  @Test(
    arguments: [
      ("a", "b"), ("1", "2"), ("1,234", "1,235"), ("0.123", "0.125"), ("conv3x3", "conv5x5"),
      ("x", "x\ny"), ("2", "2.0"), ("1.5 s", "1.5 ms"), ("-1.0", "1.0"), ("nan", "0.0"),
      ("1.0", "nan"), ("a b", "ab"), ("1e-5", "1e-3"), ("", "x"), ("12 345", "12 346"),
      ("v2.1", "v2.2"), ("12345.678", "12349.1"),
      ("M12.5 80.1L13.0 79.8", "M12.5 80.1L13.5 79.8"), ("L2", "L3"), ("XL1.5", "XL1.6"),
    ])
  func `disagree`(_ expected: String, _ printed: String) {
    #expect(!OutputComparison.agree(expected, printed))
  }
}
