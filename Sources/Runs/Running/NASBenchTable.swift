import Datasets
import Files
import Reports
import SearchSpaces

extension NASBench201Table {
  /// The most bytes of a table, 256 MiB.
  private static let byteLimit = 1 << 28

  /// Reads a table from a file or a pipe.
  package init(file: String) throws(NASBench201TableError) {
    let text: String
    do { text = try InputFile(named: file).text(limit: Self.byteLimit) } catch {
      let kind = FileKind(ofFile: file).map { ", found \($0.words)" } ?? ""
      throw NASBench201TableError(file: file, problem: .unreadable(reason: "\(error)\(kind)"))
    }
    do throws(NASBench201TableError) { try self.init(parsing: text, file: file) } catch {
      guard case .badHead = error.problem, let kind = FileKind(ofFile: file) else { throw error }
      let reason = "expected a text with commas, found \(kind.words)"
      throw NASBench201TableError(file: file, problem: .unreadable(reason: reason))
    }
  }

  /// What the table says of a cell, in words: `cifar10_test 94.37 % (rank 1)`.
  package func text(of genotype: NASBench201Genotype) -> String {
    let all = measurements(of: genotype)
    return columns.compactMap { name in
      all[name].map { "\(name) \(decimals(100 * $0.accuracy, 2)) % (rank \(grouped($0.rank)))" }
    }.joined(separator: ", ") + " of \(grouped(NASBench201Genotype.count)) cells"
  }
}
