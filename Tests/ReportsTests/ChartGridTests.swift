import Foundation
import Testing

@testable import Reports

@Suite("Grids of charts")
struct ChartGridTests {
  private typealias Point = (x: Double, y: Double)

  private func series(_ name: String, _ ys: [Double]) -> LineChart.Series {
    LineChart.Series(
      name, points: ys.enumerated().map { (x: Double($0 + 1), y: $1) },
      band: ys.map { (low: $0 - 1, high: $0 + 1) })
  }

  private var grid: ChartGrid {
    ChartGrid(
      "a < b", caption: "c", x: "epoch", columns: ["one", "two"],
      rows: [
        .init(
          "accuracy, %",
          series: [
            [series("plain", [10, 20, 30]), series("other", [10, 10, 10])],
            [series("plain", [90, 90, 90])],
          ]),
        .init("skips", series: [[series("plain", [1, 2, 3])], [series("other", [3, 3, 3])]]),
      ])
  }

  /// The curves, from the first row on, with their colours.
  private func curves(_ svg: String) -> [(points: [Point], color: String)] {
    svg.matches(
      of: /<path d="M([0-9. L-]+)" fill="none" stroke="(#[0-9a-f]+)" stroke-width="2"/
    ).map { match in
      let points = match.1.split(separator: "L").map { point in
        let numbers = point.split(separator: " ").compactMap { Double($0) }
        return (numbers[0], numbers[1])
      }
      return (points, String(match.2))
    }.filter { $0.0.count > 1 }
  }

  @Test func `a row has one vertical axis, and all have one horizontal axis`() throws {
    let curves = curves(grid.svg)
    try #require(curves.count == 5)
    let (rising, level, high) = (curves[0].points, curves[1].points, curves[2].points)
    #expect(abs(rising[0].y - level[0].y) < 0.2, "10 % is one height")
    // 10 % in the left chart and 90 % in the right one: eight times the step from 10 % to 20 %.
    let step = rising[0].y - rising[1].y
    #expect(step > 0 && abs(level[0].y - high[0].y - 8 * step) < 1)
    let shift = high[0].x - rising[0].x
    #expect(shift > 0 && zip(rising, high).allSatisfy { abs($1.x - $0.x - shift) < 0.2 })
    #expect(zip(curves[3].points, rising).allSatisfy { abs($0.x - $1.x) < 0.2 }, "below each other")
    #expect(curves[3].points[0].y > rising[0].y, "the second row is below")
  }

  @Test func `a name has one colour everywhere, and one place in the legend`() {
    let svg = grid.svg
    let colors = curves(svg).map(\.color)
    #expect(colors[0] == colors[2] && colors[0] == colors[3])
    #expect(colors[1] == colors[4] && colors[1] != colors[0])
    #expect(svg.matches(of: />plain</).count == 1 && svg.matches(of: />other</).count == 1)
  }

  @Test func `every curve has its band, as high as its ends say`() throws {
    let svg = grid.svg
    let bands = svg.matches(of: /<path d="M([0-9. L-]+)Z" fill="(#[0-9a-f]+)" fill-opacity/)
    #expect(bands.map { String($0.2) } == curves(svg).map(\.color))
    // One more and one less than the middle of three numbers, from 10 % to 20 % in ten steps.
    let (points, first) = (curves(svg)[0].points, try #require(bands.first))
    let ys = first.1.split(separator: "L").compactMap { $0.split(separator: " ").last }.compactMap {
      Double($0)
    }
    let step = (points[0].y - points[1].y) / 10
    #expect(
      abs((ys.max()! - points[0].y) - step) < 0.2 && abs((points[2].y - ys.min()!) - step) < 0.2)
  }

  @Test func `each axis is named once, and the charts are told in words`() {
    let svg = grid.svg
    for name in ["accuracy, %", "skips", "one", "two"] {
      #expect(svg.components(separatedBy: ">\(name)</text>").count == 2, "\(name)")
    }
    #expect(svg.components(separatedBy: ">epoch</text>").count == 3, "below each column")
    #expect(svg.contains("accuracy, %, one, plain: from 10 at 1 to 30 at 3"))
    #expect(svg.contains("skips, two, other: from 3 at 1 to 3 at 3"))
  }

  @Test func `everything lies within the picture`() throws {
    let svg = grid.svg
    let size = try #require(svg.firstMatch(of: /width="(\d+)" height="(\d+)" viewBox/))
    let (width, height) = (Double(size.1)!, Double(size.2)!)
    for (points, _) in curves(svg) {
      #expect(points.allSatisfy { 0...width ~= $0.x && 0...height ~= $0.y })
    }
    for match in svg.matches(of: /<text x="(-?\d+)" y="(-?\d+)"/) {
      #expect(0...width ~= Double(match.1)! && 0...height ~= Double(match.2)!)
    }
  }
}
