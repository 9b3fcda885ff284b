import Chapters
import Foundation
import TestSupport
import Testing

/// Every chapter runs, prints what it says, and draws the pictures that it shows.
///
/// `UPDATE_NOTEBOOKS=1` writes outputs and pictures anew; `TOPONAS_CHAPTERS=09,10` takes only some chapters.
@Suite("Notebooks")
struct NotebookTests {
  private static let environment = ProcessInfo.processInfo.environment
  private static let isUpdate = environment["UPDATE_NOTEBOOKS"].map { !$0.isEmpty } ?? false
  private static let chosen: [ChapterListing] = {
    let wanted = environment["TOPONAS_CHAPTERS"]?.split(separator: ",")
    return allChapters.filter { chapter in
      wanted?.contains { chapter.name.hasPrefix($0) } ?? true
    }
  }()

  @Test(arguments: chosen.map(\.name)) func `a chapter prints what it says`(_ name: String) throws {
    let listing = try #require(allChapters.first { $0.name == name })
    let file = NotebookFile(name: name)
    var chapter = try file.chapter
    let page = try Page(chapter)
    do {
      try Page.$current.withValue(page) { try listing.run(page) }
    } catch {
      Issue.record("\(name): \(error)")
    }
    if Self.isUpdate {
      try file.update(chapter, page)
      chapter = try file.chapter
    }
    for (number, cell) in chapter.cells.enumerated() where cell.kind.isRun {
      file.check(cell, of: chapter, printed: page.outputs[number])
    }
    for name in page.pictures.keys.sorted() {
      file.checkPicture(name, page.pictures[name]?.svg ?? "", of: chapter)
    }
    file.checkNoOtherPictures(of: chapter, drawn: Set(page.pictures.keys))
  }

  @Test func `blocks that are not run are counted`() throws {
    for listing in Self.chosen {
      let chapter = try NotebookFile(name: listing.name).chapter
      if chapter.cellsNotRun > 0 {
        Swift.print("\(listing.name): \(chapter.cellsNotRun) blocks are not run")
      }
      #expect(
        chapter.cellsNotRun <= chapter.cells.count { $0.kind.isRun },
        "\(listing.name): more blocks are not run than are")
    }
  }

  @Test func `every chapter is in the list`() throws {
    let folder = NotebookFile.folder.path
    let files = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
      .filter { $0.hasSuffix(".md") && $0.first?.isNumber == true }
    #expect(allChapters.map { "\($0.name).md" } == files + ["README.md"])
  }
}

/// The file of a chapter, and the pictures beside it.
struct NotebookFile {
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  static let folder = root.appendingPathComponent("Notebooks-md")
  private static let pictures = folder.appendingPathComponent("pictures")

  /// All pages: the chapters, README, and those that nothing runs.
  static let pages =
    allChapters.map(\.name) + ["glossary", "paper", "Sources/README", "Tests/README"]

  let name: String
  /// Where it is; the README is a chapter too.
  var url: URL {
    (name.hasSuffix("README") ? Self.root : Self.folder).appendingPathComponent("\(name).md")
  }

  var chapter: Chapter {
    get throws { try Chapter(name: name, text: String(contentsOf: url, encoding: .utf8)) }
  }

  /// Where a line of the chapter is, counted from 0.
  func place(_ line: Int) -> SourceLocation {
    SourceLocation(
      fileID: "Markdown/\(name).md", filePath: url.path, line: line + 1, column: 1)
  }

  /// Writes what the page holds into the chapter and its pictures.
  func update(_ chapter: Chapter, _ page: Page) throws {
    try chapter.text(withOutputs: page.outputs).write(to: url, atomically: true, encoding: .utf8)
    try FileManager.default.createDirectory(at: Self.pictures, withIntermediateDirectories: true)
    for (name, (svg, _)) in page.pictures {
      let file = Self.pictures.appendingPathComponent(name)
      let old = try? String(contentsOf: file, encoding: .utf8)
      if old.map({ !OutputComparison.agree($0, svg) }) ?? true {
        try svg.write(to: file, atomically: true, encoding: .utf8)
      }
    }
  }

  /// Expects that a cell has printed what stands below it.
  func check(_ cell: Cell, of chapter: Chapter, printed: String?) {
    guard let printed else {
      Issue.record(
        "the chapter ended before this cell", sourceLocation: place(cell.body.lowerBound))
      return
    }
    let expected = chapter.expectedOutput(of: cell)
    if OutputComparison.agree(expected, printed) { return }
    Issue.record(
      """
      the output is not what the chapter says; it says
      \(expected)
      and the cell prints
      \(printed)
      Hint: UPDATE_NOTEBOOKS=1 swift test --filter NotebookTests writes the outputs anew.
      """, sourceLocation: place(cell.output?.lowerBound ?? cell.body.lowerBound))
  }

  /// Expects that a picture is the committed one, but for a `~` before its text, and shown.
  func checkPicture(_ picture: String, _ svg: String, of chapter: Chapter) {
    let file = Self.pictures.appendingPathComponent(picture)
    let committed = try? String(contentsOf: file, encoding: .utf8)
    let isApproximate = chapter.approximatePictures.contains("pictures/\(picture)")
    if committed == nil || !isApproximate && !OutputComparison.agree(committed ?? "", svg) {
      Issue.record("pictures/\(picture) is not current", sourceLocation: place(0))
    }
    if !chapter.localLinks.contains(where: { $0.target == "pictures/\(picture)" }) {
      Issue.record("pictures/\(picture) is drawn and not shown", sourceLocation: place(0))
    }
  }

  /// Expects that the pictures of this chapter's number are those that it draws.
  func checkNoOtherPictures(of chapter: Chapter, drawn: Set<String>) {
    let prefix = "\(name.prefix { $0.isNumber })-"
    let files = (try? FileManager.default.contentsOfDirectory(atPath: Self.pictures.path)) ?? []
    for file in files.sorted() where file.hasPrefix(prefix) && !drawn.contains(file) {
      Issue.record("pictures/\(file) is drawn by no cell", sourceLocation: place(0))
    }
  }
}
