extension NASBench201Genotype {
  /// How many cells there are: 5 operations on each of 6 edges.
  public static let count = 15_625

  /// The cell at a place among all, in 0 ..< 15,625; the operation of the last edge changes fastest.
  public init(ordinal: Int) {
    precondition(0..<Self.count ~= ordinal, "there are \(Self.count) cells, found place \(ordinal)")
    let primitives = SearchSpace.nasBench201.primitives
    var (rest, operations) = (ordinal, [Primitive]())
    for _ in 0..<6 {
      operations.append(primitives[rest % primitives.count])
      rest /= primitives.count
    }
    self.init(operations.reversed())
  }

  /// The place of the cell among all cells, in 0 ..< 15,625; its number in the benchmark is `index`.
  public var ordinal: Int {
    let primitives = SearchSpace.nasBench201.primitives
    return operations.reduce(0) { place, operation in
      place * primitives.count + (primitives.firstIndex(of: operation) ?? 0)
    }
  }

  /// The cell as an expression of its input `0`, by the rule with which the benchmark finds isomorphic cells.
  ///
  /// The rule of the benchmark [published: D-X-Y/AutoDL-Projects]. A node is the sum of its sorted terms; the term
  /// of an edge from a node p is
  ///
  ///     #           if the operation is none, or p is exactly #
  ///     p           if it is skip_connect
  ///     (p)@op      otherwise
  ///
  /// 6,466 expressions are left of the 15,625 cells. Cells with equal expressions compute the same, but the rule is one of
  /// syntax: a sum of zeros such as `#+#` is not taken for zero, so that `#+#+0` is not `0`, and a sum that is a term is
  /// not sorted with its neighbours. `flatExpression` sees both.
  public var expression: String {
    var edges = operations.makeIterator()
    var nodes = ["0"]
    for target in 1..<4 {
      let terms = nodes[..<target].map { Self.term(edges.next() ?? .none, from: $0) }
      nodes.append(terms.sorted().joined(separator: "+"))
    }
    return nodes[3]
  }

  /// The cell as an expression of its input `0` without zeros, in which a sum that is a term is part of the sum around it.
  ///
  /// 4,930 expressions are left of the 15,625 cells, an upper bound of the functions there are. As in the benchmark's rule an
  /// operation on zero is zero, which holds as long as batch norms have no bias.
  public var flatExpression: String {
    var edges = operations.makeIterator()
    var nodes = [["0"]]
    for target in 1..<4 {
      nodes.append(
        nodes[..<target].flatMap { Self.flatTerms(edges.next() ?? .none, from: $0) }.sorted())
    }
    return Self.sum(nodes[3])
  }

  /// What an edge adds to its node, term by term; `node` holds the sorted terms of the node that it leaves.
  private static func flatTerms(_ operation: Primitive, from node: [String]) -> [String] {
    switch operation {
    case .none: []
    case .skipConnect: node
    default: node.isEmpty ? [] : ["(\(sum(node)))@\(operation.rawValue)"]
    }
  }

  private static func sum(_ terms: [String]) -> String {
    terms.isEmpty ? "#" : terms.joined(separator: "+")
  }

  private static func term(_ operation: Primitive, from node: String) -> String {
    if operation == .none || node == "#" { return "#" }
    return operation == .skipConnect ? node : "(\(node))@\(operation.rawValue)"
  }

  /// The cells of its isomorphism class by the benchmark's rule, itself among them.
  public var isomorphicCells: [NASBench201Genotype] {
    let own = expression
    return (0..<Self.count).map(Self.init(ordinal:)).filter { $0.expression == own }
  }

  /// The cells that are known to compute the same, itself among them: those with its `flatExpression`.
  public var equalCells: [NASBench201Genotype] {
    let own = flatExpression
    return (0..<Self.count).map(Self.init(ordinal:)).filter { $0.flatExpression == own }
  }
}
