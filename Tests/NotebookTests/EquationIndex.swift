import Chapters
import Foundation

/// Which declaration implements which equation, which test functions bear its id, and which chapter explains it,
/// read from the text of the project.
struct EquationIndex {
  /// An `/// Equation: ID [tag]` line.
  struct Source: Equatable {
    let id: String
    let tag: String
    /// What the doc comment stands on, with the types around it: `MixedOperation.init`.
    let symbol: String
    let file: String
    /// The line of the equation in its file, from 1.
    let line: Int
    /// The numbers of the chapters with which the doc comment ends.
    let explainedIn: [String]
  }

  /// A test function `eqTS13_...`, `eqB3_...` or `eqD1_9_...`.
  struct Test: Equatable {
    let id: String
    let suite: String
    let function: String
    let file: String
    /// The line of the function in its file, from 1.
    let line: Int
  }

  /// A chapter that is about some equations.
  struct About: Equatable {
    let name: String
    let equations: [String]
    /// The section of each equation that is in one: where its provenance stands.
    let anchors: [String: String]

    init(_ chapter: Chapter) {
      (name, equations) = (chapter.name, chapter.equations)
      anchors = chapter.taggedEquations.reduce(into: [:]) { anchors, equation in
        guard anchors[equation.id] == nil else { return }
        anchors[equation.id] = chapter.anchor(atLine: equation.line)
      }
    }
  }

  /// All sources, file by file.
  let sources: [Source]
  /// All tests, file by file.
  let tests: [Test]
  /// All chapters.
  let chapters: [About]
  /// How many lines of the sources say `Equation:` in a doc comment, of whatever form.
  let equationLines: Int

  /// Reads the project in the folder `root`.
  init(project root: URL) throws {
    let files = try SwiftFile.all(below: "Sources", of: root)
    sources = files.flatMap(\.equations)
    equationLines = files.reduce(0) { count, file in
      count + file.docComments.count { file.lines[$0].contains("Equation:") }
    }
    tests = try SwiftFile.all(below: "Tests", of: root).flatMap(\.equationTests)
    chapters = try allChapters.map { About(try NotebookFile(name: $0.name).chapter) }
  }

  /// The ids of all sources, in the order of the papers.
  var ids: [String] { Set(sources.map(\.id)).sorted(by: Self.isBefore) }

  /// The tags of an equation's sources, each once.
  func tags(of id: String) -> [String] {
    sources.filter { $0.id == id }.map(\.tag).reduce(into: []) {
      if !$0.contains($1) { $0.append($1) }
    }
  }

  /// The tags with which prose may name an equation: one of its sources', or all of them as one.
  ///
  /// The tags `published: A` and `published: B` become `published: A, B`.
  func tagsInProse(of id: String) -> [String] {
    let tags = tags(of: id)
    let kinds = Set(tags.map { $0.prefix { $0 != ":" } })
    guard tags.count > 1, kinds.count == 1, let kind = kinds.first else { return tags }
    let ends = tags.map { $0.dropFirst(kind.count + 2) }
    return tags + ["\(kind): \(ends.joined(separator: ", "))"]
  }

  /// TS before the rest, then by section and number: TS-1, TS-1b, TS-2, ..., TS-10, ..., B-1, ..., D1-1.
  static func isBefore(_ a: String, _ b: String) -> Bool {
    func key(_ id: String) -> (Int, String, Int, Substring) {
      let parts = id.split(separator: "-")
      let number = parts[1].prefix(while: \.isNumber)
      return (
        parts[0] == "TS" ? 0 : 1, String(parts[0]), Int(number) ?? 0,
        parts[1].dropFirst(number.count)
      )
    }
    return key(a) < key(b)
  }
}

// MARK: - The text of a source file

/// The lines of a file, and where in the project it is.
struct SwiftFile {
  let path: String
  let lines: [Substring]

  /// All Swift files in a folder of the project, by name.
  static func all(below folder: String, of root: URL) throws -> [SwiftFile] {
    let place = root.appendingPathComponent(folder)
    let names =
      FileManager.default.enumerator(atPath: place.path)?.compactMap { $0 as? String } ?? []
    return try names.filter { $0.hasSuffix(".swift") }.sorted().map { name in
      let text = try String(contentsOf: place.appendingPathComponent(name), encoding: .utf8)
      return SwiftFile(
        path: "\(folder)/\(name)",
        lines: text.split(separator: "\n", omittingEmptySubsequences: false))
    }
  }

  /// The lines of doc comments.
  var docComments: [Int] { lines.indices.filter { code(of: $0).hasPrefix("///") } }

  /// The equations of the doc comments.
  var equations: [EquationIndex.Source] {
    docComments.compactMap { index in
      guard
        let match = lines[index].firstMatch(
          of: /\/\/\/ Equation: ([A-Z]+[0-9]*-[0-9]+[a-z]?) \[([^\]]+)\]/)
      else { return nil }
      return EquationIndex.Source(
        id: String(match.1), tag: String(match.2), symbol: symbol(behind: index), file: path,
        line: index + 1, explainedIn: chapters(atEndBehind: index))
    }
  }

  /// The chapters of the last line of the doc comment that line `index` belongs to.
  private func chapters(atEndBehind index: Int) -> [String] {
    let last = lines[index...].prefix { $0.drop { $0 == " " }.hasPrefix("///") }.last ?? ""
    guard let match = last.firstMatch(of: /\/\/\/ Explained in chapters? ([0-9]{2}[0-9, and]*)\.$/)
    else { return [] }
    return match.1.matches(of: /[0-9]{2}/).map { String($0.0) }
  }

  /// The test functions that bear the id of an equation.
  var equationTests: [EquationIndex.Test] {
    lines.indices.compactMap { index in
      guard code(of: index).hasPrefix("@Test") || code(of: index).hasPrefix("func eq"),
        let match = lines[index].firstMatch(
          of: /func (eq(?:(TS|[A-C])([0-9]+[a-z]?)|(D[0-9]+)_([0-9]+))_\w+)/)
      else { return nil }
      let id = "\(match.2 ?? match.4 ?? "")-\(match.3 ?? match.5 ?? "")"
      return EquationIndex.Test(
        id: id, suite: types(around: index).joined(separator: "."), function: String(match.1),
        file: path, line: index + 1)
    }
  }

  /// The declaration that the doc comment of line `index` belongs to; empty if there is none.
  private func symbol(behind index: Int) -> String {
    let declaration = lines.indices.dropFirst(index + 1).first {
      !code(of: $0).hasPrefix("///") && !code(of: $0).hasPrefix("@")
    }
    guard let declaration,
      let match = lines[declaration].firstMatch(
        of: /\b(?:(?:func|struct|enum|class|protocol|case|let|var) (\w+)|(init)\b)/)
    else { return "" }
    let name = match.1 ?? match.2 ?? ""
    return (types(around: declaration) + [String(name)]).joined(separator: ".")
  }

  /// The types and extensions that enclose a line, outermost first: those above it that are indented less.
  private func types(around index: Int) -> [String] {
    var (names, indentation) = ([String](), indentation(of: index))
    for line in lines.indices.prefix(index).reversed() where indentation > 0 {
      guard !lines[line].isEmpty, self.indentation(of: line) < indentation,
        let match = lines[line].firstMatch(
          of: /^ *(?:\w+ )*(?:struct|enum|class|protocol|extension) ([\w.]+)/)
      else { continue }
      names.insert(String(match.1), at: 0)
      indentation = self.indentation(of: line)
    }
    return names
  }

  /// A line without its indentation.
  private func code(of index: Int) -> Substring { lines[index].drop { $0 == " " } }

  private func indentation(of index: Int) -> Int { lines[index].prefix { $0 == " " }.count }
}
