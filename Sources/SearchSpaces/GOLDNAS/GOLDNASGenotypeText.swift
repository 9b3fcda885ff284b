// The text of a genotype, as the published program has it.
extension GOLDNASGenotype {
  /// The text of the published program.
  static let texts = GenotypeTexts(
    hint:
      "cells of GOLD-NAS are Genotype(gene=[[('skip_connect', 0, 2), ...], ...], concat=range(2, 6))",
    formats: [
      GenotypeFormat(
        "gold-nas", "the text of the code of GOLD-NAS on one line",
        text: \GOLDNASGenotype.description)
    ])

  /// The text of the published program, on one line: `Genotype(gene=[[('skip_connect', 0, 2), ...], ...],
  /// concat=range(2, 6))`.
  ///
  /// Equation: B-17 [published: sunsmarterjie/GOLD_NAS]. a list for each cell of triples (operation, predecessor,
  /// node), predecessor before node, in the order of the edges, skip before sep; concat 2 ... 5; all gates with s >
  /// xi_min S_j.
  ///
  /// Explained in chapter 26.
  public var description: String {
    let genes = connections.map { cell in
      let triples = cell.map { "('\($0.operation.rawValue)', \($0.source), \($0.node))" }
      return "[\(triples.joined(separator: ", "))]"
    }
    return "Genotype(gene=[\(genes.joined(separator: ", "))], concat=range(2, 6))"
  }

  /// Reads cells in any form in which Python reads them, with any text around them; of several the last.
  ///
  /// `GenotypeText` describes the forms, and says how many there are.
  public init(parsing text: String) throws(GenotypeError) {
    self = try GenotypeText(text).lastGenotype()
  }
}
