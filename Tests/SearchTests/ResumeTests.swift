import Foundation
import TensorFiles
import Tensors
import TestSupport
import Testing

/// Searches that are stopped in every way, and go on.
@Suite("toponas search --resume", .serialized)
struct ResumeTests {
  private let root = NSTemporaryDirectory() + "toponas-resume-\(UUID().uuidString)"

  init() throws {
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
  }

  /// A search of 5 steps an epoch.
  private func words(_ folder: String, epochs: Int = 3, _ more: [String] = []) -> [String] {
    [
      "search", "--channels", "2", "--cells", "1", "--epochs", "\(epochs)", "--train-images", "80",
      "--batch", "8", "--checkpoint-minutes", "0", "--quiet", "--out", "\(root)/\(folder)",
    ] + more
  }

  private func resume(_ folder: String, _ more: [String] = []) throws -> ProgramOutcome {
    try toponas(["search", "--resume", "\(root)/\(folder)", "--quiet"] + more)
  }

  private func contents(_ folder: String) throws -> RunFolderContents {
    try RunFolderContents("\(root)/\(folder)")
  }

  private func removeAll() { try? FileManager.default.removeItem(atPath: root) }

  private func state(of folder: String) throws -> String {
    let outcome = try toponas(["runs", "\(root)/\(folder)", "--json"])
    #expect(outcome.status == 0, "\(outcome.error)")
    let object =
      try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: [Any]]
    let run = try #require(object?["runs"]?.first as? [String: Any])
    return try #require(run["state"] as? String)
  }

  /// Starts the program, and waits until a file of the run is there.
  private func start(_ words: [String], until file: String) throws -> (Process, URL) {
    let error = URL(fileURLWithPath: "\(root)/stderr-\(UUID().uuidString)")
    return (try startToponas(words, until: "\(root)/\(file)", error: error), error)
  }

  // MARK: Stopped and resumed

  @Test(arguments: [[], ["--space", "darts", "--cells", "3", "--train-images", "48"]])
  func `killed at random moments, a search ends with the same bytes`(_ space: [String]) throws {
    defer { removeAll() }
    #expect(try toponas(words("whole", space)).status == 0)
    let whole = try contents("whole")
    let wanted = ProcessInfo.processInfo.environment["TOPONAS_KILL_ROUNDS"].flatMap { Int($0) }
    var (generator, kills) = (RandomGenerator(seed: 3), 0)
    // A search of the DARTS space takes longer, so that a single one is killed several times.
    for round in 0..<(wanted ?? (space.isEmpty ? 2 : 1)) {
      kills += try runKilledAtRandom(
        words("\(round)", space), in: "\(root)/\(round)", &generator)
      #expect(try contents("\(round)") == whole, "round \(round)")
    }
    #expect(kills > 0)
  }

  @Test func `Ctrl-C and SIGTERM save, say how to go on, and end with 130`() throws {
    defer { removeAll() }
    let (endless, error) = try start(
      words("endless", epochs: 100_000), until: "endless/metrics.jsonl")
    endless.interrupt()
    waitForEnd(endless)
    #expect(endless.terminationReason == .exit && endless.terminationStatus == 130)
    let text = try String(contentsOf: error, encoding: .utf8)
    #expect(text.hasPrefix("interrupted; saved at "), "\(text)")
    #expect(text.contains(" search --resume \(root)/endless\n"), "\(text)")
    #expect(try state(of: "endless") == "interrupted")
  }

  @Test func `interrupted twice, a search ends with the same bytes`() throws {
    defer { removeAll() }
    #expect(try toponas(words("whole", epochs: 20)).status == 0)
    // On a busy machine the search may be quicker than the signal.
    let (first, _) = try start(words("run", epochs: 20), until: "run/metrics.jsonl")
    first.interrupt()
    waitForEnd(first)
    #expect(first.terminationReason == .exit && [0, 130].contains(first.terminationStatus))
    try FileManager.default.removeItem(atPath: "\(root)/run/checkpoint.previous.bin")
    let (second, _) = try start(
      ["search", "--resume", "\(root)/run", "--quiet"], until: "run/checkpoint.previous.bin")
    second.terminate()
    waitForEnd(second)
    #expect(second.terminationReason == .exit && [0, 130].contains(second.terminationStatus))
    let last = try resume("run")
    #expect(last.status == 0, "\(last.error)")
    #expect(try contents("run") == contents("whole"))
    #expect(try state(of: "run") == "finished")
  }

  @Test func `a second Ctrl-C ends at once`() throws {
    defer { removeAll() }
    // One step takes longer than both signals.
    let (process, _) = try start(
      words("run", ["--channels", "64", "--cells", "4", "--batch", "40"]),
      until: "run/checkpoint.bin")
    process.interrupt()
    usleep(100_000)
    process.interrupt()
    waitForEnd(process)
    #expect(process.terminationReason == .uncaughtSignal && process.terminationStatus == SIGINT)
  }

  @Test func `a finished run says so`() throws {
    defer { removeAll() }
    #expect(try toponas(words("run")).status == 0)
    let before = try contents("run")
    let outcome = try resume("run")
    #expect(outcome.status == 0 && outcome.output.hasPrefix("finished  3 epochs; nothing is left"))
    // Stopped between the last checkpoint and the summary.
    try FileManager.default.removeItem(atPath: "\(root)/run/summary.json")
    let again = try resume("run")
    #expect(again.status == 0 && again.output.hasPrefix("genotype  |"), "\(again.error)")
    #expect(try contents("run") == before)
  }

  @Test func `a run folder has one process`() throws {
    defer { removeAll() }
    let (process, _) = try start(words("run", epochs: 100_000), until: "run/checkpoint.bin")
    let second = try resume("run")
    #expect(second.status == 73)
    #expect(second.error.hasPrefix("error: another process works on \(root)/run\nHint: "))
    #expect(try state(of: "run") == "running")
    kill(process.processIdentifier, SIGKILL)
    waitForEnd(process)
    #expect(try state(of: "run") == "interrupted")
  }

  // MARK: Damage

  @Test func `a damaged checkpoint gives way to the one before`() throws {
    defer { removeAll() }
    #expect(try toponas(words("run")).status == 0)
    let whole = try contents("run")
    let (newest, previous) = ("\(root)/run/checkpoint.bin", "\(root)/run/checkpoint.previous.bin")
    let sound = try Data(contentsOf: URL(fileURLWithPath: previous))
    for damage in [Data(), sound.prefix(1000), sound + Data([0]), Data("no".utf8), nil] {
      try FileManager.default.removeItem(atPath: "\(root)/run/summary.json")
      if let damage {
        try damage.write(to: URL(fileURLWithPath: newest))
      } else {
        try FileManager.default.removeItem(atPath: newest)
      }
      let outcome = try resume("run", ["--checkpoint-minutes", "0"])
      #expect(outcome.status == 0, "\(outcome.error)")
      #expect(outcome.error.contains("going on from \(previous), epoch 3, step 5\n"))
      #expect(try contents("run") == whole)
      // The damaged one has not taken the place of the sound one.
      #expect(throws: Never.self) { try CheckpointFile.read(previous) }
      try sound.write(to: URL(fileURLWithPath: previous))
    }
    try FileManager.default.removeItem(atPath: "\(root)/run/summary.json")
    for file in [newest, previous] { try Data("no".utf8).write(to: URL(fileURLWithPath: file)) }
    let outcome = try resume("run")
    #expect(outcome.status == 65)
    #expect(outcome.error.hasPrefix("error: \(newest): expected a checkpoint, which begins with"))
    #expect(outcome.error.contains("\n\(previous): expected a checkpoint, which begins with"))
    #expect(outcome.error.contains("\nHint: no checkpoint is left to go on from: "))
    #expect(outcome.error.split(separator: "\n").count == 3, "\(outcome.error)")
    try FileManager.default.removeItem(atPath: newest)
    let without = try resume("run")
    #expect(without.status == 65 && without.error.hasPrefix("error: no checkpoint \(newest)\n"))
    #expect(without.error.contains("\n\(previous): expected a checkpoint, which begins with"))
    try Data("no".utf8).write(to: URL(fileURLWithPath: newest))
    for file in [newest, previous] { try FileManager.default.removeItem(atPath: file) }
    #expect(try resume("run").error.hasPrefix("error: no checkpoint \(newest)\n"))
    // Before the first checkpoint a run is at its beginning.
    for file in ["metrics.jsonl", "alphas.csv"] {
      try FileManager.default.removeItem(atPath: "\(root)/run/\(file)")
    }
    #expect(try resume("run").status == 0)
    #expect(try contents("run") == whole)
  }

  @Test func `records that go beyond the checkpoint, or not so far`() throws {
    defer { removeAll() }
    #expect(try toponas(words("run")).status == 0)
    let whole = try contents("run")
    let metrics = URL(fileURLWithPath: "\(root)/run/metrics.jsonl")
    try FileManager.default.removeItem(atPath: "\(root)/run/summary.json")
    try FileManager.default.removeItem(atPath: "\(root)/run/checkpoint.bin")
    try FileManager.default.moveItem(
      atPath: "\(root)/run/checkpoint.previous.bin", toPath: "\(root)/run/checkpoint.bin")
    for file in ["metrics.jsonl", "alphas.csv"] {
      let handle = try #require(FileHandle(forWritingAtPath: "\(root)/run/\(file)"))
      try handle.seekToEnd()
      try handle.write(contentsOf: Data(#"{"epoch":4,"#.utf8))
      try handle.close()
    }
    #expect(try resume("run").status == 0)
    #expect(try contents("run") == whole)
    try FileManager.default.removeItem(atPath: "\(root)/run/summary.json")
    let text = try String(contentsOf: metrics, encoding: .utf8)
    try Data(text.utf8.dropLast(20)).write(to: metrics)
    let outcome = try resume("run")
    #expect(outcome.status == 65)
    #expect(
      outcome.error.contains("metrics.jsonl: expected the 3 epochs of the checkpoint, found 2"))
  }

  /// The bytes of all files of a run.
  private func bytes(_ folder: String) throws -> [String: Data] {
    let names = try FileManager.default.contentsOfDirectory(atPath: "\(root)/\(folder)")
    return try names.reduce(into: [:]) { bytes, name in
      bytes[name] = try Data(contentsOf: URL(fileURLWithPath: "\(root)/\(folder)/\(name)"))
    }
  }

  @Test func `a damaged record is told, and nothing of it or of other files is lost`() throws {
    defer { removeAll() }
    #expect(try toponas(words("run", ["--method", "pc-darts", "--channels", "4"])).status == 0)
    let whole = try contents("run")
    for name in ["summary.json", "genotype.json", "report.html"] {
      try FileManager.default.removeItem(atPath: "\(root)/run/\(name)")
    }
    // The newest checkpoint too: it stays until the next one is whole.
    try Data("no".utf8).write(to: URL(fileURLWithPath: "\(root)/run/checkpoint.bin"))
    for (name, rows) in [("alphas.csv", [0, 1, 6, 7, 12]), ("metrics.jsonl", [0, 1])] {
      let url = URL(fileURLWithPath: "\(root)/run/\(name)")
      let sound = try String(contentsOf: url, encoding: .utf8)
      let lines = sound.split(separator: "\n").map(String.init)
      for row in rows {
        for (change, line) in [
          ("cut", String(lines[row].prefix(11))), ("more", lines[row] + ",1"),
          ("other", lines[row].replacing(/^(\d|epoch|{"al)/, with: "x")), ("gone", nil),
          ("twice", lines[row] + "\n" + lines[row]),
          ("number", lines[row].replacing("0.", with: "O.").replacing("h\":", with: "h\":x")),
        ]
        where !(name == "alphas.csv" && row == 0 && change == "number")
          // What follows the rows of the checkpoint is made anew.
          && !(change == "twice" && row == rows.last)
        {
          var changed = lines
          changed[row] = line ?? ""
          if line == nil { changed.remove(at: row) }
          try changed.map { $0 + "\n" }.joined().write(to: url, atomically: false, encoding: .utf8)
          let before = try bytes("run")
          let outcome = try resume("run")
          #expect(outcome.status == 65, "\(name), line \(row + 1), \(change): \(outcome.error)")
          #expect(outcome.error.contains("\(name)"), "\(outcome.error)")
          #expect(try bytes("run") == before, "\(name), line \(row + 1), \(change)")
        }
      }
      try sound.write(to: url, atomically: false, encoding: .utf8)
    }
    #expect(try resume("run").status == 0)
    #expect(try contents("run") == whole)
  }

  @Test func `bytes that are no text are told as damage`() throws {
    defer { removeAll() }
    #expect(try toponas(words("run")).status == 0)
    try FileManager.default.removeItem(atPath: "\(root)/run/summary.json")
    for name in ["alphas.csv", "metrics.jsonl", "config.json"] {
      let file = "\(root)/run/\(name)"
      var bytes = try Data(contentsOf: URL(fileURLWithPath: file))
      bytes[bytes.count / 2] = 0xFF
      try bytes.write(to: URL(fileURLWithPath: file))
      for words in [["search", "--resume"], ["report"]] {
        let outcome = try toponas(words + ["\(root)/run"])
        #expect(outcome.status == 65, "\(outcome.error)")
        #expect(outcome.error.contains("error: \(file): expected text in UTF-8"))
        #expect(outcome.error.contains("damaged; restore it from a copy."), "\(outcome.error)")
      }
    }
  }

  @Test func `a checkpoint of other settings or other images is refused`() throws {
    defer { removeAll() }
    for (name, byte) in [("a", 1), ("b", 2)] {
      let records = (0..<80).flatMap { image in
        [UInt8(image % 10)] + (0..<3072).map { UInt8(truncatingIfNeeded: $0 * byte * image) }
      }
      try FileManager.default.createDirectory(
        atPath: "\(root)/\(name)", withIntermediateDirectories: true)
      try Data(records).write(to: URL(fileURLWithPath: "\(root)/\(name)/data_batch_1.bin"))
    }
    #expect(try toponas(words("run", ["--data", "\(root)/a"])).status == 0)
    let whole = try contents("run")
    try FileManager.default.removeItem(atPath: "\(root)/run/summary.json")
    let other = try resume("run", ["--data", "\(root)/b"])
    #expect(other.status == 65)
    #expect(other.error.contains("checkpoint.bin: expected a run on 80 images with the CRC-32"))
    // The same images, of which two have each other's classes.
    var records = try Data(contentsOf: URL(fileURLWithPath: "\(root)/a/data_batch_1.bin"))
    (records[0], records[3073]) = (records[3073], records[0])
    try FileManager.default.createDirectory(
      atPath: "\(root)/labels", withIntermediateDirectories: true)
    try records.write(to: URL(fileURLWithPath: "\(root)/labels/data_batch_1.bin"))
    let labels = try resume("run", ["--data", "\(root)/labels"])
    #expect(labels.status == 65)
    #expect(labels.error.contains("checkpoint.bin: expected a run on 80 images with the CRC-32"))
    try FileManager.default.moveItem(atPath: "\(root)/a", toPath: "\(root)/moved")
    let moved = try resume("run")
    #expect(moved.status == 66)
    #expect(moved.error.contains("error: no folder at \(root)/a\n"))
    #expect(moved.error.hasSuffix("; --data DIR names where they are now.\n"))
    #expect(try resume("run", ["--data", "\(root)/moved"]).status == 0)
    #expect(try contents("run") == whole)
    try FileManager.default.removeItem(atPath: "\(root)/run/summary.json")
    try edit("run/config.json", "\"channels\" : 2", "\"channels\" : 3")
    let changed = try resume("run", ["--data", "\(root)/moved"])
    #expect(changed.status == 65)
    #expect(changed.error.contains("is not of this config.json: channels: expected 3, found 2\n"))
  }

  /// A spreadsheet marks the order of bytes, ends lines in CR LF, and may put every field in quotes.
  @Test func `a record that a spreadsheet has saved is read`() throws {
    defer { removeAll() }
    #expect(try toponas(words("run", [])).status == 0)
    try FileManager.default.removeItem(atPath: "\(root)/run/summary.json")
    let url = URL(fileURLWithPath: "\(root)/run/alphas.csv")
    let rows = try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
    let saved = rows.map { "\"\($0.replacing(",", with: "\",\""))\"\r\n" }.joined()
    try "\u{FEFF}\(saved)".write(to: url, atomically: true, encoding: .utf8)
    let outcome = try resume("run")
    #expect(outcome.status == 0, "\(outcome.error)")
    let report = try toponas(["report", "\(root)/run"])
    #expect(report.status == 0, "\(report.error)")
  }

  private func edit(_ name: String, _ old: String, _ new: String) throws {
    let url = URL(fileURLWithPath: "\(root)/\(name)")
    let text = try String(contentsOf: url, encoding: .utf8)
    #expect(text.contains(old))
    try text.replacing(old, with: new).write(to: url, atomically: true, encoding: .utf8)
  }

  // MARK: The system refuses

  @Test func `a full disk loses nothing`() throws {
    defer { removeAll() }
    #expect(try toponas(words("whole")).status == 0)
    let file = try FileManager.default.attributesOfItem(atPath: "\(root)/whole/checkpoint.bin")
    let bytes = try #require(file[.size] as? Int)
    // Enough for the first checkpoint, which knows no velocities yet; counted in blocks of 512 bytes.
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    let limited = try outcome(
      of: process,
      ["-c", "ulimit -f \(bytes * 3 / 4 / 512); exec \"$0\" \"$@\""]
        + [try #require(toponasProcess().executableURL).path] + words("run"))
    #expect(limited.status == 74)
    let message = "error: cannot write \(root)/run/checkpoint.bin: "
    #expect(limited.error.hasPrefix(message), "\(limited.error)")
    #expect(
      limited.error.contains("the last good checkpoint is \(root)/run/checkpoint.bin, at the"))
    let names = try FileManager.default.contentsOfDirectory(atPath: "\(root)/run")
    #expect(!names.contains("checkpoint.bin.partial"))
    #expect(try state(of: "run") == "failed")
    #expect(try resume("run").status == 0)
    #expect(try contents("run") == contents("whole"))
    #expect(try state(of: "run") == "finished")
  }

  @Test func `a run that cannot save at its beginning has failed`() throws {
    defer { removeAll() }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    // Room for the configuration, and not for a checkpoint.
    let limited = try outcome(
      of: process,
      ["-c", "ulimit -f 8; exec \"$0\" \"$@\""]
        + [try #require(toponasProcess().executableURL).path] + words("run"))
    #expect(limited.status == 74)
    #expect(limited.error.hasPrefix("error: cannot write \(root)/run/checkpoint.bin: "))
    let rest = limited.error.split(separator: "\n").dropFirst()
    #expect(
      rest == [
        "no checkpoint was saved yet: when it is resumed, the run begins anew",
        "Hint: check permissions and free space; what was saved before is kept.",
      ])
    #expect(try state(of: "run") == "failed")
    #expect(try toponas(words("whole")).status == 0)
    #expect(try resume("run").status == 0)
    #expect(try contents("run") == contents("whole"))
    #expect(try state(of: "run") == "finished")
  }

  /// All that the run leaves is there; only what it tells is lost.
  @Test func `a run whose result cannot be printed is finished`() throws {
    defer { removeAll() }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    let outcome = try outcome(
      of: process,
      ["-c", "exec \"$0\" \"$@\" >&-", try #require(toponasProcess().executableURL).path]
        + words("run"))
    #expect(outcome.status == 74)
    #expect(outcome.error.hasPrefix("error: cannot write to standard output: "), "\(outcome.error)")
    #expect(!outcome.error.contains("checkpoint"), "\(outcome.error)")
    #expect(try state(of: "run") == "finished")
    let names = try FileManager.default.contentsOfDirectory(atPath: "\(root)/run")
    #expect(names.contains("report.html") && !names.contains("failure.json"))
  }

  @Test(.enabled(if: geteuid() != 0, "root may write everywhere"))
  func `a folder that may not be written`() throws {
    defer { removeAll() }
    #expect(try toponas(words("run")).status == 0)
    let before = try contents("run")
    try FileManager.default.removeItem(atPath: "\(root)/run/summary.json")
    for name in ["run", "run/.lock"] { chmod("\(root)/\(name)", name == "run" ? 0o555 : 0o444) }
    let outcome = try resume("run")
    chmod("\(root)/run", 0o755)
    #expect(outcome.status == 73)
    #expect(outcome.error.hasPrefix("error: cannot "))
    #expect(try contents("run") == before)
  }

  @Test func `a loss that is no number names epoch, step and the last checkpoint`() throws {
    defer { removeAll() }
    #expect(try toponas(words("run")).status == 0)
    try edit("run/config.json", "\"learning_rate\" : 0.025", "\"learning_rate\" : 1e+30")
    try edit("run/config.json", "\"gradient_clip\" : 5", "\"gradient_clip\" : 1e+30")
    let outcome = try toponas(
      ["search", "--config", "\(root)/run/config.json", "--quiet", "--out", "\(root)/broken"])
    #expect(outcome.status == 1)
    #expect(outcome.error.contains("is not a finite number in epoch 1, step "), "\(outcome.error)")
    #expect(
      outcome.error.contains("\nthe last good checkpoint is \(root)/broken/checkpoint.bin, at"))
    #expect(outcome.error.contains("\nHint: "))
    #expect(try state(of: "broken") == "failed")
  }

  // MARK: Options

  @Test func `a configuration starts another run, and options override it`() throws {
    defer { removeAll() }
    #expect(try toponas(words("run", ["--variant", "P", "--floating", "none"])).status == 0)
    func configured(_ folder: String, _ more: [String] = []) throws -> ProgramOutcome {
      try toponas(
        ["search", "--config", "\(root)/run/config.json", "--quiet", "--out", "\(root)/\(folder)"]
          + more)
    }
    #expect(try configured("same").status == 0)
    #expect(try contents("same") == contents("run"))
    #expect(try configured("other", ["--epochs", "1", "--kernel-norm", "2"]).status == 0)
    let text = try String(contentsOfFile: "\(root)/other/config.json", encoding: .utf8)
    for part in ["\"epochs\" : 1,", "\"KN-2\"", "\"variant\" : \"P\"", "\"channels\" : 2,"] {
      #expect(text.contains(part), "\(part)")
    }
    #expect(!text.contains("floating"))
    #expect(try configured("no", ["--space", "darts"]).status == 64)
    for (old, new, message) in [
      ("\"channels\"", "\"chanels\"", "unknown key 'chanels'. Did you mean 'channels'?"),
      (
        "\"momentum\"", "\"momentun\"", "key 'settings.momentun'. Did you mean 'settings.momentum'?"
      ),
      ("\"cells\" : 1", "\"cells\" : 0", "cells: expected a whole number from 1 to 100, found 0"),
      (
        "\"seed\" : 1", "\"seed\" : \"x\"",
        "config.json: seed: expected a whole number, found 'x'\n"
      ),
      (
        "\"seed\" : 1", "\"seed\" : 1.5",
        "config.json: a number is not of its kind, such as 1.5 where it must be whole"
      ),
      (
        "\"joins_pools\" : false", "\"joins_pools\" : 2",
        "joins_pools: expected true or false, found"
      ),
      ("\"batch_size\" : 8,", "", "the key 'settings.batch_size' is missing"),
      (
        "\"name\" : \"darts\"", "\"name\" : \"drats\"",
        "method.name: expected one of darts, darts2, "
      ),
      ("\"space\" : \"nasbench201\"", "\"space\" : \"x\"", "space: expected one of nasbench201, "),
      ("\"KN-", "\"N-", "simplification.kernel_normalization: expected one of KN-0"),
      (
        "\"preset\" : \"tiny\"", "\"preset\" : \"big\"",
        "preset: expected one of tiny, small, paper"
      ),
      ("\"seed\" : 1,", "", "the key 'seed' is missing"),
      (
        "\"frozen_epochs\" : 0", "\"frozen_epochs\" : -1", "warm-up-epochs: expected a whole number"
      ),
      (
        "\"frozen_epochs\" : 0", "\"frozen_epochs\" : 9",
        "warm-up-epochs 9: expected fewer than the"
      ),
      (
        "\"name\" : \"darts\"", "\"name\" : \"pc-darts\", \"partial_channels\" : 0",
        "partial-channels: expected a whole number from 1 to 64, found 0"
      ),
      ("\"name\" : \"darts\"", "\"name\" : \"gdas\", \"tau_to\" : 0", "tau-to: expected a number"),
      (
        "\"name\" : \"darts\"", "\"name\" : \"darts\", \"tau_from\" : 5",
        "tau-from: expected nothing for darts"
      ),
      ("{", "", "expected one JSON object"),
    ] {
      let before = try String(contentsOfFile: "\(root)/run/config.json", encoding: .utf8)
      try edit("run/config.json", old, new)
      let outcome = try configured("no")
      #expect(outcome.status == 65)
      #expect(outcome.error.contains(message), "\(outcome.error)")
      try before.write(toFile: "\(root)/run/config.json", atomically: true, encoding: .utf8)
    }
  }

  @Test func `options that contradict the run are named`() throws {
    defer { removeAll() }
    #expect(try toponas(words("run")).status == 0)
    let outcome = try resume(
      "run", ["--epochs", "4", "--seed", "1", "--variant", "S", "--threads", "1", "--out", "x"])
    #expect(outcome.status == 64)
    #expect(outcome.error.hasPrefix("error: --variant, --epochs, --out: differ from the run at "))
    #expect(try resume("run", ["--epochs", "3", "--channels", "2", "--variant", "T"]).status == 0)
    #expect(try resume("run", ["--no-simplify"]).error.hasPrefix("error: --simplify: differs"))
    #expect(try resume("none").status == 66)
  }

  @Test func `runs are listed with what they have reached`() throws {
    defer { removeAll() }
    #expect(try toponas(words("b", ["--no-simplify"])).status == 0)
    #expect(try toponas(words("a", epochs: 1)).status == 0)
    try FileManager.default.createDirectory(
      atPath: "\(root)/c", withIntermediateDirectories: true)
    try Data("{}".utf8).write(to: URL(fileURLWithPath: "\(root)/c/config.json"))
    let outcome = try toponas(["runs", root])
    #expect(outcome.status == 0 && outcome.error.hasPrefix("warning: \(root)/c/config.json: "))
    let rows = outcome.output.split(separator: "\n").map { $0.split(separator: " ") }
    #expect(rows.count == 3)
    #expect(
      rows[1].prefix(6) == ["\(root)/a", "finished", "search", "darts", "nasbench201", "1/1"])
    #expect(
      rows[2].prefix(7)
        == ["\(root)/b", "finished", "search", "darts", "nasbench201,", "plain", "3/3"])
    #expect(rows[2].last?.hasPrefix("|") == true)
    #expect(try toponas(["runs", "\(root)/none"]).status == 66)
  }
}
