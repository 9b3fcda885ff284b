/// Small charts in rows and columns: a row for each quantity, a column for each thing that is compared.
///
/// The charts of a row share their vertical axis, and all charts the horizontal one, so that equal heights are equal
/// numbers along a row.
public struct ChartGrid: Sendable {
  /// A quantity, with its curves in each column.
  public struct Row: Sendable {
    let y: String
    let series: [[LineChart.Series]]
    let levels: [Double]

    /// Creates a row; `y` is what its axis shows, and `series` has the curves of each column.
    ///
    /// The axis shows the numbers of `levels` too, whether or not a curve reaches them.
    public init(_ y: String, series: [[LineChart.Series]], levels: [Double] = []) {
      (self.y, self.series, self.levels) = (y, series, levels)
    }
  }

  private let title: String
  private let captionLines: [String]
  private let caption: String
  private let columns: [String]
  private let rows: [Row]
  /// The axes of each chart, row by row.
  private let axes: [[ChartAxes]]
  private let curves: [[[LineCurve]]]
  private let width: Int

  /// Creates the charts of at least one row and column; every row has curves for each of `columns`.
  ///
  /// Curves of one name have one colour, that of the place of the name among all names.
  public init(_ title: String, caption: String, x: String, columns: [String], rows: [Row]) {
    precondition(
      !columns.isEmpty && !rows.isEmpty && rows.allSatisfy { $0.series.count == columns.count },
      "expected curves for \(columns.count) columns in each row, found \(rows.map(\.series.count))")
    (self.title, self.caption, self.columns, self.rows) = (title, caption, columns, rows)
    curves = rows.map { row in
      row.series.map { $0.map { LineCurve($0, isLogarithmic: false, isLogarithmicInX: false) } }
    }
    // Columns are not narrower than what stands above them.
    let plotWidth = max(170, TextMetrics.width(of: columns))
    let left = margin + 66
    width = max(
      left + columns.count * (plotWidth + gap) - gap + margin,
      2 * margin + TextMetrics.width(of: [title], size: 16))
    captionLines = TextMetrics.lines(of: caption, width: width - 2 * margin)
    let top = margin + 14 + 20 * captionLines.count + 40
    let xs = curves.joined().joined().flatMap(\.xs).map { $0...$0 }
    let last = rows.count - 1
    axes = zip(rows, curves).enumerated().map { index, pair in
      let (row, rowCurves) = pair
      let ys = rowCurves.joined().flatMap(\.ys) + row.levels
      let bottom = Double(top + index * (plotHeight + gap) + plotHeight)
      let vertical = ChartScale(
        ys.map { $0...$0 }, from: bottom, to: bottom - Double(plotHeight), steps: 5)
      return columns.indices.map { column in
        let start = Double(left + column * (plotWidth + gap))
        let horizontal = ChartScale(
          xs, from: start, to: start + Double(plotWidth), margin: 0.03, isWhole: true, steps: 5)
        return ChartAxes(
          horizontal: horizontal, vertical: vertical, x: index == last ? x : "",
          y: column == 0 ? row.y : "", left: margin + 10, hasLabelsBelow: index == last,
          hasLabelsBeside: column == 0)
      }
    }
  }

  /// The charts as SVG.
  public var svg: String {
    var svg = SVGWriter()
    svg.text(title, x: margin, y: margin + 14, size: 15, isBold: true)
    for (index, line) in captionLines.enumerated() {
      svg.text(line, x: margin, y: margin + 34 + 20 * index, fill: Palette.dim)
    }
    for (name, axes) in zip(columns, axes[0]) {
      let center = Int((axes.horizontal.start + axes.horizontal.end) / 2)
      svg.text(name, x: center, y: Int(axes.vertical.end) - 8, anchor: "middle", isBold: true)
    }
    for row in rows.indices {
      for column in columns.indices { draw(row, column, &svg) }
    }
    let bottom = drawLegend(&svg)
    return svg.document(
      width: width, height: bottom, title: title, caption: caption, description: words)
  }

  private func draw(_ row: Int, _ column: Int, _ svg: inout SVGWriter) {
    let axes = axes[row][column]
    axes.draw(&svg)
    let drawn = Array(zip(rows[row].series[column], curves[row][column]))
    for (series, curve) in drawn { curve.drawBand(axes, color(series.name), &svg) }
    for (series, curve) in drawn {
      curve.draw(axes, color(series.name), dashes: series.isDashed ? "6 3" : nil, &svg)
    }
  }

  /// The names of all curves, each once.
  private var names: [String] { distinct(rows.flatMap(\.series).joined().map(\.name)) }

  private func color(_ name: String) -> String {
    Palette.methods[(names.firstIndex(of: name) ?? 0) % Palette.methods.count]
  }

  /// Names beside samples of their lines, in a row below the charts; tells where the picture ends.
  private func drawLegend(_ svg: inout SVGWriter) -> Int {
    let top = Int(axes[rows.count - 1][0].vertical.start) + 66
    var left = margin
    for name in names {
      svg.line("M\(left) \(top - 4)h20", stroke: color(name), width: "2")
      svg.text(name, x: left + 26, y: top, size: 11, fill: Palette.dim)
      left += 44 + TextMetrics.width(of: [name], size: 11)
    }
    return top + margin
  }

  /// What the charts show, for those who cannot see them.
  private var words: String {
    rows.indices.flatMap { row in
      columns.indices.flatMap { column in
        zip(rows[row].series[column], curves[row][column]).map { series, curve in
          "\(rows[row].y), \(columns[column]), \(series.name): \(curve.words)."
        }
      }
    }.joined(separator: " ")
  }
}

private let margin = 16
private let gap = 18
private let plotHeight = 130
