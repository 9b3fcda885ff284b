// The text of a genotype, as the published programs print it.
extension DARTSGenotype {
  /// The published names, the text of the official code, and that of pt.darts.
  static let texts = GenotypeTexts(
    hint:
      "cells of DARTS are Genotype(normal=[('sep_conv_3x3', 0), ...], normal_concat=[2, 3, 4, 5], ...)",
    names: published.map(\.name),
    formats: [
      GenotypeFormat(
        "darts", "the flat text of the official code, for cells with two operations per node",
        limit: GenotypeFormat.Limit(
          expected: "two operations for each node, which the flat text counts by",
          found: "another number", other: "pt.darts",
          reason: "has a list for each node, and is read wherever a genotype is"),
        text: \DARTSGenotype.flatDescription),
      GenotypeFormat(
        "pt.darts", "the same with a list for each node", text: \DARTSGenotype.nestedDescription),
    ])

  /// The text of the official code, `Genotype(normal=[('sep_conv_3x3', 0), ...], normal_concat=[2, 3, 4, 5], ...)`.
  ///
  /// It has no place for the node of a connection, so that cells whose nodes have other than two inputs are written as
  /// `nestedDescription`.
  public var description: String { flatDescription ?? nestedDescription }

  /// The text of the official code; nil if a node has other than two inputs.
  public var flatDescription: String? {
    guard (normal.nodes + reduction.nodes).allSatisfy({ $0.count == 2 }) else { return nil }
    return text({ Self.text($0.connections) }, { "\($0.concatenated)" })
  }

  /// The text of pt.darts, with a list for each node: `Genotype(normal=[[('sep_conv_3x3', 0), ...], ...], ...)`.
  public var nestedDescription: String {
    text({ "[\($0.nodes.map(Self.text).joined(separator: ", "))]" }) { cell in
      let all = 2..<2 + cell.nodes.count
      return cell.concatenated == Array(all)
        ? "range(2, \(all.upperBound))" : "\(cell.concatenated)"
    }
  }

  private static func text(_ connections: [Connection]) -> String {
    let pairs = connections.map { "('\($0.operation.rawValue)', \($0.source))" }
    return "[\(pairs.joined(separator: ", "))]"
  }

  private func text(_ nodes: (Cell) -> String, _ output: (Cell) -> String) -> String {
    "Genotype(normal=\(nodes(normal)), normal_concat=\(output(normal)), "
      + "reduce=\(nodes(reduction)), reduce_concat=\(output(reduction)))"
  }

  /// Reads cells in any form in which Python reads them, with any text around them; of several the last.
  ///
  /// `GenotypeText` describes the forms, and says how many there are.
  public init(parsing text: String) throws(GenotypeError) {
    self = try GenotypeText(text).lastGenotype()
  }
}
