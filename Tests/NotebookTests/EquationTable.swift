extension EquationIndex {
  /// The lines between which the table stands in its chapter.
  static let marks =
    (start: "<!-- The table is generated: \(command) -->", end: "<!-- End of the table. -->")

  /// Writes the table anew.
  static let command = "UPDATE_EQUATION_INDEX=1 swift test --filter EquationIndexTests"

  /// The table, with links relative to the folder of the chapters.
  var table: String {
    """
    | equation | provenance | what it says | source | tests | chapter |
    |---|---|---|---|---|---|
    \(ids.map(row).joined(separator: "\n"))
    """
  }

  /// The text of a chapter with the table between the marks; nil if it has no marks.
  func inserted(into text: String) -> String? {
    guard let start = text.firstRange(of: Self.marks.start),
      let end = text.firstRange(of: Self.marks.end)
    else { return nil }
    return "\(text[..<start.upperBound])\n\(table)\n\(text[end.lowerBound...])"
  }

  private func row(_ id: String) -> String {
    let symbols = sources.filter { $0.id == id }
      .map { "[`\($0.symbol)`](../\($0.file)#L\($0.line))" }
    let subject = SpecifiedEquation.all.first { $0.id == id }?.subject ?? ""
    let tags = tags(of: id).map { "[\($0)]" }.joined(separator: " ")
    let cells = [
      "<a id=\"\(id.lowercased())\"></a>\(id)", tags, subject, symbols.joined(separator: "<br>"),
      foldedTests(of: id), chapters(of: id).joined(separator: " "),
    ]
    return "| \(cells.joined(separator: " | ")) |"
  }

  /// The chapters of an equation, as links to its sections, named by the numbers of the chapters.
  private func chapters(of id: String) -> [String] {
    chapters.filter { $0.equations.contains(id) }.map { chapter in
      let anchor = chapter.anchors[id].map { "#\($0)" } ?? ""
      return "[\(chapter.name.prefix(2))](\(chapter.name).md\(anchor))"
    }
  }

  /// The number of an equation's tests, which unfolds into their list.
  private func foldedTests(of id: String) -> String {
    let count = tests.count { $0.id == id }
    let list = suites(of: id).joined(separator: "<br>")
    return "<details><summary>\(count)</summary>\(list)</details>"
  }

  /// The tests of an equation, suite by suite.
  private func suites(of id: String) -> [String] {
    let mine = tests.filter { $0.id == id }
    let suites = mine.map(\.suite).reduce(into: [String]()) { known, suite in
      if !known.contains(suite) { known.append(suite) }
    }
    return suites.map { suite in
      let functions = mine.filter { $0.suite == suite }
        .map { "[`\($0.function)`](../\($0.file)#L\($0.line))" }
      return "\(suite): \(functions.joined(separator: ", "))"
    }
  }
}
