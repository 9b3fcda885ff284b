import SearchSpaces
import Tensors
import Testing

@Suite("NAS-Bench-201 genotypes")
struct GenotypeTests {
  private static let primitives = SearchSpace.nasBench201.primitives

  @Test func `all 15,625 strings are read and written back`() throws {
    var strings: Set<String> = []
    for index in 0..<15_625 {
      var rest = index
      let operations = (0..<6).map { _ in
        defer { rest /= 5 }
        return Self.primitives[rest % 5]
      }
      let genotype = NASBench201Genotype(operations)
      let text = "\(genotype)"
      strings.insert(text)
      #expect(try NASBench201Genotype(parsing: text) == genotype)
    }
    #expect(strings.count == 15_625)
  }

  @Test func `the string lists the edges by target and names their source`() {
    let genotype = NASBench201Genotype([
      .norConv3x3, .none, .skipConnect, .avgPool3x3, .norConv1x1, .norConv3x3,
    ])
    #expect(
      "\(genotype)"
        == "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|avg_pool_3x3~0|nor_conv_1x1~1|nor_conv_3x3~2|"
    )
    #expect(genotype.skipCount == 1)
  }

  @Test(
    arguments: zip(
      [
        "", "none~0|", "|none~0|+|none~0|none~1|+|none~0|none~1|none~2",
        "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|x", "|nor_conv_5x5~0|",
        "|none~1|+|none~0|none~1|+|none~0|none~1|none~2|", "|none~0||none~0|none~1|",
        "|none~0|+|none~0|+|none~0|none~1|none~2|", " |none~0|", "|None~0|",
      ], [1, 1, 47, 48, 2, 7, 9, 18, 1, 2]))
  func `anything else is refused at its first wrong column`(_ text: String, _ column: Int) {
    do throws(GenotypeError) {
      let genotype = try NASBench201Genotype(parsing: text)
      Issue.record("'\(text)' was read as \(genotype)")
    } catch { #expect(error.column == column, "\(error)") }
  }

  @Test func `an unknown operation is told with the known ones`() {
    let error = #expect(throws: GenotypeError.self) {
      try NASBench201Genotype(parsing: "|nor_conv_5x5~0|")
    }
    #expect(
      error?.description
        == "line 1, column 2: expected one of none, skip_connect, nor_conv_1x1, nor_conv_3x3, avg_pool_3x3,"
        + " found 'nor_conv_5x5' (read as a cell of NAS-Bench-201)")
  }
}
