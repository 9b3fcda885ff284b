import Foundation
import Testing

@testable import Reports

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite("Charts of the simplex")
struct SimplexChartTests {
  private let chart = SimplexChart(
    "a < b", caption: "c", corners: ["none", "pool", "skip"],
    paths: [
      .init("corners", points: [[1, 0, 0], [0, 1, 0], [0, 0, 1]], color: 0),
      .init("inside", points: [[1, 0, 0], [1.0 / 3, 1.0 / 3, 1.0 / 3]], color: 1),
      .init("inside", points: [[0, 1, 0], [0, 0.5, 0.5]], color: 1),
    ])

  private func points(_ svg: String) -> [[(x: Double, y: Double)]] {
    svg.matches(of: /<path d="M([0-9. L-]+)" fill="none" stroke="#[0-9a-f]+" stroke-width="2"/)
      .map { match in
        match.1.split(separator: "L").map { point in
          let numbers = point.split(separator: " ").compactMap { Double($0) }
          return (numbers[0], numbers[1])
        }
      }
  }

  @Test func `the triangle has equal sides, and the mean of the weights lies in its center`() throws
  {
    let paths = points(chart.svg)
    try #require(paths.count == 3)
    func distance(_ a: (x: Double, y: Double), _ b: (x: Double, y: Double)) -> Double {
      ((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y)).squareRoot()
    }
    let corners = paths[0]
    let sides = [(0, 1), (1, 2), (2, 0)].map { distance(corners[$0], corners[$1]) }
    #expect(sides.allSatisfy { abs($0 - sides[0]) < 0.5 })
    let radii = corners.map { distance($0, paths[1][1]) }
    #expect(radii.allSatisfy { abs($0 - radii[0]) < 0.5 })
    // The lower left corner, the lower right one, and the top: y grows downwards.
    #expect(corners[0].x < corners[2].x && corners[2].x < corners[1].x)
    #expect(corners[0].y == corners[1].y && corners[2].y < corners[0].y)
    let middle = paths[2][1]
    #expect(abs(distance(middle, corners[1]) - distance(middle, corners[2])) < 0.5)
  }

  @Test func `corners and names stand in it once, and the paths are told in words`() throws {
    let svg = chart.svg
    for name in ["none", "pool", "skip", "corners", "inside"] {
      #expect(svg.matches(of: try Regex(">\(name)<")).count == 1, "\(name)")
    }
    #expect(svg.contains("a &lt; b"))
    #expect(svg.contains("inside: from none 0, pool 1, skip 0 to none 0, pool 0.5, skip 0.5."))
    #expect(XMLParser(data: Data(svg.utf8)).parse())
  }

  @Test func `nothing to draw is a triangle`() {
    let empty = SimplexChart(
      "t", caption: "c", corners: ["a", "b", "c"], paths: [.init("p", points: [], color: 0)])
    #expect(empty.svg.contains("p: no points.") && points(empty.svg).isEmpty)
  }
}
