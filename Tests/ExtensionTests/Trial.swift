import Datasets
import Foundation
import Reports
import Runs
import SearchMethods
import SearchSpaces
import TensorFiles
import Tensors
import Testing
import TopologicalSimplification

/// A search and what it reported after each unit.
struct Trial<Found: Search> {
  let search: Found
  let reports: [Found.Report]

  /// Runs a search whole, then stopped and resumed in several places, on one to three threads.
  ///
  /// Whatever was stopped goes through a file, and has to end with the same bytes.
  init(_ make: () throws -> Found) throws {
    (search, reports) = try Self.run(try make(), threads: 1)
    let end = try SafeTensors(search.state)
    var events = 0
    try make().run { _ in events += 1 }
    for stop in [1, events / 2, events - 1] {
      let stopped = try Self.run(try make(), threads: 2, events: stop).search
      let rest = try Self.run(try make(), from: try Self.saved(stopped.state), threads: 3)
      #expect(!stopped.isFinished && rest.search.isFinished)
      #expect(rest.reports.map(\.genotype) == reports.suffix(rest.reports.count).map(\.genotype))
      #expect(try SafeTensors(rest.search.state) == end, "stopped at event \(stop) of \(events)")
    }
  }

  private struct Stop: Error {}

  private static func run(
    _ search: Found, from state: SearchState? = nil, threads: Int, events: Int = .max
  ) throws -> (search: Found, reports: [Found.Report]) {
    if let state { try search.restore(state) }
    var (reports, count) = ([Found.Report](), 0)
    do {
      try Threads.$limit.withValue(threads) {
        try search.run { event in
          if case .unit(let report) = event { reports.append(report) }
          count += 1
          if count == events { throw Stop() }
        }
      }
    } catch is Stop {}
    return (search, reports)
  }

  /// The state as a file gives it back.
  private static func saved(_ state: SearchState) throws -> SearchState {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "checkpoint.bin").path
    try CheckpointFile.write(SafeTensors(state), to: file)
    return try #require(SearchState(CheckpointFile.read(file)))
  }

  /// A page with the columns of the reports as a table and as curves, and the cells that were found.
  var page: String {
    let columns = reports.map(\.columns)
    let titles = columns[0].map(\.title)
    return HTMLPage.document(title: "A search of one's own") { html in
      html.table(
        "units", head: ["unit"] + titles, numeric: Set(0...titles.count),
        rows: zip(reports, columns).map { report, columns in
          ["\(report.unit)"] + columns.map { "\($0.value)" }
        })
      let curves = titles.indices.map { column in
        LineChart.Series(
          titles[column],
          points: zip(reports, columns).map { (Double($0.unit), $1[column].value) })
      }
      html.gallery(
        [LineChart("units", caption: "", x: "unit", y: "value", series: curves).svg]
          + search.results.map { CellSVG("cells", caption: "\($0)", $0).svg })
    }
  }
}

/// Eight images of each of three batches, for both halves.
let images = SyntheticImages.make(count: 24, seed: 1)
let seed = RandomGenerator(seed: 1)

/// A supernet of a space, small enough to be searched in a moment.
func supernet(_ space: SearchSpace) -> CellSupernet<CellGenotype> {
  CellSupernet(space, channels: 4, cells: 1, classes: 10, seed: seed)
}

/// A search by gradients in a space, plain or simplified, tried in all places where it may stop.
func tried(
  _ space: SearchSpace, simplifiedBy simplifier: Simplifier? = nil,
  _ method: any SearchMethod = DARTS()
) throws -> Trial<BilevelSearch<CellSupernet<CellGenotype>>> {
  try Trial {
    try BilevelSearch(
      supernet(method.prepare(simplifier?.simplify(space) ?? space)), images,
      SearchSettings(epochs: 2, batchSize: 4, alphaLearningRate: 0.05), method: method, seed: seed)
  }
}
