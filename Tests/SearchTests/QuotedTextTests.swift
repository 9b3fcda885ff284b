import Foundation
import TensorFiles
import Tensors
import TestSupport
import Testing

/// Texts of arguments and files in what the program says: escaped and cut, wherever they come from.
@Suite("Quoted texts", .serialized)
struct QuotedTextTests {
  /// It clears a terminal, forges a hint and turns the writing.
  private static let hostile = "x\u{1B}[2J\r\nHint: forged\u{7F}\u{202E}"
  private static let long = String(repeating: "y", count: 100_000)
  private static let cell = "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|"
  private let folder: TemporaryFolder
  private var path: String { folder.path }

  init() throws { folder = try TemporaryFolder() }

  /// Expects one error of a few short lines, none of which comes from elsewhere.
  private func expectShortRefusal(
    _ words: [String], _ codes: Set<Int32>, at place: SourceLocation = #_sourceLocation
  ) throws {
    let outcome = try toponas(words)
    let text = outcome.error
    let name = words.map { String($0.prefix(60)) }
    #expect(codes.contains(outcome.status), "\(name): \(outcome.status)", sourceLocation: place)
    #expect(text.hasPrefix("error: "), "\(name): \(text.prefix(500))", sourceLocation: place)
    #expect(text.utf8.count < 5_000, "\(name): \(text.utf8.count) bytes", sourceLocation: place)
    let hidden = text.unicodeScalars.filter { scalar in
      scalar != "\n"
        && (scalar.properties.generalCategory == .control || scalar.properties.isBidiControl)
    }
    #expect(hidden.isEmpty, "\(name): \(text.prefix(500).debugDescription)", sourceLocation: place)
    #expect(!text.contains("\nHint: forged"), "\(name): \(text)", sourceLocation: place)
    #expect(outcome.output.isEmpty, sourceLocation: place)
  }

  /// What a text is like; a test bears its name.
  enum Kind: CaseIterable {
    case hostile, long
    var text: String { self == .long ? QuotedTextTests.long : QuotedTextTests.hostile }
  }

  @Test(arguments: Kind.allCases) func `arguments`(_ kind: Kind) throws {
    let text = kind.text
    let usage: Set<Int32> = [64]
    for words in [
      [text], ["help", text], ["genotype", text], ["--\(text)"], ["search", text],
      ["search", "--\(text)"], ["search", "--epochs", text], ["search", "--epochs=\(text)"],
      ["search", "--space", text], ["search", "--quiet=\(text)"], ["study", "--methods", text],
      ["study", "--also", text], ["study", "--also", "\(text)=--variant P"],
      ["study", "--also", "P=\(text)"], ["data", "fetch", text],
      ["data", "fetch", "cifar10", "--md5", text], ["data", "fetch", "cifar10", "--url", text],
      ["genotype", "draw", Self.cell, "--out", text],
      ["search"] + Array(repeating: text, count: kind == .long ? 15 : 500),
    ] { try expectShortRefusal(words, usage) }
    for words in [
      ["cost", "--genotype", text], ["cost", "--genotype", "|\(text)"],
      ["cost", "--genotype", "Genotype(\(text)"], ["cost", "--genotype", "/\(text)"],
      ["search", "--data", text], ["search", "--config", text], ["search", "--resume", text],
      ["evaluate", "--resume", text], ["evaluate", "--weights", text], ["export", text],
      ["report", text], ["runs", text], ["data", "verify", text],
      ["data", "subset", text, "--images", "10", "--out", path],
      ["nasbench", "--table", text, "--genotype", Self.cell],
      ["evaluate", "--genotype", Self.cell, "--data", text],
      ["search", "--out", "/proc/\(text)/x"], ["simplify", "--svg", "/proc/\(text)/x"],
      ["genotype", "draw", Self.cell, "--format", "svg", "--out", "/proc/\(text)/x"],
    ] { try expectShortRefusal(words, [64, 65, 66, 73]) }
  }

  @Test(arguments: Kind.allCases) func `files`(_ kind: Kind) throws {
    let text = kind.text
    let quoted = try String(
      decoding: JSONSerialization.data(withJSONObject: text, options: .fragmentsAllowed),
      as: UTF8.self)
    let run = "\(path)/run"
    #expect(
      try toponas([
        "search", "--quiet", "--channels", "2", "--cells", "1", "--epochs", "1", "--batch", "8",
        "--train-images", "32", "--out", run,
      ]).status == 0)
    let config = String(decoding: try folder.read("run/config.json"), as: UTF8.self)
    for (old, new) in [
      ("{", "{\(quoted): 1, "), ("{", "\(quoted)"), ("{", "{\(text)"),
      ("\"darts\"", quoted), ("\"nasbench201\"", quoted), ("\"T\"", quoted), ("\"KN-3\"", quoted),
      ("\"seed\" : 1", "\"seed\" : \(quoted)"), ("\"tiny\"", quoted), ("\"data\"", "\"data\" : "),
    ] where config.contains(old) {
      let start = try #require(config.range(of: old))
      try folder.write(config.replacingCharacters(in: start, with: new).utf8, to: "bad/config.json")
      try expectShortRefusal(["search", "--config", "\(path)/bad/config.json"], [65])
      try expectShortRefusal(["report", "\(path)/bad"], [65])
    }
    try folder.write("{\"a\": \(quoted)}".utf8, to: "genotype.json")
    try folder.write(text.utf8, to: "genotype.txt")
    try folder.write("|none~0|+\(text)".utf8, to: "cell.txt")
    for name in ["genotype.json", "genotype.txt", "cell.txt"] {
      try expectShortRefusal(["cost", "--genotype", "\(path)/\(name)"], [65])
    }
    for (name, table) in [
      ("head.csv", text), ("column.csv", "arch_str,\(text)_test\n\(Self.cell),x\n"),
      ("row.csv", "arch_str,a_test\n\(text),1\n"),
      ("number.csv", "arch_str,a_test\n\(Self.cell),\(text)\n"),
    ] {
      try folder.write(table.utf8, to: name)
      try expectShortRefusal(
        ["nasbench", "--table", "\(path)/\(name)", "--genotype", Self.cell], [65])
    }
    try folder.write("P6 \(text)".utf8, to: "p/a/1.ppm")
    try folder.write("P6 32 32 255\n".utf8, to: "p/b/1.ppm")
    try expectShortRefusal(["search", "--data", "\(path)/p"], [65])
    for key in ["layout", "toponas_weights", "genotype"] {
      var file = SafeTensors(metadata: [key: text])
      file["x"] = .scalars(Tensor([1, 2], shape: [2]))
      try file.write(to: "\(path)/weights.safetensors")
      try expectShortRefusal(
        ["evaluate", "--epochs", "0", "--weights", "\(path)/weights.safetensors"], [64, 65])
    }
    var names = SafeTensors()
    for number in 0..<50 { names["\(text)\(number)"] = .scalars(Tensor([1], shape: [1])) }
    try names.write(to: "\(path)/names.safetensors")
    try expectShortRefusal(
      [
        "evaluate", "--epochs", "0", "--genotype", Self.cell, "--weights",
        "\(path)/names.safetensors",
      ], [65])
    try folder.write("\(text)\n".utf8, to: "run/metrics.jsonl")
    try expectShortRefusal(["report", run], [65])
  }

  /// What names can be: the system takes every byte but a slash and zero.
  @Test func `names of folders, in results and progress too`() throws {
    let run = "\(path)/\(Self.hostile)"
    let outcome = try toponas([
      "search", "--channels", "2", "--cells", "1", "--epochs", "1", "--batch", "8",
      "--train-images", "32", "--out", run,
    ])
    #expect(outcome.status == 0, "\(outcome.error)")
    let shown = #"\#(path)/x\u{1B}[2J\r\nHint: forged\u{7F}\u{202E}"#
    #expect(outcome.output.contains("run       \(shown)\n"), "\(outcome.output)")
    let again = try toponas(["search", "--resume", run])
    #expect(again.output.contains("run       \(shown)\n"))
    try FileManager.default.removeItem(atPath: "\(run)/summary.json")
    let resumed = try toponas(["search", "--resume", run])
    #expect(resumed.error.contains("resume   \(shown) from "), "\(resumed.error)")
    let report = try toponas(["report", run])
    #expect(report.output == "wrote \(shown)/report.html\n")
  }
}
