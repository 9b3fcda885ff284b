/// The headings of a chapter as places that links lead to.
extension Chapter {
  /// A link to a heading.
  public struct HeadingLink: Hashable, Sendable {
    /// The file of the heading, as the link names it; empty for the chapter itself.
    public let file: String
    /// The anchor of the heading.
    public let anchor: String
    /// The line of the link, counted from 1.
    public let line: Int
  }

  /// The links to headings of chapters and other pages of the project.
  public var headingLinks: [HeadingLink] {
    prose.flatMap { line, text in
      text.matches(of: /\]\(([^)\s#]*)#([^)\s]+)\)/)
        .filter { !$0.1.contains("://") && ($0.1.isEmpty || $0.1.hasSuffix(".md")) }
        .map { HeadingLink(file: String($0.1), anchor: String($0.2), line: line) }
    }
  }

  /// The anchors of all headings, title included, as web pages of Git repositories make them, and those that stand
  /// in the text: `<a id="ts-1"></a>`.
  public var anchors: [String] {
    headings.map(\.anchor)
      + prose.flatMap { _, text in text.matches(of: /<a id="([^"]+)">/).map { String($0.1) } }
  }

  /// The anchor of the section that a line, counted from 1, is in; nil before the first section.
  public func anchor(atLine line: Int) -> String? {
    headings.last { $0.line <= line && $0.line > 1 }?.anchor
  }

  /// Headings with their lines: small letters, hyphens for spaces, no punctuation, a number for a second one.
  private var headings: [(line: Int, anchor: String)] {
    var counts: [String: Int] = [:]
    return prose.compactMap { line, text in
      guard let match = text.wholeMatch(of: /#+ +(.+)/) else { return nil }
      let kept = match.1.lowercased().filter {
        $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" || $0 == "_"
      }
      let anchor = kept.replacing(" ", with: "-")
      let count = counts[anchor, default: 0]
      counts[anchor] = count + 1
      return (line, count == 0 ? anchor : "\(anchor)-\(count)")
    }
  }
}
