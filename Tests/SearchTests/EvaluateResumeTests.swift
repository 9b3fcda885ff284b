import Foundation
import SearchSpaces
import Tensors
import TestSupport
import Testing

/// Trainings of derived cells that are stopped, and go on.
@Suite("toponas evaluate --resume", .serialized)
final class EvaluateResumeTests {
  private let root = NSTemporaryDirectory() + "toponas-evaluate-resume-\(UUID().uuidString)"
  private static let cell =
    "|nor_conv_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|skip_connect~0|none~1|avg_pool_3x3~2|"

  init() throws {
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: root) }

  /// A training of 4 steps an epoch.
  private func words(
    _ folder: String, _ genotype: String = cell, epochs: Int = 3, _ more: [String] = []
  ) -> [String] {
    [
      "evaluate", "--genotype", genotype, "--channels", "2", "--train-images", "40",
      "--test-images", "20", "--batch", "10", "--epochs", "\(epochs)", "--checkpoint-minutes", "0",
      "--quiet", "--out", "\(root)/\(folder)",
    ] + more
  }

  private func resume(_ folder: String, _ more: [String] = []) throws -> ProgramOutcome {
    try toponas(["evaluate", "--resume", "\(root)/\(folder)", "--quiet"] + more)
  }

  private func contents(_ folder: String) throws -> RunFolderContents {
    try RunFolderContents("\(root)/\(folder)")
  }

  private func removeSummary(_ folder: String) throws {
    try FileManager.default.removeItem(atPath: "\(root)/\(folder)/summary.json")
  }

  @Test(arguments: [cell, "\(DARTSGenotype.dartsV2)"])
  func `killed at random moments, a training ends with the same bytes`(_ genotype: String) throws {
    #expect(try toponas(words("whole", genotype)).status == 0)
    let whole = try contents("whole")
    var (generator, kills) = (RandomGenerator(seed: 5), 0)
    for round in 0..<2 {
      kills += try runKilledAtRandom(
        words("\(round)", genotype), in: "\(root)/\(round)", &generator)
      #expect(try contents("\(round)") == whole, "round \(round)")
    }
    #expect(kills > 0)
    #expect(try toponas(words("other", genotype, ["--seed", "2"])).status == 0)
    #expect(try contents("other") != whole)
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func `a signal saves, says how to go on, and ends with 130`(_ signal: Int32) throws {
    let error = URL(fileURLWithPath: "\(root)/stderr")
    let process = try startToponas(
      words("run", epochs: 100_000), until: "\(root)/run/metrics.jsonl", error: error)
    kill(process.processIdentifier, signal)
    waitForEnd(process)
    #expect(process.terminationReason == .exit && process.terminationStatus == 130)
    let text = try String(contentsOf: error, encoding: .utf8)
    #expect(text.hasPrefix("interrupted; saved at "), "\(text)")
    #expect(text.contains(" evaluate --resume \(root)/run\n"), "\(text)")
  }

  @Test func `a long time that remains is a word of its own`() throws {
    let error = URL(fileURLWithPath: "\(root)/stderr")
    let process = try startToponas(
      words("run", epochs: 100_000, ["--no-quiet"]), until: "\(root)/run/metrics.jsonl",
      error: error)
    var rows: [Substring] = []
    while rows.count < 2, process.isRunning {
      usleep(10_000)
      rows = try String(contentsOf: error, encoding: .utf8).split(separator: "\n")
        .filter { $0.hasPrefix("    ") }
    }
    kill(process.processIdentifier, SIGINT)
    process.waitUntilExit()
    #expect(try #require(rows.last).contains(/\.\d  +\d+ (h \d+ min|min \d+ s)$/))
  }

  @Test func `a damaged checkpoint gives way to the one before`() throws {
    #expect(try toponas(words("run")).status == 0)
    let whole = try contents("run")
    let finished = try resume("run")
    #expect(finished.status == 0 && finished.output.hasPrefix("finished  3 epochs; nothing is"))
    try removeSummary("run")
    try Data("no".utf8).write(to: URL(fileURLWithPath: "\(root)/run/checkpoint.bin"))
    let outcome = try resume("run", ["--checkpoint-minutes", "0"])
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.error.contains("checkpoint.previous.bin, epoch 3, step 4\n"))
    #expect(outcome.output.contains("after 3 epochs"))
    #expect(try contents("run") == whole)
  }

  private func listed(_ folder: String) throws -> [String: Any] {
    let outcome = try toponas(["runs", "\(root)/\(folder)", "--json"])
    #expect(outcome.status == 0, "\(outcome.error)")
    let runs = try jsonObject(outcome.output)["runs"] as? [[String: Any]]
    return try #require(runs?.first)
  }

  @Test func `trainings are listed among the runs`() throws {
    #expect(try toponas(words("run", epochs: 2)).status == 0)
    let summary = try String(contentsOfFile: "\(root)/run/summary.json", encoding: .utf8)
    let accuracy = try #require(jsonObject(summary)["test_accuracy"] as? Double)
    let finished = try listed("run")
    #expect(finished["state"] as? String == "finished")
    #expect(finished["command"] as? String == "evaluate")
    #expect(finished["test_accuracy"] as? Double == accuracy)
    #expect(finished["genotype"] as? String == Self.cell)
    let row = try toponas(["runs", root]).output.split(separator: "\n").last ?? ""
    let cells = row.split(separator: " ").map(String.init)
    #expect(
      cells.prefix(7) == [
        "\(root)/run", "finished", "evaluate", "nasbench201", "2/2",
        String(format: "%.1f", 100 * accuracy), "%",
      ])
    try removeSummary("run")
    #expect(try listed("run")["state"] as? String == "interrupted")
    // A test of weights has no epochs.
    #expect(try toponas(["export", "\(root)/run", "--out", "\(root)/weights"]).status == 0)
    let test = self.words("test", epochs: 0, ["--weights", "\(root)/weights"])
    #expect(try toponas(test).status == 0)
    #expect(try listed("test")["test_accuracy"] as? Double == accuracy)
  }

  @Test func `runs of another command are told as such`() throws {
    #expect(try toponas(words("run")).status == 0)
    let search = [
      "search", "--channels", "2", "--epochs", "1", "--train-images", "40", "--batch", "10",
      "--quiet", "--out", "\(root)/search",
    ]
    #expect(try toponas(search).status == 0)
    for words in [
      ["search", "--resume", "\(root)/run"], ["search", "--config", "\(root)/run/config.json"],
    ] {
      try expectRefusal(
        words, 65,
        "\(root)/run/config.json: expected a run of toponas search, found one of toponas evaluate\nHint: "
      )
    }
    try expectRefusal(
      ["evaluate", "--resume", "\(root)/search"], 65,
      "expected a run of toponas evaluate, found one of toponas search\nHint: ")
  }

  @Test func `what does not belong to the run is refused`() throws {
    #expect(try toponas(words("run")).status == 0)
    try removeSummary("run")
    let options = try resume("run", ["--epochs", "4", "--seed", "1", "--out", "x"])
    #expect(options.status == 64)
    #expect(options.error.hasPrefix("error: --epochs, --out: differ from the run at "))
    #expect(try resume("none").status == 66)
    let config = URL(fileURLWithPath: "\(root)/run/config.json")
    let text = try String(contentsOf: config, encoding: .utf8)
    for (old, new, message) in [
      (
        "\"channels\" : 2", "\"channels\" : 4",
        "is not of this config.json: channels: expected 4, f"
      ),
      ("\"channels\" : 2", "\"channels\" : 0", "channels: expected a whole number from 1 to 512"),
      ("\"channels\"", "\"chanels\"", "unknown key 'chanels'. Did you mean 'channels'?"),
      ("\"|nor_conv_3x3~0", "\"|nor_conv_3x4~0", "genotype: "),
      ("\"nasbench201\"", "\"darts\"", "space: expected that of the genotype, nasbench201"),
      ("\"drop_path\" : 0", "\"drop_path\" : 1", "drop-path: expected a number from 0 to 0.999"),
    ] {
      #expect(text.contains(old), "\(old)")
      try text.replacing(old, with: new).write(to: config, atomically: true, encoding: .utf8)
      let outcome = try resume("run")
      #expect(outcome.status == 65 && outcome.error.contains(message), "\(outcome.error)")
    }
    try text.write(to: config, atomically: true, encoding: .utf8)
    #expect(try resume("run", ["--epochs", "3"]).status == 0)
  }
}
