import Foundation
import TestSupport
import Testing

@testable import SearchSpaces

@Suite("NAS-Bench-201: the numbers of its cells")
struct NASBench201IndexTests {
  /// What Python prints for `random.seed(88)` and `random.getrandbits(32)`.
  @Test func `the random numbers are Python's`() {
    var generator = MersenneTwister(seed: 88)
    let first = (0..<4).map { _ in generator.bits() }
    #expect(first == [1_707_201_716, 4_182_107_318, 813_946_014, 1_429_399_738])
    for _ in 4..<1000 { _ = generator.bits() }
    #expect(generator.bits() == 3_551_917_360)
    var another = MersenneTwister(seed: 88)
    #expect(another.shuffled(Array(0..<12)) == [11, 1, 10, 8, 7, 9, 4, 0, 2, 5, 3, 6])
  }

  /// Rows of the published table.
  @Test(
    arguments: [
      (
        0,
        "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|skip_connect~1|skip_connect~2|"
      ),
      (
        1,
        "|nor_conv_3x3~0|+|nor_conv_3x3~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_3x3~1|skip_connect~2|"
      ),
      (
        2,
        "|avg_pool_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|avg_pool_3x3~0|avg_pool_3x3~1|avg_pool_3x3~2|"
      ),
      (
        6111,
        "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_1x1~2|"
      ),
    ])
  func `published numbers`(_ index: Int, _ text: String) throws {
    let cell = try NASBench201Genotype(parsing: text)
    #expect(NASBench201Genotype(index: index) == cell && cell.index == index)
  }

  @Test func `every cell has one number`() {
    let all = (0..<NASBench201Genotype.count).map(NASBench201Genotype.init(index:))
    #expect(Set(all).count == 15_625)
    #expect(all.enumerated().allSatisfy { $1.index == $0 })
  }

  @Test(.enabled(if: DevelopmentData.nasBench201 != nil, "TOPONAS_NASBENCH201 names no table"))
  func `all numbers of the table`() throws {
    let file = try #require(DevelopmentData.nasBench201)
    let rows = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").dropFirst()
    #expect(rows.count == 15_625)
    let wrong = try rows.filter { row in
      let fields = row.split(separator: ",")
      return try NASBench201Genotype(parsing: String(fields[1])).index != Int(fields[0])
    }
    #expect(wrong.isEmpty)
  }
}
