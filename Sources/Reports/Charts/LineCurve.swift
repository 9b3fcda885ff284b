/// A curve of a line chart, cut where it has gaps.
struct LineCurve: Sendable {
  /// A point, with the ends of the band at it.
  private struct Point: Sendable {
    let x: Double
    let y: Double
    let low: Double
    let high: Double
  }

  private let parts: [[Point]]
  private let marks: LineChart.Series.Marks
  private let missing: Int

  init(_ series: LineChart.Series, isLogarithmic: Bool, isLogarithmicInX: Bool) {
    /// Beyond any number of use a chart would show nothing else.
    func isShown(_ number: Double, _ isLogarithmic: Bool) -> Bool {
      abs(number) <= 1e100 && !(isLogarithmic && number <= 1e-100)
    }
    func isShownAbove(_ number: Double) -> Bool { isShown(number, isLogarithmic) }
    var parts: [[Point]] = [[]]
    for (index, point) in series.points.enumerated() {
      guard isShown(point.x, isLogarithmicInX), isShownAbove(point.y) else {
        parts.append([])
        continue
      }
      let band = series.band?[index] ?? (low: point.y, high: point.y)
      parts[parts.count - 1].append(
        Point(
          x: point.x, y: point.y, low: isShownAbove(band.low) ? band.low : point.y,
          high: isShownAbove(band.high) ? band.high : point.y))
    }
    self.parts = parts.filter { !$0.isEmpty }
    marks = series.marks
    missing = series.points.count - parts.reduce(0) { $0 + $1.count }
  }

  /// All numbers on the horizontal axis.
  var xs: [Double] { parts.joined().map(\.x) }
  /// All numbers on the vertical axis.
  var ys: [Double] { parts.joined().flatMap { [$0.y, $0.low, $0.high] } }

  /// Where it begins and ends, and its extremes.
  var words: String {
    guard let first = parts.first?.first, let last = parts.last?.last else { return "no points" }
    let ys = parts.joined().map(\.y)
    func text(_ point: Point) -> String { "\(shortNumber(point.y)) at \(shortNumber(point.x))" }
    return "from \(text(first)) to \(text(last)), "
      + "lowest \(shortNumber(ys.min() ?? 0)), highest \(shortNumber(ys.max() ?? 0))"
      + (missing > 0 ? ", \(missing) missing" : "")
  }

  /// Shades what lies between the ends of the band.
  func drawBand(_ axes: ChartAxes, _ color: String, _ svg: inout SVGWriter) {
    for part in parts where part.contains(where: { $0.low != $0.high }) {
      let ends = part.map { ($0.x, $0.high) } + part.reversed().map { ($0.x, $0.low) }
      svg.shape("M\(axes.route(ends))Z", fill: color, opacity: "0.18")
    }
  }

  /// Draws the line and its marks; a point alone is always marked.
  func draw(_ axes: ChartAxes, _ color: String, dashes: String?, _ svg: inout SVGWriter) {
    for part in parts {
      if part.count > 1, marks != .scattered {
        svg.line(
          "M\(axes.route(part.map { ($0.x, $0.y) }))", stroke: color, width: "2", dashes: dashes)
      }
      if part.count == 1 || marks == .points || marks == .scattered {
        for point in part { mark(point, axes, color, isFilled: true, &svg) }
      }
    }
    guard marks == .ends, let first = parts.first?.first, let last = parts.last?.last else {
      return
    }
    mark(first, axes, color, isFilled: false, &svg)
    mark(last, axes, color, isFilled: true, &svg)
  }

  /// Draws what stands for it in a legend, 20 wide.
  func drawSample(x: Int, y: Int, _ color: String, dashes: String?, _ svg: inout SVGWriter) {
    if marks == .scattered {
      svg.circle(x: x + 10, y: y, radius: 3, fill: color, stroke: color, strokeWidth: "2")
    } else {
      svg.line("M\(x) \(y)h20", stroke: color, width: "2", dashes: dashes)
    }
  }

  private func mark(
    _ point: Point, _ axes: ChartAxes, _ color: String, isFilled: Bool, _ svg: inout SVGWriter
  ) {
    svg.mark(x: axes.horizontal(point.x), y: axes.vertical(point.y), color, isFilled: isFilled)
  }
}

extension SVGWriter {
  /// A point of a curve: a disc, or a ring where a path begins.
  mutating func mark(x: Double, y: Double, _ color: String, isFilled: Bool) {
    circle(
      x: Int(x.rounded()), y: Int(y.rounded()), radius: isFilled ? 3 : 4,
      fill: isFilled ? color : "#ffffff", stroke: color, strokeWidth: "2")
  }
}

extension ChartAxes {
  /// The places of some points, as commands of a path hold them.
  fileprivate func route(_ points: [(x: Double, y: Double)]) -> String {
    points.map { "\(pixel(horizontal($0.x))) \(pixel(vertical($0.y)))" }.joined(separator: "L")
  }
}
