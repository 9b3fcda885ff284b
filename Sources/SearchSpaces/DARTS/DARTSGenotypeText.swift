// The text of a genotype, as the published programs print it.
extension DARTSGenotype {
  /// The text of the official code: `Genotype(normal=[('sep_conv_3x3', 0), ...], normal_concat=[2, 3, 4, 5], ...)`.
  public var description: String {
    func text(_ cell: Cell) -> String {
      "["
        + cell.connections.map { "('\($0.operation.rawValue)', \($0.source))" }
        .joined(separator: ", ") + "]"
    }
    return "Genotype(normal=\(text(normal)), normal_concat=\(normal.concatenated), "
      + "reduce=\(text(reduction)), reduce_concat=\(reduction.concatenated))"
  }

  /// The text of pt.darts, with a list for each node: `Genotype(normal=[[('sep_conv_3x3', 0), ...], ...], ...)`.
  public var nestedDescription: String {
    func text(_ cell: Cell) -> String {
      let nodes = (2...5).map { node in
        let pairs = cell.connections(to: node).map { "('\($0.operation.rawValue)', \($0.source))" }
        return "[\(pairs.joined(separator: ", "))]"
      }
      return "[\(nodes.joined(separator: ", "))]"
    }
    func nodes(_ cell: Cell) -> String {
      cell.concatenated == [2, 3, 4, 5] ? "range(2, 6)" : "\(cell.concatenated)"
    }
    return "Genotype(normal=\(text(normal)), normal_concat=\(nodes(normal)), "
      + "reduce=\(text(reduction)), reduce_concat=\(nodes(reduction)))"
  }

  /// Reads the flat text of the official code, or the nested one of pt.darts, a list a node.
  ///
  /// The nodes of an output are `[2, 3, 4, 5]` or `range(2, 6)`. Spaces between the tokens are free.
  public init(parsing text: String) throws(GenotypeError) {
    var scanner = GenotypeScanner(text: text)
    try scanner.tokens("Genotype", "(", "normal", "=", "[")
    scanner.skipSpaces()
    let isNested = scanner.follows("[")
    normal = try scanner.cell("normal", isNested: isNested)
    try scanner.tokens(",", "reduce", "=", "[")
    reduction = try scanner.cell("reduce", isNested: isNested)
    try scanner.tokens(")")
    scanner.skipSpaces()
    try scanner.expectEnd()
  }
}

extension GenotypeScanner {
  /// Passes several tokens, with any spaces before each.
  fileprivate mutating func tokens(_ tokens: String...) throws(GenotypeError) {
    for token in tokens {
      skipSpaces()
      try expect(token)
    }
  }

  /// Passes the rest of a cell behind the first bracket.
  fileprivate mutating func cell(
    _ name: String, isNested: Bool
  ) throws(GenotypeError) -> DARTSGenotype.Cell {
    var connections: [DARTSGenotype.Connection] = []
    for node in 2...5 {
      if node > 2 { try tokens(",") }
      if isNested { try tokens("[") }
      connections.append(try connection(to: node))
      try tokens(",")
      connections.append(try connection(to: node))
      if isNested { try tokens("]") }
    }
    try tokens("]", ",", "\(name)_concat", "=")
    return DARTSGenotype.Cell(connections, concatenated: try nodes())
  }

  /// Passes for example `('sep_conv_3x3', 1)`.
  private mutating func connection(
    to node: Int
  ) throws(GenotypeError) -> DARTSGenotype.Connection {
    try tokens("(", "'")
    let operation = try operation(among: SearchSpace.darts.primitives)
    try expect("'")
    try tokens(",")
    skipSpaces()
    let source = try number(in: 0...node - 1, "a source of node \(node)")
    try tokens(")")
    return DARTSGenotype.Connection(operation, from: source)
  }

  /// Passes for example `[2, 3, 4, 5]` or `range(2, 6)`.
  private mutating func nodes() throws(GenotypeError) -> [Int] {
    skipSpaces()
    if follows("r") {
      try tokens("range", "(")
      skipSpaces()
      let first = try number(in: 2...5, "a node")
      try tokens(",")
      skipSpaces()
      let end = try number(in: first + 1...6, "an end")
      try tokens(")")
      return Array(first..<end)
    }
    try tokens("[")
    var nodes: [Int] = []
    repeat {
      if !nodes.isEmpty { try tokens(",") }
      skipSpaces()
      let refusal = error("a node that is not listed yet")
      let node = try number(in: 2...5, "a node")
      if nodes.contains(node) { throw refusal }
      nodes.append(node)
      skipSpaces()
    } while follows(",")
    try tokens("]")
    return nodes
  }
}
