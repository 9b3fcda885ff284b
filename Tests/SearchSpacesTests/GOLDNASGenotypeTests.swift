import SearchSpaces
import Tensors
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

  @Test func eqB17_limit_operationsOfTheEnlargedSpaceAreReadToo() throws {
    let wide = GOLDNASGenotype([
      GOLDNASGenotype.operations.map { Connection($0, from: 1, to: 2) }
        + [Connection(.dilConv5x5, from: 4, to: 5)]
    ])
    #expect(try GOLDNASGenotype(parsing: wide.description) == wide)
    #expect(wide.cells[0].edges(into: 2).count == GOLDNASGenotype.operations.count)
    #expect(wide.cells[0].outline.joinedNodes == 2, "nodes without a connection are not joined")
  }

  @Test(arguments: [
    ("Genotype(gene=[[('skip_connect', 0, 6)]])", "a node from 2 to 5"),
    ("Genotype(gene=[[('skip_connect', 2, 2)]])", "a source of node 2 from 0 to 1"),
    ("Genotype(gene=[[('skip_connect', 0)]])", "a connection such as ('skip_connect', 0, 2)"),
    ("Genotype(gene=[[('none', 0, 2)]])", "one of max_pool_3x3"),
    ("Genotype(gene=[[]])", "a list of connections"),
    ("Genotype(gene=[[('skip_connect', 0, 2)]], concat=[5])", "the nodes range(2, 6)"),
    (
      "Genotype(gene=[[('skip_connect', 0, 2), ('skip_connect', 0, 2)]])",
      "a connection that the cell does not have yet"
    ),
    ("Genotype(gene=[[('skip_connect', 0, 2)", "',' or ']'"),
  ])
  func eqB17_negative_whatIsNoCellIsRefused(_ text: String, _ expected: String) {
    let error = #expect(throws: GenotypeError.self) { try GOLDNASGenotype(parsing: text) }
    #expect(
      error?.form == .space("gold-nas") && error?.expected.contains(expected) == true,
      "\(error as Any)")
  }

  @Test func eqB17_invariant_theTextOfARandomGenotypeIsReadAgain() throws {
    var generator = RandomGenerator(seed: 1)
    for cells in 1...12 {
      let genotype = GOLDNASGenotype(
        (0..<cells).map { _ in
          let all = (2...5).flatMap { node in
            (0..<node).flatMap { source in
              GOLDNASGenotype.operations.map { Connection($0, from: source, to: node) }
            }
          }
          return [all[cells]] + all.filter { $0 != all[cells] && generator.uniform() < 0.2 }
        })
      #expect(try GOLDNASGenotype(parsing: genotype.description) == genotype)
    }
  }

  @Test func eqB17_negative_cellsOfDARTSAreNone() throws {
    #expect(throws: GenotypeError.self) { try GOLDNASGenotype(parsing: GenotypeForms.official) }
    #expect(throws: GenotypeError.self) { try DARTSGenotype(parsing: GOLDNASForms.official) }
  }
}
