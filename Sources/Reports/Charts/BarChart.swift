/// Horizontal bars, several for each row, with an axis from 0.
public struct BarChart: Sendable {
  /// One row: its name, and a bar for each series.
  public struct Row: Sendable {
    let name: String
    let bars: [(value: Double, text: String)]

    /// Creates a row; values are at least 0 and are written as `text`.
    public init(_ name: String, _ bars: [(value: Double, text: String)]) {
      self.name = name
      self.bars = bars
    }
  }

  private let title: String
  private let caption: String
  private let series: [String]
  private let rows: [Row]

  /// Creates a chart of `rows`, each with one bar for every name in `series`, of which there are at most two.
  public init(_ title: String, caption: String, series: [String], rows: [Row]) {
    precondition(
      series.count <= Palette.series.count && rows.allSatisfy { $0.bars.count == series.count },
      "a row has a bar for each of at most \(Palette.series.count) series")
    self.title = title
    self.caption = caption
    self.series = series
    self.rows = rows
  }

  private let plotWidth = 440
  private let barHeight = 14
  private var rowHeight: Int { series.count * (barHeight + 2) + 12 }
  private var plotLeft: Int { 24 + TextMetrics.width(of: rows.map(\.name)) + 12 }
  private var plotTop: Int { 24 + 82 }
  private var plotBottom: Int { plotTop + rows.count * rowHeight }

  /// The axis in hundredths: from one tick to the next, and how many there are.
  private var ticks: (step: Int, count: Int) {
    let largest = rows.flatMap(\.bars).map { min($0.value, 1e6) * 100 }.max() ?? 0
    let steps = [1, 10, 100, 1000, 10_000, 100_000].flatMap { [10 * $0, 20 * $0, 50 * $0] }
    let step = steps.first { Double(6 * $0) >= largest } ?? 100_000_000
    return (step, max(1, Int((largest / Double(step)).rounded(.up))))
  }

  /// The chart as SVG.
  public var svg: String {
    var svg = SVGWriter()
    svg.heading(title, caption, x: 24, y: 38)
    drawSeries(&svg)
    drawAxis(&svg)
    for (index, row) in rows.enumerated() { draw(row, y: plotTop + index * rowHeight, &svg) }
    let legend = series.reduce(0) { $0 + 44 + TextMetrics.width(of: [$1], size: 11) }
    let width = max(
      plotLeft + plotWidth + 70, plotLeft + legend, 48 + TextMetrics.width(of: [caption]),
      48 + TextMetrics.width(of: [title], size: 16))
    return svg.document(width: width, height: plotBottom + 48, title: title, caption: caption)
  }

  private func drawSeries(_ svg: inout SVGWriter) {
    var x = plotLeft
    for (name, color) in zip(series, Palette.series) {
      svg.rectangle(.init(x: x, y: 76, width: 14, height: 14), fill: color, radius: 2)
      svg.text(name, x: x + 20, y: 87, size: 11, fill: Palette.dim)
      x += 20 + TextMetrics.width(of: [name], size: 11) + 24
    }
  }

  private func drawAxis(_ svg: inout SVGWriter) {
    let (step, count) = ticks
    for tick in 0...count {
      let x = plotLeft + plotWidth * tick / count
      svg.line(
        "M\(x) \(plotTop)V\(plotBottom)", stroke: tick == 0 ? Palette.wire : Palette.grid,
        width: "1")
      let (whole, part) = (tick * step).quotientAndRemainder(dividingBy: 100)
      svg.text(
        "\(whole).\(part < 10 ? "0" : "")\(part)", x: x, y: plotBottom + 18, anchor: "middle",
        size: 11, fill: Palette.dim)
    }
  }

  private func draw(_ row: Row, y: Int, _ svg: inout SVGWriter) {
    let end = Double(ticks.step * ticks.count) / 100
    let middle = y + rowHeight / 2
    svg.text(row.name, x: plotLeft - 12, y: middle + 4, anchor: "end")
    for (index, bar) in row.bars.enumerated() {
      let width = Int((min(bar.value / end, 1) * Double(plotWidth)).rounded())
      let top = y + 6 + index * (barHeight + 2)
      svg.rectangle(
        .init(x: plotLeft, y: top, width: max(1, width), height: barHeight),
        fill: Palette.series[index])
      svg.text(
        bar.text, x: plotLeft + width + 6, y: top + 11, size: 11,
        fill: Palette.dim)
    }
  }
}
