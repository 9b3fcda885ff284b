import Foundation
import TestSupport
import Testing

/// The program as a process.
@Suite("toponas as a process", .serialized)
struct CommandLineTests {
  private let root = NSTemporaryDirectory() + "toponas-cli-\(UUID().uuidString)"

  /// A search of a second.
  private func search(_ folder: String, _ more: [String] = []) throws -> ProgramOutcome {
    try toponas(
      [
        "search", "--channels", "2", "--cells", "1", "--epochs", "2", "--train-images", "80",
        "--batch", "16", "--out", "\(root)/\(folder)",
      ] + more)
  }

  private func read(_ name: String) throws -> String {
    try String(contentsOfFile: "\(root)/\(name)", encoding: .utf8)
  }

  @Test(arguments: ["--simplify", "--no-simplify"])
  func `a search leaves its folder and prints the cell`(_ kind: String) throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    let outcome = try search("run", [kind])
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.output.hasPrefix("genotype  |"))
    #expect(outcome.output.contains("run       \(root)/run"))
    #expect(outcome.error.contains(kind == "--simplify" ? "4 of 7 modules" : "7 of 7 modules"))
    let files = try FileManager.default.contentsOfDirectory(atPath: "\(root)/run").sorted()
    #expect(
      files == [
        ".lock", "alphas.csv", "checkpoint.bin", "checkpoint.previous.bin", "config.json",
        "genotype.json", "metrics.jsonl", "report.html", "summary.json",
      ])
    let metrics = try read("run/metrics.jsonl").split(separator: "\n")
    #expect(metrics.count == 2)
    for key in [
      "seconds", "validation_loss", "peak_memory_bytes", "peak_tensor_bytes", "alpha_entropy",
      "skip_count",
    ] {
      #expect(metrics[0].contains("\"\(key)\":"))
    }
    #expect(try read("run/alphas.csv").split(separator: "\n").count == 13)
    let line = try #require(outcome.output.split(separator: "\n").last)
    #expect(line.contains(kind == "--simplify" ? "--no-simplify" : "--simplify"))
  }

  @Test(arguments: ["--simplify", "--no-simplify"])
  func `a search of the DARTS space`(_ kind: String) throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    let outcome = try search("darts", ["--space", "darts", "--cells", "3", kind])
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.output.hasPrefix("genotype  Genotype(normal=[('"))
    #expect(outcome.error.contains(kind == "--simplify" ? "13 of 28 modules" : "28 of 28 modules"))
    let alphas = try read("darts/alphas.csv").split(separator: "\n")
    #expect(alphas.count == 1 + 2 * 2 * 14)
    #expect(alphas[0].hasPrefix("epoch,cell,edge,none,max_pool_3x3"))
    #expect(alphas[15].hasPrefix("1,reduction,0->2,"))
    #expect(outcome.error.contains("memory   a predicted peak of "))
    #expect(try read("darts/genotype.json").contains("\"darts\" : \"Genotype("))
    let line = try #require(outcome.output.split(separator: "\n").last)
    #expect(line.contains("--space darts"))
  }

  @Test(arguments: [
    ["--variant", "P", "--kernel-norm", "4"], ["--floating", "C"], ["--weights", "N2"],
    ["--variant", "S", "--join-pools", "--weights", "N2"],
    ["--floating", "B", "--merge", "always", "--kernel-norm", "0"],
  ])
  func `every way to simplify can be searched`(_ options: [String]) throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    let outcome = try search(
      "run", ["--space", "darts", "--cells", "3", "--train-images", "10", "--batch", "4"] + options)
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(try read("run/config.json").contains("\"simplification\" : {"))
    let rows = try read("run/alphas.csv").split(separator: "\n")
    #expect(Set(rows.map { $0.count { $0 == "," } }).count == 1, "all rows have one length")
  }

  @Test(arguments: [
    [], ["--space", "darts", "--cells", "3", "--train-images", "20", "--batch", "5"],
  ])
  func `the same seed gives the same bytes for any number of threads`(_ space: [String]) throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    for (folder, more) in [
      ("one", ["--threads", "1"]), ("again", ["--threads", "1"]), ("two", ["--threads", "2"]),
      ("other", ["--seed", "2"]),
    ] {
      #expect(try search(folder, ["--quiet"] + space + more).status == 0)
    }
    /// What does not depend on time.
    func result(_ folder: String) throws -> [String] {
      let lines = try read("\(folder)/metrics.jsonl").split(separator: "\n").map {
        try #require(
          try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
      }
      let keys = ["training_loss", "validation_loss", "validation_accuracy", "genotype"]
      return try lines.flatMap { line in try keys.map { "\(try #require(line[$0]))" } }
        + [read("\(folder)/alphas.csv"), read("\(folder)/genotype.json")]
    }
    let first = try result("one")
    for folder in ["again", "two"] { #expect(try result(folder) == first) }
    #expect(try result("other") != first)
  }

  @Test(
    arguments: [
      (["serach"], 64, "unknown command 'serach'. Did you mean 'search'?"),
      (["search", "--no-simplify", "--variant", "P"], 64, "--variant says how to simplify"),
      (["search", "--floating", "B", "--weights", "N2"], 64, "--floating B mixes the same"),
      (
        ["search", "--space", "darts", "--cells", "2"], 64,
        "--cells 2: a supernet of darts has 3 cells"
      ),
      (["search", "--epoch", "3"], 64, "unknown option '--epoch'. Did you mean '--epochs'?"),
      (["search", "--epochs", "-3"], 64, "--epochs: expected a whole number from 1 to 100000"),
      (["search", "--space", "darts9"], 64, "--space: expected one of nasbench201"),
      (["search", "--data", "/nowhere"], 66, "no folder at /nowhere"),
      (["search", "--train-images", "20"], 64, "fewer than a batch of 32"),
      (
        ["search", "--preset", "small"], 64,
        "--preset small is for real images and needs --data DIR"
      ),
      (["search", "--data", ""], 64, "--data: expected DIR, not empty, found ''"),
      (["--verison"], 64, "unknown option '--verison'. Did you mean '--version'?"),
      (["search", "--out", "/proc/version/x"], 73, "cannot create the run folder /proc/version/x"),
    ])
  func `wrong input gets one message and its code`(
    _ arguments: [String], _ status: Int32, _ message: String
  ) throws {
    try expectRefusal(arguments, status, message)
  }

  @Test func `damaged images are told with file and place`() throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    try Data([UInt8](repeating: 0, count: 3073 + 100)).write(
      to: URL(fileURLWithPath: "\(root)/data_batch_1.bin"))
    let outcome = try toponas(["search", "--data", root])
    #expect(outcome.status == 65)
    #expect(outcome.error.contains("data_batch_1.bin: expected records of 3073 bytes"))
    #expect(outcome.error.contains("byte offset 3073"))
  }

  @Test func `a run folder in use is not touched`() throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    #expect(try search("run", ["--quiet"]).status == 0)
    let before = try read("run/metrics.jsonl")
    let outcome = try search("run")
    #expect(outcome.status == 73)
    #expect(outcome.error.contains("exists already and is not empty"))
    #expect(try read("run/metrics.jsonl") == before)
  }

  @Test func `a result that cannot be written is a failure`() throws {
    let process = toponasProcess()
    process.arguments = ["help"]
    process.standardOutput = FileHandle(forWritingAtPath: "/dev/full")
    process.standardError = Pipe()
    try process.run()
    waitForEnd(process)
    if FileManager.default.fileExists(atPath: "/dev/full") {
      #expect(process.terminationStatus == 74)
    }
  }

  @Test func `a run folder that goes away ends the search at once`() throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    let process = toponasProcess()
    process.arguments = [
      "search", "--channels", "2", "--epochs", "100000", "--train-images", "80", "--batch", "16",
      "--quiet", "--out", "\(root)/run",
    ]
    let error = Pipe()
    process.standardError = error
    try process.run()
    supervised(process) {
      while process.isRunning
        && !FileManager.default.fileExists(atPath: "\(root)/run/metrics.jsonl")
      { usleep(10_000) }
    }
    // Moved, which is one step, not removed file by file while the process writes.
    try FileManager.default.moveItem(atPath: "\(root)/run", toPath: "\(root)/elsewhere")
    waitForEnd(process)
    #expect(process.terminationStatus == 74)
    let text = String(decoding: error.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    #expect(text.contains("\(root)/run is no longer the folder of this run"))
  }

  @Test func `help goes to standard output`() throws {
    for arguments in [[], ["help"], ["search", "--help"], ["--version"]] {
      let outcome = try toponas(arguments)
      #expect(outcome.status == 0)
      #expect(!outcome.output.isEmpty && outcome.error.isEmpty)
    }
    #expect(try toponas(["search", "--help"]).output.contains("--train-images N"))
  }

  @Test(.enabled(if: DevelopmentData.cifar10 != nil, "TOPONAS_CIFAR10 names no folder"))
  func `a search on real images`() throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    let outcome = try search("run", ["--data", try #require(DevelopmentData.cifar10)])
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.error.contains("80 images of 10 classes"))
  }
}
