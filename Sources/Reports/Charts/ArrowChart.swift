/// Points in a plane, joined by arrows from a start to an end, with the deviation of each as bars.
public struct ArrowChart: Sendable {
  /// A number and, if there are several measurements, their standard deviation.
  public struct Value: Hashable, Sendable {
    let mean: Double
    let deviation: Double?

    /// Creates a value.
    public init(_ mean: Double, deviation: Double? = nil) {
      (self.mean, self.deviation) = (mean, deviation)
    }

    /// From the lower end of its bar to the upper one.
    fileprivate var range: ClosedRange<Double> {
      mean - (deviation ?? 0)...mean + (deviation ?? 0)
    }
  }

  /// A point.
  public struct Point: Hashable, Sendable {
    let x: Value
    let y: Value

    /// Creates a point.
    public init(x: Value, y: Value) { (self.x, self.y) = (x, y) }
  }

  /// A start, an end, or both, joined by an arrow.
  public struct Arrow: Hashable, Sendable {
    let name: String
    let start: Point?
    let end: Point?
    let color: Int
    let style: Int

    /// Creates an arrow; the style distinguishes arrows of one colour: 0 is a full line, others are dashed.
    public init(_ name: String, from start: Point?, to end: Point?, color: Int, style: Int = 0) {
      (self.name, self.start, self.end, self.color, self.style) = (name, start, end, color, style)
    }
  }

  private let title: String
  private let caption: String
  private let xAxis: String
  private let yAxis: String
  private let ends: [String]
  private let arrows: [Arrow]
  private let horizontal: ChartScale
  private let vertical: ChartScale

  /// Creates a chart; `startName` and `endName` say what hollow and filled points are.
  public init(
    _ title: String, caption: String, xAxis: String, yAxis: String, startName: String,
    endName: String, arrows: [Arrow]
  ) {
    (self.title, self.caption, self.xAxis, self.yAxis) = (title, caption, xAxis, yAxis)
    (ends, self.arrows) = ([startName, endName], arrows)
    let points = arrows.flatMap { [$0.start, $0.end].compactMap { $0 } }
    horizontal = ChartScale(points.map(\.x.range), from: 76, to: 76 + 480)
    vertical = ChartScale(points.map(\.y.range), from: 84 + 340, to: 84)
  }

  /// The chart as SVG.
  public var svg: String {
    var svg = SVGWriter()
    svg.heading(title, caption, x: 24, y: 36)
    ChartAxes(horizontal: horizontal, vertical: vertical, x: xAxis, y: yAxis, left: 26).draw(&svg)
    for arrow in arrows { drawBars(arrow, &svg) }
    for arrow in arrows { draw(arrow, &svg) }
    let legendWidth = drawLegend(&svg, x: legendLeft)
    let width = max(legendLeft + legendWidth, 24 + TextMetrics.width(of: [title], size: 16)) + 24
    return svg.document(
      width: width, height: Int(vertical.start) + 64, title: title, caption: caption,
      description: words)
  }

  private var legendLeft: Int { Int(horizontal.end) + 28 }

  /// What the chart shows, for those who cannot see it.
  private var words: String {
    let sentences = arrows.map { arrow in
      let points = [arrow.start, arrow.end].enumerated().compactMap { index, point in
        point.map { "\(ends[index]) \(number($0.x.mean)), \(number($0.y.mean))" }
      }
      return "\(arrow.name): \(points.joined(separator: "; "))."
    }
    return "\(yAxis), over \(xAxis). " + sentences.joined(separator: " ")
  }

  private func number(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }

  // MARK: Points

  private func color(_ arrow: Arrow) -> String {
    Palette.methods[arrow.color % Palette.methods.count]
  }

  private func drawBars(_ arrow: Arrow, _ svg: inout SVGWriter) {
    let points = arrow.start == arrow.end ? [arrow.start] : [arrow.start, arrow.end]
    for point in points.compactMap({ $0 }).sorted(by: {
      ($0.x.mean, $0.y.mean) < ($1.x.mean, $1.y.mean)
    }) {
      let (x, y) = (pixel(horizontal(point.x.mean)), pixel(vertical(point.y.mean)))
      if point.x.deviation != nil {
        let ends = [point.x.range.lowerBound, point.x.range.upperBound].map {
          pixel(horizontal($0))
        }
        svg.line("M\(ends[0]) \(y)H\(ends[1])", stroke: color(arrow), width: "1")
      }
      if point.y.deviation != nil {
        let ends = [point.y.range.lowerBound, point.y.range.upperBound].map { pixel(vertical($0)) }
        svg.line("M\(x) \(ends[0])V\(ends[1])", stroke: color(arrow), width: "1")
      }
    }
  }

  private func draw(_ arrow: Arrow, _ svg: inout SVGWriter) {
    let places = [arrow.start, arrow.end].map { point in
      point.map { (x: horizontal($0.x.mean), y: vertical($0.y.mean)) }
    }
    if let start = places[0], let end = places[1] {
      drawShaft(from: start, to: end, color(arrow), arrow.style, &svg)
    }
    for (place, isFilled) in zip(places, [false, true]) {
      if let place { drawPoint(place, color(arrow), isFilled: isFilled, &svg) }
    }
  }

  private func drawPoint(
    _ place: (x: Double, y: Double), _ color: String, isFilled: Bool, _ svg: inout SVGWriter
  ) {
    svg.circle(
      x: Int(place.x.rounded()), y: Int(place.y.rounded()), radius: 5,
      fill: isFilled ? color : "#ffffff", stroke: color, strokeWidth: "2")
  }

  /// A line with a head that ends at the rim of the end's point; no head where there is no room for one.
  private func drawShaft(
    from start: (x: Double, y: Double), to end: (x: Double, y: Double), _ color: String,
    _ style: Int, _ svg: inout SVGWriter
  ) {
    let (dx, dy) = (end.x - start.x, end.y - start.y)
    let length = (dx * dx + dy * dy).squareRoot()
    guard length > 1 else { return }
    let (ux, uy) = (dx / length, dy / length)
    /// A place `back` pixels before the end and `side` pixels beside the line.
    func place(_ back: Double, _ side: Double = 0) -> String {
      "\(pixel(end.x - back * ux - side * uy)) \(pixel(end.y - back * uy + side * ux))"
    }
    let hasHead = length > 22
    svg.line(
      "M\(place(length))L\(place(hasHead ? 15 : 0))", stroke: color, width: "2",
      dashes: [nil, "6 3", "2 3", "9 3 2 3"][style % 4])
    if hasHead { svg.shape("M\(place(6))L\(place(17, 5))L\(place(17, -5))Z", fill: color) }
  }

  // MARK: Legend

  /// Names beside samples of their arrows or points, and what hollow and filled points are; tells its width.
  private func drawLegend(_ svg: inout SVGWriter, x: Int) -> Int {
    var y = Int(vertical.end) + 8
    for arrow in arrows {
      let (start, end) = ((x: Double(x), y: Double(y)), (x: Double(x + 34), y: Double(y)))
      if arrow.start != nil && arrow.end != nil {
        drawShaft(from: start, to: end, color(arrow), arrow.style, &svg)
      } else {
        drawPoint((x: start.x + 17, y: start.y), color(arrow), isFilled: arrow.end != nil, &svg)
      }
      svg.text(arrow.name, x: x + 44, y: y + 4)
      y += 20
    }
    y += 8
    for (index, name) in ends.enumerated() {
      drawPoint((x: Double(x + 17), y: Double(y)), Palette.wire, isFilled: index == 1, &svg)
      svg.text(name, x: x + 44, y: y + 4, fill: Palette.dim)
      y += 20
    }
    return 44 + TextMetrics.width(of: arrows.map(\.name) + ends)
  }
}
