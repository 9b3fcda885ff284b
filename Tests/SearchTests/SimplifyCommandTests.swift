import Foundation
import TestSupport
import Testing

/// `toponas simplify` and `toponas nonlinearity` as processes.
@Suite("toponas simplify and nonlinearity", .serialized)
struct SimplifyCommandTests {
  private let root = NSTemporaryDirectory() + "toponas-simplify-\(UUID().uuidString)"

  private func json(_ arguments: [String]) throws -> [String: Any] {
    let outcome = try toponas(arguments + ["--json"])
    #expect(outcome.status == 0, "\(outcome.error)")
    return try #require(
      try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
  }

  /// The column `modules` of the step table, from the row `before` on.
  private func moduleColumn(_ output: String) throws -> [String] {
    let lines = output.split(separator: "\n", omittingEmptySubsequences: false)
    let head = try #require(lines.firstIndex { $0.hasPrefix("step") })
    let end = try #require(lines[head].range(of: "modules")?.upperBound)
    let width = lines[head].distance(from: lines[head].startIndex, to: end)
    return lines[(head + 1)...].prefix { !$0.isEmpty }.map {
      $0.prefix(width).split(separator: " ").last.map(String.init) ?? ""
    }
  }

  // MARK: simplify

  @Test func `the table of the DARTS edge`() throws {
    let outcome = try toponas(["simplify", "--space", "darts"])
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(try moduleColumn(outcome.output) == ["28", "25", "19", "18", "15", "13"])
    for text in [
      "3,244,032", "1,753,088", "0.464", "0.540", "PMS suffix PW 1x1 BN {sep3, sep5, dil3, dil5}",
      "A{sep3, sep5, dil3, dil5} *", "DW 5x5 <- p sep3 + p sep5", "alpha sep_conv_3x3 *",
      "step 4: TS-18, TS-19", "[reconstructed: high]", "at one-hot weights",
    ] { #expect(outcome.output.contains(text), "\(text)") }
    #expect(!outcome.output.contains("w("), "weights have names")
  }

  @Test func `the table of the NAS-Bench-201 edge`() throws {
    let outcome = try toponas(["simplify"])
    #expect(try moduleColumn(outcome.output) == ["7", "6", "5", "4"])
    #expect(outcome.output.contains("2,359,296"))
  }

  @Test(
    arguments: [
      (["--variant", "P"], 15, 2_015_232), (["--variant", "S"], 22, 3_244_032),
      (["--floating", "B", "--merge", "always"], 12, 2_260_992),
      (["--floating", "C"], 13, 1_753_088),
      (["--floating", "none"], 18, 2_310_144), (["--join-pools"], 11, 1_753_088),
      (["--weights", "N2"], 13, 1_753_088), (["--kernel-norm", "0"], 13, 1_753_088),
      (["--weights", "N2", "--floating", "C"], 13, 1_753_088), (["--stride", "2"], 17, 503_808),
    ])
  func `options choose the simplification`(_ more: [String], _ modules: Int, _ macs: Int) throws {
    let result = try json(["simplify", "--space", "darts"] + more)
    let after = try #require(result["after"] as? [String: Any])
    #expect(after["modules"] as? Int == modules)
    #expect(after["macs"] as? Int == macs)
    let tree = try #require(result["tree_after"] as? String)
    #expect(tree.hasPrefix("sum\n  alpha none *") && !tree.contains("w("), "\(tree)")
  }

  /// The sources of the rewrites, whose doc comments state the equations.
  private func rewriteSources() throws -> String {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Sources/TopologicalSimplification")
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted()
      .filter { $0.hasSuffix(".swift") }
    return try names.map {
      try String(contentsOf: folder.appendingPathComponent($0), encoding: .utf8)
    }.joined()
  }

  @Test(arguments: [["--variant", "T"], ["--floating", "B", "--merge", "always"]])
  func `equations are stated, with the provenance that the sources give`(_ more: [String]) throws {
    let sources = try rewriteSources()
    let result = try json(["simplify", "--space", "darts"] + more)
    for equation in try #require(result["equations"] as? [[String: String]]) {
      let (id, tag) = (try #require(equation["id"]), try #require(equation["provenance"]))
      #expect(sources.contains("Equation: \(id) [\(tag)]"), "\(id) [\(tag)]")
      #expect(equation["statement"]?.isEmpty == false)
    }
  }

  @Test func `weights of a second stage of its own have a prime`() throws {
    let tree = try json(["simplify", "--space", "darts", "--floating", "C"])["tree_after"]
    #expect((tree as? String)?.contains("DW 5x5 <- p' sep3 + p' sep5") == true)
  }

  @Test func `the JSON object holds steps, costs and equations`() throws {
    let result = try json(["simplify", "--space", "darts", "--stride", "1"])
    let steps = try #require(result["steps"] as? [[String: Any]])
    #expect(steps.count == 5)
    #expect(steps[3]["rule"] as? String == "FMS")
    #expect(steps[0]["exact"] as? String == "everywhere")
    #expect(steps[1]["equations"] as? [String] == ["TS-11", "TS-12", "TS-14"])
    let before = try #require(result["before"] as? [String: Any])
    #expect(before["batch_norm"] as? Int == 8 && before["executed_weights"] as? Int == 3168)
  }

  @Test func `pictures and graphs are written, and written again`() throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    let folder = "\(root)/a/b"
    for _ in 0..<2 {
      let outcome = try toponas(
        ["simplify", "--space", "darts", "--svg", folder, "--dot", folder])
      #expect(outcome.status == 0, "\(outcome.error)")
      #expect(outcome.output.contains("wrote \(folder)/before-after.svg"))
    }
    let files = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    #expect(
      files == ["after.dot", "after.svg", "before-after.svg", "before.dot", "before.svg"]
        + (1...5).map { "step-\($0).svg" })
    for file in files {
      let text = try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)
      #expect(text.hasPrefix(file.hasSuffix("svg") ? "<?xml" : "digraph"))
    }
  }

  // MARK: nonlinearity

  @Test func `the table of the operations`() throws {
    let outcome = try toponas(["nonlinearity", "--space", "darts", "--channels", "4"])
    #expect(outcome.status == 0, "\(outcome.error)")
    for text in [
      "BN, module 4", "sep_conv_3x3 + sep_conv_5x5", "dil_conv_3x3 + dil_conv_5x5",
      "6 of 8 operations are non-linear (75.0 %)",
    ] { #expect(outcome.output.contains(text), "\(text)") }
    #expect(
      try toponas(["nonlinearity", "--space", "darts", "--channels", "4"]).output == outcome.output)
    let other = ["nonlinearity", "--space", "darts", "--channels", "4", "--seed", "2"]
    #expect(try toponas(other).output != outcome.output)
  }

  @Test func `measured values as JSON and as a picture`() throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    let result = try json(["nonlinearity", "--mode", "evaluation", "--svg", root])
    let operations = try #require(result["operations"] as? [[String: Any]])
    #expect(
      operations.map { $0["linearity"] as? String }
        == ["linear", "linear", "non-linear", "non-linear", "linear"])
    let pairs = try #require(result["pairs"] as? [[String: Any]])
    #expect(pairs.count == 1)
    #expect(try #require(pairs[0]["mixing_error"] as? Double) < 1e-4, "the same statistics")
    #expect(
      try #require(pairs[0]["own_statistics_error"] as? Double) > 0.2, "statistics of its own")
    let text = try toponas(["nonlinearity", "--mode", "evaluation"]).output
    #expect(text.contains("same statistics") && text.contains("statistics of its own"))
    #expect(text.contains("folded into its kernel first (TS-8)"))
    let picture = try String(contentsOfFile: "\(root)/nonlinearity.svg", encoding: .utf8)
    #expect(picture.contains("nor_conv_3x3"))
  }

  // MARK: Errors

  @Test(
    arguments: [
      (["simplify", "--stride", "2"], 64, "no edge of nasbench201 halves the image"),
      (["nonlinearity", "--stride", "2"], 64, "or add --space darts"),
      (["simplify", "--space", "mars"], 64, "--space: expected one of nasbench201, darts"),
      (["simplify", "--variant", "X"], 64, "--variant: expected one of T, P, S"),
      (["simplify", "--floating", "D"], 64, "--floating: expected one of A, B, C, none"),
      (["simplify", "--kernel-norm", "5"], 64, "a whole number from 0 to 4"),
      (["simplify", "--weights", "N3"], 64, "--weights: expected one of N1, N2"),
      (["nonlinearity", "--channels", "1"], 64, "from 2 to 512"),
      (["nonlinearity", "--mode", "test"], 64, "--mode: expected one of training, evaluation"),
      (["simplify", "--svg", "/proc/version/x"], 73, "cannot create the folder /proc/version/x"),
      (["nonlinearity", "--svg", "/proc/version"], 73, "cannot create the folder /proc/version"),
    ])
  func `wrong input gets one message and its code`(
    _ arguments: [String], _ status: Int32, _ message: String
  ) throws {
    try expectRefusal(arguments, status, message)
  }

  @Test func `a picture that cannot be written is told`() throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    // A folder in the place of the file: not to be replaced, whoever runs this.
    try FileManager.default.createDirectory(
      atPath: "\(root)/before.svg/x", withIntermediateDirectories: true)
    let outcome = try toponas(["simplify", "--svg", root])
    #expect(outcome.status == 74)
    #expect(outcome.error.contains("cannot write \(root)/before.svg"))
  }
}
