import Foundation
import Testing

@testable import Reports

@Suite("Arrow charts")
struct ArrowChartTests {
  /// Cost and accuracy before and after, of the authors' figure.
  private static let published: [(String, [Double])] = [
    ("DARTS", [1.434, 24.49, 1.141, 33.65]), ("b-DARTS", [1.430, 41.43, 1.151, 45.22]),
    ("b-DARTS*", [2.071, 44.36, 1.677, 44.57]), ("PC-DARTS", [1.229, 38.00, 1.105, 38.94]),
    ("GDAS", [1.744, 42.05, 1.617, 39.18]),
  ]

  private func chart(_ arrows: [ArrowChart.Arrow]) -> ArrowChart {
    ArrowChart(
      "a < b", caption: "c & d", xAxis: "cost", yAxis: "accuracy, %", startName: "plain",
      endName: "simplified", arrows: arrows)
  }

  private var figure: ArrowChart {
    chart(
      Self.published.enumerated().map { color, row in
        let v = row.1
        return ArrowChart.Arrow(
          row.0, from: .init(x: .init(v[0], deviation: 0.02), y: .init(v[1], deviation: 1)),
          to: .init(x: .init(v[2], deviation: 0.02), y: .init(v[3], deviation: 1)), color: color)
      })
  }

  /// The numbers of an attribute, in the order of the elements that start with `element`.
  private func numbers(_ svg: String, _ element: String, _ attribute: String) -> [Double] {
    svg.split(separator: "\n").filter { $0.hasPrefix("<\(element) ") }.compactMap { line in
      line.firstRange(of: "\(attribute)=\"").flatMap {
        Double(line[$0.upperBound...].prefix { $0 != "\"" })
      }
    }
  }

  @Test func `points lie where their numbers are on the axes`() {
    let svg = figure.svg
    // The last two circles belong to the legend.
    let (xs, ys) = (
      numbers(svg, "circle", "cx").dropLast(2), numbers(svg, "circle", "cy").dropLast(2)
    )
    let data = Self.published.flatMap { [($0.1[0], $0.1[1]), ($0.1[2], $0.1[3])] }
    #expect(xs.count == data.count)
    let x = ChartScale(data.map { $0.0 - 0.02...$0.0 + 0.02 }, from: 76, to: 556)
    let y = ChartScale(data.map { $0.1 - 1...$0.1 + 1 }, from: 424, to: 84)
    for (place, value) in zip(zip(xs, ys), data) {
      #expect(abs(place.0 - x(value.0)) <= 0.5 && abs(place.1 - y(value.1)) <= 0.5)
      #expect(76...556 ~= place.0 && 84...424 ~= place.1)
    }
    #expect(xs[2] < xs[4] && ys[0] > ys[2], "cheaper is left, better is up")
  }

  @Test func `bars of points above each other have one order`() {
    let point = { (y: Double) in ArrowChart.Point(x: .init(1), y: .init(y, deviation: 1)) }
    for (start, end) in [(2.0, 9.0), (9, 2)] {
      let svg = chart([.init("a", from: point(start), to: point(end), color: 0)]).svg
      let bars = svg.matches(of: /M\S+ (\S+)V\S+" fill="none" stroke="#0072b2" stroke-width="1"/)
      let heights = bars.compactMap { Double($0.1) }
      #expect(heights.count == 2 && heights == heights.sorted(by: >), "the lower one first")
    }
  }

  @Test func `every arrow has a head, bars and a name, and the words tell its numbers`() {
    let svg = figure.svg
    let heads = svg.split(separator: "\n").filter { $0.hasPrefix("<path") && $0.contains("Z\"") }
    #expect(heads.count == 2 * Self.published.count, "in the plot and in the legend")
    let bars = svg.split(separator: "\n").filter { $0.contains("stroke-width=\"1\"") }
      .filter { line in Palette.methods.prefix(5).contains { line.contains($0) } }
    #expect(bars.count == 4 * Self.published.count)
    for (name, v) in Self.published {
      #expect(svg.contains(">\(name)</text>"))
      #expect(svg.contains("\(name): plain \(v[0]), \(v[1]); simplified \(v[2]), \(v[3])."))
    }
    #expect(svg.contains("<title>a &lt; b: c &amp; d</title>\n<desc>accuracy, %, over cost. "))
  }

  @Test func `a single number of one point has an axis, and no bars`() {
    let point = ArrowChart.Point(x: .init(1), y: .init(10))
    for (start, end) in [(point, nil), (nil, point), (point, point)] as [(ArrowChart.Point?, _)] {
      let svg = chart([.init("m", from: start, to: end, color: 0)]).svg
      #expect(!svg.contains("nan") && !svg.contains("inf"))
      let circles = numbers(svg, "circle", "cx")
      // In the legend the two kinds of points, and a point for what has no arrow.
      #expect(circles.count == (start != nil && end != nil ? 2 + 2 : 1 + 3))
      #expect(circles[0] == 316, "in the middle")
    }
  }

  @Test func `arrows of one colour are told apart by their dashes`() {
    let (a, b) = (
      ArrowChart.Point(x: .init(2), y: .init(1)), ArrowChart.Point(x: .init(1), y: .init(2))
    )
    let svg = chart([
      .init("m", from: a, to: b, color: 0), .init("m, P", from: a, to: b, color: 0, style: 1),
    ]).svg
    #expect(svg.split(separator: "\n").count { $0.contains("stroke-dasharray") } == 2)
  }

  @Test(
    arguments: [
      (0.82...1.02, ["0.85", "0.90", "0.95", "1.00"]), (1.0...2.2, ["1.0", "1.2"]),
      (24.0...46.0, ["25", "30", "35", "40", "45"]),
      (0...100, ["0", "20", "40", "60", "80", "100"]),
      (-3.0...4.0, ["-2", "0", "2", "4"]), (7000...9000, ["7000"]),
    ] as [(ClosedRange<Double>, [String])])
  func `ticks are few and round`(_ range: ClosedRange<Double>, _ expected: [String]) {
    let scale = ChartScale([range], from: 0, to: 100)
    let labels = scale.ticks.map(scale.label)
    #expect(4...9 ~= labels.count, "\(labels)")
    #expect(Set(labels).count == labels.count)
    #expect(Set(expected).isSubset(of: labels), "\(labels)")
    #expect(scale.ticks.allSatisfy { 0...100 ~= scale($0) })
  }
}
