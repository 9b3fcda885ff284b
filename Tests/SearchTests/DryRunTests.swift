import Foundation
import SearchMethods
import SearchSpaces
import TestSupport
import Testing

@testable import Reports
@testable import Runs
@testable import toponas

/// `--dry-run` as a process.
@Suite("Dry runs", .serialized)
struct DryRunTests {
  private let root = NSTemporaryDirectory() + "toponas-dry-\(UUID().uuidString)"
  private static let cell =
    "|nor_conv_3x3~0|+|none~0|nor_conv_1x1~1|+|skip_connect~0|none~1|avg_pool_3x3~2|"
  private static let size = [
    "--channels", "2", "--cells", "1", "--train-images", "160", "--batch", "16", "--epochs", "3",
  ]
  private static let search = ["search", "--dry-run"] + size
  private static let evaluation = ["evaluate", "--dry-run", "--genotype", cell] + size

  /// The program in a folder of its own.
  private func run(_ arguments: [String]) throws -> ProgramOutcome {
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    let process = toponasProcess()
    process.currentDirectoryURL = URL(fileURLWithPath: root)
    return try outcome(of: process, arguments)
  }

  @Test(
    arguments: [
      (search, ["memory   a predicted peak of ", "3 epochs of 5 steps", "nasbench201-darts"]),
      (search + ["--method", "pc-darts", "--warm-up-epochs", "2", "--channels", "4"], ["frozen"]),
      (evaluation, ["3 epochs of 10 steps, batch 16", "nasbench201-evaluation-seed1 would be"]),
    ])
  func `a dry run prints the plan and leaves nothing`(
    _ arguments: [String], _ texts: [String]
  ) throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    let outcome = try run(arguments)
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.error.isEmpty)
    for text in texts { #expect(outcome.output.contains(text), "\(outcome.output)") }
    let time = try #require(outcome.output.split(separator: "\n").first { $0.hasPrefix("time ") })
    #expect(time.contains(" ms per step, ") && time.contains("medians of "))
    #expect(try FileManager.default.subpathsOfDirectory(atPath: root).isEmpty)
  }

  @Test func `a dry run knows where the run would be`() throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    #expect(try run(Self.search + ["--out", "new"]).output.contains("\nrun      new would be"))
    try FileManager.default.createDirectory(
      atPath: "\(root)/old/sub", withIntermediateDirectories: true)
    for command in [Self.search, Self.evaluation] {
      let outcome = try run(command + ["--out", "old"])
      #expect(outcome.status == 73 && outcome.error.contains("old exists already"))
    }
    #expect(
      try FileManager.default.subpathsOfDirectory(atPath: root).sorted() == ["old", "old/sub"])
  }

  @Test func `the predicted time is that of all steps and tests, and without epochs of one test`()
    throws
  {
    var pace = MeasuredPace()
    // The first does not count.
    for (seconds, step) in [(90, 50), (3, 2), (3, 2)] {
      try pace.add(seconds: Double(seconds), secondsPerStep: Double(step))
    }
    let text = pace.text(epochs: 2, steps: 5, evaluations: 4)
    #expect(text.hasPrefix("about 28 s on") && text.hasSuffix("medians of 2 measured"), "\(text)")
    #expect(pace.text(epochs: 0, steps: 5, evaluations: 4).hasPrefix("about 4 s on"))
    #expect(throws: MeasuredPace.IsKnown.self) {
      for _ in 0..<100 { try pace.add(seconds: 3, secondsPerStep: 2) }
    }
  }

  @Test func `steps of unlike kinds are predicted each by its own`() throws {
    var pace = MeasuredPace()
    let (train, score) = (StepKind(), StepKind("score", batches: 2))
    for (kind, step) in [(train, 50), (train, 2), (score, 6), (train, 2)] {
      try pace.add(seconds: Double(step), secondsPerStep: Double(step), evaluations: 0, kind)
    }
    // 10 steps of 2 s, and 4 of 5 batches of 3 s.
    let text = pace.text([
      (work: UnitWork(steps: 10, evaluations: 0), kind: train),
      (work: UnitWork(steps: 4, evaluations: 0), kind: StepKind("score", batches: 5)),
    ])
    #expect(text.hasPrefix("about 80 s on") || text.hasPrefix("about 1 min 20 s on"), "\(text)")
    #expect(throws: Never.self, "one kind is not measured yet") {
      for _ in 0..<50 {
        try pace.add(seconds: 1, secondsPerStep: 1, train, of: ["step", "other"])
      }
    }
    #expect(throws: MeasuredPace.IsKnown.self) {
      for _ in 0..<2 {
        try pace.add(seconds: 1, secondsPerStep: 1, StepKind("other"), of: ["step", "other"])
      }
    }
  }

  @Test func `a dry run reads the weights`() throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    #expect(try run(Array(Self.evaluation.filter { $0 != "--dry-run" })).status == 0)
    let folder = "\(root)/runs/nasbench201-evaluation-seed1"
    #expect(try run(["export", folder, "--out", "weights"]).status == 0)
    let sound = try run(Self.evaluation + ["--weights", "weights", "--epochs", "0"])
    #expect(sound.status == 0 && sound.output.contains("test     as it is"), "\(sound.error)")
    let wrong = try run(Self.evaluation + ["--weights", "weights", "--channels", "3"])
    #expect(wrong.status == 65 && wrong.error.contains("channels: expected 3, found 2"))
  }

  @Test(
    arguments: [
      (search + ["--train-images", "20"], 64, "fewer than a batch of 16"),
      (search + ["--data", "/nowhere"], 66, "no folder at /nowhere"),
      (search + ["--no-simplify", "--variant", "P"], 64, "--variant says how to simplify"),
      (search + ["--epochs", "0"], 64, "--epochs: expected a whole number from 1"),
      (evaluation + ["--train-images", "10"], 64, "fewer than a batch of 16"),
      (["study", "--dry-run"], 64, "unknown option '--dry-run'"),
    ])
  func `wrong options are refused all the same`(
    _ arguments: [String], _ status: Int32, _ message: String
  ) throws {
    try expectRefusal(arguments, status, message)
  }
}
