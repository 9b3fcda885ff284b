extension EquationIndex {
  /// Writes `Notebooks-md/equation-index.md`.
  static let command = "UPDATE_EQUATION_INDEX=1 swift test --filter EquationIndexTests"

  /// The whole file, its links relative to the folder `Notebooks-md`.
  var markdown: String {
    ([Self.introduction, Self.head] + ids.map(row)
      + (SpecifiedEquation.notBuiltYet.isEmpty
        ? []
        : ["", "## Not built yet", "", "| equation | what it says | why |", "|---|---|---|"])
      + SpecifiedEquation.notBuiltYet.map { "| \($0.id) | \(Self.subject($0.id)) | \($0.reason) |" })
      .joined(separator: "\n") + "\n"
  }

  private static let introduction = """
    # Index of the equations

    Every equation that this project implements, the declaration that computes it, and the tests that bear
    its id: `swift test --filter eqTS13` runs those of TS-13.

    **Where a formula comes from.** The authors of TopoNAS published no code, and the body of their paper was
    not at hand, so most formulas of the TS series are reconstructions: this project's own reading, not the
    paper's formulas. Do not quote them as the paper's.

    | tag | meaning |
    |---|---|
    | [paper: words only] | the paper states the idea in words; a second tag says where the formula is from |
    | [published: whom] | the formula of another publication, or of its code |
    | [reconstructed: high] | follows almost by necessity from the words and from what the operations are |
    | [reconstructed: medium] | the best of several plausible readings |
    | [reconstructed: low] | a free choice of this project; the paper may differ |
    | [derived] | calculated from the equations before it |

    This file is generated from the doc comments of the sources and the names of the tests. A test fails when
    it is not current; this command writes it anew:

    ```sh
    \(command)
    ```

    ## Equations

    """

  private static let head =
    "| equation | provenance | what it says | source | tests |\n|---|---|---|---|---|"

  private static func subject(_ id: String) -> String {
    SpecifiedEquation.all.first { $0.id == id }?.subject ?? ""
  }

  private func row(_ id: String) -> String {
    let symbols = sources.filter { $0.id == id }.map { "[`\($0.symbol)`](../\($0.file))" }
    let tags = tags(of: id).map { "[\($0)]" }
    let cells = [
      id, tags.joined(separator: " "), Self.subject(id), symbols.joined(separator: "<br>"),
      suites(of: id).joined(separator: "<br>"),
    ]
    return "| \(cells.joined(separator: " | ")) |"
  }

  /// The tests of an equation, suite by suite.
  private func suites(of id: String) -> [String] {
    let mine = tests.filter { $0.id == id }
    let suites = mine.reduce(into: [Test]()) { known, test in
      if !known.contains(where: { $0.suite == test.suite }) { known.append(test) }
    }
    return suites.map { first in
      let functions = mine.filter { $0.suite == first.suite }.map { "`\($0.function)`" }
      return "[\(first.suite)](../\(first.file)): \(functions.joined(separator: ", "))"
    }
  }
}
