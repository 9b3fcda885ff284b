import Reports
import Runs
import SearchSpaces

/// What a genotype says, as text or as one JSON object.
struct ExplainedGenotype: Encodable {
  let cost: GenotypeCost
  let cells: [ExplainedCell]
  /// The number of the cell in the benchmark; nil for DARTS.
  let index: Int?
  /// How many cells the benchmark's rule puts into one class with it, itself among them; nil for DARTS.
  let isomorphicCells: Int?
  /// How many cells are known to compute the same, itself among them; nil for DARTS.
  let equalCells: Int?
  /// The same genotype in every format that can hold it.
  let formats: [String: String]
  private let benchmark: String?
  private let written: [WrittenGenotype]
  private enum CodingKeys: CodingKey {
    case cost, cells, index, isomorphicCells, equalCells, formats, benchmark
  }

  init(_ input: GenotypeInput, _ table: NASBench201Table?) throws {
    cost = try GenotypeCost(input)
    cells = input.genotype.cells.map(ExplainedCell.init)
    written = try input.written()
    formats = Dictionary(uniqueKeysWithValues: written.map { ($0.format, $0.text) })
    if let genotype = input.genotype.cellOfBenchmark {
      index = genotype.index
      (isomorphicCells, equalCells) = (genotype.isomorphicCells.count, genotype.equalCells.count)
      benchmark = table?.text(of: genotype)
    } else {
      (index, isomorphicCells, equalCells, benchmark) = (nil, nil, nil, nil)
    }
  }

  var text: String {
    let facts = [
      cost.sizeText, index.map { "index       \($0) of the benchmark" }, sameness,
      benchmark.map { "benchmark   \($0)" },
    ].compactMap { $0 }
    let texts = written.map { "\($0.format)\n  \($0.text)" }
    return (cells.map(\.text) + [facts.joined(separator: "\n")] + texts).joined(separator: "\n\n")
  }
}

extension ExplainedGenotype {
  /// Which cells of the benchmark compute the same, by its rule and beyond it.
  fileprivate var sameness: String? {
    guard let isomorphicCells, let equalCells else { return nil }
    let byRule =
      isomorphicCells == 1
      ? "alone by the benchmark's rule"
      : "one of \(grouped(isomorphicCells)) cells that are isomorphic by the benchmark's rule"
    let beyond =
      equalCells == isomorphicCells
      ? "no other is known to compute the same"
      : "\(grouped(equalCells)) compute the same, which shows without zeros and with flat sums"
    return "class       \(byRule); \(beyond)"
  }
}

/// What one cell says.
struct ExplainedCell: Encodable {
  /// An operation of the cell.
  struct Operation: Encodable {
    let name: String
    let count: Int
    /// What it stands for, module by module.
    let modules: String
  }

  let name: String
  let inputs: [String]
  /// What every node is.
  let nodes: [String]
  let operations: [Operation]
  /// The most operations on a way from an input to the output; 0 if there is none.
  let depth: Int
  /// The most operations with weights on a way from an input to the output.
  let weightedDepth: Int
  /// The pixels of an input along one axis on which a pixel of the output depends; nil if on none.
  let receptiveField: Int?
  /// Operations that carry nothing of the image to the output.
  let idle: [String]

  init(_ graph: CellGraph) {
    name = graph.name
    inputs = graph.nodes.filter { $0.column == 0 }.map { node in
      node.role == "input" ? node.name : "\(node.name) (\(node.role ?? ""))"
    }
    nodes = graph.formulas
    operations = Self.operations(of: graph)
    let reach = graph.outputReach
    (depth, weightedDepth) = (reach?.operations ?? 0, reach?.weighted ?? 0)
    receptiveField = reach?.field
    idle = graph.idleEdges.map { "\(graph.term($0)) in \(graph.nodes[$0.target].name)" }
  }

  /// Each operation once; where it halves the image it is another one.
  private static func operations(of graph: CellGraph) -> [Operation] {
    let all = graph.edges.compactMap { edge in
      edge.operation.map { (name: $0.rawValue, modules: edge.path?.words ?? "") }
    }
    return all.indices.filter { index in !all[..<index].contains { $0 == all[index] } }.map {
      index in
      Operation(
        name: all[index].name, count: all.count { $0 == all[index] }, modules: all[index].modules)
    }
  }

  var text: String {
    var table = TextTable(head: ["edges", "operation", "modules"], numeric: [0])
    table.rows = operations.map { ["\($0.count)", $0.name, $0.modules] }
    return """
      \(name) of \(inputs.joined(separator: " and "))
        \(nodes.joined(separator: "\n  "))

      \(table.text)

      \(facts.joined(separator: "\n"))
      """
  }

  private var facts: [String] {
    guard let receptiveField else { return ["depth       nothing of the image reaches the output"] }
    let sight = "\(receptiveField) x \(receptiveField)"
    return [
      "depth       at most \(counted(depth, "operation")) from an input to the output, \(weightedDepth) of them with weights",
      "field       a pixel of the output sees \(sight) pixels of an input",
    ]
      + (idle.isEmpty
        ? [] : ["idle        \(idle.joined(separator: ", ")): nothing of the image comes through"])
  }
}

extension Path {
  /// Its modules in words; if the second half is as the first, one of them.
  fileprivate var words: String {
    let words = modules.map(\.words)
    let half = words.prefix(words.count / 2)
    let isDouble = words.count > 1 && half + half == words[...]
    return isDouble
      ? "twice: \(half.joined(separator: ", "))" : words.joined(separator: ", ")
  }
}

extension ModuleSpec {
  /// What it computes.
  fileprivate var words: String {
    switch kind {
    case .identity: "the map itself"
    case .zero: "zero: no connection"
    case .relu: "ReLU"
    case .batchNorm: "batch norm"
    case .averagePool(let window): "average pooling \(window)"
    case .maxPool(let window): "max pooling \(window)"
    case .convolution(let window, .dense, _): "convolution \(window)"
    case .convolution(let window, .depthwise, _): "depthwise convolution \(window)"
    case .stripConvolution(let strip): "convolution \(strip)"
    case .factorizedReduction: "two convolutions 1x1 stride 2 side by side"
    }
  }
}
