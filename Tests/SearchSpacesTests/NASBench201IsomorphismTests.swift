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
