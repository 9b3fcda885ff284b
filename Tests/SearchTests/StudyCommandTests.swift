import Foundation
import SearchSpaces
import TestSupport
import Testing

@testable import Reports
@testable import Runs
@testable import toponas

/// `toponas study` as a process.
@Suite("toponas study", .serialized)
struct StudyCommandTests {
  private let root = NSTemporaryDirectory() + "toponas-study-\(UUID().uuidString)"

  private static let size = [
    "--channels", "2", "--cells", "1", "--epochs", "1", "--train-images", "40", "--batch", "16",
  ]

  private func study(_ more: [String] = []) throws -> ProgramOutcome {
    try toponas(["study", "--out", root] + Self.size + more)
  }

  private func read(_ name: String) throws -> String {
    try String(contentsOfFile: "\(root)/\(name)", encoding: .utf8)
  }

  private func number(_ file: String, _ key: String) throws -> Double {
    try #require(try jsonObject(read(file))[key] as? Double)
  }

  @Test func `pictures of any size are studied`() throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    let files = try TemporaryFolder()
    for (label, name) in ["a", "b", "c"].enumerated() {
      for index in 0..<14 {
        let pixels = (0..<192).map { UInt8(($0 * (label + 2) + index) % 251) }
        try files.write(Array("P6 8 8 255 ".utf8) + pixels, to: "\(name)/\(index).ppm")
      }
    }
    try files.write([1], to: "a/notes.txt")
    let options = ["--seeds", "1", "--data", files.path]
    let outcome = try study(options)
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.error.contains("note     left out: \(files.path)/a/notes.txt, which is no PPM"))
    #expect(try read("study.csv").split(separator: "\n").count == 3)
    let again = try study(options + ["--list"])
    #expect(again.output.split(separator: "\n").count { $0.hasSuffix("finished") } == 2)
    let other = try study(["--seeds", "1"])
    #expect(other.status == 73 && other.error.contains("holds a search with other settings: data"))
  }

  @Test func `every method, kind and seed has its run, and the table sums them up`() throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    let table = "\(root)/table.csv"
    try Data(BenchmarkTableText.text.utf8).write(to: URL(fileURLWithPath: table))
    let options = ["--seeds", "2", "--also", "P=--variant P; K0=--kernel-norm 0"]
    let outcome = try study(options + ["--nasbench", table])
    #expect(outcome.status == 0, "\(outcome.error)")
    let kinds = ["plain", "simplified", "P", "K0"]
    let names = (1...2).flatMap { seed in kinds.map { "nasbench201-darts-\($0)-seed\(seed)" } }
    let rows = try read("study.csv").split(separator: "\n").map { $0.split(separator: ",") }
    #expect(rows.dropFirst().map { String($0[0]) } == names, "by seed, then kind")
    #expect(try read("\(names[0])/config.json").contains("\"is_simplified\" : false"))
    #expect(try read("\(names[6])/config.json").contains("\"variant\" : \"P\""))
    #expect(try read("\(names[3])/config.json").contains("\"kernel_normalization\" : \"KN-0\""))

    let report = try jsonObject(read("study.json"))
    let arms = try #require(report["arms"] as? [[String: Any]])
    #expect(arms.map { $0["kind"] as? String } == kinds)
    let times = try names.map { try number("\($0)/summary.json", "seconds_per_step") }
    let ratio = try #require(arms[1]["time_ratio"] as? [String: Double])
    let ratios = [times[1] / times[0], times[5] / times[4]]
    #expect(abs((ratio["mean"] ?? 0) - (ratios[0] + ratios[1]) / 2) < 1e-9, "seed by seed")
    #expect(arms[0]["time_ratio"] == nil && report["unit_of_cost"] as? String == "darts plain")
    let bytes = try names.map { try number("\($0)/summary.json", "peak_tensor_bytes") }
    let memory = try #require(arms[1]["memory_ratio"] as? [String: Double])
    let expected = (bytes[1] / bytes[0] + bytes[5] / bytes[4]) / 2
    #expect(abs((memory["mean"] ?? 0) - expected) < 1e-9 && expected < 0.9, "of tensors alone")
    for (row, name) in zip(rows.dropFirst(), names) {
      let genotype = try #require(
        try jsonObject(read("\(name)/summary.json"))["genotype"] as? String)
      let cell = try NASBench201Genotype(parsing: genotype)
      #expect(Double(row[11]) == BenchmarkTableText.test(cell.ordinal))
      #expect(Int(row[12]) == cell.skipCount && row[13] == "\"\(genotype)\"")
    }
    #expect(outcome.output.hasPrefix(try read("study.txt")))
    #expect(outcome.output.contains("\ndarts   simplified     2  "))
    try expectPairs(report, rows.dropFirst().map { $0.map(String.init) })
    try expectCourse(names)
    for figure in ["study.svg", "study-memory.svg"] {
      let svg = try read(figure)
      #expect(svg.contains("<desc>cifar10_test accuracy") && svg.contains(">darts, K0"))
    }
  }

  /// Differences of the rows of the CSV: other kinds of space minus plain, seed by seed.
  private func expectPairs(_ report: [String: Any], _ rows: [[String]]) throws {
    let pairs = try #require(report["pairs"] as? [[String: Any]])
    #expect(
      pairs.map { $0["kind"] as? String }.prefix(4) == [
        "simplified", "simplified", "simplified", "simplified",
      ])
    let skips = pairs.filter { $0["quantity"] as? String == "skips" }
    #expect(skips.map { $0["kind"] as? String } == ["simplified", "P", "K0"], "one method alone")
    for (place, pair) in skips.enumerated() {
      let expected = try [0, 4].map { seed in
        try #require(Double(rows[seed + place + 1][12])) - #require(Double(rows[seed][12]))
      }
      #expect(pair["differences"] as? [Double] == expected && pair["seeds"] as? [Int] == [1, 2])
      #expect(pair["p_value"] as? Double == signFlipTest(expected))
    }
    #expect(try read("study.txt").contains("2 pairs cannot show less than 0.500"))
  }

  /// A row for each search and epoch, with what the search reported, and a figure of them.
  private func expectCourse(_ names: [String]) throws {
    let rows = try read("study-course.csv").split(separator: "\n").map { $0.split(separator: ",") }
    #expect(rows[0].starts(with: ["search", "method", "kind", "seed", "epoch"]))
    #expect(
      rows.dropFirst().map { String($0[0]) } == names
        && rows.allSatisfy { $0.count == rows[0].count })
    for (row, name) in zip(rows.dropFirst(), names) {
      let metrics = try jsonObject(read("\(name)/metrics.jsonl"))
      #expect(row[4] == "1" && Int(row[6]) == metrics["skip_count"] as? Int)
      let entropy = try #require(metrics["alpha_entropy"] as? Double)
      #expect(abs(try #require(Double(row[7])) - entropy) < 1e-6)
    }
    let svg = try read("study-course.svg")
    for text in ["cell in the table, %", "supernet, %", "skips in the cell", "entropy, nats", "K0"]
    {
      #expect(svg.contains(">\(text)</text>"), "\(text)")
    }
  }

  @Test(arguments: [
    ([0.999, 1.001], true), ([0.991], true), ([0.98], false), ([0.6, 1.2], true),
    ([0.9, 0.92], false), ([1.28, 1.3], false),
  ])
  func `a ratio within one percent or its deviation of 1 is noise`(
    _ ratios: [Double], _ isNoise: Bool
  ) {
    let spread = Spread(ratios)
    #expect(spread.isNoise == isNoise)
    #expect(spread.ratioText.hasSuffix(" (noise)") == isNoise)
  }

  /// The report of a study whose searches ended with these accuracies, in their order, and their methods.
  private func report(
    _ options: [String], _ accuracies: [Double]
  ) throws -> (methods: [String], report: StudyReport) {
    guard case .run(_, let options) = Toponas.spec.parse(["study"] + options) else {
      Issue.record("the options are not sound")
      throw CancellationError()
    }
    let study = try StudyPlan(options)
    try #require(study.searches.count == accuracies.count)
    let results = try zip(study.searches, accuracies).map { search, accuracy in
      try StudyResult(
        search,
        SearchSummary(
          genotype: NASBench201Genotype(ordinal: 4711).description, macs: 1, parameters: 1,
          seconds: 1, secondsPerStep: 1, peakTensorBytes: nil, peakMemoryBytes: 1,
          validationAccuracy: accuracy), nil)
    }
    return (study.searches.map(\.method), StudyReport(study, results, columns: []))
  }

  /// Each of four numbers a method, by seed, plain and simplified: 10, 12 and 20, 21; 30, 33 and 40, 44.
  @Test func `pairs are those of one method and seed, and all methods together`() throws {
    let (methods, report) = try report(
      ["--methods=darts,gdas", "--seeds=2"], [0.10, 0.12, 0.20, 0.21, 0.30, 0.33, 0.40, 0.44])
    #expect(
      methods == ["darts", "darts", "gdas", "gdas", "darts", "darts", "gdas", "gdas"])
    let pairs = report.pairs.filter { $0.quantity == "supernet %" }
    #expect(pairs.map(\.method) == ["darts", "gdas", "all"])
    for (pair, expected) in zip(pairs, [[2, 3], [1, 4], [2, 3, 1, 4]] as [[Double]]) {
      #expect(zip(pair.differences, expected).allSatisfy { abs($0 - $1) < 1e-9 }, "\(pair)")
      #expect(pair.seeds == (expected.count == 2 ? [1, 2] : [1, 2, 1, 2]))
    }
    #expect(pairs[2].mean == 2.5 && pairs[2].pValue == 0.125)
  }

  /// Of four pairs the least p-value is told; that of twelve rounds to 0, and stands as a bound.
  @Test func `no p-value is printed as 0`() throws {
    let (one, few, many) = try (
      report(["--seeds=1"], [0.2, 0.3]).report.text,
      report(["--seeds=4"], (0..<8).map { 0.2 + 0.1 * Double($0 % 2) }).report.text,
      report(["--seeds=12"], (0..<24).map { 0.2 + 0.1 * Double($0 % 2) }).report.text
    )
    #expect(
      one.contains("; one pair cannot tell") && one.contains(/supernet % +1 +10\.00 +1 +0 +1\.000/))
    #expect(few.contains("4 pairs cannot show less than 0.125"))
    #expect(few.contains(/supernet % +4 +10\.00 ± 0\.00 +4 +0 +0\.125/), "\(few)")
    #expect(!many.contains("cannot show less"))
    #expect(many.contains(/supernet % +12 +10\.00 ± 0\.00 +12 +0 +< 0\.001/), "\(many)")
  }

  /// Two seeds at 10 and 30 %, then both at 25 %, and one that was longer: the figure is their mean while both last.
  @Test func `the course is the mean over the seeds`() throws {
    func course(_ seed: Int, _ accuracies: [Double]) -> StudyCourse.Course {
      StudyCourse.Course(
        name: "s\(seed)", method: "darts", kind: "plain", seed: seed,
        epochs: accuracies.enumerated().map {
          .init(epoch: $0 + 1, accuracy: $1, skips: nil, entropy: nil, benchmark: [:])
        })
    }
    let both = StudyCourse(
      space: "s", [course(1, [0.1, 0.25]), course(2, [0.3, 0.25, 0.9])], columns: [])
    let svg = try #require(both.figure).svg
    #expect(
      svg.contains("supernet, %, darts, plain: from 20 at 1 to 25 at 2, lowest 20, highest 25."))
    #expect(
      svg.contains("fill-opacity") && !svg.contains("skips"), "a band, and no row without numbers")
    let alone = try #require(StudyCourse(space: "s", [course(1, [0.1, 0.25])], columns: []).figure)
    #expect(!alone.svg.contains("fill-opacity") && alone.svg.contains("One seed."))
    #expect(StudyCourse(space: "s", [], columns: []).figure == nil)
    #expect(both.csv.split(separator: "\n").last == "s2,darts,plain,2,3,0.900000,,")
  }

  /// Searches of programs that counted the memory of the process alone, which the reading of images decides.
  @Test func `memory that was not counted in tensors makes no ratio and no arrow`() throws {
    guard case .run(_, let options) = Toponas.spec.parse(["study", "--seeds=1"]) else {
      Issue.record("the options are sound")
      return
    }
    let study = try StudyPlan(options)
    func report(_ bytes: [Int?]) throws -> StudyReport {
      let results = try zip(study.searches, bytes).map { search, bytes in
        try StudyResult(
          search,
          SearchSummary(
            genotype: NASBench201Genotype(ordinal: 4711).description, macs: 1, parameters: 1,
            seconds: 1.5, secondsPerStep: 0.04, peakTensorBytes: bytes,
            peakMemoryBytes: 351 << 20, validationAccuracy: 0.3), nil)
      }
      return StudyReport(study, results, columns: [])
    }
    let unknown = try report([nil, nil])
    #expect(unknown.arms.allSatisfy { $0.memoryRatio == nil && $0.peakTensorBytes == nil })
    #expect(!unknown.figure(.memory).svg.contains("<circle cx=\"76\""))
    let known = try report([100 << 20, 60 << 20])
    #expect(known.arms[1].memoryRatio?.mean == 0.6)
    #expect(known.text.contains("0.600") && known.text.contains("1.000 (noise)"), "of the time")
    #expect(known.figure(.memory).svg.contains(">darts</text>"))
    #expect(known.figure(.time).svg.contains(">darts (noise)</text>"))
  }

  @Test func `what is finished is not run again, what is not is`() throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    let seed = "--seeds=1"
    #expect(try study([seed, "--cell", "2"]).output.isEmpty)
    let (plain, simplified) = (
      "nasbench201-darts-plain-seed1", "nasbench201-darts-simplified-seed1"
    )
    func states() throws -> [String] {
      try study([seed, "--list"]).output.split(separator: "\n").dropFirst().map(String.init)
    }
    #expect(
      try states() == [
        "     1  \(plain)       not begun", "     2  \(simplified)  finished",
      ])
    let before = try read("\(simplified)/summary.json")
    let all = try study([seed])
    #expect(all.status == 0 && all.error.contains("2 of 2  \(simplified)  finished before"))
    #expect(try read("\(simplified)/summary.json") == before)

    // As an interrupted search leaves it.
    try FileManager.default.removeItem(atPath: "\(root)/\(plain)/summary.json")
    #expect(try states()[0].hasSuffix("  interrupted"))
    let partly = try study([seed, "--table-only"])
    #expect(partly.status == 0 && !partly.output.contains("darts   plain"))
    #expect(
      partly.error == "warning: the table has 1 of 2 searches; without\n  \(plain) (interrupted)\n")
    let again = try study([seed])
    #expect(again.status == 0 && !again.error.contains("\(plain)  finished before"))
    #expect(try read("\(plain)/metrics.jsonl").split(separator: "\n").count == 1)
    #expect(try states().allSatisfy { $0.hasSuffix("  finished") })

    let other = try study([seed, "--channels", "3"])
    #expect(other.status == 73)
    #expect(other.error.contains("other settings: channels: expected 3, found 2\n"))
    #expect(try read("\(simplified)/summary.json") == before)
  }

  @Test func `a search that fails is told, and the others are run`() throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    let seed = ["--seeds", "1"]
    #expect(try study(seed + ["--cell", "1"]).status == 0)
    let plain = "\(root)/nasbench201-darts-plain-seed1"
    try FileManager.default.removeItem(atPath: "\(plain)/summary.json")
    for name in ["checkpoint.bin", "checkpoint.previous.bin"] {
      try Data("no checkpoint".utf8).write(to: URL(fileURLWithPath: "\(plain)/\(name)"))
    }
    let outcome = try study(seed)
    #expect(outcome.status == 1)
    #expect(outcome.error.contains("nasbench201-darts-plain-seed1 failed with exit code"))
    #expect(outcome.error.contains("2 of 2  nasbench201-darts-simplified-seed1  "))
    #expect(outcome.error.contains("error: 1 of 2 searches failed"))
    #expect(outcome.output.contains("darts   simplified"))
  }

  @Test func `images that are not there are told once, and what is finished still has its table`()
    throws
  {
    defer { try? FileManager.default.removeItem(atPath: root) }
    let (seed, data) = (["--seeds", "1"], "\(root)/images")
    try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
    let records = (0..<40).flatMap { [UInt8($0 % 10)] + [UInt8](repeating: UInt8($0), count: 3072) }
    try Data(records).write(to: URL(fileURLWithPath: "\(data)/data_batch_1.bin"))
    #expect(try study(seed + ["--data", data, "--cell", "1"]).status == 0)
    try FileManager.default.removeItem(atPath: data)
    let outcome = try study(seed + ["--data", data])
    #expect(outcome.status == 66)
    #expect(outcome.error.components(separatedBy: "no folder at \(data)").count == 2)
    #expect(outcome.output.contains("darts   plain"))
  }

  @Test func `an interrupt ends the search that runs, and the study`() throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    let process = toponasProcess()
    process.arguments = ["study", "--out", root] + Self.size + ["--epochs", "100000"]
    process.standardError = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    let metrics = "\(root)/nasbench201-darts-plain-seed1/metrics.jsonl"
    supervised(process) {
      while process.isRunning && !FileManager.default.fileExists(atPath: metrics) { usleep(10_000) }
    }
    // A study of the same searches leaves the one alone that is running.
    let list = try study(["--epochs", "100000", "--list"]).output.split(separator: "\n")
    #expect(list[1].hasSuffix("  running") && list[2].hasSuffix("  not begun"), "\(list)")
    let second = try study(["--epochs", "100000", "--cell", "1"])
    #expect(second.status == 0 && second.error.hasSuffix("is running in another process\n"))
    process.interrupt()
    waitForEnd(process)
    #expect(process.terminationReason == .exit && process.terminationStatus == 130)
    let size = try Data(contentsOf: URL(fileURLWithPath: metrics)).count
    usleep(300_000)
    #expect(
      try Data(contentsOf: URL(fileURLWithPath: metrics)).count == size, "nobody writes any more")
  }

  @Test(
    arguments: [
      (["--methods", "darts,mars"], 64, "--methods: expected some of darts"),
      (["--cell", "9"], 64, "--cell 9: this study has the searches 1 to 6"),
      (["--also", "P"], 64, "expected NAME=OPTIONS"),
      (["--also", "plain=--variant P"], 64, "the name plain is taken"),
      (["--also", "a/b=--variant P"], 64, "64 letters, digits"),
      (["--also", "P=--variant X"], 64, "--variant: expected one of T, P, S, found 'X'"),
      (["--also", "P=--channels 4"], 64, "unknown option '--channels'"),
      (["--preset", "small"], 64, "--preset small is for real images"),
      (["--space", "darts"], 64, "--cells 1: a supernet of darts has 3 cells or more"),
      (["--nasbench", "no.csv"], 66, "cannot read no.csv"),
      (["--seed", "3"], 64, "unknown option '--seed'. Did you mean '--seeds'?"),
    ])
  func `wrong input is told before anything runs`(
    _ arguments: [String], _ status: Int32, _ message: String
  ) throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    let outcome = try study(arguments)
    #expect(outcome.status == status)
    #expect(outcome.error.contains(message), "\(outcome.error)")
    #expect(outcome.output.isEmpty)
    let content = try? FileManager.default.contentsOfDirectory(atPath: root)
    #expect(content ?? [] == [])
  }

  @Test func `the help tells how an array of jobs is started`() throws {
    let help = try toponas(["study", "--help"]).output
    for line in [
      "count=$(toponas study ... --list | awk 'END { print $1 }')",
      "task='toponas study ... --threads 2 --cell $SLURM_ARRAY_TASK_ID'",
      "sbatch --array=1-$count --cpus-per-task=2 --wrap \"$task\"",
      "toponas study ... --table-only",
    ] { #expect(help.contains("\n\(line)\n"), "\(line)") }
    // The count: the last number of the list.
    let list = try toponas(["study", "--seeds", "2", "--out", root, "--list"]).output
    #expect(list.split(separator: "\n").last?.split(separator: " ").first == "4")
  }
}
