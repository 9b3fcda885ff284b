import Foundation
import Reports
import Runs
import SearchSpaces
import TestSupport
import Testing
import TopologicalSimplification

/// The space of GOLD-NAS and its genotypes on the command line.
@Suite("toponas and GOLD-NAS", .serialized)
struct GOLDNASCommandTests {
  private let root = NSTemporaryDirectory() + "toponas-gold-\(UUID().uuidString)"
  private let text = GOLDNASForms.official

  private func object(_ arguments: [String]) throws -> [String: Any] {
    let outcome = try toponas(arguments + ["--json"])
    #expect(outcome.status == 0, "\(outcome.error)")
    let object = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
    return try #require(object as? [String: Any])
  }

  // MARK: Searches

  @Test(arguments: ["own", "darts"])
  func `a search of the space leads to a training of what it found`(_ candidates: String) throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    let search = try toponas([
      "search", "--space", "gold-nas", "--candidates", candidates, "--channels", "4", "--cells",
      "3", "--epochs", "1", "--train-images", "40", "--batch", "16", "--out", "\(root)/search",
    ])
    #expect(search.status == 0, "\(search.error)")
    #expect(search.output.contains("--space gold-nas"))
    #expect(search.output.contains("--candidates darts") == (candidates == "darts"))
    let config = try String(contentsOfFile: "\(root)/search/config.json", encoding: .utf8)
    #expect(config.contains("\"candidates\" : \"\(candidates)\""))
    let page = try String(contentsOfFile: "\(root)/search/report.html", encoding: .utf8)
    #expect(page.contains("The cell2 of"))
    let training = try toponas([
      "evaluate", "--genotype", "\(root)/search", "--epochs", "1", "--channels", "2", "--batch",
      "16", "--train-images", "40", "--test-images", "20", "--out", "\(root)/training",
    ])
    #expect(training.status == 0, "\(training.error)")
    #expect(training.error.contains("gold-nas, C = 2, 3 cells"))
    let plan = try EvaluationPlan(
      of: RunFolder(opening: "\(root)/training"))
    #expect(plan.cells == 3 && plan.settings.auxiliaryWeight == 0.4)
  }

  /// The rows of `gates.csv` after two epochs, below its heading.
  private var gates: [String] {
    let space = SearchSpace.goldNAS(cells: 3)
    return ["epoch,cell,edge,skip_connect,sep_conv_3x3"]
      + (1...2).flatMap { epoch in
        space.cells.flatMap { cell in
          space.edges.map { "\(epoch),\(cell.name),\($0.source)->\($0.target),0.5,0.25" }
        }
      }
  }

  private func table(_ rows: [String]) throws -> EdgeTable? {
    defer { try? FileManager.default.removeItem(atPath: root) }
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    try "{}".write(toFile: "\(root)/config.json", atomically: true, encoding: .utf8)
    try (rows.joined(separator: "\n") + "\n").write(
      toFile: "\(root)/gates.csv", atomically: true, encoding: .utf8)
    return try EdgeTable(
      "gates", in: RunFolder(opening: root), .goldNAS(cells: 3), epochs: 2)
  }

  @Test func `a table of edges has a map for each cell`() throws {
    let table = try #require(try table(gates))
    #expect(table.maps(of: .goldNAS(cells: 3)).count == 3)
    #expect(try self.table(Array(gates.prefix(42))) == nil, "no epoch is whole")
  }

  @Test(arguments: [
    ("2,cell1,0->3,0.5,0.25", "2,cell0,0->3,0.5,0.25"),
    ("2,cell1,0->3,0.5,0.25", "2,cell1,1->3,0.5,0.25"),
    ("2,cell1,0->3,0.5,0.25", "1,cell1,0->3,0.5,0.25"),
    ("2,cell1,0->3,0.5,0.25", "2,cell1,0->3,0.5,x"),
    ("2,cell1,0->3,0.5,0.25", "2,cell1,0->3,0.5"),
    ("2,cell1,0->3,0.5,0.25", ""),
  ])
  func `a damaged row of a table is reported with its place`(_ row: String, _ damaged: String)
    throws
  {
    let line = try #require(gates.firstIndex(of: row))
    var rows = gates
    rows[line] = damaged
    let error = try #require(throws: RunHistoryError.self) { try table(rows) }
    #expect(
      error.message.text.hasPrefix(
        "\(root)/gates.csv, line \(line + 1): expected the gates of cell1, edge 0->3, in epoch 2"))
  }

  @Test func `a plan without the options of its space has the usual ones`() throws {
    let plan = try SearchPlan(["space": "gold-nas", "cells": 4])
    #expect(plan.plainSpace.primitives == [.skipConnect, .sepConv3x3])
    #expect(plan.plainSpace.cells.count == 4)
    let json = try JSONText.line(plan)
    let without = json.replacing(#""space_options":{"candidates":"own"},"#, with: "")
    #expect(without != json)
    let read = try SearchPlan(configText: without, file: "config.json")
    #expect(read.plainSpace.primitives == plan.plainSpace.primitives)
    #expect(try !JSONText.line(SearchPlan(["space": "darts"])).contains("space_options"))
    for wrong in [#"{"candidates":"all"}"#, #"{"candidate":"own"}"#] {
      #expect(throws: SearchConfigError.self) {
        try SearchPlan(
          configText: json.replacing(#"{"candidates":"own"}"#, with: wrong), file: "config.json")
      }
    }
    #expect(throws: SearchConfigError.self) {
      try SearchPlan(configText: json.replacing("gold-nas", with: "darts"), file: "config.json")
    }
  }

  @Test(arguments: [
    (
      ["search", "--candidates", "darts"],
      "--candidates is an option of gold-nas, but the space is nasbench201"
    ),
    (["cost", "--space", "darts", "--candidates", "own"], "Hint: add --space gold-nas, or leave"),
    (["search", "--space", "gold-nas", "--cells", "2"], "gold-nas has 3 cells or more"),
    (
      ["evaluate", "--cells", "4", "--genotype", GOLDNASForms.official],
      "--cells 4: the genotype has 3 cells, each with operations of its own"
    ),
    (
      ["cost", "--cells", "20", "--genotype", GOLDNASForms.official],
      "--cells 20: the genotype has 3 cells"
    ),
    (
      ["genotype", "convert", "--to", "darts", GOLDNASForms.official],
      "expected cells of DARTS, found cells of GOLD-NAS\nHint: --to gold-nas or json"
    ),
    (
      ["genotype", "diff", GOLDNASForms.official, "DARTS_V2"],
      "expected genotypes of one space, found cells of GOLD-NAS and cells of DARTS"
    ),
  ])
  func `what does not fit is a usage error`(_ arguments: [String], _ message: String) throws {
    try expectRefusal(arguments, 64, message)
  }

  // MARK: Costs

  @Test func `the cost has the number of architectures, and what gates can spare`() throws {
    let arguments = [
      "cost", "--space", "gold-nas", "--channels", "16", "--cells", "8", "--batch", "1",
    ]
    let cost = try object(arguments)
    #expect(cost["architectures"] as? String == "\(ExactCount.power(246_517_425, 8))")
    #expect(cost["other_macs"] as? Int == 20_466_176 + 10)
    let supernet = supernetCost(of: .goldNAS(cells: 8), channels: 16, cells: 8)
    #expect(cost["searched_macs"] as? Int == supernet.edges.macs)
    let text = try toponas(arguments).output
    #expect(text.contains("architectures: 246517425 a cell, in all 8 cells"))
    let names = try #require(cost["parts"] as? [[String: Any]]).compactMap { $0["name"] as? String }
    #expect(
      names == ["edge, stride 1", "edge, stride 2", "normal cell", "reduction cell", "all edges"])
  }

  @Test func `the cost of a genotype is that of its own cells`() throws {
    let genotype = try GOLDNASGenotype(parsing: text)
    let cost = try object(["cost", "--auxiliary", "--genotype", text])
    let counted = networkCost(of: genotype)
    #expect(cost["cells"] as? Int == 3 && cost["channels"] as? Int == 36)
    #expect(cost["parameters"] as? Int == counted.parameters)
    #expect(cost["macs"] as? Int == counted.macs)
    let head = auxiliaryHeadCost(of: genotype)
    #expect(cost["auxiliary_parameters"] as? Int == head.parameters)
  }

  // MARK: Genotypes

  @Test func `genotypes are explained, drawn, converted and compared`() throws {
    let genotype = try GOLDNASGenotype(parsing: text)
    let explained = try toponas(["genotype", "explain", text]).output
    for cell in genotype.cells {
      for formula in cell.formulas { #expect(explained.contains("\n  \(formula)\n")) }
    }
    #expect(explained.contains("gold-nas\n  \(text)"))
    let svg = try toponas(["genotype", "draw", text]).output
    #expect((0..<3).allSatisfy { svg.contains("cell\($0):") })
    let json = try toponas(["genotype", "convert", "--to", "json", text]).output
    let again = try toponas(["genotype", "convert", "--to", "gold-nas", json])
    #expect(again.output == text + "\n", "\(again.error)")
    let shorter = GOLDNASGenotype(Array(genotype.connections.dropLast()))
    #expect(try toponas(["genotype", "diff", text, text]).output.hasPrefix("the same genotype"))
    let difference = try toponas(["genotype", "diff", text, shorter.description]).output
    #expect(difference.contains("cell2") && !difference.contains("cell1"))
  }
}

extension ExactCount {
  fileprivate static func power(_ base: UInt64, _ exponent: Int) -> ExactCount {
    (0..<exponent).reduce(ExactCount(1)) { count, _ in count * base }
  }
}
