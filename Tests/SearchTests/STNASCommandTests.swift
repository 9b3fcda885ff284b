import Foundation
import Reports
import Runs
import SearchMethods
import SearchSpaces
import Tensors
import TestSupport
import Testing

/// The topology-augmented space, its search, and its topologies on the command line.
@Suite("toponas and ST-NAS", .serialized)
struct STNASCommandTests {
  private let root: TemporaryFolder
  init() throws { root = try TemporaryFolder() }

  private static let layout = TopologyAugmentedSpace(
    stages: 3, lastNode: 5, longestSkip: 2, module: .convolution(kernel: 3))
  private static let topology = Topology(
    ["0110", "1000", "0001"].map { $0.map { $0 == "1" } }, of: layout)
  private static let text = topology.description

  private func run(_ words: [String]) throws -> String {
    let outcome = try toponas(words)
    #expect(outcome.status == 0, "\(outcome.error)")
    return String(outcome.output.dropLast())
  }

  private func object(_ words: [String]) throws -> [String: Any] {
    try jsonObject(try run(words + ["--json"]))
  }

  private func read(_ name: String) throws -> String {
    String(decoding: try root.read(name), as: UTF8.self)
  }

  // MARK: Searches

  private static let small = [
    "--space", "st-nas", "--channels", "2", "--cells", "2", "--stage-nodes", "3",
    "--train-images", "48", "--batch", "8", "--epochs", "1",
  ]

  /// The words of a search of few steps in the folder `name`.
  private func words(_ name: String, _ more: [String] = []) -> [String] {
    ["search", "--method", "st-nas", "--out", "\(root.path)/\(name)"] + Self.small + [
      "--burn-in", "1", "--sample-interval", "1", "--weight-samples", "3",
      "--calibration-batches", "1", "--population", "4", "--parents", "2", "--mutants", "3",
      "--crossovers", "2", "--mutation-rate", "0.3", "--generations", "2",
    ] + more
  }

  private func candidates(_ name: String) throws -> [ScoredArchitecture] {
    try ScoredArchitecture.table(try read("\(name)/candidates.csv"))
  }

  @Test func `a search keeps what it measured, shows it, and leads to a training`() throws {
    let output = try run(words("run"))
    let table = try candidates("run")
    #expect(table.count > 6 && Set(table.map(\.genotype)).count == table.count)
    #expect(table.allSatisfy { $0.samples == 3 } && table.map(\.unit) == table.map(\.unit).sorted())
    for scored in table {
      let topology = try Topology(parsing: scored.genotype)
      #expect(scored.cost == networkCost(of: topology))
      #expect(topology.layout.stages == 2 && topology.layout.optionalEdges == 2)
    }
    let best = try #require(table.map(\.score).max())
    let winner = try #require(table.first { $0.score == best })
    #expect(output.contains("genotype  \(winner.genotype)\n"))
    // The page: the ranking, score over cost, every one of the best, both curves of the scores.
    let page = try read("run/report.html")
    #expect(firstUnbalancedTag(in: page) == nil)
    for words in [
      "<h2>Ranking</h2>", "Score over cost", "rank by 1", "rank by 2", "median of the generation",
      "best so far", "Kendall's tau", "\(table.count) architectures were measured",
    ] {
      #expect(page.contains(words), "\(words)")
    }
    #expect(!page.contains("rank by 3"), "that is the ranking")
    #expect(page.matches(of: /<summary>Rank \d+: score/).count == min(10, table.count))
    #expect(!page.contains("There are no alphas to show."))
    // What was found is trained.
    let training = try toponas(
      ["evaluate", "--genotype", "\(root.path)/run", "--epochs", "1", "--channels", "2"]
        + ["--batch", "16", "--train-images", "40", "--test-images", "20"]
        + ["--out", "\(root.path)/training"])
    #expect(training.status == 0, "\(training.error)")
    #expect(training.error.contains("network  st-nas, C = 2, 2 stages"))
    #expect(try read("training/genotype.json").contains(winner.genotype))
  }

  @Test func `plain and simplified, the space gives the same search`() throws {
    for flag in ["--simplify", "--no-simplify"] { _ = try run(words(flag, [flag])) }
    #expect(try candidates("--simplify") == candidates("--no-simplify"))
  }

  @Test func `killed at random moments, it ends with the same bytes`() throws {
    _ = try run(words("whole"))
    let whole = try RunFolderContents("\(root.path)/whole")
    var (generator, kills) = (RandomGenerator(seed: 5), 0)
    for round in 0..<2 {
      kills += try runKilledAtRandom(
        words("\(round)") + ["--checkpoint-minutes", "0"], in: "\(root.path)/\(round)", &generator)
      #expect(try RunFolderContents("\(root.path)/\(round)") == whole, "round \(round)")
    }
    #expect(kills > 0)
  }

  /// What a crash wrote after the checkpoint is cut off; rows that were there before must still be there.
  @Test func `the table is cut back to the checkpoint, and a missing row is told`() throws {
    let folder = try RunFolder(creating: "\(root.path)/run")
    let columns = ["epoch", "macs", "genotype"]
    func record(total: Int) -> UnitRecord {
      UnitRecord("candidates", columns: columns, rows: [], total: total)
    }
    func cutBack(_ lines: [String], to units: Int, total: Int) throws -> String? {
      try root.write(
        lines.map { $0 + "\n" }.joined().utf8, to: "run/candidates.csv")
      try root.write(Self.metrics.utf8, to: "run/metrics.jsonl")
      _ = try RunHistory.cutBack(
        folder, to: units, tables: [record(total: total)], as: EvolutionMetrics.self)
      return try folder.text(of: "candidates.csv")
    }
    let head = columns.joined(separator: ",")
    let rows = ["1,5,\"a, b\"", "2,6,c", "2,7,d"]
    #expect(try cutBack([head] + rows, to: 2, total: 2) == "\(head)\n\(rows[0])\n\(rows[1])\n")
    #expect(try cutBack([head] + rows, to: 1, total: 0) == "\(head)\n")
    #expect(try cutBack([head] + rows, to: 0, total: 0) == nil)
    for (lines, total) in [
      ([head, rows[0]], 2), ([head] + rows, 4), ([rows[0], rows[1], rows[2]], 2), ([], 1),
      ([head, "3,5,e"], 1), ([head, "x,5,e"], 1), ([head, "1,5"], 1),
    ] {
      #expect(throws: RunHistoryError.self, "\(lines)") {
        _ = try cutBack(lines, to: 2, total: total)
      }
    }
  }

  private static let metrics = (1...2).map { unit in
    #"{"columns":[],"genotype":"x","peak_memory_bytes":7,"seconds":1,"seconds_per_step":1,"unit":\#(unit)}"#
      + "\n"
  }.joined()

  /// The cheapest and the dearest topology, and a budget between them.
  @Test(arguments: ["st-nas", "random-search"])
  func `a budget is never violated`(_ method: String) throws {
    let layout = TopologyAugmentedSpace(
      stages: 2, lastNode: 3, longestSkip: 2, module: .convolution(kernel: 3))
    func cost(_ bits: [[Bool]]) -> NetworkCost { networkCost(of: Topology(bits, of: layout)) }
    let limit = cost([[true, false], [false, false]])
    let budget = ["--max-macs", "\(Double(limit.macs) / 1e6)"]
    if method == "st-nas" {
      _ = try run(words("run", budget))
      let table = try candidates("run")
      #expect(table.allSatisfy { $0.cost.macs <= limit.macs } && table.count > 1)
    } else {
      let samples = ["--samples-per-epoch", "4", "--epochs", "3"]
      _ = try run(
        ["search", "--method", method, "--out", "\(root.path)/run"] + Self.small + samples + budget)
    }
    for line in try read("run/metrics.jsonl").split(separator: "\n").suffix(2) {
      let found = try #require(try jsonObject(String(line))["genotype"] as? String)
      #expect(networkCost(of: try Topology(parsing: found)).macs <= limit.macs)
    }
    let hopeless = try toponas(
      ["search", "--method", method, "--out", "\(root.path)/none", "--max-parameters", "0.001"]
        + Self.small)
    #expect(hopeless.status == 64 && hopeless.error.contains("within the budget; a small one has"))
  }

  @Test func `random search keeps to a budget on other spaces too`() throws {
    let words = [
      "search", "--method", "random-search", "--channels", "2", "--cells", "1", "--epochs", "2",
      "--train-images", "40", "--batch", "8", "--max-macs", "60", "--out", "\(root.path)/run",
    ]
    let output = try run(words)
    let found = try #require(output.firstMatch(of: /genotype  (\|.*\|)/))
    let cell = try NASBench201Genotype(parsing: String(found.1))
    #expect(networkCost(of: cell).macs <= 60_000_000)
  }

  // MARK: Presets

  @Test func `a preset has the layout of its size`() throws {
    func layout(_ plan: SearchPlan) -> TopologyAugmentedSpace? {
      TopologyAugmentedSpace(layoutOf: plan.plainSpace)
    }
    #expect(layout(try SearchPlan(["space": "st-nas"])) == .tiny)
    #expect(layout(try SearchPlan(["space": "st-nas", "preset": "tiny"])) == .tiny)
    #expect(layout(try SearchPlan(["space": "st-nas", "preset": "small", "data": "x"])) == .small)
    #expect(layout(try SearchPlan(["space": "st-nas", "preset": "paper", "data": "x"])) == .paper)
    let wide = layout(try SearchPlan(["space": "st-nas", "longest-skip": 4, "cells": 2]))
    #expect(
      wide?.optionalEdges == 9 && wide?.stages == 2 && wide?.module == .convolution(kernel: 3))
    let short = layout(
      try SearchPlan(["space": "st-nas", "preset": "small", "data": "x", "stage-nodes": 2]))
    #expect(short?.longestSkip == 2, "no edge leaves the stage")
  }

  @Test func `the command on the page makes the same search`() throws {
    let plan = try SearchPlan(["space": "st-nas", "method": "st-nas", "population-seed": 3])
    let again = try SearchPlan(try #require(plan.repeatChoices))
    #expect(again.spaceOptions == plan.spaceOptions && again.method == plan.method)
    #expect(plan.repeatChoices?["population-seed"] == 3)
  }

  // MARK: Counts

  @Test func `cost counts topologies and graphs, all digits`() throws {
    let text = try run(["cost", "--space", "st-nas", "--preset", "small"])
    #expect(text.contains("topologies: 34359738368 = 2^35, 5 x 7 optional edges"))
    for row in [
      "all sets of its edges                4096  1152921504606846976",
      "with a path from input to output     2711   146435909157714551",
      "with every node on such a path        389        8907339520949",
      "with the chain: the topologies        128          34359738368",
    ] {
      #expect(text.contains(row), "\(text)")
    }
    let small = try object(["cost", "--space", "st-nas", "--preset", "small"])
    #expect(small["architectures"] as? String == "34359738368")
    let graphs = try #require(small["graphs"] as? [String: Any])
    #expect(graphs["with_path"] as? String == "146435909157714551")
    #expect(graphs["with_every_node_on_a_path"] as? String == "8907339520949")
    #expect(graphs["with_chain"] as? String == "34359738368")
    #expect(graphs["all"] as? String == "1152921504606846976")
    #expect(graphs["stages"] as? Int == 5 && graphs["optional_edges"] as? Int == 7)
    let tiny = try object(["cost", "--space", "st-nas", "--preset", "tiny", "--cells", "2"])
    #expect(tiny["architectures"] as? String == "256" && tiny["channels"] as? Int == 8)
    #expect(try object(["cost", "--space", "darts"])["graphs"] == nil)
  }

  // MARK: Topologies

  @Test func `a topology in words`() throws {
    let text = try run(["genotype", "explain", Self.text])
    for formula in Self.topology.cells.flatMap(\.formulas) { #expect(text.contains(formula)) }
    #expect(text.contains("stage1 cell of node 0\n") && text.contains("stage3 cell of"))
    #expect(text.contains("7  nor_conv_3x3  ReLU, convolution 3x3, batch norm"))
    #expect(text.contains("at most 5 operations from an input to the output, 5 of them"))
    #expect(text.contains("sees 11 x 11 pixels"))
    #expect(text.contains("st-nas, C = 16, 3 stages, 10 classes"))
    #expect(text.contains("\nst-nas\n  \(Self.text)\n\njson\n  {\"st-nas\":\""))
    let object = try object(["genotype", "explain", Self.text])
    let cost = try #require(object["cost"] as? [String: Any])
    #expect(cost["macs"] as? Int == networkCost(of: Self.topology).macs)
    let cells = try #require(object["cells"] as? [[String: Any]])
    #expect(cells.map { ($0["nodes"] as? [String]) } == Self.topology.cells.map(\.formulas))
  }

  @Test func `a picture has an edge for every module`() throws {
    let svg = try run(["genotype", "draw", Self.text])
    #expect(firstUnbalancedTag(in: String(svg.drop { $0 != "\n" })) == nil)
    for stage in ["stage1", "stage2", "stage3"] { #expect(svg.contains(stage)) }
    let dot = try run(["genotype", "draw", Self.text, "--format", "dot"])
    #expect(dot.matches(of: /label="nor_conv_3x3"/).count == Self.topology.edgeCount, "\(dot)")
  }

  @Test func `it is converted, and read from a file, a folder and a table`() throws {
    let json = try run(["genotype", "convert", Self.text, "--to", "json"])
    #expect(json == "{\"st-nas\":\"\(Self.text)\"}")
    try root.write("\(json)\n".utf8, to: "genotype.json")
    try root.write("found: \(Self.text)  # the best\n".utf8, to: "log.txt")
    try root.write(
      "epoch,macs,parameters,accuracy1,genotype\n1,2,3,0.5,\"\(Self.text)\"\n".utf8,
      to: "candidates.csv")
    for source in [json, root.path, "genotype.json", "log.txt", "candidates.csv"] {
      let path = source.hasPrefix("{") || source == root.path ? source : "\(root.path)/\(source)"
      #expect(try run(["genotype", "convert", path, "--to", "st-nas"]) == Self.text, "\(source)")
    }
    let fields =
      "{\"stages\": [\"0110\", \"1000\", \"0001\"], \"nodes\": 5, \"skips\": 2, \"module\": \"nor_conv_3x3\"}"
    #expect(try run(["genotype", "convert", fields, "--to", "st-nas"]) == Self.text)
  }

  @Test func `where two topologies differ`() throws {
    let other = Topology(
      ["0110", "1001", "0001"].map { $0.map { $0 == "1" } }, of: Self.layout)
    let text = try run(["genotype", "diff", Self.text, "\(other)"])
    #expect(text.contains("stage2 cell  node 5  -       nor_conv_3x3(node 3)"), "\(text)")
    let costs = [Self.topology, other].map { networkCost(of: $0) }
    #expect(text.contains("+\(grouped(costs[1].macs - costs[0].macs))"))
  }

  @Test func `the network of a topology costs what it says`() throws {
    let cost = try object(["cost", "--genotype", Self.text, "--channels", "8", "--classes", "100"])
    let own = networkCost(of: Self.topology, channels: 8, classes: 100)
    #expect(cost["macs"] as? Int == own.macs && cost["parameters"] as? Int == own.parameters)
    #expect(cost["cells"] as? Int == 3 && cost["space"] as? String == "st-nas")
  }

  // MARK: Bad input

  private static func form(_ stages: String, module: String = "nor_conv_3x3") -> String {
    "Genotype(module='\(module)', nodes=5, skips=2, stages=\(stages))"
  }

  @Test(arguments: [
    (form("['011']"), "column 59: expected 4 digits 0 or 1 in quotation marks, found ''011'"),
    (form("['0112']"), "expected 4 digits 0 or 1 in quotation marks"),
    (form("[]"), "expected a list of 1 to 100 stages"),
    (form("['0110']", module: "conv"), "expected one of nor_conv_3x3, nor_conv_5x5"),
    ("Genotype(module='nor_conv_3x3', nodes=5, stages=['0110'])", "with the field skips"),
    (
      "Genotype(module='nor_conv_3x3', nodes=5, skips=6, stages=['0110'])",
      "expected a whole number from 2 to 5"
    ),
    (
      "Genotype(module='nor_conv_3x3', nodes=99, skips=2, stages=['0110'])",
      "expected a whole number from 2 to 20"
    ),
  ])
  func `what is no topology is told by its place, by every command`(
    _ text: String, _ message: String
  ) throws {
    for words in [
      ["cost", "--genotype", text], ["evaluate", "--genotype", text, "--dry-run"],
      ["genotype", "draw", text], ["genotype", "explain", text],
    ] {
      let outcome = try toponas(words)
      #expect(outcome.status == 65 && outcome.output.isEmpty, "\(words)")
      #expect(outcome.error.contains(message), "\(outcome.error)")
      #expect(
        outcome.error.contains("Hint: a topology of ST-NAS is Genotype(module="), "\(outcome.error)"
      )
    }
  }

  @Test(arguments: [
    (["cost", "--genotype", text, "--cells", "4"], "--cells 4: the genotype has 3 cells"),
    (["cost", "--genotype", text, "--auxiliary"], "--auxiliary is for cells of DARTS"),
    (["cost", "--genotype", text, "--preset", "tiny"], "--preset: not together with --genotype"),
    (["genotype", "convert", text, "--to", "darts"], "found a topology of ST-NAS"),
    (["search", "--space", "darts", "--longest-skip", "2"], "is an option of st-nas"),
    (["search", "--population-seed", "2"], "is an option of st-nas, but the method is darts"),
    (["search", "--space", "st-nas", "--edge-module", "conv"], "expected one of nor_conv_3x3"),
    (
      ["search", "--space", "st-nas", "--stage-nodes", "1"], "expected a whole number from 2 to 20"
    ),
    (["search", "--method", "st-nas", "--max-macs", "0"], "--max-macs: expected a number from"),
    (["search", "--method", "darts", "--max-macs", "3"], "--max-macs is an option of"),
  ])
  func `options that do not fit are refused`(_ words: [String], _ message: String) throws {
    try expectRefusal(words, 64, message)
  }
}
