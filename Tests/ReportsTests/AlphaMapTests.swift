import Testing

@testable import Reports

@Suite("Maps of weights")
struct AlphaMapTests {
  private func map(_ values: [[Double]], chosen: Int? = 1, epochs: Int? = nil) -> String {
    AlphaMap(
      "w", caption: "", rows: values.indices.map { "op\($0)" },
      epochs: Array(1...(epochs ?? values[0].count)),
      panels: [
        .init("0 -> 1", column: 0, row: 0, values: values, chosen: [chosen].compactMap { $0 }),
        .init("1 -> 2", column: 1, row: 1, values: values, chosen: []),
      ]
    ).svg
  }

  /// Squares by their opacity, without the legend, whose shapes are one square each.
  private func squares(_ svg: String) -> [String: [(x: Int, y: Int)]] {
    var found: [String: [(x: Int, y: Int)]] = [:]
    for match in svg.matches(of: /<path d="([^"]*)" fill="#0072b2" fill-opacity="([^"]*)"/) {
      let all = match.1.matches(of: /M(\d+) (\d+)h/).map { (x: Int($0.1) ?? 0, y: Int($0.2) ?? 0) }
      if all.count > 1 { found[String(match.2)] = all }
    }
    return found
  }

  @Test func `a square is as dark as its weight is large, at the place of its epoch and row`() {
    let svg = map([[0.1, 0.2, 0.3], [0.3, 0.2, 0.1]])
    let found = squares(svg)
    // 0.1 is no colour, 0.2 half, 0.3 full; every level appears once in each of the two rows and panels.
    #expect(Set(found.keys) == ["0.5", "1"])
    let full = found["1"] ?? []
    #expect(full.count == 4)
    #expect(full[0].x > full[1].x && full[0].y < full[1].y, "late in row 0, early in row 1")
    #expect(
      full[2].x - full[0].x > 0 && full[2].y > full[1].y, "the second panel is right and below")
    #expect(svg.contains("0 -&gt; 1: op0 0.3. 1 -&gt; 2: op0 0.3."))
    #expect(svg.contains(">0.1<") && svg.contains(">0.3<") && svg.contains(">epochs 1 to 3<"))
    #expect(svg.contains(">in the derived cell<"))
    #expect(!map([[0.1, 0.2, 0.3]], chosen: nil).contains("derived"))
  }

  @Test func `noise alone does not look like a choice, and what is no number has no colour`() {
    let noise = squares(map([[0.2, 0.2001], [0.2001, 0.2]]))
    #expect(noise.count == 1, "all squares are the same")
    let svg = map([[0, .nan], [.infinity, 1]])
    #expect(squares(svg).keys.sorted() == ["1"] && squares(svg)["1"]?.count == 2)
    #expect(!svg.contains("nan") && !svg.contains("inf"))
  }

  @Test func `of many epochs some are left out, but never the last`() {
    let svg = map([(1...250).map { $0 == 250 ? 1 : 0 }, (1...250).map { _ in 0 }])
    let last = squares(svg)["1"] ?? []
    #expect(last.count == 2)
    #expect(svg.contains(">epochs 1 to 250<") && svg.utf8.count < 10_000)
  }
}
