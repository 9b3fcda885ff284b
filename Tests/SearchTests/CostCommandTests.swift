import Foundation
import SearchMethods
import SearchSpaces
import Tensors
import TestSupport
import Testing
import TopologicalSimplification

/// `toponas cost` as a process.
@Suite("toponas cost", .serialized)
struct CostCommandTests {
  private let root = NSTemporaryDirectory() + "toponas-cost-\(UUID().uuidString)"

  private func json(_ arguments: [String]) throws -> [String: Any] {
    let outcome = try toponas(["cost"] + arguments + ["--json"])
    #expect(outcome.status == 0, "\(outcome.error)")
    return try #require(
      try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
  }

  /// Writes a file and calls `body` with its path.
  private func withFile(_ text: String, _ body: (String) throws -> Void) throws {
    try FileManager.default.createDirectory(
      atPath: root, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: root) }
    let path = "\(root)/genotype.json"
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    try body(path)
  }

  // MARK: Spaces

  /// The cells of the table's rows, as the words between two spaces or more.
  private func rows(_ output: String) -> [[String]] {
    output.split(separator: "\n").map { line in
      line.split(separator: "  ").map { $0.trimmingCharacters(in: .whitespaces) }
    }
  }

  @Test func `the table of DARTS`() throws {
    let outcome = try toponas(["cost", "--space", "darts"])
    #expect(outcome.status == 0, "\(outcome.error)")
    let rows = rows(outcome.output)
    let first = try #require(rows.firstIndex { $0.first == "edge, stride 1" })
    #expect(
      rows[first][1...] == ["before", "6", "6", "6", "0", "8", "2", "28"] + rows[first][9...])
    #expect(rows[first][9] == "3,244,032")
    #expect(rows[first + 1][7...8] == ["13", "1,753,088"])
    #expect(rows[first + 2][1...2] == ["0.464", "0.540"])
    for text in ["edge, stride 2", "normal cell", "reduction cell", "all edges", "supernet"] {
      #expect(rows.contains { $0.first == text }, "\(text)")
    }
    #expect(outcome.output.contains("predicted peak memory of a search step, batch 64"))
  }

  @Test func `the table of NAS-Bench-201`() throws {
    let outcome = try toponas(["cost"])
    let rows = rows(outcome.output)
    let first = try #require(rows.firstIndex { $0.first == "edge" })
    #expect(rows[first][8...9] == ["7", "2,621,440"])
    #expect(rows[first + 1][7...8] == ["4", "2,359,296"])
  }

  @Test func `the JSON object agrees with the table and the library`() throws {
    let options = ["--space", "darts", "--variant", "P", "--channels", "8", "--cells", "4"]
    let output = try toponas(["cost"] + options).output
    let result = try json(options)
    let parts = try #require(result["parts"] as? [[String: Any]])
    #expect(
      parts.map { $0["name"] as? String } == [
        "edge, stride 1", "edge, stride 2", "normal cell", "reduction cell", "all edges",
      ])
    let rows = rows(output)
    for part in parts {
      let row = try #require(rows.firstIndex { $0.first == part["name"] as? String })
      for (offset, key) in ["before", "after"].enumerated() {
        let counts = try #require(part[key] as? [String: Any])
        let numbers = rows[row + offset].suffix(5).map { $0.replacing(",", with: "") }
        let keys = [
          "modules", "macs", "trainable_weights", "executed_weights", "activation_bytes",
        ]
        #expect(numbers == keys.map { "\(counts[$0] as? Int ?? -1)" })
      }
    }
    let space = Simplifier(grouping: Grouping(.pairs)).simplify(.darts)
    let after = try #require(result["after"] as? [String: Any])
    let cost = supernetCost(of: space, channels: 8, cells: 4)
    #expect(after["parameters"] as? Int == cost.parameters)
    #expect(after["macs"] as? Int == cost.macs && after["logits"] as? Int == cost.logits)
    #expect(
      after["predicted_peak_bytes"] as? Int
        == predictedPeakBytes(of: space, channels: 8, cells: 4, batch: 64))
  }

  @Test func `what is larger than this machine is bounded from below, at once`() throws {
    let size = ["--channels", "512", "--cells", "100", "--batch", "4096"]
    let text = try toponas(["cost"] + size).output
    #expect(text.contains(" MiB before, more than ") && !text.contains("MiB after, ratio"))
    let before = try #require(try json(size)["before"] as? [String: Any])
    #expect(try #require(before["predicted_peak_bytes"] as? Int) > 1 << 40)
  }

  /// The memory of a process is what its tensors hold, and what the program, the images and freed buffers add.
  @Test(arguments: ["--simplify", "--no-simplify"])
  func `a search takes the predicted memory`(_ flag: String) throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    let size = ["--channels", "16", "--cells", "2", "--batch", "64"]
    // What this process holds is not the search's, though the system may count it so.
    let ballast = [Float](repeating: 1, count: 128 << 20)
    defer { withExtendedLifetime(ballast) {} }
    let outcome = try toponas(
      ["search", flag, "--train-images", "128", "--epochs", "1", "--out", root] + size)
    #expect(outcome.status == 0, "\(outcome.error)")
    let data = try Data(contentsOf: URL(fileURLWithPath: "\(root)/summary.json"))
    let summary = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let measured = try #require(summary["peak_tensor_bytes"] as? Int)
    let process = try #require(summary["peak_memory_bytes"] as? Int)
    let key = flag == "--simplify" ? "after" : "before"
    let predicted = try #require(
      try json(size)[key].flatMap { ($0 as? [String: Any])?["predicted_peak_bytes"] as? Int })
    let ratio = Double(predicted) / Double(measured)
    #expect(abs(ratio - 1) < 0.03, "\(measured) bytes, predicted \(predicted)")
    #expect(
      (0)...(MemoryLayout<Scalar>.size * 24 << 20) ~= process - measured,
      "\(process) bytes of the process")
  }

  // MARK: Genotypes

  @Test func `both forms of a text, and a file, are the same cells`() throws {
    let text = "\(DARTSGenotype.dartsV2)"
    let flat = try json(["--genotype", text])
    #expect(flat["parameters"] as? Int == 3_349_342)
    #expect(flat["cells"] as? Int == 20 && flat["channels"] as? Int == 36)
    let shown = try toponas(["cost", "--genotype", text]).output
    #expect(shown.contains("3.349342 M"))
    let nested = try json(["--genotype", Self.nestedV2])
    #expect(nested["parameters"] as? Int == 3_349_342)
    #expect(nested["genotype"] as? String == text)
    try withFile("\n\(text)\n") { path in
      let filed = try json(["--genotype", path])
      #expect(filed["parameters"] as? Int == 3_349_342)
    }
  }

  /// DARTS V2 as pt.darts would print it.
  private static let nestedV2: String = {
    func text(_ cell: DARTSGenotype.Cell) -> String {
      let nodes = (2...5).map { node in
        let pairs = cell.connections(to: node).map { "('\($0.operation.rawValue)', \($0.source))" }
        return "[\(pairs.joined(separator: ", "))]"
      }
      return "[\(nodes.joined(separator: ", "))]"
    }
    let v2 = DARTSGenotype.dartsV2
    return "Genotype(normal=\(text(v2.normal)), normal_concat=range(2, 6), "
      + "reduce=\(text(v2.reduction)), reduce_concat=range(2, 6))"
  }()

  /// A file for each form in which people have these cells.
  @Test(arguments: GenotypeForms.common)
  func `files of every form are the same cells`(_ name: String, _ text: String) throws {
    try withFile(text) { path in
      let outcome = try toponas(["cost", "--json", "--genotype", path])
      let result = try jsonObject(outcome.output)
      #expect(result["parameters"] as? Int == 3_349_342, "\(name)")
      #expect(result["macs"] as? Int == 528_359_050, "\(name)")
      let remark =
        "note: \(path): 2 genotypes are there; taken is the last, from line 2, column 20\n"
      #expect(outcome.error == (name == "two of them" ? remark : ""))
    }
  }

  @Test func `a name, an index, the auxiliary head and other numbers of classes`() throws {
    let named = try json(["--genotype", "DARTS_V2", "--auxiliary", "--classes", "100"])
    let cost = networkCost(of: DARTSGenotype.dartsV2, classes: 100)
    let whole = networkCost(of: DARTSGenotype.dartsV2, classes: 100, auxiliary: true)
    #expect(named["parameters"] as? Int == cost.parameters && named["classes"] as? Int == 100)
    #expect(named["auxiliary_parameters"] as? Int == whole.parameters - cost.parameters)
    #expect(named["auxiliary_macs"] as? Int == whole.macs - cost.macs)
    #expect(try json(["--genotype", "DARTS_V2"])["auxiliary_parameters"] == nil)
    let shown = try toponas(["cost", "--genotype", "NASNet", "--auxiliary"]).output
    #expect(shown.contains("parameters  3,830,950") && shown.contains("in training only"))
    let cell = try json(["--genotype", "6111", "--classes", "120"])
    #expect(
      cell["parameters"] as? Int
        == networkCost(of: NASBench201Genotype(index: 6111), classes: 120).parameters)
    let space = try json(["--space", "darts", "--classes", "100"])
    let after = try #require(space["before"] as? [String: Any])
    #expect(
      after["parameters"] as? Int
        == supernetCost(of: .darts, channels: 16, cells: 8, classes: 100).parameters)
    #expect(
      after["predicted_peak_bytes"] as? Int
        == predictedPeakBytes(of: .darts, channels: 16, cells: 8, batch: 64, classes: 100))
  }

  @Test func `the genotype of a run, and other sizes`() throws {
    let text = "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|avg_pool_3x3~2|"
    let genotype = try NASBench201Genotype(parsing: text)
    try withFile("{\"nasbench201\": \"\(text)\"}") { path in
      let result = try json(["--genotype", path])
      #expect(result["parameters"] as? Int == networkCost(of: genotype).parameters)
      #expect(result["macs"] as? Int == networkCost(of: genotype).macs)
      let small = try json(["--genotype", path, "--channels", "4", "--cells", "1"])
      let cost = networkCost(of: genotype, channels: 4, cells: 1)
      #expect(small["parameters"] as? Int == cost.parameters)
      #expect(small["macs"] as? Int == cost.macs)
    }
  }

  // MARK: Errors

  @Test(
    arguments: [
      (["--genotype", "|none~0|+|mars~0|none~1|+|none~0|none~1|none~2|"], 65, "column 11"),
      (["--genotype", "Genotype(normal=[('mars', 0)])"], 65, "line 1, column 1: expected a field"),
      (
        ["--genotype", "Genotype([('mars', 0)], [2], [])"], 65, "line 1, column 13: expected one of"
      ),
      (["--genotype", "mars"], 65, "line 1, column 1: expected a genotype, found 'mars'"),
      (["--genotype", "no-such-cell.txt"], 66, "cannot read no-such-cell.txt"),
      (["--genotype", "15625"], 65, "expected an index of the benchmark from 0 to 15624"),
      (["--auxiliary"], 64, "--auxiliary: only together with --genotype"),
      (["--genotype", "0", "--auxiliary"], 64, "--auxiliary is for cells of DARTS"),
      (["--classes", "1"], 64, "--classes: expected a whole number from 2"),
      (["--genotype", "no-such-file.json"], 66, "cannot read no-such-file.json"),
      (["--genotype", NSTemporaryDirectory()], 66, "cannot read"),
      (["--genotype", "x", "--space", "darts"], 64, "--space: not together with --genotype"),
      (
        ["--genotype", "x", "--variant", "P", "--no-join-pools"], 64, "--variant, --join-pools: not"
      ),
      (["--genotype", "\(DARTSGenotype.dartsV1)", "--cells", "1"], 64, "--cells 1: a network"),
      (["--space", "mars"], 64, "--space: expected one of nasbench201, darts"),
      (["--batch", "0"], 64, "--batch: expected a whole number from 1 to 4096"),
      (["--floating", "D"], 64, "--floating: expected one of A, B, C, none"),
    ])
  func `wrong input gets one message and its code`(
    _ arguments: [String], _ status: Int32, _ message: String
  ) throws {
    let outcome = try toponas(["cost"] + arguments)
    #expect(outcome.status == status)
    #expect(outcome.error.hasPrefix("error: "))
    #expect(outcome.error.contains(message), "\(outcome.error)")
    #expect(outcome.output.isEmpty)
  }

  @Test(arguments: ["{}", "{\"a\": \"x\", \"b\": \"y\"}", "{\"a\": 1}", "{", "[1]"])
  func `a file of another form is wrong data`(_ text: String) throws {
    try withFile(text) { path in
      let outcome = try toponas(["cost", "--genotype", path])
      #expect(outcome.status == 65)
      #expect(outcome.error.contains(path), "\(outcome.error)")
    }
  }

  @Test func `the help says what MACs are`() throws {
    let help = try toponas(["cost", "--help"]).output
    #expect(help.contains("FLOPs are 2 x MACs") && help.contains("--genotype TEXT|FILE"))
  }
}
