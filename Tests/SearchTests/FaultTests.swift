import Datasets
import Dispatch
import Foundation
import Synchronization
import TensorFiles
import TestSupport
import Testing

/// Every call of the system that writes, of every command that writes, is interrupted, cut short or refused in turn.
///
/// Whatever happens, a file is the whole old one or the whole new one, nothing else is left, and a run goes on to the
/// same end.
@Suite(
  "Faults of the system", .serialized,
  .enabled(
    if: FaultLibrary.path != nil,
    "no C compiler, or no Linux: nothing can be put between the program and the system"))
struct FaultTests {
  /// Whether none is left out of calls that are like others.
  private static let isFull = ProcessInfo.processInfo.environment["TOPONAS_ALL_FAULTS"] != nil
  private static let size = [
    "--channels=1", "--cells=1", "--train-images=10", "--batch=5", "--threads=1", "--quiet",
    "--checkpoint-minutes=0",
  ]
  private static let codes: [Int32] = [0, 73, 74]

  private let root: TemporaryFolder

  init() throws { root = try TemporaryFolder() }

  /// All files below a folder, by their names there.
  private func files(in folder: String) throws -> [String: Data] {
    let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    return try names.reduce(into: [:]) { files, name in
      let path = "\(folder)/\(name)"
      if !URL(fileURLWithPath: path).hasDirectoryPath {
        files[name] = try Data(contentsOf: URL(fileURLWithPath: path))
      }
    }
  }

  /// Hits a command at each of its calls.
  ///
  /// `words` are for the folder in which it writes, which `prepare` has filled; `check` gets that folder and the outcome.
  /// Of one that `isLong` only those calls are hit that are unlike the ones before: the first of their kind after a call
  /// of its kind.
  private func hit(
    _ words: (String) -> [String], isLong: Bool = false, programs: String? = nil,
    prepare: (String) throws -> Void = { _ in },
    check: @escaping (String, Fault, ProgramOutcome) throws -> Void
  ) throws {
    let folder = "\(root.path)/\(UUID().uuidString)"
    func begin(_ name: String) throws -> String {
      let path = "\(folder)-\(name)"
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      try prepare(path)
      return path
    }
    let counted = try begin("counted")
    let (outcome, calls) = try toponas(
      words(counted), Fault(kind: .none), in: counted, programs: programs)
    try check(counted, Fault(kind: .none), outcome)
    try #require(outcome.status == 0 && !calls.isEmpty, "\(calls): \(outcome.error)")
    let places = isLong && !Self.isFull ? Self.firsts(of: calls) : Array(0..<calls.count)
    // A disk that is full stays so, and an error comes alone; at a call that takes space, one or the other.
    let faults =
      [Fault(kind: .interrupts), Fault(kind: .parts)]
      + zip(places, places.map { Array(calls)[$0] }).map { index, letter in
        let isFull = "wolm".contains(letter) && index.isMultiple(of: 2)
        return Fault(kind: isFull ? .full : .error, call: index + 1)
      }
    let cases = try faults.map { fault in
      let path = try begin("\(fault.kind)-\(fault.call)")
      return (fault, path, words(path))
    }
    let failures = Mutex<[String]>([])
    nonisolated(unsafe) let check = check
    DispatchQueue.concurrentPerform(iterations: cases.count) { index in
      let (fault, path, words) = cases[index]
      do {
        let outcome = try toponas(words, fault, in: path, programs: programs).outcome
        if fault.call == 0, outcome.status != 0 { throw Failure("\(outcome.error)") }
        guard Self.codes.contains(outcome.status) else { throw Failure("code \(outcome.status)") }
        if outcome.status != 0, !outcome.error.contains("\nHint: ") { throw Failure(outcome.error) }
        try check(path, fault, outcome)
      } catch {
        failures.withLock {
          $0.append("\(words.prefix(2)) \(fault) of \(calls): \(error)")
        }
      }
      try? FileManager.default.removeItem(atPath: path)
    }
    for failure in failures.withLock({ $0 }) { Issue.record("\(failure)") }
  }

  /// The places of the calls that are the first of their kind after a call of its kind.
  private static func firsts(of calls: String) -> [Int] {
    var pairs: Set<String> = []
    return zip(" " + calls, calls).enumerated()
      .filter { pairs.insert("\($0.element.0)\($0.element.1)").inserted }.map(\.offset)
  }

  private struct Failure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
  }

  /// Hits a command whose outputs depend on nothing but what it reads.
  private func hit(
    writing names: [String], over old: Bool = true, programs: String? = nil,
    prepare: (String) throws -> Void = { _ in }, _ words: @escaping (String) -> [String]
  ) throws {
    let usual = Mutex<(files: [String: Data], output: String)>(([:], ""))
    try hit(words, programs: programs) { folder in
      try prepare(folder)
      if old {
        for name in names {
          try Data("old".utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
        }
      }
    } check: { folder, fault, outcome in
      let found = try files(in: folder)
      let output = outcome.output.replacing(folder, with: "FOLDER")
      guard fault.kind != .none else {
        usual.withLock { $0 = (found, output) }
        #expect(names.allSatisfy { found[$0].map { $0.count > 3 } ?? false }, "\(found.keys)")
        return
      }
      let (expected, text) = usual.withLock { $0 }
      if outcome.status == 0 {
        guard found == expected else { throw Failure("other files than usual: \(found)") }
        guard output == text else { throw Failure(output) }
      }
      for (name, content) in found where content != expected[name] {
        guard old, names.contains(name), content == Data("old".utf8) else {
          throw Failure(
            "\(name) has \(content.count) bytes, expected \(expected[name]?.count ?? 0)")
        }
      }
      guard !old || names.allSatisfy({ found[$0] != nil }) else { throw Failure("\(found.keys)") }
    }
  }

  private func search(_ name: String, epochs: Int = 1) throws -> String {
    let path = "\(root.path)/\(name)"
    let outcome = try toponas(["search", "--out=\(path)", "--epochs=\(epochs)"] + Self.size)
    try #require(outcome.status == 0, "\(outcome.error)")
    return path
  }

  // MARK: Single files

  @Test func `pages, pictures and weights`() throws {
    let run = try search("run")
    try hit(writing: ["r"]) { ["report", run, "--out=\($0)/r"] }
    try hit(writing: ["w"]) { ["export", run, "--out=\($0)/w"] }
    try hit(writing: ["c.svg"]) { ["genotype", "draw", run, "--out=\($0)/c.svg"] }
    try hit(writing: ["nonlinearity.svg"]) { ["nonlinearity", "--channels=2", "--svg=\($0)"] }
    try hit(writing: ["before.dot", "after.dot"]) { ["simplify", "--dot=\($0)"] }
    try hit(writing: ["p"]) {
      ["bench", "export", "--out=\($0)/p", "--channels=1", "--cells=1", "--batch=2", "--steps=1"]
    }
  }

  @Test func `a part of CIFAR-10`() throws {
    try root.writeRecords((0..<20).map { UInt8($0 % 10) }, to: "cifar/data_batch_1.bin")
    let folder = "\(root.path)/cifar"
    try hit(writing: ["new/data_batch_1.bin"], over: false) {
      ["data", "subset", folder, "--images=10", "--out=\($0)/new"]
    }
  }

  @Test func `pictures that are imported`() throws {
    for name in ["land", "sea"] {
      for number in 1...2 { try root.write([65], to: "pictures/\(name)/\(number).png") }
    }
    try root.writeProgram("printf 'P6 8 8 255 '; head -c 192 /dev/zero", to: "bin/magick")
    let made = ["land", "sea"].flatMap { ["made/\($0)/1.png.ppm", "made/\($0)/2.png.ppm"] }
    let pictures = "\(root.path)/pictures"
    try hit(writing: made, over: false, programs: "\(root.path)/bin") {
      ["data", "import", pictures, "--size=8", "--threads=1", "--out=\($0)/made"]
    }
  }

  /// After a failure what came of the archive is there, with which the same command goes on.
  @Test func `a data set that is fetched`() throws {
    let archive = DataFetchTests.archive
    let server = try LoopbackServer { _ in LoopbackServer.whole(archive) }
    defer { server.stop() }
    let (url, digest) = (server.url(), MD5(of: archive).hexadecimal)
    try hit(
      { folder in
        [
          "data", "fetch", "cifar10", "--quiet", "--url=\(url)", "--size=\(archive.count)",
          "--md5=\(digest)", "--out=\(folder)",
        ]
      }, isLong: true
    ) { folder, _, outcome in
      let names = try FileManager.default.contentsOfDirectory(atPath: folder)
      guard outcome.status == 0 else {
        guard names == [DataFetchTests.partial] || names.isEmpty else { throw Failure("\(names)") }
        for name in names {
          let file = URL(fileURLWithPath: "\(folder)/\(name)")
          guard try archive.starts(with: Data(contentsOf: file)) else { throw Failure(name) }
        }
        return
      }
      guard names == ["cifar-10-batches-bin"] else { throw Failure("\(names)") }
      for name in DataFetchTests.names {
        let file = "\(folder)/cifar-10-batches-bin/\(name)"
        let size = try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int
        guard size == 30_730_000 else { throw Failure("\(name) has \(size ?? -1) bytes") }
      }
    }
  }

  @Test func `the table of a study`() throws {
    let study = "\(root.path)/study"
    let words = ["study", "--seeds=1", "--simplify=yes", "--epochs=1"] + Self.size
    try #require(try toponas(words + ["--out=\(study)"]).status == 0)
    let names = ["study.txt", "study.json", "study.csv", "study.svg", "study-memory.svg"]
    let search = try #require(
      try FileManager.default.contentsOfDirectory(atPath: study).first { $0.hasSuffix("seed1") })
    try hit(writing: names) { folder in
      try FileManager.default.copyItem(atPath: "\(study)/\(search)", toPath: "\(folder)/\(search)")
    } _: {
      words + ["--table-only", "--out=\($0)"]
    }
  }

  // MARK: Runs

  /// Goes on with what a fault has left of a run.
  private func goOn(_ command: [String], _ run: String) throws {
    let isBegun = FileManager.default.fileExists(atPath: "\(run)/config.json")
    let words =
      isBegun ? [command[0], "--resume=\(run)", "--quiet"] : command + ["--out=\(run)"]
    let outcome = try toponas(words)
    guard outcome.status == 0 else { throw Failure("then: \(outcome.error)") }
  }

  /// Expects the same end as without a fault.
  private func checkEnd(
    _ run: String, _ whole: RunFolderContents, _ names: Set<String>
  ) throws {
    guard try RunFolderContents(run) == whole else { throw Failure("another end") }
    let left = Set(try FileManager.default.contentsOfDirectory(atPath: run))
    // A run that was finished but for its page is not begun again; one that failed early saves once fewer.
    let differences = left.symmetricDifference(names)
    guard differences.isSubset(of: ["report.html", "checkpoint.previous.bin"]) else {
      throw Failure("at the end: \(differences)")
    }
  }

  /// That every file of a run is one that was written whole.
  private func checkFiles(_ run: String) throws {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: run)) ?? [] {
      let path = "\(run)/\(name)"
      if name.hasSuffix(".bin") {
        _ = try CheckpointFile.read(path)
      } else if name.hasSuffix(".json") {
        _ = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: path)))
      } else if ["metrics.jsonl", "alphas.csv", "report.html"].contains(name) {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        guard text.hasSuffix("\n") || text.isEmpty else { throw Failure("\(name) is cut off") }
      } else if name != ".lock" {
        throw Failure("\(name) is left")
      }
    }
  }

  private func hitRun(
    _ command: [String], like run: String, beginning: String? = nil, isLong: Bool = false
  ) throws {
    let whole = try RunFolderContents(run)
    let names = Set(try FileManager.default.contentsOfDirectory(atPath: run))
    func words(_ folder: String) -> [String] {
      beginning == nil
        ? command + ["--out=\(folder)/run"] : [command[0], "--resume=\(folder)/run", "--quiet"]
    }
    try hit(words, isLong: isLong) { folder in
      if let beginning {
        try FileManager.default.copyItem(atPath: beginning, toPath: "\(folder)/run")
      }
    } check: { folder, _, outcome in
      let path = "\(folder)/run"
      try checkFiles(path)
      if outcome.status != 0 { try goOn(command, path) }
      try checkEnd(path, whole, names)
    }
  }

  @Test func `a search`() throws {
    try hitRun(["search", "--epochs=1"] + Self.size, like: search("run"), isLong: true)
  }

  /// From the checkpoint before the last, so that the records are cut back.
  @Test func `a search that goes on`() throws {
    let (run, begun) = (try search("run", epochs: 2), "\(root.path)/begun")
    try FileManager.default.copyItem(atPath: run, toPath: begun)
    for name in ["summary.json", "checkpoint.bin", "genotype.json", "report.html"] {
      try FileManager.default.removeItem(atPath: "\(begun)/\(name)")
    }
    try hitRun(["search"], like: run, beginning: begun, isLong: true)
  }

  @Test func `the training of a derived cell`() throws {
    let cell = "|nor_conv_1x1~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|"
    let command =
      ["evaluate", "--genotype=\(cell)", "--test-images=10", "--epochs=1"] + Self.size
    let run = "\(root.path)/run"
    try #require(try toponas(command + ["--out=\(run)"]).status == 0)
    try hitRun(command, like: run, isLong: true)
  }
}
