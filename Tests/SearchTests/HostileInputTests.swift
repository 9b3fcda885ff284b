import Foundation
import TensorFiles
import Tensors
import TestSupport
import Testing

/// Whatever the program is given and wherever it runs, it answers with one of its exit codes.
@Suite("toponas with hostile input", .serialized)
struct HostileInputTests {
  private static let cell = "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|"
  private static let largest = ["--channels", "512", "--cells", "100", "--batch", "4096"]
  private static let small = [
    "--channels", "2", "--cells", "1", "--epochs", "2", "--train-images", "80", "--batch", "16",
  ]

  private static let smallExport = ["--channels", "2", "--cells", "1", "--batch", "4"]

  /// The outcome of a line for the shell, in which `$0` is the program and `$1` a folder.
  private func shell(_ line: String, _ folder: TemporaryFolder) throws -> ProgramOutcome {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    let program = try #require(toponasProcess().executableURL).path
    return try outcome(of: process, ["-c", line, program, folder.path])
  }

  // MARK: Options

  @Test(arguments: [
    ["search"] + largest, ["search", "--space", "darts", "--method", "darts2"] + largest,
    ["bench", "step"] + largest, ["bench", "export"] + largest,
    ["bench", "export", "--steps", "1000", "--batch", "4096"],
    ["evaluate", "--genotype", cell] + largest,
  ])
  func `what cannot fit into memory is refused before it is taken`(_ words: [String]) throws {
    try expectRefusal(words, 64, "this needs ")
  }

  @Test(arguments: [
    (["study", "--also", "="], "--also '=': expected NAME=OPTIONS"),
    (["study", "--also", "P=--variant P;=;"], "--also '=': expected NAME=OPTIONS"),
    (
      ["cost", "--space", "darts", "--cells", "2"],
      "--cells 2: a supernet of darts has 3 cells or more"
    ),
    (["search", "--epochs", "99999999999999999999"], "--epochs: expected a whole number"),
    (["search", "--channels", "100000000"], "--channels: expected a whole number from 1 to 512"),
    (["search", "--threads", "0"], "--threads: expected a whole number from 1 to 256"),
    (["search", "--method", "gdas", "--tau-to", "nan"], "--tau-to: expected a number"),
    (["search", "--method", "gdas", "--tau-to", "inf"], "--tau-to: expected a number"),
    (["evaluate", "--genotype", cell, "--train-images", "1"], "fewer than a batch of 64"),
  ])
  func `a wrong option is refused`(_ words: [String], _ message: String) throws {
    try expectRefusal(words, 64, message)
  }

  @Test(arguments: ["a b", "a\nb", "\u{65E5}\u{672C} \u{E9}", "-x", "'\"$HOME%s"])
  func `a run can have any name`(_ name: String) throws {
    let folder = try TemporaryFolder()
    let run = "\(folder.path)/\(name)"
    #expect(try toponas(["search", "--quiet", "--out", run] + Self.small).status == 0)
    let again = try toponas(["search", "--resume", run])
    #expect(again.status == 0 && again.output.hasPrefix("finished  2 epochs"))
    let table = try toponas(["runs", folder.path]).output.split(separator: "\n")
    #expect(table.count == 2)
    #expect(
      table.last?.hasPrefix("\(folder.path)/\(name.replacing("\n", with: "\\n"))  finished") == true
    )
  }

  @Test func `a name that is too long, and a file, are no run folders`() throws {
    let folder = try TemporaryFolder()
    try folder.write([1], to: "file")
    for name in [String(repeating: "x", count: 300), "file", "file/run"] {
      try expectRefusal(
        ["search", "--quiet", "--out", "\(folder.path)/\(name)"] + Self.small, 73, folder.path)
    }
    #expect(try folder.names == ["file"])
  }

  // MARK: Files

  /// A folder where a file should be, and a file where a folder should be.
  @Test func `the system's reasons are words`() throws {
    let folder = try TemporaryFolder()
    try folder.write([0xFF], to: "file")
    let (path, cell) = (folder.path, Self.cell)
    let run = "\(path)/run"
    #expect(try toponas(["search", "--quiet", "--out", run] + Self.small).status == 0)
    let (isFolder, isFile, noText) = ("Is a directory", "Not a directory", "expected text in UTF-8")
    for (words, status, reason) in [
      (["cost", "--genotype", "\(path)/file/x"], 66, isFile),
      (["search", "--config", path], 66, isFolder),
      (["search", "--config", "\(path)/file"], 65, noText),
      (["nasbench", "--table", path, "--genotype", cell], 66, isFolder),
      (["nasbench", "--table", "\(path)/file", "--genotype", cell], 66, noText),
      (["evaluate", "--weights", path, "--epochs", "0"], 66, isFolder),
      (["export", run, "--out", path], 73, isFolder),
      (["export", run, "--out", "\(path)/file/x"], 73, isFile),
      (["report", run, "--out", path], 73, isFolder),
      (["genotype", "draw", run, "--format", "svg", "--out", path], 73, isFolder),
      (["report", run, "--out", "\(path)/file/x"], 73, isFile),
      (["bench", "export", "--out", path, "--steps", "1"] + Self.smallExport, 73, isFolder),
      (["search", "--out", "\(path)/file/run"] + Self.small, 73, isFile),
      (["simplify", "--svg", "\(path)/file/x"], 73, isFile),
    ] as [([String], Int32, String)] {
      try expectRefusal(words, status, ": \(reason)\nHint: ")
    }
  }

  @Test func `a configuration that is no JSON is told with its file`() throws {
    let folder = try TemporaryFolder()
    try folder.write("{,".utf8, to: "run/config.json")
    let run = "\(folder.path)/run"
    let message = "\(run)/config.json: expected one JSON object: "
    for words in [["search", "--resume", run], ["report", run], ["export", run]] {
      try expectRefusal(words, 65, message)
      #expect(try toponas(words).error.contains("around"), "the place")
    }
    let list = try toponas(["runs", folder.path])
    #expect(list.status == 0 && list.error.hasPrefix("warning: \(message)"), "\(list.error)")
  }

  /// A limit of the size of files does what a full disk does.
  @Test(arguments: [
    "export \"$1/run\"", "report \"$1/run\"", "genotype draw --format svg \"$1/run\"",
    "bench export --steps 1 \(smallExport.joined(separator: " "))",
  ])
  func `a file that cannot be finished is no output`(_ line: String) throws {
    let folder = try TemporaryFolder()
    let search = ["search", "--quiet", "--out", "\(folder.path)/run"] + Self.small
    #expect(try toponas(search).status == 0)
    let outcome = try shell("ulimit -f 1; exec \"$0\" \(line) --out \"$1/out\"", folder)
    #expect(outcome.status == 74, "\(outcome.error)")
    #expect(
      outcome.error.hasPrefix("error: cannot write \(folder.path)/out: File too large\nHint: "))
    #expect(try folder.names == ["run"])
  }

  @Test(arguments: [
    "export \"$1/run\"", "report \"$1/run\"", "genotype draw --format svg \"$1/run\"",
  ])
  func `a pipe is written into, and stays one`(_ line: String) throws {
    let folder = try TemporaryFolder()
    let search = ["search", "--quiet", "--out", "\(folder.path)/run"] + Self.small
    #expect(try toponas(search).status == 0)
    let line =
      "mkfifo \"$1/pipe\"; cat \"$1/pipe\" > \"$1/copy\" & "
      + "\"$0\" \(line) --out \"$1/pipe\" && wait && test -p \"$1/pipe\" && "
      + "\"$0\" \(line) --out \"$1/file\""
    let outcome = try shell(line, folder)
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(try folder.read("copy") == folder.read("file"))
    #expect(try !folder.read("copy").isEmpty)
  }

  /// A configuration that was edited; `--config` reads it with the same checks.
  @Test(arguments: [
    ("\"name\" : \"darts\"", "\"name\" : \"pc-darts\"", "channels 2: expected a multiple of 4"),
    (
      "\"weights\" : \"N1\"", "\"weights\" : \"N2\"",
      "config.json: floating B mixes the same operations in two sums"
    ),
  ])
  func `a configuration of which no search can be made`(
    _ old: String, _ new: String, _ message: String
  ) throws {
    let folder = try TemporaryFolder()
    let words = ["search", "--quiet", "--floating", "B", "--out", "\(folder.path)/run"]
    #expect(try toponas(words + Self.small).status == 0)
    try FileManager.default.removeItem(atPath: "\(folder.path)/run/summary.json")
    let text = String(decoding: try folder.read("run/config.json"), as: UTF8.self)
    #expect(text.contains(old))
    try folder.write(text.replacing(old, with: new).utf8, to: "run/config.json")
    try expectRefusal(["search", "--resume", "\(folder.path)/run"], 65, message)
  }

  @Test func `metrics that no process can have written`() throws {
    let folder = try TemporaryFolder()
    #expect(
      try toponas(["search", "--quiet", "--out", "\(folder.path)/run"] + Self.small).status == 0)
    let text = String(decoding: try folder.read("run/metrics.jsonl"), as: UTF8.self)
    let pattern = /"seconds":[^,]*/
    try folder.write(
      text.replacing(pattern, with: "\"seconds\":1e300").utf8, to: "run/metrics.jsonl")
    let outcome = try toponas(["runs", folder.path])
    #expect(outcome.status == 0)
    #expect(outcome.error.contains("line 1: expected the metrics of epoch 1"), "\(outcome.error)")
  }

  /// What a file says of its size is not believed.
  @Test func `files that claim much are refused under a limit of memory`() throws {
    let folder = try TemporaryFolder()
    #expect(
      try toponas(["search", "--quiet", "--out", "\(folder.path)/run"] + Self.small).status == 0)
    for name in ["summary.json", "checkpoint.previous.bin"] {
      try FileManager.default.removeItem(atPath: "\(folder.path)/run/\(name)")
    }
    var claim = try folder.read("run/checkpoint.bin")
    withUnsafeBytes(of: UInt64(1) << 60) { claim.replaceSubrange(16..<24, with: $0) }
    try folder.write(claim, to: "run/checkpoint.bin")
    let limit = "ulimit -v 4000000; exec \"$0\" "
    let checkpoint = try shell(limit + "search --resume \"$1/run\"", folder)
    #expect(checkpoint.status == 65)
    #expect(checkpoint.error.contains("expected 1152921504606846976 bytes, found"))
    try folder.write("P6 1000000000 1000000000 255\n".utf8, to: "p/cat/1.ppm")
    try folder.write("P6 32 32 255\n".utf8, to: "p/dog/1.ppm")
    let image = try shell(limit + "search --data \"$1/p\" --train-images 2", folder)
    #expect(image.status == 65)
    #expect(image.error.contains("found 1000000000 x 1000000000 pixels"), "\(image.error)")
  }

  // MARK: Streams and signals

  @Test func `a reader that goes away is no failure`() throws {
    let piped = try shell("{ \"$0\" cost; echo $? >&2; } | head -1", try TemporaryFolder())
    #expect(piped.status == 0 && piped.error == "0\n", "\(piped.error)")
  }

  @Test func `a closed stream gives its lines to no file`() throws {
    let folder = try TemporaryFolder()
    let search = "\"$0\" search \(Self.small.joined(separator: " ")) --out \"$1/run\" "
    #expect(try shell(search + "2>&-", folder).status == 0)
    #expect(try folder.read("run/.lock").isEmpty)
    let mute = try shell(search.replacing("/run", with: "/mute") + ">&- <&-", folder)
    #expect(mute.status == 74 && mute.error.contains("cannot write to standard output"))
    #expect(try folder.read("mute/.lock").isEmpty)
    #expect(try folder.read("mute/genotype.json") == folder.read("run/genotype.json"))
  }

  /// A search without end, which has saved once.
  private func endlessSearch(_ folder: TemporaryFolder, before: String = "") throws -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    let program = try #require(toponasProcess().executableURL).path
    process.arguments =
      [
        "-c", "\(before) exec \"$0\" \"$@\"", program, "search", "--out", "\(folder.path)/run",
      ] + Self.small + ["--epochs", "100000"]
    process.standardError = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    supervised(process) {
      while !folder.has("run/metrics.jsonl"), process.isRunning { usleep(2_000) }
    }
    return process
  }

  @Test(arguments: [SIGHUP, SIGUSR1])
  func `a terminal that goes away, and a batch system, save the search`(_ signal: Int32) throws {
    let folder = try TemporaryFolder()
    let process = try endlessSearch(folder)
    kill(process.processIdentifier, signal)
    waitForEnd(process)
    #expect(process.terminationReason == .exit && process.terminationStatus == 130)
    #expect(throws: Never.self) { try CheckpointFile.read("\(folder.path)/run/checkpoint.bin") }
    #expect(!folder.has("run/failure.json"))
  }

  @Test func `nohup keeps a search from ending with its terminal`() throws {
    let folder = try TemporaryFolder()
    let process = try endlessSearch(folder, before: "trap '' HUP;")
    let lines = try folder.read("run/metrics.jsonl").count { $0 == 10 }
    kill(process.processIdentifier, SIGHUP)
    try supervised(process) {
      while try folder.read("run/metrics.jsonl").count(where: { $0 == 10 }) < lines + 3,
        process.isRunning
      { usleep(2_000) }
    }
    #expect(process.isRunning)
    process.terminate()
    waitForEnd(process)
    #expect(process.terminationStatus == 130)
  }
}
