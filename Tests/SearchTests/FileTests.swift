import Datasets
import Foundation
import TestSupport
import Testing

/// Files as people have them: with odd names, as pipes and links, and far larger than they should be.
@Suite("Files of the program", .serialized)
struct FileTests {
  private static let small = [
    "--channels", "1", "--cells", "1", "--epochs", "1", "--train-images", "20", "--batch", "10",
    "--quiet",
  ]
  private static let exportSize = [
    "--steps", "1", "--channels", "1", "--cells", "1", "--batch", "2",
  ]
  private static let cell = "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|"

  /// Runs the program in a folder.
  private func toponas(
    _ words: [String], in folder: TemporaryFolder, limit: Int = 60
  ) throws -> ProgramOutcome {
    let process = toponasProcess()
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    process.standardInput = FileHandle.nullDevice
    return try outcome(of: process, words, seconds: limit)
  }

  /// A folder with a finished search `run`.
  private func folderWithRun() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let outcome = try toponas(["search", "--out", "run"] + Self.small, in: folder)
    #expect(outcome.status == 0, "\(outcome.error)")
    return folder
  }

  // MARK: Names

  @Test(arguments: ["c", "-", "\u{E9}", "a\nb", "n/c"])
  func `outputs can have any name, the shortest too`(_ name: String) throws {
    let folder = try folderWithRun()
    try folder.write([], to: "n/keep")
    for words in [
      ["report", "run"], ["export", "run"], ["genotype", "draw", "run", "--format", "svg"],
      ["bench", "export"] + Self.exportSize,
    ] {
      let outcome = try toponas(words + ["--out=\(name)"], in: folder)
      #expect(outcome.status == 0, "\(words): \(outcome.status) \(outcome.error)")
      #expect(try !folder.read(name).isEmpty)
      try FileManager.default.removeItem(atPath: "\(folder.path)/\(name)")
    }
    for (words, made) in [
      (["search", "--out=\(name)"] + Self.small, "config.json"),
      (
        ["evaluate", "--genotype=run", "--test-images=10", "--out=\(name)"] + Self.small,
        "config.json"
      ),
      (["simplify", "--svg=\(name)"], "before.svg"),
      (["nonlinearity", "--svg=\(name)"], "nonlinearity.svg"),
    ] {
      let outcome = try toponas(words, in: folder)
      #expect(outcome.status == 0, "\(words): \(outcome.status) \(outcome.error)")
      #expect(folder.has("\(name)/\(made)"))
      try FileManager.default.removeItem(atPath: "\(folder.path)/\(name)")
    }
  }

  @Test(
    arguments: [
      ("/", 73, "Is a directory"),
      ("..", 73, "Is a directory"),
      ("run/", 73, "Is a directory"), ("no/x", 73, "No such file or directory"),
    ])
  func `what can be no file is refused`(_ name: String, _ status: Int32, _ reason: String) throws {
    let folder = try folderWithRun()
    for words in [["report", "run"], ["export", "run"], ["bench", "export"] + Self.exportSize] {
      let outcome = try toponas(words + ["--out=\(name)"], in: folder)
      #expect(outcome.status == status, "\(outcome.status)")
      #expect(
        outcome.error.hasPrefix("error: cannot write \(name): \(reason)\nHint: "),
        "\(outcome.error)")
    }
    #expect(try folder.names == ["run"])
  }

  @Test func `a run in the folder where one stands has its name`() throws {
    let folder = try folderWithRun()
    let process = toponasProcess()
    process.currentDirectoryURL = URL(fileURLWithPath: "\(folder.path)/run")
    #expect(try outcome(of: process, ["report", "."]).status == 0)
    #expect(
      String(decoding: try folder.read("run/report.html"), as: UTF8.self).contains("<h1>run</h1>"))
  }

  // MARK: Pipes

  /// The outcome of a line for the shell, in which `$T` is the program.
  private func shell(_ line: String, _ folder: TemporaryFolder) throws -> ProgramOutcome {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    let program = try #require(toponasProcess().executableURL).path
    return try outcome(of: process, ["-c", "T=$0; \(line)", program], seconds: 60)
  }

  private static let hasBash = FileManager.default.isExecutableFile(atPath: "/bin/bash")

  /// What is printed, or left behind, is the same; times, which are not, are left out.
  @Test(.enabled(if: hasBash, "no /bin/bash, which makes pipes of commands"))
  func `a pipe is read as a file is`() throws {
    let folder = try folderWithRun()
    try folder.write(Array(BenchmarkTableText.text.utf8), to: "table.csv")
    try folder.writeRecords((0..<20).map { UInt8($0 % 10) }, to: "records")
    let trained = ["evaluate", "--genotype=run", "--test-images=10", "--out=trained"] + Self.small
    #expect(try toponas(trained, in: folder).status == 0)
    #expect(try toponas(["export", "trained", "--out", "weights"], in: folder).status == 0)
    let commands = [
      ("run/genotype.json", "$T genotype explain --json FILE"),
      ("run/genotype.json", "$T cost --genotype FILE"),
      ("run/genotype.json", "$T genotype diff FILE run"),
      ("run/genotype.json", "$T genotype draw FILE"),
      ("run/genotype.json", "$T genotype convert --to nasbench201 FILE"),
      ("table.csv", "$T nasbench --genotype run --table FILE"),
      ("run/config.json", "$T search --quiet --config FILE --out o >&2 && cat o/config.json"),
      ("table.csv", "$T search --nasbench FILE --out o SMALL >&2 && cat o/alphas.csv"),
      ("records", "$T search --data FILE --out o SMALL >&2 && cat o/alphas.csv"),
      (
        "run/genotype.json",
        "$T evaluate --genotype FILE --test-images 10 --out o SMALL >&2 && cat o/genotype.json"
      ),
      (
        "weights",
        "$T evaluate --weights FILE --epochs 0 --test-images 10 --quiet --out o | head -n 3"
      ),
    ]
    for (number, (file, command)) in commands.enumerated() {
      let line = command.replacing("SMALL", with: Self.small.joined(separator: " "))
      func outcome(_ place: String, before: String = "") throws -> ProgramOutcome {
        try shell("\(before)\(line.replacing("FILE", with: place)) && rm -rf o pipe", folder)
      }
      let whole = try outcome(file)
      #expect(whole.status == 0 && !whole.output.isEmpty, "\(whole.error)")
      let pipes = [
        ("<(cat \(file))", ""), ("/dev/stdin", "cat \(file) | "),
        ("pipe", "mkfifo pipe; cat \(file) > pipe & "),
      ]
      // Every kind of pipe, and every command.
      for (name, before) in number == 0 ? pipes : [pipes[number % 3]] {
        let piped = try outcome(name, before: before)
        #expect(piped.status == 0, "\(command): \(piped.error)")
        #expect(piped.output == whole.output, "\(command)")
      }
    }
  }

  // MARK: Sizes

  /// Under a limit of memory: what a file says of its size is not taken.
  @Test func `of a file of 64 GiB nothing is read`() throws {
    let folder = try folderWithRun()
    try folder.write([], to: "huge")
    truncate("\(folder.path)/huge", 1 << 36)
    #expect(try toponas(["export", "run", "--out", "longer"], in: folder).status == 0)
    truncate("\(folder.path)/longer", 1 << 36)
    #if os(Linux)
      let limit = "ulimit -v 3000000; exec $T "
    #else
      let limit = "exec $T "
    #endif
    for (words, status, message) in [
      (
        "genotype explain huge", 66, "cannot read huge: expected at most 16777216 bytes, found more"
      ),
      ("search --config huge", 66, "cannot read huge: expected at most 16777216 bytes, found more"),
      ("nasbench --table huge --genotype run", 66, "huge: expected at most 268435456 bytes"),
      ("genotype explain /dev/zero", 66, "expected at most 16777216 bytes, found more"),
      ("evaluate --epochs 0 --weights huge", 65, "expected a header of 2 to"),
      ("evaluate --epochs 0 --weights longer", 65, "belong to no tensor"),
      ("search --data huge \(Self.small.joined(separator: " "))", 65, "images"),
    ] as [(String, Int32, String)] {
      let outcome = try shell(limit + words, folder)
      #expect(outcome.status == status, "\(words): \(outcome.status)")
      #expect(outcome.error.contains(message), "\(outcome.error)")
    }
  }

  @Test func `a file of a run that is far too long is told, and nothing is read`() throws {
    let folder = try folderWithRun()
    try FileManager.default.removeItem(atPath: "\(folder.path)/run/summary.json")
    let before = try folder.read("run/checkpoint.bin")
    truncate("\(folder.path)/run/checkpoint.bin", 1 << 36)
    let outcome = try toponas(["search", "--resume", "run", "--quiet"], in: folder)
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(
      outcome.error.contains(
        "run/checkpoint.bin: expected \(before.count) bytes, found 68719476736"))
    for name in ["metrics.jsonl", "config.json"] {
      let content = try folder.read("run/\(name)")
      truncate("\(folder.path)/run/\(name)", 1 << 36)
      for words in [["search", "--resume", "run"], ["report", "run"], ["export", "run"]] {
        if words[0] == "export", name == "metrics.jsonl" { continue }
        let outcome = try toponas(words, in: folder)
        #expect(outcome.status == 66, "\(words) \(name): \(outcome.status) \(outcome.error)")
        #expect(outcome.error.contains("run/\(name): expected at most"), "\(outcome.error)")
      }
      try folder.write(content, to: "run/\(name)")
    }
  }

  // MARK: What is no file

  enum Special: CaseIterable { case pipe, link, dangling, folder, socket }

  /// Puts something else in the place of a file.
  private func make(_ kind: Special, _ path: String) throws {
    try? FileManager.default.removeItem(atPath: path)
    switch kind {
    case .pipe: mkfifo(path, 0o600)
    case .link: symlink("../outside", path)
    case .dangling: symlink("../nowhere", path)
    case .folder: mkdir(path, 0o700)
    case .socket:
      #if canImport(Darwin)
        let descriptor = Darwin.socket(AF_UNIX, SOCK_STREAM, 0)
      #else
        let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
      #endif
      defer { close(descriptor) }
      var address = sockaddr_un()
      address.sun_family = sa_family_t(AF_UNIX)
      withUnsafeMutableBytes(of: &address.sun_path) {
        $0.copyBytes(from: path.utf8.prefix($0.count - 1))
      }
      let size = socklen_t(MemoryLayout<sockaddr_un>.size)
      _ = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) }
      }
    }
  }

  /// Whatever stands where a file of a run should be: nothing waits for it, and nothing outside is touched.
  @Test(arguments: Special.allCases)
  func `a run folder from someone else harms nobody`(_ kind: Special) throws {
    let folder = try folderWithRun()
    let whole = "\(folder.path)/run"
    let codes: [Int32] = [0, 64, 65, 66, 73, 74]
    for name in try FileManager.default.contentsOfDirectory(atPath: whole) {
      try folder.write(Array("outside".utf8), to: "outside")
      let readers = [
        ["runs", "."], ["genotype", "explain", "copy"], ["export", "copy", "--list"],
      ]
      for words in [["report", "copy"], ["search", "--resume", "copy", "--quiet"]]
        + (kind == .pipe ? readers : [])
      {
        try? FileManager.default.removeItem(atPath: "\(folder.path)/copy")
        try FileManager.default.copyItem(atPath: whole, toPath: "\(folder.path)/copy")
        if words[0] == "search" {
          try FileManager.default.removeItem(atPath: "\(folder.path)/copy/summary.json")
        }
        try make(kind, "\(folder.path)/copy/\(name)")
        let outcome = try toponas(words, in: folder, limit: 20)
        #expect(codes.contains(outcome.status), "\(name) \(words): \(outcome.status)")
        #expect(try folder.read("outside") == Data("outside".utf8), "\(name) \(words)")
        #expect(!folder.has("nowhere"), "\(name) \(words)")
      }
    }
  }

  // MARK: What was left

  @Test func `a search that was killed leaves nothing behind in the end`() throws {
    let folder = try folderWithRun()
    let killed = toponasProcess()
    killed.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    killed.arguments = ["cost", "--json"]
    killed.standardOutput = FileHandle.nullDevice
    try killed.run()
    waitForEnd(killed)
    try folder.write([1], to: "run/.toponas-\(killed.processIdentifier)-77.partial")
    try FileManager.default.removeItem(atPath: "\(folder.path)/run/summary.json")
    #expect(try toponas(["search", "--resume", "run", "--quiet"], in: folder).status == 0)
    let left = try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/run").sorted()
    #expect(
      left == [
        ".lock", "alphas.csv", "checkpoint.bin", "checkpoint.previous.bin", "config.json",
        "genotype.json", "metrics.jsonl", "report.html", "summary.json",
      ])
  }
}
