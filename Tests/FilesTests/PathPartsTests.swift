import Testing

@testable import Files

@Suite("Parts of paths")
struct PathPartsTests {
  @Test(
    arguments: [
      ("c", ".", "c"), ("", ".", ""), ("-x", ".", "-x"), ("a/", ".", "a"), ("a//", ".", "a"),
      ("/", "/", "/"), ("//", "/", "/"), ("..", ".", ".."), ("../", ".", ".."), (".", ".", "."),
      ("a/b", "a", "b"), ("a//b", "a", "b"), ("/a", "/", "a"), ("//a/", "/", "a"),
      ("a/..", "a", ".."), ("/a/b/", "/a", "b"), ("./c", ".", "c"), ("../c", "..", "c"),
      ("\u{E9}", ".", "\u{E9}"), ("\u{E9}/e\u{301}", "\u{E9}", "e\u{301}"),
      // An accent behind the slash: one character of a text.
      ("a/\u{301}b", "a", "\u{301}b"), ("a b/c d", "a b", "c d"), ("a\nb/c\r\nd", "a\nb", "c\r\nd"),
      ("\u{65E5}\u{672C}", ".", "\u{65E5}\u{672C}"), ("a%20/b?c#d;e", "a%20", "b?c#d;e"),
    ])
  func `folder and name, as dirname and basename give them`(
    _ path: String, _ folder: String, _ name: String
  ) {
    let parts = PathParts(path)
    #expect(parts.folder == folder && Array(parts.name.utf8) == Array(name.utf8), "\(parts)")
  }

  @Test(
    arguments: [
      ("a.svg", "svg"), ("a.b.svg", "svg"), (".svg", ""), ("svg", ""), ("a.", ""), ("..", ""),
      ("a.svg/b", ""), ("a.svg/", "svg"), ("", ""), ("\u{E9}.\u{E9}", "\u{E9}"), ("..svg", ""),
      ("a..svg", "svg"),
    ])
  func `what stands behind the last point`(_ path: String, _ ending: String) {
    #expect(PathParts(path).ending == ending)
  }
}
