import Foundation
import Testing

@testable import Reports

@Suite("Line charts")
struct LineChartTests {
  private func chart(
    _ series: [LineChart.Series], caption: String = "c & d", isLogarithmic: Bool = false
  ) -> String {
    LineChart(
      "a < b", caption: caption, x: "epoch", y: "loss", series: series,
      isLogarithmic: isLogarithmic
    ).svg
  }

  /// The commands of the curves, which are 2 pixels wide and not in the legend.
  private func curves(_ svg: String) -> [[(x: Double, y: Double)]] {
    svg.matches(of: /<path d="M([0-9. L-]+)" fill="none"[^>]*stroke-width="2"/).map { match in
      match.1.split(separator: "L").map { point in
        let numbers = point.split(separator: " ").compactMap { Double($0) }
        return (numbers[0], numbers[1])
      }
    }
  }

  private func labels(_ svg: String) -> [String] {
    svg.matches(of: /font-size="11" fill="#5b6472">([^<]*)</).map { String($0.1) }
  }

  @Test func `points lie where their numbers are, in proportion`() throws {
    let svg = chart([.init("loss", points: [(1, 4), (2, 2), (3, 3), (5, 0)])])
    let curve = try #require(curves(svg).first)
    #expect(curve.count == 4)
    let (dx, dy) = (curve[1].x - curve[0].x, curve[1].y - curve[0].y)
    #expect(dx > 0 && dy > 0, "later is right, less is down")
    #expect(abs(curve[3].x - curve[0].x - 4 * dx) < 0.5)
    #expect(abs(curve[3].y - curve[0].y - 2 * dy) < 0.5)
    #expect(abs(curve[2].y - curve[1].y + dy / 2) < 0.5)
    #expect(labels(svg) == ["1", "2", "3", "4", "5", "0", "1", "2", "3", "4", "loss"])
    #expect(svg.contains("<title>a &lt; b: c &amp; d</title>"))
    #expect(
      svg.contains("loss, over epoch. loss: from 4 at 1 to 0 at 5, lowest 0, highest 4."))
  }

  @Test func `the vertical axis shows levels that no curve reaches`() {
    let curve = [LineChart.Series("entropy", points: [(1, 1.610), (2, 1.596)])]
    #expect(labels(chart(curve)).contains("1.600"))
    let svg = LineChart(
      "a", caption: "", x: "epoch", y: "nats", series: curve, levels: [0]
    ).svg
    #expect(labels(svg).contains("0.0") && labels(svg).contains("1.5"))
  }

  @Test func `what is not finite leaves a gap, and a point between gaps is a dot`() {
    let nan = Double.nan
    let svg = chart([
      .init("a", points: [(1, 1), (2, 2), (3, nan), (4, 3), (5, .infinity), (6, 1.5), (7, 2.5)]),
      .init("b", points: [(1, nan), (nan, 1), (2, 1e300)]), .init("c", points: []),
    ])
    #expect(curves(svg).map(\.count) == [2, 2])
    #expect(svg.matches(of: /<circle/).count == 1)
    #expect(svg.contains("a: from 1 at 1 to 2.5 at 7, lowest 1, highest 3, 2 missing."))
    #expect(svg.contains("b: no points. c: no points."))
    #expect(!svg.contains("nan") && !svg.contains("inf"))
  }

  @Test func `a band goes forth along its upper ends and back along the lower ones`() throws {
    let svg = chart([
      .init("m", points: [(1, 2), (2, 4)], band: [(1, 3), (4, 4)])
    ])
    let match = try #require(svg.firstMatch(of: /<path d="M([^"]*)Z" fill="#0072b2" fill-opacity/))
    let ends = match.1.split(separator: "L").map {
      $0.split(separator: " ").compactMap { Double($0) }
    }
    let curve = curves(svg)[0]
    #expect(ends.count == 4)
    #expect(ends.map { $0[0] } == [curve[0].x, curve[1].x, curve[1].x, curve[0].x])
    #expect(ends[1] == ends[2] && ends[1][1] == curve[1].y)
    #expect(abs(ends[0][1] + ends[3][1] - 2 * curve[0].y) < 0.21, "the mean is in the middle")
  }

  @Test func `a path in the plane may go back, and shows its direction`() {
    let path: [(Double, Double)] = [(0.1, 0), (1.1, 1), (0.3, 2), (0.2, 0.5)]
    let svg = chart([.init("p", points: path.map { (x: $0.0, y: Double($0.1)) }, marks: .ends)])
    let curve = curves(svg)[0]
    #expect(curve[1].x > curve[2].x && curve[2].x > curve[3].x)
    let fills = svg.matches(of: /<circle cx="(\d+)"[^>]*fill="([^"]*)"/).map { String($0.2) }
    #expect(fills == ["#ffffff", Palette.methods[0]])
  }

  @Test func `on a logarithmic axis equal ratios are equal distances`() {
    let svg = chart(
      [
        .init(
          "gap", points: [(1, 10), (2, 0.1), (3, 0.001), (4, 0), (5, -1), (6, 1e-7), (7, 1e-5)])
      ],
      isLogarithmic: true)
    let found = curves(svg)
    #expect(found.map(\.count) == [3, 2])
    #expect(abs(found[0][2].y - 2 * found[0][1].y + found[0][0].y) < 0.3)
    #expect(abs((found[1][0].y - found[0][0].y) - 4 * (found[0][1].y - found[0][0].y)) < 0.5)
    #expect(Set(["1", "0.01", "0.0001", "1e-6"]).isSubset(of: labels(svg)))
  }

  @Test func `numbers that a logarithmic horizontal axis cannot have leave a gap`() {
    let points = [(0.01, 1), (0.1, 2), (1, 3), (0, 4), (-1, 5), (10, 6), (100, 7)]
      .map { (x: $0.0, y: Double($0.1)) }
    let svg = LineChart(
      "t", caption: "", x: "x", y: "y", series: [.init("", points: points)], isLogarithmicInX: true
    ).svg
    let found = curves(svg)
    #expect(found.map(\.count) == [3, 2])
    #expect(abs(found[0][2].x - 2 * found[0][1].x + found[0][0].x) < 0.3)
  }

  @Test(arguments: [
    [], [1], [3.1, 3.2], [1e20, 4e20], [-1e-12, 1e-12], [1, 1e90], [1e-90, 1e90],
  ])
  func `any numbers get few and different ticks`(_ ys: [Double]) {
    for isLogarithmic in [false, true] {
      let svg = chart(
        [.init("", points: ys.map { (x: 1, y: $0) })], isLogarithmic: isLogarithmic)
      let found = labels(svg)
      #expect(2...20 ~= found.count && found.allSatisfy { $0.count < 12 }, "\(found)")
      #expect(!svg.contains("nan") && !svg.contains("inf"))
    }
  }

  @Test(
    arguments: [
      (0, "0"), (1, "1"), (-2.5, "-2.5"), (0.123456, "0.1235"), (1234.5, "1235"),
      (9_999_999, "9999999"),
      (1.2e-8, "1.2e-8"), (9.9996e-5, "1e-4"), (-3e20, "-3e20"), (6.02214e23, "6.022e23"),
    ] as [(Double, String)])
  func `numbers are short`(_ value: Double, _ expected: String) {
    #expect(shortNumber(value) == expected)
  }

  @Test func `curves beyond the colours are dotted, and the legend and the caption stay inside`() {
    let series = (0..<10).map { index in
      LineChart.Series("a name of some length \(index)", points: [(1, Double(index)), (2, 0)])
    }
    let svg = LineChart(
      "t", caption: String(repeating: "word ", count: 40), x: "x", y: "y", series: series,
      width: 420
    ).svg
    #expect(svg.matches(of: /stroke-dasharray="2 3"/).count == 4)
    for match in svg.matches(of: /<text x="(\d+)"[^>]*start"[^>]*font-size="(\d+)"[^>]*>([^<]*)</) {
      let (left, size) = (Int(match.1) ?? 0, Int(match.2) ?? 0)
      #expect(left + TextMetrics.width(of: [String(match.3)], size: size) <= 420 - 16)
    }
  }
}
