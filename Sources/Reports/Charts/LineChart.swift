/// Curves over one axis, or paths in a plane, with bands around them.
public struct LineChart: Sendable {
  /// A curve.
  public struct Series: Sendable {
    /// Which of its points are marked.
    public enum Marks: Sendable {
      /// None.
      case none
      /// All.
      case points
      /// The first by a ring and the last by a disc, as a path has a direction.
      case ends
      /// All, and no line joins them.
      case scattered
    }

    let name: String
    let points: [(x: Double, y: Double)]
    let band: [(low: Double, high: Double)]?
    let marks: Marks
    let isDashed: Bool
    let color: Int?

    /// Creates a curve through `points` in their order; one that is not finite leaves a gap.
    ///
    /// - Parameters:
    ///   - name: what the legend says.
    ///   - points: in units of the axes.
    ///   - band: for every point the ends of what is shaded around it, for example a deviation.
    ///   - marks: which points are marked.
    ///   - isDashed: whether the line is dashed.
    ///   - color: the number of a colour, so that curves can share one; that of its place if nil.
    public init(
      _ name: String, points: [(x: Double, y: Double)], band: [(low: Double, high: Double)]? = nil,
      marks: Marks = .none, isDashed: Bool = false, color: Int? = nil
    ) {
      precondition(
        band.map { $0.count == points.count } ?? true, "a band has two ends for every point")
      (self.name, self.points, self.band) = (name, points, band)
      (self.marks, self.isDashed, self.color) = (marks, isDashed, color)
    }
  }

  private let title: String
  private let captionLines: [String]
  private let caption: String
  private let x: String
  private let y: String
  private let series: [Series]
  private let curves: [LineCurve]
  private let width: Int
  private let axes: ChartAxes

  /// Creates a chart; `x` and `y` are what the axes show.
  ///
  /// The vertical axis shows the numbers of `levels` too, whether or not a curve reaches them.
  /// On a logarithmic axis, the vertical one or both, numbers that are not positive leave a gap too.
  public init(
    _ title: String, caption: String, x: String, y: String, series: [Series],
    levels: [Double] = [], isLogarithmic: Bool = false, isLogarithmicInX: Bool = false,
    width: Int = 640, plotHeight: Int = 320
  ) {
    (self.title, self.caption, self.x, self.y, self.series) = (title, caption, x, y, series)
    self.width = max(width, 2 * margin + TextMetrics.width(of: [title], size: 16))
    captionLines = TextMetrics.lines(of: caption, width: self.width - 2 * margin)
    curves = series.map {
      LineCurve($0, isLogarithmic: isLogarithmic, isLogarithmicInX: isLogarithmicInX)
    }
    let top = Double(margin + 14 + 20 * captionLines.count + 20)
    let bottom = top + Double(plotHeight)
    let (xs, ys) = (curves.flatMap(\.xs), curves.flatMap(\.ys) + levels)
    let vertical: any AxisScale =
      isLogarithmic
      ? LogarithmicScale(ys, from: bottom, to: top)
      : ChartScale(ys.map { $0...$0 }, from: bottom, to: top, isWhole: ys.areWhole)
    let labels = TextMetrics.width(of: vertical.ticks.map(vertical.label), size: 11)
    let (left, right) = (Double(margin + 28 + labels), Double(self.width - margin))
    let horizontal: any AxisScale =
      isLogarithmicInX
      ? LogarithmicScale(xs, from: left, to: right, margin: 0.03)
      : ChartScale(
        xs.map { $0...$0 }, from: left, to: right, margin: 0.03, isWhole: xs.areWhole)
    axes = ChartAxes(horizontal: horizontal, vertical: vertical, x: x, y: y, left: margin + 10)
  }

  /// The chart as SVG.
  public var svg: String {
    var svg = SVGWriter()
    svg.text(title, x: margin, y: margin + 14, size: 15, isBold: true)
    for (index, line) in captionLines.enumerated() {
      svg.text(line, x: margin, y: margin + 34 + 20 * index, fill: Palette.dim)
    }
    axes.draw(&svg)
    for (index, curve) in curves.enumerated() {
      curve.drawBand(axes, color(index), &svg)
    }
    for (index, curve) in curves.enumerated() {
      curve.draw(axes, color(index), dashes: dashes(index), &svg)
    }
    let bottom = drawLegend(&svg)
    return svg.document(
      width: width, height: bottom, title: title, caption: caption,
      description: words)
  }

  /// What the chart shows, for those who cannot see it.
  private var words: String {
    "\(y), over \(x). "
      + zip(series, curves).map { "\($0.name): \($1.words)." }.joined(separator: " ")
  }

  private func color(_ index: Int) -> String {
    Palette.methods[(series[index].color ?? index) % Palette.methods.count]
  }

  /// When the colours begin anew, the lines are dotted.
  private func dashes(_ index: Int) -> String? {
    if series[index].isDashed { return "6 3" }
    return series[index].color == nil && index >= Palette.methods.count ? "2 3" : nil
  }

  /// Names beside samples of their lines, in rows below the plot; tells where the picture ends.
  private func drawLegend(_ svg: inout SVGWriter) -> Int {
    var (left, top) = (margin, Int(axes.vertical.start) + 66)
    let names = series.enumerated().filter { !$1.name.isEmpty }
    guard !names.isEmpty else { return top - 8 }
    for (index, series) in names {
      let room = 28 + TextMetrics.width(of: [series.name], size: 11)
      if left > margin, left + room > width - margin { (left, top) = (margin, top + 20) }
      curves[index].drawSample(x: left, y: top - 4, color(index), dashes: dashes(index), &svg)
      svg.text(series.name, x: left + 26, y: top, size: 11, fill: Palette.dim)
      left += room + 16
    }
    return top + margin
  }
}

private let margin = 16

extension [Double] {
  /// Whether they are counts, as of epochs.
  fileprivate var areWhole: Bool { !isEmpty && allSatisfy { $0 == $0.rounded() } }
}
