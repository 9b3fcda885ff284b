import Foundation
import Testing
import TopologicalSimplification

/// Every equation says where it comes from and has a test that bears its id, none of the specification is
/// missing, and the index of all of them is current.
@Suite("Equation index")
struct EquationIndexTests {
  private static let shared = Result { try EquationIndex(project: NotebookFile.root) }
  private let index: EquationIndex
  init() throws { index = try Self.shared.get() }

  @Test func `every equation line has an id, a tag and a declaration`() {
    #expect(
      index.sources.count == index.equationLines,
      "a line is not of the form '/// Equation: ID [tag]'")
    #expect(index.sources.count > 50)
    for source in index.sources {
      #expect(!source.symbol.isEmpty, "\(source.file): no declaration behind \(source.id)")
    }
  }

  @Test func `every tag is one of the known forms`() throws {
    let published = "published: [^;]+"
    let sure = "reconstructed: (high|medium|low)"
    let form = try Regex(
      "paper: words only; (formula \(sure)|\(published))|\(published)(; \(sure))?|\(sure)|derived")
    for source in index.sources {
      #expect(try form.wholeMatch(in: source.tag) != nil, "\(source.id) [\(source.tag)]")
    }
  }

  @Test func `every equation has a test, and every such test an equation`() {
    let (tested, known) = (Set(index.tests.map(\.id)), Set(index.ids))
    for id in index.ids { #expect(tested.contains(id), "no test bears the id of \(id)") }
    for test in index.tests {
      #expect(known.contains(test.id), "the test \(test.function) names no equation of the sources")
    }
    #expect(tested.contains("TS-17b") && tested.contains("TS-36b"), "letters belong to the id")
  }

  @Test func `every equation of the specification is in the sources`() {
    let specified = SpecifiedEquation.all.map(\.id)
    #expect(specified == specified.sorted(by: EquationIndex.isBefore))
    #expect(Set(specified).count == specified.count)
    #expect(index.ids == specified)
  }

  @Test(arguments: SpecifiedEquation.all.map(\.id))
  func `provenance is that of the specification`(_ id: String) throws {
    let equation = try #require(SpecifiedEquation.all.first { $0.id == id })
    #expect(index.tags(of: id).sorted() == equation.sourceTags.sorted())
  }

  /// What the program prints of an equation stands word by word with the function that computes it.
  @Test func `doc comments quote the equations of the rewrite rules`() throws {
    let files = try SwiftFile.all(
      below: "Sources/TopologicalSimplification", of: NotebookFile.root)
    let comments = files.map { file in
      file.docComments.map { file.lines[$0].drop { " /".contains($0) } }.joined(separator: " ")
    }
    let equations = RewriteRule.all.flatMap(\.equations)
    #expect(equations.count > 10)
    for equation in equations {
      let parts = comments.flatMap { comment in
        comment.components(separatedBy: "Equation: ").filter {
          $0.hasPrefix("\(equation.id) [\(equation.provenance)]")
        }
      }
      #expect(
        parts.contains { $0.contains(equation.statement) },
        "\(equation.id): '\(equation.statement)' is not in \(parts)")
    }
  }

  @Test func `the doc comment of an equation ends with the chapter that explains it`() {
    for source in index.sources {
      let chapters = index.chapters.filter { $0.equations.contains(source.id) }.map(\.name)
      #expect(
        source.explainedIn.contains { number in chapters.contains { $0.hasPrefix("\(number)-") } },
        "\(source.file):\(source.line): \(source.id) is in \(chapters), not in \(source.explainedIn)"
      )
    }
  }

  @Test func `ids are ordered by their numbers`() {
    let ids = ["D5-1", "TS-10", "D1-10", "B-10", "TS-2", "B-3", "TS-1b", "D1-2", "TS-1"]
    #expect(
      ids.sorted(by: EquationIndex.isBefore)
        == ["TS-1", "TS-1b", "TS-2", "TS-10", "B-3", "B-10", "D1-2", "D1-10", "D5-1"])
  }

  @Test func `declarations are named with the types around them`() {
    let (letters, series, numbers) = ("eqTS17b_letters", "eqB3_series", "eqD1_10_numbers")
    let text = """
      extension Cell {
        struct Inner {
          /// Words.
          ///
          /// Equation: TS-2 [derived]. x = y.
          @inlinable
          public static func value(of x: Int) -> Int { x }
        }
        /// Equation: TS-3 [derived].
        init() {}
      }
      /// Equation: D1-10 [derived].
      public let count = 3
      struct SomeTests {
        @Test func \(letters)() {}
        @Test func \(series)() {}
        @Test(arguments: [1])
        func \(numbers)(_ n: Int) {}
      }
      """
    let file = SwiftFile(path: "A.swift", lines: text.split(separator: "\n"))
    #expect(file.equations.map(\.symbol) == ["Cell.Inner.value", "Cell.init", "count"])
    #expect(file.equations.map(\.id) == ["TS-2", "TS-3", "D1-10"])
    #expect(file.equations.map(\.line) == [5, 9, 12])
    #expect(file.equationTests.map(\.line) == [15, 16, 18])
    #expect(file.equationTests.map(\.id) == ["TS-17b", "B-3", "D1-10"])
    #expect(file.equationTests.map(\.suite) == ["SomeTests", "SomeTests", "SomeTests"])
  }

  @Test func `the table of the first chapter is current`() throws {
    let file = NotebookFile.folder.appendingPathComponent("00-how-to-read.md")
    let text = try String(contentsOf: file, encoding: .utf8)
    let current = try #require(index.inserted(into: text), "the chapter has no place for the table")
    if ProcessInfo.processInfo.environment["UPDATE_EQUATION_INDEX"] != nil {
      try current.write(to: file, atomically: true, encoding: .utf8)
    } else {
      #expect(text == current, "write the table anew with: \(EquationIndex.command)")
    }
  }

  @Test(arguments: NotebookFile.pages)
  func `chapters name equations that exist`(_ name: String) throws {
    let file = NotebookFile(name: name)
    let known = Set(SpecifiedEquation.all.map(\.id))
    for reference in try file.chapter.namedEquations {
      #expect(
        known.contains(reference.target), "no equation is called \(reference.target)",
        sourceLocation: file.place(reference.line - 1))
    }
  }

  @Test(arguments: allChapters.map(\.name))
  func `chapters tag their equations as the sources do`(_ name: String) throws {
    let file = NotebookFile(name: name)
    let chapter = try file.chapter
    for equation in chapter.taggedEquations {
      let tags = index.tagsInProse(of: equation.id)
      #expect(
        tags.contains(equation.tag),
        "\(equation.id) is [\(equation.tag)] here, \(tags) in the sources",
        sourceLocation: file.place(equation.line - 1))
    }
    let tagged = Set(chapter.taggedEquations.map(\.id))
    let untagged = chapter.equations.filter { !tagged.contains($0) }
    #expect(untagged.isEmpty, "the chapter is about them and does not say where they come from")
  }

  @Test func `the table of README has every equation once, and its chapters`() throws {
    let text = try String(contentsOf: NotebookFile(name: "README").url, encoding: .utf8)
    var listed: [String] = []
    for row in text.split(separator: "\n").compactMap({ EquationRow($0, of: index.ids) }) {
      listed += row.equations
      let chapters = index.chapters.filter { chapter in
        row.equations.contains { chapter.equations.contains($0) }
      }
      #expect(row.chapters == chapters.map { "Notebooks-md/\($0.name).md" }, "\(row.equations)")
    }
    #expect(listed.sorted(by: EquationIndex.isBefore) == index.ids)
  }

  @Test func `every equation has a chapter`() {
    let explained = Set(index.chapters.flatMap(\.equations))
    let unexplained = index.ids.filter { !explained.contains($0) }
    #expect(unexplained.isEmpty, "no chapter is about them")
  }
}

/// A row of README's table of the papers: `| words | [TS-1](...#ts-1) to [TS-4](...) | [09](Notebooks-md/09-....md) |`.
private struct EquationRow {
  let equations: [String]
  let chapters: [String]

  /// Nil for a line that is no such row; a range holds what lies between its ends in `ids`.
  init?(_ line: Substring, of ids: [String]) {
    let cells = line.split(separator: "|")
    guard cells.count == 3, cells[1].contains(/^ \[(TS|[A-C]|D[0-9]+)-[0-9]/) else { return nil }
    equations = cells[1].split(separator: ",").flatMap { part in
      let ends = part.matches(of: /(TS|[A-C]|D[0-9]+)-[0-9]+[a-z]?/).map { String($0.0) }
      return ids.filter { id in
        !EquationIndex.isBefore(id, ends[0]) && !EquationIndex.isBefore(ends.last ?? "", id)
      }
    }
    chapters = cells[2].matches(of: /\(([^)]+)\)/).map { String($0.1) }
  }
}
