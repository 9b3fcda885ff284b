import Chapters
import Foundation
import TestSupport
import Testing

/// Chapters as Swift files.
@Suite("Chapter programs")
struct ChapterProgramTests {
  private let text = chapterText(
    """
    # 07. A toy

    '''swift
    import Foundation

    let x = half(4)
    print(x)
    '''
    '''swift no-run
    print(x + y)
    '''
    '''swift file
    private func half(_ x: Int) -> Int { x / 2 }
    '''
    '''sh
    $ toponas help
    '''
    """)

  /// What the generated code needs around it.
  private let surroundings = """
    struct Page {
      func begin(_ number: Int) {}
      func runShell(_ number: Int) throws {}
    }
    struct ChapterListing { let name: String, run: (Page) throws -> Void }

    """

  /// What the compiler says of a chapter, and of the list of chapters with it.
  private func diagnostics(_ text: String) throws -> ProgramOutcome {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/07-toy.md"
    let program = ChapterProgram(try Chapter(name: "07-toy", text: text), path: path)
    try folder.write(surroundings.utf8, to: "Surroundings.swift")
    try folder.write(program.text.utf8, to: "Chapter07.swift")
    try folder.write(ChapterProgram.list(of: [program]).utf8, to: "AllChapters.swift")
    let compiler = Process()
    compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    let files = ["Surroundings", "Chapter07", "AllChapters"].map { "\(folder.path)/\($0).swift" }
    return try outcome(
      of: compiler, ["swiftc", "-typecheck", "-parse-as-library", "-swift-version", "5"] + files)
  }

  @Test func `a compile error points at its line of the Markdown, and there is no other`() throws {
    let found = try diagnostics(text)
    #expect(found.status != 0)
    let errors = found.error.split(separator: "\n").filter { $0.contains(": error: ") }
    #expect(errors.count == 1, "\(found.error)")
    #expect(errors.first?.contains("07-toy.md:10:11: error: cannot find 'y'") == true)
  }

  @Test func `cells see what those before them declare, and functions of the file`() throws {
    let found = try diagnostics(text.replacing("x + y", with: "x + 1"))
    #expect(found.status == 0, "\(found.error)")
  }
}

/// What the tool of the build does.
@Suite("Chapter files")
struct ChapterFilesTests {
  private func files(_ text: String) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write(text.utf8, to: "03-a.md")
    try ChapterFiles.write(["\(folder.path)/03-a.md"], into: folder.path)
    return folder
  }

  @Test func `a file for a chapter and one for the list`() throws {
    let folder = try files(chapterText("'''swift\nlet x = 1\n'''"))
    #expect(try folder.names == ["03-a.md", "AllChapters.swift", "Chapter03.swift"])
    #expect(String(decoding: try folder.read("Chapter03.swift"), as: UTF8.self).contains("let x"))
  }

  @Test func `a wrong chapter is an error in the form of a compiler`() throws {
    let error = #expect(throws: ChapterFileError.self) {
      try files(chapterText("\n'''swift\nlet x = 1"))
    }
    #expect(
      error?.description.hasSuffix("/03-a.md:2: error: the block that begins here has no end")
        == true)
    #expect(throws: ChapterFileError.self) { try ChapterFiles.write(["/nowhere/1.md"], into: "/") }
  }
}
