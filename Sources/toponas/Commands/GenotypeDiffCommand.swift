import CommandLineParsing
import Reports
import Runs
import SearchSpaces

/// `toponas genotype diff`: where two genotypes differ.
struct GenotypeDiffCommand: Command {
  static let spec = CommandSpec(
    "genotype diff", summary: "Compare two genotypes of one space.",
    discussion: """
      Shows for every node which operations only A or only B has, what both cost, and, for cells of NAS-Bench-201, \
      whether they are isomorphic by the benchmark's rule, and whether they compute the same although they are not: \
      the rule compares expressions, in which it neither drops zeros nor flattens sums.
      """,
    operands: [
      GenotypeInput.option("a", placeholder: "A", isRequired: true),
      OptionSpec(
        "b", .text(placeholder: "B"), help: "The same of another.", isRequired: true,
        paths: .files),
    ],
    options: [CommonOptions.json])

  static func run(_ options: ParsedOptions, _ console: Console) throws {
    let a = try GenotypeInput(options.requiredText("a"), label: "A", remark: console.error)
    let b = try GenotypeInput(options.requiredText("b"), label: "B", remark: console.error)
    let result = try GenotypeDifference(a, b)
    if options.flag("json") ?? false {
      try console.print(json: result)
    } else {
      try console.print(text: result.text)
    }
  }
}

/// Where two genotypes differ, as text or as one JSON object.
struct GenotypeDifference: Encodable {
  /// A node to which different operations lead.
  struct Node: Encodable {
    let cell: String
    let node: String
    let onlyA: [String]
    let onlyB: [String]
  }

  let a: GenotypeCost
  let b: GenotypeCost
  let nodes: [Node]
  /// Whether the benchmark's rule says so; nil for DARTS, which has no such rule.
  let isomorphic: Bool?
  /// Whether they are known to compute the same; nil for DARTS.
  let computesTheSame: Bool?

  init(_ a: GenotypeInput, _ b: GenotypeInput) throws {
    guard a.space == b.space else { throw GenotypeCommandError.differentSpaces(a.space, b.space) }
    let cells = (a.genotype.cellOfBenchmark, b.genotype.cellOfBenchmark)
    isomorphic = cells.0.map { $0.expression == cells.1?.expression }
    computesTheSame = cells.0.map { $0.flatExpression == cells.1?.flatExpression }
    (self.a, self.b) = (try GenotypeCost(a), try GenotypeCost(b))
    nodes = Self.differences(a.genotype.cells, b.genotype.cells)
  }

  /// The nodes of all cells that differ; a cell that only one of the networks has differs in all its nodes.
  private static func differences(_ a: [CellGraph], _ b: [CellGraph]) -> [Node] {
    (0..<max(a.count, b.count)).flatMap { index in
      differences(index < a.count ? a[index] : nil, index < b.count ? b[index] : nil)
    }
  }

  /// The nodes of two cells that differ; one that only one of them has differs in all that leads to it.
  private static func differences(_ a: CellGraph?, _ b: CellGraph?) -> [Node] {
    let graphs = [a, b].compactMap { $0 }
    guard let longer = graphs.max(by: { $0.nodes.count < $1.nodes.count }) else { return [] }
    return longer.nodes.map(\.name).compactMap { name in
      let (ofA, ofB) = (a?.terms(into: name) ?? [], b?.terms(into: name) ?? [])
      let (onlyA, onlyB) = (ofA.removing(ofB), ofB.removing(ofA))
      if onlyA.isEmpty, onlyB.isEmpty { return nil }
      return Node(cell: graphs[0].name, node: name, onlyA: onlyA, onlyB: onlyB)
    }
  }

  var text: String {
    [nodes.isEmpty ? same : differences, costs.text, sameness].compactMap { $0 }
      .joined(separator: "\n\n")
  }

  private var same: String {
    a.genotype == b.genotype
      ? "the same genotype"
      : "the same cells; the operations of a node are written in another order"
  }

  private var differences: String {
    var table = TextTable(head: ["cell", "node", "only A", "only B"], numeric: [])
    for node in nodes {
      for row in 0..<max(node.onlyA.count, node.onlyB.count) {
        let sides = [node.onlyA, node.onlyB].map { row < $0.count ? $0[row] : "-" }
        table.rows.append((row == 0 ? [node.cell, node.node] : ["", ""]) + sides)
      }
    }
    return table.text
  }

  private var costs: TextTable {
    var table = TextTable(head: ["", "A", "B", "B - A"], numeric: [1, 2, 3])
    for (name, a, b) in [("parameters", a.parameters, b.parameters), ("MACs", a.macs, b.macs)] {
      let sign = b > a ? "+" : ""
      table.rows.append([name, grouped(a), grouped(b), sign + grouped(b - a)])
    }
    return table
  }

  private var sameness: String? {
    guard let isomorphic, let computesTheSame else { return nil }
    if isomorphic { return "isomorphic: the benchmark counts A and B as one cell" }
    return computesTheSame
      ? "not isomorphic by the benchmark's rule; yet A and B compute the same, without zeros and with flat sums"
      : "not isomorphic by the benchmark's rule, and not known to compute the same"
  }
}

extension CellGraph {
  /// What leads to the node of a name; nothing if there is none.
  fileprivate func terms(into name: String) -> [String] {
    nodes.firstIndex { $0.name == name }.map { edges(into: $0).map(term) } ?? []
  }
}

extension [String] {
  /// Its elements without those of `others`, each taken away once.
  fileprivate func removing(_ others: [String]) -> [String] {
    others.reduce(into: self) { rest, other in
      if let place = rest.firstIndex(of: other) { rest.remove(at: place) }
    }
  }
}
