import Chapters
import Foundation
import SearchMethods
import SearchSpaces
import Testing

/// What chapters, README and other pages point at exists.
@Suite("References of notebooks")
struct ReferenceTests {
  @Test(arguments: NotebookFile.pages) func `links lead somewhere`(_ name: String) throws {
    let file = NotebookFile(name: name)
    for link in try file.chapter.localLinks {
      let target = file.url.deletingLastPathComponent().appendingPathComponent(link.target)
        .standardizedFileURL.path
      #expect(
        FileManager.default.fileExists(atPath: target), "\(link.target) does not exist",
        sourceLocation: file.place(link.line - 1))
    }
  }

  @Test(arguments: NotebookFile.pages) func `no link is followed by its target once more`(
    _ name: String
  ) throws {
    let file = NotebookFile(name: name)
    for (index, line) in try file.chapter.lines.enumerated() {
      #expect(
        !line.contains(/\]\([^ )]+\)\(/), "a target stands twice",
        sourceLocation: file.place(index))
    }
  }

  @Test(arguments: NotebookFile.pages) func `links lead to headings that exist`(
    _ name: String
  ) throws {
    let file = NotebookFile(name: name)
    var anchors: [String: Set<String>] = [:]
    for link in try file.chapter.headingLinks {
      let target =
        link.file.isEmpty
        ? file.url : file.url.deletingLastPathComponent().appendingPathComponent(link.file)
      let known =
        try anchors[link.file]
        ?? Set(Chapter(name: link.file, text: String(contentsOf: target, encoding: .utf8)).anchors)
      anchors[link.file] = known
      #expect(
        known.contains(link.anchor), "\(link.file) has no heading #\(link.anchor)",
        sourceLocation: file.place(link.line - 1))
    }
  }

  @Test(arguments: allChapters.map(\.name).filter { $0 != "README" })
  func `a chapter says its source, its tests and its equations`(_ name: String) throws {
    let chapter = try NotebookFile(name: name).chapter
    let head = try #require(chapter.lines.first { $0.contains("Equations:") })
    #expect(head.contains("[Source]") && head.contains("[Tests]"))
    #expect(chapter.title.hasPrefix("\(name.prefix(2)). "))
  }

  @Test func `README and the manual name every method and every space`() throws {
    for page in ["README", "17-command-line"] {
      let text = try String(contentsOf: NotebookFile(name: page).url, encoding: .utf8)
      for name in MethodEntry.all.map(\.name) + SpaceEntry.all.map(\.name) {
        #expect(text.contains("`\(name)`"), "\(page) does not name \(name)")
      }
    }
  }
}
