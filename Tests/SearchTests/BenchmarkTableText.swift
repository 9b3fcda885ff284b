import Foundation
import SearchSpaces
import Testing

/// A whole table of NAS-Bench-201 with made-up accuracies.
enum BenchmarkTableText {
  /// The test accuracy of the cell at a place among all, a share.
  static func test(_ ordinal: Int) -> Double { Double(10 + 7 * ordinal % 83) / 100 }

  static let text =
    "arch_str,cifar10_valid,cifar10_test\n"
    + (0..<NASBench201Genotype.count).map { ordinal in
      "\(NASBench201Genotype(ordinal: ordinal)),5,\(10 + 7 * ordinal % 83)\n"
    }.joined()
}

/// A JSON object as Foundation reads it.
func jsonObject(_ text: String) throws -> [String: Any] {
  try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
}
