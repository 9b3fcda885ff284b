import Foundation
import TensorFiles
import Tensors
import TestSupport
import Testing

/// Two processes and one name: no run writes into the folder of another.
@Suite("Ownership of run folders", .serialized)
struct OwnershipTests {
  private let folder: TemporaryFolder
  private var path: String { folder.path }
  private let files = FileManager.default
  private static let cell = "|nor_conv_1x1~0|+|none~0|none~1|+|none~0|none~1|skip_connect~2|"

  init() throws { folder = try TemporaryFolder() }

  private static let search = [
    "search", "--channels", "2", "--cells", "1", "--train-images", "80", "--batch", "8",
    "--checkpoint-minutes", "0", "--quiet",
  ]
  private static let evaluation = [
    "evaluate", "--genotype", cell, "--channels", "2", "--cells", "1", "--train-images", "80",
    "--test-images", "20", "--batch", "8", "--checkpoint-minutes", "0", "--quiet",
  ]

  private func run(_ words: [String], _ name: String, epochs: Int = 3) throws -> ProgramOutcome {
    try toponas(words + ["--epochs", "\(epochs)", "--out", "\(path)/\(name)"])
  }

  /// Starts a run without end, and waits until it has done an epoch.
  private func endless(_ words: [String], _ name: String) throws -> (Process, URL) {
    let error = URL(fileURLWithPath: "\(path)/\(name)-stderr")
    return (
      try startToponas(
        words + ["--epochs", "100000", "--out", "\(path)/\(name)"],
        until: "\(path)/\(name)/metrics.jsonl", error: error), error
    )
  }

  private func contents(_ name: String) throws -> RunFolderContents {
    try RunFolderContents("\(path)/\(name)")
  }

  @Test(arguments: [search, evaluation])
  func `a run whose folder is moved or removed ends, and harms none that takes its name`(
    _ words: [String]
  ) throws {
    #expect(try run(words, "whole").status == 0)
    let whole = try contents("whole")
    var generator = RandomGenerator(seed: 7)
    for round in 0..<2 {
      let (first, error) = try endless(words, "run")
      usleep(UInt32(generator.integer(below: 60_000)))
      if round.isMultiple(of: 2) {
        try files.moveItem(atPath: "\(path)/run", toPath: "\(path)/old\(round)")
      } else {
        // A process that writes there at this moment leaves a file, and the folder with it.
        while files.fileExists(atPath: "\(path)/run") {
          try? files.removeItem(atPath: "\(path)/run")
        }
      }
      let second = try run(words, "run")
      waitForEnd(first)
      #expect(second.status == 0, "\(second.error)")
      #expect(first.terminationReason == .exit && first.terminationStatus == 74)
      let message = try String(contentsOf: error, encoding: .utf8)
      #expect(
        message.hasPrefix("error: \(path)/run is no longer the folder of this run: it was moved, "),
        "\(message)")
      #expect(message.split(separator: "\n").count == 2, "\(message)")
      #expect(try contents("run") == whole)
      let names = try files.contentsOfDirectory(atPath: "\(path)/run").filter { $0 != ".lock" }
      let expected = try files.contentsOfDirectory(atPath: "\(path)/whole").filter { $0 != ".lock" }
      #expect(Set(names) == Set(expected))
      try files.removeItem(atPath: "\(path)/run")
    }
  }

  @Test func `a run that was moved goes on where it is, to the same bytes`() throws {
    #expect(try run(Self.search, "whole", epochs: 40).status == 0)
    let error = URL(fileURLWithPath: "\(path)/stderr")
    let process = try startToponas(
      Self.search + ["--epochs", "40", "--out", "\(path)/run"],
      until: "\(path)/run/metrics.jsonl", error: error)
    try files.moveItem(atPath: "\(path)/run", toPath: "\(path)/moved")
    waitForEnd(process)
    // On a busy machine the search may have been quicker.
    #expect([0, 74].contains(process.terminationStatus))
    #expect(!files.fileExists(atPath: "\(path)/run"))
    let state = try toponas(["runs", "\(path)/moved"]).output
    #expect(state.contains(process.terminationStatus == 0 ? "finished" : "interrupted"), "\(state)")
    #expect(try toponas(["search", "--resume", "\(path)/moved", "--quiet"]).status == 0)
    #expect(try contents("moved") == contents("whole"))
  }

  @Test func `without its lock file a run is still in use`() throws {
    let (process, _) = try endless(Self.search, "run")
    try files.removeItem(atPath: "\(path)/run/.lock")
    for words in [["search", "--resume", "\(path)/run"], Self.search + ["--out", "\(path)/run"]] {
      let second = try toponas(words)
      #expect(second.status == 73, "\(second.error)")
    }
    #expect(try toponas(["runs", "\(path)/run"]).output.contains("running"))
    process.interrupt()
    waitForEnd(process)
    #expect(process.terminationReason == .exit && process.terminationStatus == 130)
    #expect(throws: Never.self) { try CheckpointFile.read("\(path)/run/checkpoint.bin") }
    #expect(try toponas(["runs", "\(path)/run"]).output.contains("interrupted"))
  }

  // MARK: At the same time

  /// Starts a command several times at once, and returns how each ended.
  private func atOnce(_ count: Int, _ words: [String]) throws -> [Int32] {
    let processes = (0..<count).map { _ in toponasProcess() }
    for process in processes {
      process.arguments = words
      process.currentDirectoryURL = URL(fileURLWithPath: path)
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
    }
    return processes.map { process in
      waitForEnd(process)
      return process.terminationStatus
    }
  }

  @Test func `searches that begin at once have folders of their own`() throws {
    #expect(try run(Self.search, "whole").status == 0)
    #expect(try atOnce(5, Self.search + ["--epochs", "3"]) == [0, 0, 0, 0, 0])
    let names = try files.contentsOfDirectory(atPath: "\(path)/runs").sorted()
    let first = "nasbench201-darts-simplified-seed1"
    #expect(names == [first] + (2...5).map { "\(first)-\($0)" })
    for name in names { #expect(try contents("runs/\(name)") == contents("whole")) }
  }

  @Test func `of searches that want one folder one gets it`() throws {
    #expect(try run(Self.search, "whole").status == 0)
    for round in 0..<3 {
      // One that exists and is empty is nobody's until it is locked.
      try files.createDirectory(
        atPath: "\(path)/run\(round)", withIntermediateDirectories: false)
      let words = Self.search + ["--epochs", "3", "--out", "run\(round)"]
      #expect(try atOnce(5, words).sorted() == [0, 73, 73, 73, 73])
      #expect(try contents("run\(round)") == contents("whole"))
    }
  }

  @Test func `of processes that go on with one run one does`() throws {
    #expect(try run(Self.search, "whole", epochs: 6).status == 0)
    let error = URL(fileURLWithPath: "\(path)/stderr")
    let process = try startToponas(
      Self.search + ["--epochs", "6", "--out", "\(path)/run"],
      until: "\(path)/run/checkpoint.bin", error: error)
    kill(process.processIdentifier, SIGKILL)
    waitForEnd(process)
    let codes = try atOnce(5, ["search", "--resume", "run", "--quiet"])
    // Whoever comes when it is finished is told so.
    #expect(codes.contains(0) && codes.allSatisfy { [0, 73].contains($0) }, "\(codes)")
    #expect(try contents("run") == contents("whole"))
  }
}
