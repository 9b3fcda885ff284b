import Foundation
import TestSupport
import Testing

/// The cell of an epoch, of searches that are finished, interrupted or running.
@Suite("Genotypes of runs", .serialized)
struct RunGenotypeTests {
  private let folder: TemporaryFolder
  private var run: String { "\(folder.path)/run" }

  /// A search of three epochs, and the files that only its end writes.
  init() throws {
    folder = try TemporaryFolder()
    let outcome = try toponas([
      "search", "--quiet", "--channels", "2", "--cells", "1", "--epochs", "3", "--train-images",
      "80", "--batch", "8", "--out", run,
    ])
    #expect(outcome.status == 0, "\(outcome.error)")
  }

  /// The genotypes of the epochs, each changed to a cell of its own, so that none can stand for another.
  private func distinctGenotypes() throws -> [String] {
    let cells = ["none", "skip_connect", "avg_pool_3x3"].map {
      "|\($0)~0|+|none~0|none~1|+|none~0|none~1|nor_conv_3x3~2|"
    }
    let lines = String(decoding: try folder.read("run/metrics.jsonl"), as: UTF8.self)
      .split(separator: "\n")
    #expect(lines.count == 3)
    let changed = zip(lines, cells).map { line, cell in
      line.replacing(/"genotype":"[^"]*"/, with: "\"genotype\":\"\(cell)\"") + "\n"
    }
    try folder.write(changed.joined().utf8, to: "run/metrics.jsonl")
    return cells
  }

  private func converted(_ genotype: String) throws -> String {
    let outcome = try toponas(["genotype", "convert", genotype, "--to", "nasbench201"])
    #expect(outcome.status == 0, "\(outcome.error)")
    return String(outcome.output.dropLast())
  }

  /// Leaves of the run what there is while it is running.
  private func makeUnfinished() throws {
    for name in ["genotype.json", "summary.json", "report.html"] {
      try FileManager.default.removeItem(atPath: "\(run)/\(name)")
    }
  }

  @Test func `each epoch has its own, and the last is that of the run`() throws {
    let cells = try distinctGenotypes()
    for (epoch, cell) in zip(1..., cells) { #expect(try converted("\(run)@\(epoch)") == cell) }
    #expect(try converted("\(run)/@2") == cells[1])
    try makeUnfinished()
    #expect(try converted(run) == cells[2])
    // Which epoch that is, is told.
    func remarks(_ genotype: String) throws -> String {
      try toponas(["genotype", "convert", genotype, "--to", "json"]).error
    }
    #expect(
      try remarks(run) == "note: \(run): taken is the cell after epoch 3, the last that is done\n")
    #expect(try remarks("\(run)@2") == "")
    // A line that is being written is no epoch yet.
    let text = String(decoding: try folder.read("run/metrics.jsonl"), as: UTF8.self)
    try folder.write(text.utf8.dropLast(30), to: "run/metrics.jsonl")
    #expect(try converted(run) == cells[1])
    try expectRefusal(
      ["genotype", "convert", "\(run)@3", "--to", "json"], 66,
      "\(run): expected an epoch from 1 to 2 after the @, found '3'")
  }

  @Test func `every command that takes a genotype takes it`() throws {
    let cell = try distinctGenotypes()[1]
    try folder.write(BenchmarkTableText.text.utf8, to: "table.csv")
    let evaluate = [
      "evaluate", "--quiet", "--channels", "2", "--cells", "1", "--epochs", "1", "--train-images",
      "16", "--test-images", "8", "--batch", "8",
    ]
    for (words, more) in [
      (["genotype", "draw"], []), (["genotype", "explain"], []),
      (["genotype", "convert"], ["--to", "json"]), (["genotype", "diff", cell], []),
      (["cost", "--genotype"], []),
      (["nasbench", "--table", "\(folder.path)/table.csv", "--genotype"], []),
    ] as [([String], [String])] {
      let outcome = try toponas(words + ["\(run)@2"] + more)
      #expect(outcome.status == 0, "\(outcome.error)")
      #expect(try outcome.output == toponas(words + [cell] + more).output, "\(words)")
    }
    let trained = "\(folder.path)/trained"
    #expect(try toponas(evaluate + ["--genotype", "\(run)@2", "--out", trained]).status == 0)
    #expect(try converted(trained) == cell)
    try FileManager.default.removeItem(atPath: "\(trained)/genotype.json")
    #expect(try converted(trained) == cell)
    try expectRefusal(
      ["cost", "--genotype", "\(trained)@1"], 66, "which has one cell in all epochs")
  }

  @Test func `what is no epoch of a run is told`() throws {
    for wrong in ["0", "4", "-1", "x", "", "99999999999999999999"] {
      try expectRefusal(
        ["cost", "--genotype", "\(run)@\(wrong)"], 66,
        "\(run): expected an epoch from 1 to 3 after the @, found '\(wrong)'")
    }
    try expectRefusal(["cost", "--genotype", "\(run)x@1"], 66, "\(run)x@1: No such file")
    let text = String(decoding: try folder.read("run/metrics.jsonl"), as: UTF8.self)
    try folder.write(
      text.replacing("\"epoch\":2", with: "\"epoch\":7").utf8, to: "run/metrics.jsonl")
    try expectRefusal(
      ["cost", "--genotype", "\(run)@3"], 65, "line 2: expected the metrics of epoch 2")
    #expect(try toponas(["cost", "--genotype", "\(run)@1"]).status == 0)
    try makeUnfinished()
    try folder.write([], to: "run/metrics.jsonl")
    try expectRefusal(["cost", "--genotype", run], 66, "no epoch is done")
    // A file of that very name is what is meant.
    try folder.write("|none~0|+|none~0|none~1|+|none~0|none~1|none~2|".utf8, to: "run@1")
    #expect(try toponas(["cost", "--genotype", "\(run)@1"]).status == 0)
  }
}
