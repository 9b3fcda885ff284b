import Foundation
import Tensors
import TestSupport
import Testing

/// `--convolution` of the commands that compute.
@Suite("The choice of how convolutions are computed", .serialized)
struct ConvolutionSettingTests {
  private static let root = NSTemporaryDirectory() + "toponas-convolution-\(UUID().uuidString)"
  private static let small = [
    "search", "--channels", "16", "--cells", "1", "--batch", "4", "--train-images", "32",
    "--epochs", "1", "--quiet",
  ]

  private func metrics(_ run: String) throws -> [String: Any] {
    let line = try String(contentsOfFile: "\(Self.root)/\(run)/metrics.jsonl", encoding: .utf8)
    let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
    return try #require(object)
  }

  /// The losses of the search, and how undecided alpha is: one of them alone may agree in all its digits by chance.
  private func search(_ run: String, _ words: [String]) throws -> [Double] {
    let outcome = try toponas(Self.small + words + ["--out", "\(Self.root)/\(run)"])
    #expect(outcome.status == 0, "\(outcome.error)")
    let found = try metrics(run)
    return try ["training_loss", "validation_loss", "alpha_entropy"].map { name in
      try #require(found[name] as? Double)
    }
  }

  private func config(_ run: String) throws -> String {
    try String(contentsOfFile: "\(Self.root)/\(run)/config.json", encoding: .utf8)
  }

  @Test func `a search keeps it, and cannot change it`() throws {
    defer { try? FileManager.default.removeItem(atPath: Self.root) }
    let short = try search("short", ["--convolution", "winograd", "--threads", "1"])
    #expect(try search("again", ["--convolution", "winograd", "--threads", "2"]) == short)
    let direct = try search("direct", ["--convolution", "direct"])
    #expect(direct != short || MemoryLayout<Scalar>.size == 8)
    #expect(
      zip(direct, short).allSatisfy { abs($0 / $1 - 1) < 1e-2 }, "only the rounding differs")
    #expect(try search("named", ["--convolution", "automatic"]) == search("standard", []))
    // A configuration without the key, as all were before there was a choice, is that of direct convolutions.
    #expect(try config("short").contains("\"convolution\" : \"winograd\""))
    #expect(try !config("direct").contains("convolution"))
    #expect(try config("standard").contains("\"convolution\" : \"automatic\""))
    #expect(try config("named") == config("standard"))
    for (run, word, isSame) in [
      ("short", "winograd", true), ("short", "direct", false), ("direct", "direct", true),
      ("direct", "automatic", false), ("standard", "automatic", true),
      ("standard", "direct", false),
    ] {
      let outcome = try toponas(
        ["search", "--resume", "\(Self.root)/\(run)", "--convolution", word])
      #expect((outcome.status == 0) == isSame, "\(run), \(word)")
      #expect(isSame || outcome.error.contains("--convolution: differs from the run"))
    }
    let other = try config("short").replacing("winograd", with: "fft")
    try Data(other.utf8).write(to: URL(fileURLWithPath: "\(Self.root)/other.json"))
    let outcome = try toponas(["search", "--config", "\(Self.root)/other.json"])
    #expect(
      outcome.error.contains(
        "convolution: expected one of direct, winograd, automatic, found 'fft'"))
  }

  @Test func `a benchmark of a step says so`() throws {
    for (choice, word) in [([], "automatic"), (["--convolution", "direct"], "direct")] {
      let outcome = try toponas(
        [
          "bench", "step", "--channels", "16", "--cells", "1", "--batch", "4", "--warm-up", "0",
          "--steps", "1",
        ] + choice)
      #expect(outcome.output.contains("seed 1, \(word) convolutions"), "\(outcome.error)")
    }
  }

  @Test func `kernels of both kinds stand beside each other`() throws {
    let outcome = try toponas(
      ["bench", "kernels", "--batch", "1", "--seconds", "0", "--filter", "relu + conv 3x3"])
    let rows = outcome.output.split(separator: "\n").filter { $0.hasPrefix("ReLU + conv 3x3") }
    #expect(rows.count == 18)
    #expect(rows.map { $0.contains("by Winograd") } == (0..<18).map { $0 % 2 == 1 })
  }
}
