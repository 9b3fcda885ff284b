import Foundation
import SearchSpaces
import SystemErrors

extension NASBench201Table {
  /// Reads a table from a file.
  init(file: String) throws(NASBench201TableError) {
    let text: String
    do { text = try String(contentsOfFile: file, encoding: .utf8) } catch {
      throw NASBench201TableError(
        file: file, problem: .unreadable(reason: error.reason))
    }
    try self.init(parsing: text, file: file)
  }

  /// What the table says of a cell, in words: `cifar10_test 94.37 % (rank 1)`.
  func text(of genotype: NASBench201Genotype) -> String {
    let all = measurements(of: genotype)
    return columns.compactMap { name in
      all[name].map { "\(name) \(decimals(100 * $0.accuracy, 2)) % (rank \(grouped($0.rank)))" }
    }.joined(separator: ", ") + " of \(grouped(NASBench201Genotype.count)) cells"
  }
}
