import SearchSpaces
import TestSupport
import Testing

/// Derived cells of GOLD-NAS, and their texts.
@Suite("Genotypes of GOLD-NAS")
struct GOLDNASGenotypeTests {
  private typealias Connection = GOLDNASGenotype.Connection

  private let genotype = GOLDNASGenotype([
    [
      Connection(.sepConv3x3, from: 4, to: 5), Connection(.skipConnect, from: 4, to: 5),
      Connection(.sepConv3x3, from: 0, to: 5), Connection(.skipConnect, from: 2, to: 4),
      Connection(.sepConv3x3, from: 1, to: 3), Connection(.sepConv3x3, from: 0, to: 2),
      Connection(.skipConnect, from: 0, to: 2),
    ],
    [
      Connection(.sepConv3x3, from: 1, to: 2), Connection(.skipConnect, from: 0, to: 3),
      Connection(.sepConv3x3, from: 2, to: 4), Connection(.skipConnect, from: 3, to: 5),
    ],
    [
      Connection(.skipConnect, from: 1, to: 2), Connection(.skipConnect, from: 1, to: 3),
      Connection(.sepConv3x3, from: 1, to: 3), Connection(.skipConnect, from: 0, to: 4),
      Connection(.sepConv3x3, from: 3, to: 5),
    ],
  ])

  @Test func eqB17_theTextIsThatOfThePublishedProgram() throws {
    #expect(genotype.description == GOLDNASForms.official, "in the order of edges, skip before sep")
    #expect(!genotype.description.contains("\n"))
    #expect(genotype.edgeCount == 16 && genotype.skipCount == 8 && genotype.ownCellCount == 3)
  }

  @Test(arguments: GOLDNASForms.all)
  func eqB17_itIsReadInEveryForm(_ form: (name: String, text: String)) throws {
    #expect(try GOLDNASGenotype(parsing: form.text) == genotype)
    let text = try GenotypeText(form.text)
    #expect(text.entries.count == 1)
  }
}
