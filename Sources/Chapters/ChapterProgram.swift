/// A chapter as a Swift file, whose compile errors point at the lines of the Markdown.
public struct ChapterProgram {
  private let chapter: Chapter
  private let path: String

  /// The program of a chapter that lies at `path`, which the compiler should name.
  public init(_ chapter: Chapter, path: String) {
    self.chapter = chapter
    self.path = path
  }

  /// The name of the type that holds the chapter: `Chapter10`, and `ChapterREADME`.
  public var typeName: String { "Chapter\(chapter.name.prefix { $0 != "-" })" }

  /// The whole file.
  public var text: String {
    let file = chapter.cells.filter { $0.kind == .swift(.file) }.flatMap(place)
    let body = chapter.cells.enumerated().flatMap { statements(of: $1, number: $0) }
    return """
      // \(chapter.name).md as a program; generated.
      \((imports + file).joined(separator: "\n"))
      enum \(typeName) {
        static func run(on page: Page) throws {
      \(body.joined(separator: "\n"))
        }
      }

      """
  }

  /// The imports of all cells; a function cannot hold them.
  private var imports: [String] {
    compiledCells.flatMap { cell in
      cell.body.filter { isImport(chapter.lines[$0]) }.flatMap { place($0, [chapter.lines[$0]]) }
    }
  }

  private var compiledCells: [Cell] {
    chapter.cells.filter { $0.kind != .shell && $0.kind != .swift(.ignore) }
  }

  private func isImport(_ line: String) -> Bool { line.hasPrefix("import ") }

  /// What a cell becomes within the function.
  private func statements(of cell: Cell, number: Int) -> [String] {
    switch cell.kind {
    case .swift(.run): ["page.begin(\(number))"] + place(cell)
    case .swift(.noRun): ["func cell\(number)() throws {"] + place(cell) + ["}"]
    case .shell: ["try page.runShell(\(number))"]
    case .swift(.file), .swift(.ignore): []
    }
  }

  /// The lines of a cell, marked with where they come from; imports leave an empty line.
  private func place(_ cell: Cell) -> [String] {
    place(
      cell.body.lowerBound, chapter.lines[cell.body].map { isImport($0) ? "" : $0 })
  }

  private func place(_ line: Int, _ lines: [String]) -> [String] {
    ["#sourceLocation(file: \"\(path)\", line: \(line + 1))"] + lines + ["#sourceLocation()"]
  }
}

extension ChapterProgram {
  /// A file that lists the chapters, for the code that runs them.
  public static func list(of programs: [ChapterProgram]) -> String {
    let rows = programs.map {
      "  ChapterListing(name: \"\($0.chapter.name)\", run: \($0.typeName).run(on:)),"
    }
    return """
      // All chapters; generated.
      let allChapters: [ChapterListing] = [
      \(rows.joined(separator: "\n"))
      ]

      """
  }
}
