import Foundation
import SearchSpaces
import TestSupport
import Testing
import TopologicalSimplification

/// `toponas nasbench`, and `--nasbench` of a search, as a process.
@Suite("toponas nasbench", .serialized)
struct NASBenchCommandTests {
  private let root = NSTemporaryDirectory() + "toponas-nasbench-\(UUID().uuidString)"
  private static let cell =
    "|nor_conv_3x3~0|+|avg_pool_3x3~0|none~1|+|none~0|skip_connect~1|skip_connect~2|"

  /// Writes a table of made-up accuracies and calls `body` with its path.
  private func withTable(_ body: (String) throws -> Void) throws {
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: root) }
    let path = "\(root)/table.csv"
    try Data(BenchmarkTableText.text.utf8).write(to: URL(fileURLWithPath: path))
    try body(path)
  }

  @Test func `a cell's accuracies, ranks and class`() throws {
    try withTable { path in
      let arguments = ["nasbench", "--table", path, "--genotype", Self.cell]
      let outcome = try toponas(arguments + ["--json"])
      #expect(outcome.status == 0, "\(outcome.error)")
      let result = try jsonObject(outcome.output)
      let cell = try NASBench201Genotype(parsing: Self.cell)
      let measured = try #require(result["benchmark"] as? [String: [String: Any]])
      #expect(measured.keys.sorted() == ["cifar10_test", "cifar10_valid"])
      let accuracy = BenchmarkTableText.test(cell.ordinal)
      #expect(measured["cifar10_test"]?["accuracy"] as? Double == accuracy)
      let higher = (0..<15_625).count { BenchmarkTableText.test($0) > accuracy }
      #expect(measured["cifar10_test"]?["rank"] as? Int == higher + 1)
      let group = try #require(result["isomorphism_class"] as? [String: Any])
      let members = cell.isomorphicCells
      #expect(group["size"] as? Int == members.count && members.count > 1)
      #expect(group["genotypes"] as? [String] == members.map(\.description))
      let spread = try #require(
        (group["accuracies"] as? [String: [String: Double]])?["cifar10_test"])
      let all = members.map { BenchmarkTableText.test($0.ordinal) }
      #expect(spread["lowest"] == all.min() && spread["highest"] == all.max())

      let text = try toponas(arguments).output
      #expect(text.hasPrefix("cell   \(Self.cell)\nclass  \(members.count) cells equal to #+"))
      #expect(text.contains("cifar10_valid"))
    }
  }

  @Test(arguments: [
    ([0x1F, 0x8B, 8, 0, 0xFF, 0xFE], "a gzip archive"),
    (Array("<!DOCTYPE html>\n".utf8), "a page of the web"),
    (Array("version https://git-lfs.github.com/spec/v1\n".utf8), "a pointer of Git LFS"),
  ])
  func `another file than a table is told as what it is`(_ bytes: [UInt8], _ words: String) throws {
    let files = try TemporaryFolder()
    try files.write(bytes, to: "t.csv")
    let outcome = try toponas([
      "nasbench", "--table", "\(files.path)/t.csv", "--genotype", Self.cell,
    ])
    #expect(outcome.error.contains(", found \(words)\nHint: "), "\(outcome.error)")
  }

  @Test func `the best cells within limits`() throws {
    try withTable { path in
      let limits = ["--max-params", "0.4M", "--max-macs", "60000k"]
      let arguments = ["nasbench", "--table", path, "--best", "7", "--by", "cifar10_test"] + limits
      let result = try jsonObject(try toponas(arguments + ["--json"]).output)
      let all = (0..<15_625).map(NASBench201Genotype.init(index:)).filter {
        let cost = networkCost(of: $0)
        return cost.parameters <= 400_000 && cost.macs <= 60_000_000
      }
      #expect(
        result["candidates"] as? Int == all.count && result["by"] as? String == "cifar10_test")
      // Equal ones in the order of the benchmark; sorting is not stable, so by both.
      let expected = all.sorted {
        let (a, b) = (BenchmarkTableText.test($0.ordinal), BenchmarkTableText.test($1.ordinal))
        return a == b ? $0.index < $1.index : a > b
      }.prefix(7)
      let best = try #require(result["best"] as? [[String: Any]])
      #expect(best.map { $0["genotype"] as? String } == expected.map(\.description))
      #expect(best.map { $0["index"] as? Int } == expected.map(\.index))
      #expect(
        best.map { $0["parameters"] as? Int } == expected.map { networkCost(of: $0).parameters })
      #expect(best.map { $0["macs"] as? Int } == expected.map { networkCost(of: $0).macs })
      let text = try toponas(arguments).output
      #expect(text.contains("\(expected[0].index)  \(expected[0])\n"))
      let first = try jsonObject(
        try toponas(["nasbench", "--table", path, "--best", "1", "--json"]).output)
      #expect(first["by"] as? String == "cifar10_valid" && first["candidates"] as? Int == 15_625)
    }
  }

  @Test func `limits that no cell keeps, and wrong ones`() throws {
    try withTable { path in
      let best = ["nasbench", "--table", path, "--best", "3"]
      let none = try jsonObject(try toponas(best + ["--max-params", "1k", "--json"]).output)
      #expect(none["candidates"] as? Int == 0 && (none["best"] as? [Any])?.isEmpty == true)
      try expectRefusal(
        best + ["--by", "mars"], 64, "--by mars: expected one of cifar10_valid, cifar10_test")
      for text in ["", "0", "-1", "x", "M", "nan", "inf"] {
        try expectRefusal(best + ["--max-params", text], 64, "--max-params")
      }
    }
  }

  @Test func `a search logs what the table says of its cell`() throws {
    try withTable { path in
      let outcome = try toponas([
        "search", "--channels", "2", "--cells", "1", "--epochs", "2", "--train-images", "40",
        "--batch", "16", "--nasbench", path, "--out", "\(root)/run",
      ])
      #expect(outcome.status == 0, "\(outcome.error)")
      #expect(outcome.error.contains("remaining  cifar10_valid   rank  cifar10_test   rank"))
      #expect(outcome.output.contains("\nbenchmark cifar10_valid "))
      let lines = try String(contentsOfFile: "\(root)/run/metrics.jsonl", encoding: .utf8)
        .split(separator: "\n")
      #expect(lines.count == 2)
      for line in lines {
        let epoch = try jsonObject(String(line))
        let cell = try NASBench201Genotype(
          parsing: try #require(epoch["genotype"] as? String))
        let measured = try #require(epoch["benchmark"] as? [String: [String: Any]])
        #expect(
          measured["cifar10_test"]?["accuracy"] as? Double
            == BenchmarkTableText.test(cell.ordinal))
        #expect(epoch["validation_loss"] is Double)
      }
      #expect(
        try !String(contentsOfFile: "\(root)/run/config.json", encoding: .utf8)
          .contains("table.csv"), "the table is no part of what determines the search")
    }
  }

  @Test(
    arguments: [
      (["nasbench"], 64, "--table is needed"),
      (["nasbench", "--table", "x"], 64, "--genotype or --best is needed"),
      (["nasbench", "--table", "x", "--best", "1", "--genotype", "0"], 64, "expected one of them"),
      (
        ["nasbench", "--table", "x", "--genotype", "0", "--max-macs", "1M"], 64,
        "only together with --best"
      ),
      (["nasbench", "--table", "no.csv", "--genotype", Self.cell], 66, "cannot read no.csv"),
      (
        ["nasbench", "--table", #filePath, "--genotype", Self.cell], 65,
        "line 1: expected the names of columns"
      ),
      (
        ["nasbench", "--table", "x", "--genotype", "\(DARTSGenotype.dartsV1)"], 64,
        "found cells of DARTS"
      ),
      (["nasbench", "--table", "x", "--genotype", "|mars~0|"], 65, "column 2"),
      (
        ["search", "--space", "darts", "--nasbench", "x"], 64,
        "--nasbench: the benchmark holds cells of nasbench201"
      ),
      (["search", "--nasbench", "no.csv"], 66, "cannot read no.csv"),
    ])
  func `wrong input gets one message and its code`(
    _ arguments: [String], _ status: Int32, _ message: String
  ) throws {
    try expectRefusal(arguments, status, message)
  }
}
