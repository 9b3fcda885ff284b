/// Writes HTML that is well-formed XML too; every text and every attribute is escaped.
public struct HTMLWriter {
  private var parts: [String] = []

  /// What was written.
  public var html: String { parts.joined() }

  /// Creates a writer that has written nothing.
  public init() {}

  /// An element that holds a text.
  public mutating func element(_ name: String, _ text: String) { element(name, [:], text) }

  /// An element with attributes that holds a text.
  public mutating func element(
    _ name: String, _ attributes: KeyValuePairs<String, String>, _ text: String
  ) {
    element(name, attributes) { $0.text(text) }
  }

  /// An element that holds what `content` writes.
  public mutating func element(
    _ name: String, _ attributes: KeyValuePairs<String, String> = [:],
    content: (inout HTMLWriter) throws -> Void
  ) rethrows {
    parts.append("<\(name)\(attributes.map { " \($0)=\"\(escaped($1))\"" }.joined())>")
    try content(&self)
    parts.append("</\(name)>\(Self.inline.contains(name) ? "" : "\n")")
  }

  /// An element that holds nothing, such as a button of a choice.
  mutating func emptyElement(_ name: String, _ attributes: KeyValuePairs<String, String>) {
    parts.append("<\(name)\(attributes.map { " \($0)=\"\(escaped($1))\"" }.joined())/>\n")
  }

  /// A text between other elements.
  public mutating func text(_ text: String) { parts.append(escaped(text)) }

  /// Something that is HTML already.
  mutating func raw(_ html: String) { parts.append(html) }

  /// Elements after which a new line would be a space in the text.
  private static let inline: Set = ["a", "b", "code", "em", "span", "strong"]
}

extension HTMLWriter {
  /// A part of the page with its heading; `level` is 2 for the parts of the page itself.
  public mutating func section(
    _ title: String, level: Int = 2, content: (inout HTMLWriter) throws -> Void
  ) rethrows {
    try element("section", ["aria-label": title]) {
      $0.element("h\(level)", title)
      try content(&$0)
    }
  }

  /// Something that is shown when the reader asks for it.
  public mutating func details(
    _ summary: String, content: (inout HTMLWriter) throws -> Void
  ) rethrows {
    try element("details") {
      $0.element("summary", summary)
      try content(&$0)
    }
  }

  /// Names with their values.
  public mutating func facts(_ facts: [(name: String, value: String)]) {
    element("dl") { html in
      for fact in facts {
        html.element("div") {
          $0.element("dt", fact.name)
          $0.element("dd", fact.value)
        }
      }
    }
  }

  /// A command line, which breaks between words: browsers would also break it behind dashes.
  public mutating func command(_ text: String) {
    element("pre") { pre in
      pre.element("code") { code in
        for (index, word) in text.split(separator: " ", omittingEmptySubsequences: false)
          .enumerated()
        {
          if index > 0 { code.text(" ") }
          code.element("span", String(word))
        }
      }
    }
  }

  /// A table in a box of its own, in which it scrolls where it is wider than the page.
  ///
  /// - Parameters:
  ///   - caption: what it shows.
  ///   - head: the titles of the columns; the first column names the rows.
  ///   - numeric: the columns of numbers, which stand at their right side.
  ///   - rows: the rows.
  ///   - strong: the rows that sum up others.
  public mutating func table(
    _ caption: String, head: [String], numeric: Set<Int>, rows: [[String]], strong: Set<Int> = []
  ) {
    element("div", ["class": "scroll", "role": "region", "aria-label": caption, "tabindex": "0"]) {
      $0.element("table") { table in
        table.element("caption") { $0.element("span", caption) }
        table.element("thead") { $0.row(head, numeric, isHead: true) }
        table.element("tbody") { body in
          for (index, row) in rows.enumerated() {
            body.row(row, numeric, isStrong: strong.contains(index))
          }
        }
      }
    }
  }

  private mutating func row(
    _ cells: [String], _ numeric: Set<Int>, isHead: Bool = false, isStrong: Bool = false
  ) {
    element("tr", isStrong ? ["class": "strong"] : [:]) {
      for (column, cell) in cells.enumerated() {
        let side = numeric.contains(column) ? "number" : "word"
        if isHead {
          $0.element("th", ["scope": "col", "class": side], cell)
        } else if column == 0 {
          $0.element("th", ["scope": "row", "class": side], cell)
        } else {
          $0.element("td", ["class": side], cell)
        }
      }
    }
  }

  /// Pictures beside each other where there is room.
  public mutating func gallery(_ svgs: [String]) {
    element("div", ["class": "gallery"]) { html in
      for svg in svgs { html.element("figure") { $0.raw(inlined(svg)) } }
    }
  }

  /// A picture as wide as it is; on a narrow screen it shrinks a little, and then scrolls in its own box.
  public mutating func widePicture(_ svg: String, label: String) {
    element("figure", ["class": "scroll", "role": "region", "aria-label": label, "tabindex": "0"]) {
      let picture = inlined(svg)
      let width = picture.firstMatch(of: /width="(\d+)"/).map { String($0.1) } ?? "0"
      $0.raw(
        picture.replacing(
          "<svg ", with: "<svg style=\"min-width: min(52rem, \(width)px)\" ", maxReplacements: 1))
    }
  }
}

/// A document of SVG as a part of a page: without what only a file of its own needs.
///
/// It has no identifiers, so that several do not disturb each other; the page's style gives it dark colours.
func inlined(_ svg: String) -> String {
  guard let start = svg.firstRange(of: "<svg ") else { return "" }
  return String(svg[start.lowerBound...])
    .replacing(" xmlns=\"http://www.w3.org/2000/svg\"", with: "")
}
