import Chapters
import Testing

/// What runs the chapters, on chapters of its own.
@Suite("Runner of notebooks")
struct RunnerTests {
  private func chapter(_ text: String) throws -> Chapter {
    try Chapter(name: "00-made-up", text: text.replacing("'", with: "`"))
  }

  private let sum = "'''swift\nprint(0.5 + 1)\n'''\n\n'''text\n1.500\n'''"

  @Test func `a wrong output fails with both texts, at its line`() throws {
    let chapter = try chapter(sum)
    withKnownIssue {
      NotebookFile(name: chapter.name).check(chapter.cells[0], of: chapter, printed: "2.5\n")
    } matching: { issue in
      issue.sourceLocation?.line == 6
        && issue.comments.contains { comment in
          comment.rawValue.contains("it says\n1.500\n")
            && comment.rawValue.contains("prints\n2.5\n")
        }
    }
  }

  @Test func `a right output passes, a cell that was not reached fails`() throws {
    let chapter = try chapter(sum)
    let file = NotebookFile(name: chapter.name)
    file.check(chapter.cells[0], of: chapter, printed: "1.5\n")
    withKnownIssue {
      file.check(chapter.cells[0], of: chapter, printed: nil)
    } matching: {
      $0.sourceLocation?.line == 2
    }
  }

  @Test func `what cells print and draw is kept cell by cell`() throws {
    let page = try Page(chapter(sum + "\n" + sum))
    Page.$current.withValue(page) {
      page.begin(0)
      print("a", 1, separator: "-")
      page.begin(1)
      print("b", terminator: "")
      picture("00-p.svg", "<svg/>")
    }
    #expect(page.outputs == [0: "a-1\n", 1: "b"])
    #expect(page.pictures["00-p.svg"]?.svg == "<svg/>" && page.pictures["00-p.svg"]?.cell == 1)
  }

  @Test func `shell blocks share a folder, and a failed command shows its code`() throws {
    let chapter = try chapter(
      "'''sh\n$ toponas --version > v\n$ toponas --version | cmp - v\nrm v\n$ toponas sarch\n'''")
    let page = try Page(chapter)
    try page.runShell(0)
    let lines = page.outputs[0]?.split(separator: "\n") ?? []
    #expect(lines.first?.hasPrefix("error: ") == true && lines.last == "exit code 64")
  }
}
