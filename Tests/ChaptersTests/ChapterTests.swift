import Chapters
import Testing

/// The text of a chapter, whose back quotes are written as ' for legibility.
func chapterText(_ text: String) -> String { text.replacing("'", with: "`") }

/// Reading the blocks of a chapter.
@Suite("Chapters")
struct ChapterTests {
  private let chapter: Chapter

  init() throws {
    chapter = try Chapter(
      name: "07-toy",
      text: chapterText(
        """
        # 07. A toy

        [Source](../a.swift#L3) | [Tests](b.swift) | Equations: TS-12, D1-6, TS-17b

        '''swift
        import Toys
        print(1)
        '''

        '''text
        1
        '''

        See [the web](https://example.org), ![a picture](pictures/07-a.svg) and TS-3.

        '''swift no-run
        search() // TS-99 [in code](no/link)
        '''
        '''swift
        let x = 2
        '''
        Prose between.
        '''text
        not an output
        '''
        '''swift file
        struct Box {}
        '''
        '''swift ignore
        ...
        '''
        '''sh
        $ toponas cost | head -n 1
        '''
        '''text
        ~ 1.5 s
        '''
        '''sh
        swift test
        '''
        """))
  }

  @Test func `blocks are found with what they should print`() {
    #expect(
      chapter.cells.map(\.kind) == [
        .swift(.run), .swift(.noRun), .swift(.run), .swift(.file), .swift(.ignore), .shell,
      ])
    #expect(chapter.cells.map(chapter.expectedOutput) == ["1", "", "", "", "", "~ 1.5 s"])
    #expect(chapter.lines[chapter.cells[0].body] == ["import Toys", "print(1)"])
    #expect(chapter.cellsNotRun == 2)
  }

  @Test func `links, equations and the title are read from the prose alone`() {
    #expect(chapter.title == "07. A toy")
    #expect(chapter.localLinks.map(\.target) == ["../a.swift", "b.swift", "pictures/07-a.svg"])
    #expect(chapter.localLinks.map(\.line) == [3, 3, 14])
    #expect(chapter.equations == ["TS-12", "D1-6", "TS-17b"])
    #expect(chapter.namedEquations.map(\.target) == ["TS-12", "D1-6", "TS-17b", "TS-3"])
  }

  @Test func `headings have anchors, and links lead to them`() throws {
    let chapter = try Chapter(
      name: "a",
      text: chapterText(
        """
        # 07. A toy
        By [a](#b), [c](b.md#an-end-1) and [d](https://e.org/f.md#g), [h](a.swift#L3).
        ## U2 to U4: what's `new`, and why_not?
        '''text
        ## no heading
        '''
        Text, and <a id="ts-1"></a>a place.
        ## Part
        ## Part
        """))
    #expect(
      chapter.anchors == ["07-a-toy", "u2-to-u4-whats-new-and-why_not", "part", "part-1", "ts-1"])
    #expect(chapter.headingLinks.map(\.file) == ["", "b.md"])
    #expect(chapter.headingLinks.map(\.anchor) == ["b", "an-end-1"])
    #expect(
      [1, 2, 3, 7, 8, 9].map(chapter.anchor(atLine:))
        == [nil, nil, chapter.anchors[1], chapter.anchors[1], "part", "part-1"])
  }

  @Test func `a tag belongs to the equation before it`() throws {
    let chapter = try Chapter(
      name: "a",
      text: """
        By TS-1 and (TS-12) **[published: A,
        B]** or D1-6 **[derived]**, (TS-17b, TS-2
        **[reconstructed: low]**) and TS-9.

        **[paper]** TS-3
        """)
    #expect(chapter.taggedEquations.map(\.id) == ["TS-12", "D1-6", "TS-2"])
    #expect(
      chapter.taggedEquations.map(\.tag) == ["published: A, B", "derived", "reconstructed: low"])
    #expect(chapter.taggedEquations.map(\.line) == [1, 2, 2])
  }

  @Test func `a picture is approximate if its text begins with a tilde`() throws {
    let chapter = try Chapter(
      name: "a", text: "![~ About](pictures/a.svg)\n![Exactly ~ 1](pictures/b.svg)")
    #expect(chapter.approximatePictures == ["pictures/a.svg"])
  }

  @Test func `a block without an end and an unknown kind are errors that name the line`() {
    #expect(throws: ChapterError.endless(chapter: "a", line: 2)) {
      try Chapter(name: "a", text: chapterText("text\n'''swift\nlet x = 1"))
    }
    let error = #expect(throws: ChapterError.self) {
      try Chapter(name: "a", text: chapterText("\n'''swift norun\n'''"))
    }
    #expect(
      error?.description == """
        a.md:2: error: 'swift norun' is no kind of block; known are swift, swift file, \
        swift no-run, swift ignore
        """)
  }

  @Test func `longer fences may hold shorter ones`() throws {
    let text = "'''''markdown\n'''swift\nbad\n'''\n'''''\n'''swift\nlet x = 1\n'''"
    let chapter = try Chapter(name: "a", text: chapterText(text))
    #expect(chapter.cells.count == 1)
    #expect(chapter.cells[0].body == 6..<7)
  }
}

/// Writing outputs into a chapter.
@Suite("Chapter updates")
struct ChapterUpdateTests {
  private func updated(_ text: String, _ outputs: [Int: String]) throws -> String {
    try Chapter(name: "a", text: chapterText(text)).text(withOutputs: outputs)
  }

  @Test func `a wrong output is replaced, a right one stays as it is written`() throws {
    let text = "'''swift\na\n'''\n\n'''text\n1.50   x\n'''\nend"
    #expect(try updated(text, [0: "1.502 x\n"]) == chapterText(text))
    #expect(
      try updated(text, [0: "1.6 x\ny\n"])
        == chapterText("'''swift\na\n'''\n\n'''text\n1.6 x\ny\n'''\nend"))
  }

  @Test func `a missing output is added, one too many is removed`() throws {
    #expect(
      try updated("'''swift\na\n'''\nend", [0: "7\n"])
        == chapterText("'''swift\na\n'''\n\n'''text\n7\n'''\nend"))
    #expect(
      try updated("'''swift\na\n'''\n\n'''text\n7\n'''\nend", [0: ""])
        == chapterText("'''swift\na\n'''\nend"))
  }

  @Test func `lines that are not compared keep their mark`() throws {
    let text = "'''swift\na\n'''\n'''text\none\n~ 3 s\n'''"
    #expect(
      try updated(text, [0: "two\n4 s\n"])
        == chapterText("'''swift\na\n'''\n\n'''text\ntwo\n~ 4 s\n'''"))
  }

  @Test func `several cells are updated at once`() throws {
    let text = "'''swift\na\n'''\n'''swift\nb\n'''\n'''text\n2\n'''"
    #expect(
      try updated(text, [0: "1"])
        == chapterText("'''swift\na\n'''\n\n'''text\n1\n'''\n'''swift\nb\n'''\n'''text\n2\n'''"))
  }
}
