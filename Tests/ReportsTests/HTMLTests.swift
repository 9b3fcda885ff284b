import Foundation
import TestSupport
import Testing

@testable import Reports

@Suite("Pages of HTML")
struct HTMLTests {
  private let page = HTMLPage.document(title: "a <b> & \"c\"") { html in
    html.section("A & B") {
      $0.element("p", ["class": "\"x\" <y>"], "1 < 2 & \u{1}\u{0}")
      $0.facts([("name", "<script>")])
      $0.command("search --out 'a b' && echo")
      $0.table(
        "t", head: ["", "n"], numeric: [1], rows: [["a", "1"], ["mean", "1 ± 0"]], strong: [1])
      $0.details("more") { $0.gallery([chart, chart]) }
      $0.widePicture(chart, label: "wide")
    }
  }

  private static let chart = LineChart(
    "<t>", caption: "", x: "x", y: "y", series: [.init("a & b", points: [(1, 1), (2, 2)])]
  ).svg
  private var chart: String { Self.chart }

  @Test func `a page is well-formed, and needs nothing else`() {
    #expect(firstUnbalancedTag(in: page) == nil)
    #expect(firstUnbalancedTag(in: page.replacing("</main>", with: "")) == "/body")
    #expect(firstUnbalancedTag(in: page + "<p>") == "p" && firstUnbalancedTag(in: "1 < 2") != nil)
    #expect(page.hasPrefix("<!DOCTYPE html>\n<html lang=\"en\">"))
    for foreign in ["<script", "http", "url(", "@import", "<link", " id=", " src=", " href="] {
      #expect(!page.contains(foreign), "\(foreign)")
    }
  }

  @Test func `texts and attributes are escaped, and no control character is left`() {
    #expect(page.contains("<title>a &lt;b&gt; &amp; &quot;c&quot;</title>"))
    #expect(page.contains("class=\"&quot;x&quot; &lt;y&gt;\">1 &lt; 2 &amp; \u{FFFD}\u{FFFD}</p>"))
    #expect(page.contains("<dd>&lt;script&gt;</dd>"))
    #expect(page.contains("aria-label=\"A &amp; B\""))
    #expect(page.contains("<pre><code><span>search</span> <span>--out</span> <span>'a</span> "))
    #expect(escaped("a\tb\nc") == "a\tb\nc")
    // With an accent a character is another one, and yet the mark is there.
    for (mark, word) in [("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\"", "&quot;")] {
      #expect(escaped("\(mark)\u{301}") == "\(word)\u{301}")
    }
    #expect(escaped("\u{1}\u{301}\r\n") == "\u{FFFD}\u{301}\r\n")
    #expect(DOTText.quoted("\"\u{301}\r\n\\") == "\"\\\"\u{301}\r\\n\\\\\"")
  }

  @Test func `a table names its columns and rows, and stands in a box that scrolls`() {
    #expect(page.contains("<th scope=\"col\" class=\"number\">n</th>"))
    #expect(page.contains("<th scope=\"row\" class=\"word\">a</th>\n<td class=\"number\">1</td>"))
    #expect(page.contains("<tr class=\"strong\">"))
    let box = /<div class="scroll" role="region" aria-label="[^"]+" tabindex="0">/
    #expect(page.matches(of: box).count == 1)
  }

  @Test func `pictures become parts of the page`() {
    #expect(page.split(separator: "<svg ").count == 1 + 3)
    #expect(!page.contains("<?xml") && !page.contains("xmlns"))
    #expect(page.matches(of: /role="img"/).count == 3)
    #expect(page.contains("<svg style=\"min-width: min(52rem, 640px)\" width=\"640\""))
    #expect(inlined("no picture") == "")
  }

  @Test func `every colour of a picture has one for dark pages, dark where it was light`() throws {
    let twins = Dictionary(Palette.dark.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
    #expect(twins.count == Palette.dark.count, "no colour twice")
    let boxes = (Palette.entries + Palette.operations).flatMap { [$0.fill, $0.stroke] }
    let lines = [
      Palette.ink, Palette.dim, Palette.wire, Palette.faint, Palette.joint, Palette.grid,
      Palette.new,
    ]
    for color in boxes + lines + Palette.series + Palette.methods + ["#ffffff"] {
      let dark = try #require(twins[color], "\(color)")
      #expect(
        brightness(color) > 0.76 ? brightness(dark) < 0.3 : brightness(dark) > 0.25, "\(color)")
    }
    for text in [Palette.ink, Palette.dim, Palette.new] {
      #expect(brightness(twins[text] ?? "") > 0.55, "legible on the dark ground")
    }
  }

  /// From 0 to 1.
  private func brightness(_ color: String) -> Double {
    let rgb = Int(color.dropFirst(), radix: 16) ?? 0
    let (red, green, blue) = (rgb >> 16, rgb >> 8 & 255, rgb & 255)
    let thousandths: Int = 299 * red + 587 * green + 114 * blue
    return Double(thousandths) / 255_000
  }
}
