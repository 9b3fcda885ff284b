import Testing

@testable import Reports

@Suite("Heat maps")
struct HeatMapTests {
  private static let svg = HeatMap(
    "a < b", caption: "c & d",
    panels: [
      .init("first", [[0, 1, 2], [-2, 0, 4]], text: { "\(Int($0))" }),
      .init("second", [[8]]),
    ], cell: 20
  ).svg

  /// The fills of the cells, row by row, panel by panel.
  private var fills: [String] {
    Self.svg.split(separator: "\n").filter { $0.hasPrefix("<rect") && $0.contains(Palette.grid) }
      .map { $0.split(separator: "fill=\"")[1].prefix { $0 != "\"" }.description }
  }

  @Test func `every number has a cell, zero is white, and one scale serves all panels`() {
    #expect(fills.count == 7)
    #expect(fills[0] == "rgb(255,255,255)" && fills[4] == fills[0])
    #expect(fills[5] == Palette.shade(0.5))
    #expect(fills[6] == "rgb(31,84,138)", "the largest number is the darkest")
    #expect(fills[2] == Palette.shade(0.25) && fills[3] == Palette.shade(-0.25))
    #expect(fills[2] != fills[3], "the sign shows")
  }

  @Test func `cells lie in rows, panels beside each other, texts in their cells`() {
    #expect(Self.svg.contains("x=\"24\" y=\"104\" width=\"20\" height=\"20\""))
    #expect(Self.svg.contains("x=\"64\" y=\"124\" width=\"20\" height=\"20\""))
    #expect(Self.svg.contains("x=\"116\" y=\"104\""), "behind the first panel and a gap")
    #expect(Self.svg.contains("x=\"74\" y=\"138\"") && Self.svg.contains(">4</text>"))
    #expect(!Self.svg.contains(">8</text>"), "no text was asked for")
    #expect(Self.svg.contains("a &lt; b") && Self.svg.contains("c &amp; d"))
  }

  @Test func `rows of different lengths and endless numbers are refused`() async {
    await #expect(processExitsWith: .failure) { _ = HeatMap.Panel("bad", [[1, 2], [3]]) }
    await #expect(processExitsWith: .failure) { _ = HeatMap.Panel("bad", [[.infinity]]) }
  }

  @Test func `a map of zeros is white`() {
    let svg = HeatMap("zeros", caption: "", panels: [.init("zeros", [[0, 0]])]).svg
    #expect(!svg.contains("rgb(31") && svg.contains("rgb(255,255,255)"))
  }
}
