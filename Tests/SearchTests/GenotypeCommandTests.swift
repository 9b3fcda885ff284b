import Foundation
import SearchSpaces
import TestSupport
import Testing
import TopologicalSimplification

/// `toponas genotype` as a process.
@Suite("toponas genotype", .serialized)
struct GenotypeCommandTests {
  private let root = NSTemporaryDirectory() + "toponas-genotype-\(UUID().uuidString)"
  private static let cell =
    "|nor_conv_3x3~0|+|none~0|nor_conv_1x1~1|+|skip_connect~0|none~1|avg_pool_3x3~2|"
  private static let v1 = DARTSGenotype.dartsV1.description
  private static let v2 = DARTSGenotype.dartsV2.description

  private func run(_ arguments: String...) throws -> String {
    let outcome = try toponas(["genotype"] + arguments)
    #expect(outcome.status == 0, "\(outcome.error)")
    return String(outcome.output.dropLast())
  }

  private func withFolder(_ body: () throws -> Void) throws {
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: root) }
    try body()
  }

  // MARK: Drawing

  @Test func `a picture goes to a file or to standard output`() throws {
    try withFolder {
      #expect(try run("draw", Self.v2, "--out", "\(root)/new/v2.svg") == "wrote \(root)/new/v2.svg")
      let svg = try String(contentsOfFile: "\(root)/new/v2.svg", encoding: .utf8)
      #expect(try run("draw", Self.v2) + "\n" == svg)
      #expect(svg.contains("3.35 M parameters") && svg.contains(">dil_conv_3x3</text>"))
      _ = try run("draw", Self.cell, "--out=\(root)/cell.dot", "--title", "a cell")
      let dot = try String(contentsOfFile: "\(root)/cell.dot", encoding: .utf8)
      #expect(dot.hasPrefix("digraph \"a cell\" {") && dot.hasSuffix("}\n"))
      _ = try run("draw", Self.cell, "--out", "\(root)/odd", "--format", "svg")
      #expect(try String(contentsOfFile: "\(root)/odd", encoding: .utf8).hasPrefix("<?xml"))
    }
  }

  @Test func `a genotype comes from a text, a file, or the folder of a run`() throws {
    try withFolder {
      let json = try run("convert", Self.cell, "--to", "json")
      try Data("\(json)\n".utf8).write(to: URL(fileURLWithPath: "\(root)/genotype.json"))
      try Data("\n\(Self.cell)\n".utf8).write(to: URL(fileURLWithPath: "\(root)/cell.txt"))
      for source in [root, "\(root)/genotype.json", "\(root)/cell.txt"] {
        #expect(try run("convert", source, "--to", "nasbench201") == Self.cell)
      }
    }
  }

  // MARK: Words

  @Test func `a cell of the benchmark in words`() throws {
    let text = try run("explain", Self.cell)
    let genotype = try NASBench201Genotype(parsing: Self.cell)
    for formula in genotype.cells[0].formulas { #expect(text.contains("\n  \(formula)\n")) }
    #expect(text.contains("1  nor_conv_3x3  ReLU, convolution 3x3, batch norm"))
    #expect(
      text.contains("at most 3 operations from an input to the output, 2 of them with weights"))
    #expect(text.contains("sees 5 x 5 pixels"))
    #expect(
      text.contains("nasbench201\n  \(Self.cell)") && text.contains("json\n  {\"nasbench201\":"))
    #expect(!text.contains("pt.darts"))
  }

  @Test func `the cells of DARTS in words`() throws {
    let text = try run("explain", Self.v2)
    for formula in DARTSGenotype.dartsV2.cells.flatMap(\.formulas) {
      #expect(text.contains("\n  \(formula)\n"))
    }
    #expect(text.contains("normal cell of c_{k-2} (two cells back) and c_{k-1} (one cell back)"))
    #expect(
      text.contains(
        "sep_conv_3x3  twice: ReLU, depthwise convolution 3x3, convolution 1x1, batch norm\n"))
    #expect(text.contains("max pooling 3x3 stride 2") && text.contains("3,349,342"))
    #expect(text.hasSuffix("}") && text.contains("\npt.darts\n  Genotype(normal=[[("))
  }

  @Test func `the JSON object agrees with the library`() throws {
    let object = try jsonObject(try run("explain", Self.cell, "--json"))
    let genotype = try NASBench201Genotype(parsing: Self.cell)
    let cost = try #require(object["cost"] as? [String: Any])
    #expect(cost["parameters"] as? Int == networkCost(of: genotype).parameters)
    #expect(object["isomorphic_cells"] as? Int == genotype.isomorphicCells.count)
    #expect(object["equal_cells"] as? Int == genotype.equalCells.count)
    #expect(object["index"] as? Int == genotype.index)
    let cell = try #require((object["cells"] as? [[String: Any]])?.first)
    #expect(cell["nodes"] as? [String] == genotype.cells[0].formulas)
    #expect(cell["receptive_field"] as? Int == 5 && cell["depth"] as? Int == 3)
  }

  @Test func `a cell that nothing reaches, and operations that make no difference`() throws {
    let empty = try run("explain", NASBench201Genotype(ordinal: 0).description)
    #expect(empty.contains("depth       nothing of the image reaches the output"))
    let idle = try run(
      "explain", "|none~0|+|none~0|nor_conv_3x3~1|+|skip_connect~0|none~1|none~2|")
    #expect(idle.contains("idle        nor_conv_3x3(node 1) in node 2: nothing of the image"))
  }

  @Test func `the benchmark's numbers of a cell`() throws {
    try withFolder {
      try Data(BenchmarkTableText.text.utf8).write(to: URL(fileURLWithPath: "\(root)/table.csv"))
      let text = try run("explain", Self.cell, "--nasbench", "\(root)/table.csv")
      #expect(text.contains("\nbenchmark   cifar10_valid "))
    }
  }

  // MARK: Differences

  @Test func `where two genotypes differ`() throws {
    let other = Self.cell.replacing("none~1", with: "nor_conv_3x3~1")
    let text = try run("diff", Self.cell, other)
    #expect(text.contains("cell  node 3  none(node 1)  nor_conv_3x3(node 1)"))
    #expect(
      text.hasSuffix("\nnot isomorphic by the benchmark's rule, and not known to compute the same"))
    let object = try jsonObject(try run("diff", Self.v1, Self.v2, "--json"))
    let nodes = try #require(object["nodes"] as? [[String: Any]])
    #expect(nodes.map { $0["node"] as? String } == ["node 1", "node 3", "node 1", "node 3"])
    #expect(nodes[1]["only_a"] as? [String] == ["sep_conv_3x3(c_{k-2})", "skip_connect(node 0)"])
    #expect(object["isomorphic"] == nil)
    #expect(try run("diff", Self.v1, Self.v2).contains("+179,928"))
  }

  @Test func `isomorphic cells, and cells that are the same`() throws {
    let cell = "|nor_conv_3x3~0|+|avg_pool_3x3~0|none~1|+|none~0|skip_connect~1|skip_connect~2|"
    let members = try NASBench201Genotype(parsing: cell).isomorphicCells.map(\.description)
    let other = try #require(members.first { $0 != cell })
    #expect(
      try run("diff", cell, other).hasSuffix(
        "\nisomorphic: the benchmark counts A and B as one cell"))
    #expect(try run("diff", cell, cell).hasPrefix("the same genotype\n"))
    let v1 = DARTSGenotype.dartsV1
    var swapped = v1.normal.connections
    swapped.swapAt(0, 1)
    let reordered = DARTSGenotype(normal: DARTSGenotype.Cell(swapped), reduction: v1.reduction)
    #expect(
      try run("diff", Self.v1, reordered.description).hasPrefix("the same cells; the operations"))
  }

  /// The benchmark's rule does not see it: a zero that is a sum.
  @Test func `cells that compute the same and are not isomorphic`() throws {
    let a = "|none~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|"
    let b = "|none~0|+|skip_connect~0|none~1|+|none~0|none~1|skip_connect~2|"
    #expect(
      try run("diff", a, b).contains(
        "\nnot isomorphic by the benchmark's rule; yet A and B compute"))
    let object = try jsonObject(try run("diff", a, b, "--json"))
    #expect(object["isomorphic"] as? Bool == false && object["computes_the_same"] as? Bool == true)
    let lone = "|skip_connect~0|+|none~0|none~1|+|skip_connect~0|skip_connect~1|nor_conv_1x1~2|"
    let genotype = try NASBench201Genotype(parsing: lone)
    #expect(genotype.isomorphicCells.count == 1 && genotype.equalCells.count > 1)
    #expect(
      try run("explain", lone).contains(
        "\nclass       alone by the benchmark's rule; \(genotype.equalCells.count) compute the same, "
      ))
    let unique = "|nor_conv_3x3~0|+|none~0|nor_conv_3x3~1|+|skip_connect~0|none~1|nor_conv_3x3~2|"
    #expect(
      try run("explain", unique).contains(
        "\nclass       alone by the benchmark's rule; no other is known to compute the same\n"))
  }

  @Test func `a published cell with five nodes in words and as a picture`() throws {
    let genotype = try #require(DARTSGenotype(published: "NASNet"))
    let text = try run("explain", "NASNet")
    for formula in genotype.cells.flatMap(\.formulas) { #expect(text.contains("\n  \(formula)\n")) }
    #expect(text.contains("3,830,950") && text.contains("depthwise convolution 7x7 stride 2"))
    #expect(try run("draw", "NASNet").contains(">sep_conv_7x7</text>"))
    #expect(try run("draw", "AmoebaNet").contains(">conv_7x1_1x7</text>"))
    let strips = "ReLU, convolution 1x7 stride 2, convolution 7x1 stride 2, batch norm"
    #expect(try run("explain", "AmoebaNet").contains(strips))
    let longer = try jsonObject(try run("diff", Self.v2, "NASNet", "--json"))
    let nodes = try #require(longer["nodes"] as? [[String: Any]])
    #expect(
      nodes.contains {
        $0["node"] as? String == "node 4" && ($0["only_a"] as? [String])?.isEmpty == true
      })
  }

  // MARK: Formats

  @Test func `formats of DARTS hold the same cells`() throws {
    for text in [Self.v1, Self.v2] {
      let nested = try run("convert", text, "--to", "pt.darts")
      #expect(nested.hasPrefix("Genotype(normal=[[(") && nested.contains("range(2, 6)"))
      #expect(try DARTSGenotype(parsing: nested).description == text)
      #expect(try run("convert", nested, "--to", "darts") == text)
      #expect(
        try jsonObject(try run("convert", nested, "--to", "json"))["darts"] as? String == text)
    }
    let v1 = DARTSGenotype.dartsV1
    let odd = DARTSGenotype(
      normal: DARTSGenotype.Cell(v1.normal.connections, concatenated: [5, 2]),
      reduction: v1.reduction)
    #expect(try DARTSGenotype(parsing: odd.nestedDescription) == odd)
  }

  @Test(
    arguments: [
      (["convert", Self.cell, "--to", "darts"], 64, "expected cells of DARTS, found a cell"),
      (["convert", Self.v1, "--to", "nasbench201"], 64, "expected a cell of NAS-Bench-201"),
      (["convert", "FairDARTS_a", "--to", "darts"], 64, "expected two operations for each node"),
      (["convert", Self.v1], 64, "--to is needed"),
      (
        ["convert", "|x~0|", "--to", "json"], 65, "GENOTYPE: line 1, column 2: expected one of none"
      ),
      (["explain", "no/such/run"], 66, "cannot read no/such/run"),
      (["explain", Self.v1, "--nasbench", "x"], 66, "cannot read x"),
      (["explain"], 64, "GENOTYPE is needed"),
      (["diff", Self.cell], 64, "B is needed"),
      (["diff", Self.cell, Self.v1], 64, "expected genotypes of one space"),
      (["diff", Self.cell, "|none~0|x"], 65, "B: line 1, column 9: expected '+'"),
      (["draw", Self.cell, "--out", "x.png"], 64, "expected a name that ends in .svg or .dot"),
      (["draw", Self.cell, "--out", "/proc/version/x.svg"], 73, "cannot create the folder"),
      (["drwa"], 64, "Did you mean 'genotype draw'?"),
    ])
  func `wrong input gets one message and its code`(
    _ arguments: [String], _ status: Int32, _ message: String
  ) throws {
    try expectRefusal(["genotype"] + arguments, status, message)
  }
}
