import SearchSpaces
import TestSupport
import Testing

@Suite("NAS-Bench-201: isomorphic cells")
struct NASBench201IsomorphismTests {
  private static let all = (0..<NASBench201Genotype.count).map(NASBench201Genotype.init(ordinal:))

  private func cell(_ text: String) throws -> NASBench201Genotype {
    try NASBench201Genotype(parsing: text)
  }

  @Test func `every cell has one place`() {
    #expect(Set(Self.all).count == 15_625)
    #expect(Self.all.enumerated().allSatisfy { $1.ordinal == $0 })
    #expect(Self.all[0].operations.allSatisfy { $0 == .none })
    #expect(Self.all[1].operations.last == .skipConnect, "the last edge changes fastest")
  }

  @Test func `6,466 classes, the largest of 275 cells`() {
    let classes = Dictionary(grouping: Self.all, by: \.expression)
    #expect(classes.count == 6466)
    #expect(classes.values.map(\.count).max() == 275)
    #expect(classes.values.count { $0.count > 1 } == 1350)
  }

  /// A sum is zero if all its terms are: the benchmark's rule with that one change.
  private func expressionWithZeroSums(_ cell: NASBench201Genotype) -> String {
    var (edges, nodes) = (cell.operations.makeIterator(), ["0"])
    for target in 1..<4 {
      let terms = nodes[..<target].map { node -> String in
        let operation = edges.next() ?? .none
        if operation == .none || node == "#" { return "#" }
        return operation == .skipConnect ? node : "(\(node))@\(operation.rawValue)"
      }
      nodes.append(terms.allSatisfy { $0 == "#" } ? "#" : terms.sorted().joined(separator: "+"))
    }
    return nodes[3]
  }

  /// So 6,466 is an upper bound of the number of functions, and no cell of a class of one need be the only one.
  @Test func `the benchmark's rule is one of syntax: fewer functions are left`() {
    #expect(Set(Self.all.map(expressionWithZeroSums)).count == 6285)
    let classes = Dictionary(grouping: Self.all, by: \.expression)
    let functions = Dictionary(grouping: Self.all, by: \.flatExpression)
    #expect(functions.count == 4930)
    // Isomorphic cells compute the same.
    #expect(classes.values.allSatisfy { Set($0.map(\.flatExpression)).count == 1 })
    let alone = Self.all.filter { classes[$0.expression]?.count == 1 }
    #expect(alone.count == 5116)
    #expect(alone.count { (functions[$0.flatExpression]?.count ?? 0) > 1 } == 1392)
  }

  @Test func `flat expressions by hand`() throws {
    #expect(Self.all[0].flatExpression == "#")
    let skips = NASBench201Genotype(Array(repeating: .skipConnect, count: 6))
    #expect(skips.flatExpression == "0+0+0+0")
    // Node 1 is x and node 3 the 1x1 convolution of zero, x and x.
    let text = "|skip_connect~0|+|none~0|none~1|+|skip_connect~0|skip_connect~1|nor_conv_1x1~2|"
    #expect(try cell(text).flatExpression == "0+0")
    let sum = "|nor_conv_1x1~0|+|skip_connect~0|skip_connect~1|+|none~0|none~1|avg_pool_3x3~2|"
    #expect(try cell(sum).flatExpression == "((0)@nor_conv_1x1+0)@avg_pool_3x3")
    // A sum that is a term: pool + (x + convolution), and convolution + (x + pool).
    let left = try cell(
      "|nor_conv_1x1~0|+|skip_connect~0|skip_connect~1|+|avg_pool_3x3~0|none~1|skip_connect~2|")
    let right = try cell(
      "|avg_pool_3x3~0|+|skip_connect~0|skip_connect~1|+|nor_conv_1x1~0|none~1|skip_connect~2|")
    #expect(left.expression != right.expression && left.flatExpression == right.flatExpression)
    #expect(left.equalCells.contains(right) && right.equalCells == left.equalCells)
    #expect(!left.isomorphicCells.contains(right))
  }

  @Test func `expressions by hand`() throws {
    let none = Array(repeating: Primitive.none, count: 6)
    #expect(NASBench201Genotype(none).expression == "#+#+#")
    let skips = none.map { _ in Primitive.skipConnect }
    #expect(NASBench201Genotype(skips).expression == "0+0+0+0")
    #expect(
      try cell("|avg_pool_3x3~0|+|nor_conv_1x1~0|none~1|+|none~0|skip_connect~1|nor_conv_3x3~2|")
        .expression == "#+(#+(0)@nor_conv_1x1)@nor_conv_3x3+(0)@avg_pool_3x3")
  }

  @Test func `a zero edge is zero, a sum of zeros is not`() throws {
    // Node 1 is exactly #, so what starts there is #; node 2 is #+#, and stays.
    let text = "|none~0|+|none~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_1x1~1|skip_connect~2|"
    #expect(try cell(text).expression == "#+#+#+0")
  }

  @Test func `isomorphic cells are those of one expression, itself among them`() throws {
    // Node 1 is zero, so it does not matter what starts there.
    let one = try cell(
      "|none~0|+|avg_pool_3x3~0|none~1|+|none~0|nor_conv_1x1~1|skip_connect~2|")
    let two = try cell(
      "|none~0|+|avg_pool_3x3~0|skip_connect~1|+|none~0|none~1|skip_connect~2|")
    #expect(one != two)
    let members = one.isomorphicCells
    #expect(members.contains(one) && members == two.isomorphicCells)
    #expect(members.allSatisfy { $0.expression == one.expression })
    let other = try cell("|none~0|+|avg_pool_3x3~0|none~1|+|none~0|none~1|none~2|")
    #expect(!members.contains(other))
  }
}
