import CommandLineParsing
import Datasets
import Foundation
import Reports
import SearchMethods
import SearchSpaces
import Tensors
import TestSupport
import Testing

@testable import Reports
@testable import Runs
@testable import toponas

/// Damaged files of runs.
@Suite("Fuzzing of files of runs")
struct RunFileFuzzTests {
  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  private func options(_ words: [String]) throws -> ParsedOptions {
    guard case .run(_, let options) = Toponas.spec.parse(words) else {
      throw FuzzFailure("\(words)")
    }
    return options
  }

  private func plan(_ words: [String]) throws -> SearchPlan {
    try SearchPlan(options(["search"] + words).values)
  }

  @Test func `fuzz: config.json`() throws {
    let plans = [
      ["--method=gdas", "--data=a"], ["--space=darts", "--method=pc-darts", "--channels=8"],
      ["--floating=B", "--method=darts2", "--unrolled-rate=1"], ["--no-simplify"],
    ]
    let sound = try plans.map { Array(try JSONText.pretty(plan($0)).utf8) }
    fuzz(sound, rounds: 2000, refusing: SearchConfigError.self) {
      let plan = try SearchPlan(configText: text($0), file: "x")
      let again = try JSONText.pretty(plan)
      let reread = try SearchPlan(configText: again, file: "again")
      try FuzzFailure.unless(try JSONText.pretty(reread) == again, "written again: \(again)")
      // What a search begins with.
      _ = (plan.searchSpace, plan.counterpartCommand(config: "x"), plan.defaultFolder)
    }
  }

  private let metrics = (1...2).map { epoch in
    #"{"alpha_entropy":1.6,"epoch":\#(epoch),"genotype":"|none~0|","learning_rate":0.025,"#
      + #""peak_memory_bytes":77000000,"seconds":1.5,"seconds_per_step":0.04,"skip_count":0,"#
      + #""training_accuracy":0.2,"training_loss":2.3,"validation_accuracy":0.3,"validation_loss":2.1}"#
  }.joined(separator: "\n")

  @Test func `fuzz: metrics.jsonl`() {
    fuzz([Array(metrics.utf8)], rounds: 10_000, refusing: RunHistoryError.self) {
      let lines = text($0).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      let read = try RunHistory.units(in: lines, file: "x", as: EpochMetrics.self)
      _ = duration(read.reduce(0) { $0 + $1.seconds })
      let again = try read.map { try JSONText.line($0) }
      let reread = try RunHistory.units(in: again, file: "again", as: EpochMetrics.self)
      try FuzzFailure.unless(try reread.map { try JSONText.line($0) } == again, "written again")
    }
  }

  /// Rows behind the checkpoint are cut off, whatever they are; where those up to it are damaged, nothing is.
  @Test func `fuzz: alphas.csv`() throws {
    let columns = ["epoch", "cell", "edge", "none", "skip_connect", "avg_pool_3x3"]
    func row(_ epoch: Int) -> [String] { ["\(epoch)", "cell", "0->1", "0.1", "-0.2", "1e-05"] }
    let sound = ([columns] + (1...3).map(row)).map { $0.joined(separator: ",") + "\n" }.joined()
    let now = UnitRecord("alphas", columns: columns, rows: [row(2)])
    let root = try TemporaryFolder()
    let folder = try RunFolder(creating: root.path + "/run")
    fuzz([Array(sound.utf8)], rounds: 1000, refusing: RecordRefusal.self) { bytes in
      try root.write((metrics + "\n").utf8, to: "run/metrics.jsonl")
      try root.write(bytes, to: "run/alphas.csv")
      do {
        let past = try RunHistory.cutBack(folder, to: 2, tables: [now], as: EpochMetrics.self)
        try FuzzFailure.unless(past.count == 2, "\(past.count) epochs")
      } catch is RunFolderError, is RunHistoryError {
        try FuzzFailure.unless(
          Array(root.read("run/alphas.csv")) == bytes, "a record that was refused is another one")
        throw RecordRefusal()
      }
      let left = try Array(root.read("run/alphas.csv"))
      // Ends of lines may be written anew, and lines that hold nothing may stand between.
      let (rows, before) = (left.filter { $0 != 13 }, bytes.filter { $0 != 13 })
      try FuzzFailure.unless(
        rows.split(separator: 10).count == 3 && before.starts(with: rows),
        "other rows than there were")
    }
  }

  /// Whatever a table of measured architectures holds, a page shows it or says which line is wrong.
  @Test func `fuzz: candidates.csv`() throws {
    let rows = ["3,1200000,45,0.5,0.25,\"Genotype(a)\"", "4,7,8,1,0,\"|none~0|\"", "4,7,8,1,0.5,x"]
    let head = "epoch,macs,parameters,accuracy1,accuracy2,genotype"
    let sound = ([head] + rows).map { $0 + "\n" }.joined()
    let root = try TemporaryFolder()
    let folder = try RunFolder(creating: root.path + "/run")
    fuzz([Array(sound.utf8)], rounds: 2000, refusing: RecordRefusal.self) { bytes in
      try root.write(bytes, to: "run/candidates.csv")
      do {
        var html = HTMLWriter()
        try RankedArchitectures(folder, units: 4)?.write(&html)
        try FuzzFailure.unless(firstUnbalancedTag(in: html.html) == nil, "a damaged page")
      } catch is RunFolderError, is RunHistoryError {
        throw RecordRefusal()
      }
    }
  }

  private struct RecordRefusal: Error {}

  @Test func `fuzz: genotype.json`() {
    let cells = NASBench201Genotype(ordinal: 4711).description
    let sound = [
      #"{"nasbench201": "\#(cells)"}"#, #"{"darts": "\#(DARTSGenotype.dartsV1)"}"#, cells,
    ]
    fuzz(sound.map { Array($0.utf8) }, rounds: 10_000, refusing: GenotypeInputError.self) {
      let genotype = try GenotypeInput(content: text($0), file: "x", remark: { _ in }).genotype
      _ = try GenotypeInput(parsing: genotype.description)
    }
  }

  /// The progress that a checkpoint notes as text.
  @Test func `fuzz: progress of a search`() throws {
    let settings = SearchSettings(epochs: 2, batchSize: 4)
    let loop = try BilevelSearch(
      NASBench201Supernet(
        .nasBench201, channels: 1, cellsPerStage: 1, classes: 10, seed: RandomGenerator(seed: 1)),
      SyntheticImages.make(count: 24, seed: 1), settings, seed: RandomGenerator(seed: 1))
    let start = loop.state
    struct Stop: Error {}
    do { _ = try loop.run { _ in throw Stop() } } catch is Stop {}
    let begun = loop.state
    let sound = try [start, begun].map { Array(try JSONText.line($0.progress).utf8) }
    fuzz(sound, rounds: 10_000, refusing: ProgressRefusal.self) {
      guard let progress = try? JSONText.decode(SearchProgress.self, from: text($0)) else {
        throw ProgressRefusal()
      }
      do throws(SearchStateError) {
        try loop.restore(
          SearchState(progress: progress, numbers: begun.numbers, tensors: begun.tensors))
      } catch {
        _ = "\(error)"
        if progress != start.progress { throw ProgressRefusal() }
      }
    }
  }

  private struct ProgressRefusal: Error {}

  /// A study makes a table and figures of what its searches left.
  @Test func `fuzz: summary.json`() throws {
    let study = try StudyPlan(options(["study", "--seeds=1"]))
    let whole = SearchSummary(
      genotype: NASBench201Genotype(ordinal: 4711).description, macs: 1, parameters: 1,
      seconds: 1.5, secondsPerStep: 0.04, peakTensorBytes: 25_000_000,
      peakMemoryBytes: 77_000_000, validationAccuracy: 0.3)
    let usual = try StudyResult(study.searches[0], whole, nil)
    let sound = Array(try JSONText.pretty(whole).utf8)
    fuzz([sound], rounds: 10_000, refusing: SummaryRefusal.self) {
      // A damaged summary is that of a search that has not ended; of a sound one the genotype may be damaged.
      guard let summary = SearchSummary(text: text($0)) else { throw SummaryRefusal() }
      let result: StudyResult
      do { result = try StudyResult(study.searches[1], summary, nil) } catch is GenotypeError {
        throw SummaryRefusal()
      }
      let results = [usual, result]
      let report = StudyReport(study, results, columns: [])
      let parts = [report.text, report.csv, report.figure(.time).svg, report.figure(.memory).svg]
      try FuzzFailure.unless(!parts.joined().contains("nan"), "\(report.text)")
      _ = try JSONText.line(report)
    }
  }

  private struct SummaryRefusal: Error {}
}
