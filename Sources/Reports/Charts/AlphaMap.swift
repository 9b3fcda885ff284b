/// How strong each of several rows is over the epochs, in a panel for each edge of a cell.
///
/// The panel of an edge stands in the row of the node it enters and the column of the node it leaves.
public struct AlphaMap: Sendable {
  /// One edge.
  public struct Panel: Sendable {
    let name: String
    let column: Int
    let row: Int
    /// [rows][epochs].
    let values: [[Double]]
    let chosen: [Int]

    /// Creates a panel of `values` [rows][epochs]; the rows `chosen` get a mark.
    public init(_ name: String, column: Int, row: Int, values: [[Double]], chosen: [Int]) {
      (self.name, self.column, self.row) = (name, column, row)
      (self.values, self.chosen) = (values, chosen)
    }
  }

  private let title: String
  private let caption: String
  private let rows: [String]
  private let epochs: [Int]
  private let panels: [Panel]
  /// The numbers of no colour and of full colour.
  private let shown: ClosedRange<Double>

  /// Creates a map with the names of the `rows` of every panel, and the numbers of the epochs.
  public init(_ title: String, caption: String, rows: [String], epochs: [Int], panels: [Panel]) {
    precondition(
      panels.allSatisfy {
        $0.values.count == rows.count && $0.values.allSatisfy { $0.count == epochs.count }
      },
      "every row of a panel has a value for every epoch")
    (self.title, self.caption, self.rows) = (title, caption, rows)
    (self.epochs, self.panels) = (epochs, panels)
    let values = panels.flatMap(\.values).joined().filter(\.isFinite)
    shown = Self.range(values.min() ?? 0, values.max() ?? 1)
  }

  /// Whole hundredths, at least 0.05 apart, so that noise alone does not look like a choice.
  private static func range(_ low: Double, _ high: Double) -> ClosedRange<Double> {
    let missing = max(0, 0.05 - (high - low)) / 2
    let ends = (
      low: ((low - missing) * 100 + 1e-9).rounded(.down),
      high: ((high + missing) * 100 - 1e-9).rounded(.up)
    )
    return max(0, ends.low / 100)...max(0.05, ends.high / 100)
  }

  // MARK: Measures

  private var labelWidth: Int { TextMetrics.width(of: rows, size: 10) + 8 }
  /// The epochs that are drawn: all, or every second and so on, with the last.
  private var columns: [Int] {
    let step = (epochs.count + 59) / 60
    return stride(from: epochs.count - 1, through: 0, by: -max(1, step)).reversed()
  }
  private var squareWidth: Int { max(2, min(24, 140 / max(1, columns.count))) }
  private var panelWidth: Int { columns.count * squareWidth }
  private var panelHeight: Int { rows.count * rowHeight }
  private var top: Int { margin + (caption.isEmpty ? 28 : 48) + 30 }

  private func left(_ panel: Panel) -> Int {
    margin + labelWidth + panel.column * (max(panelWidth, 60) + 24)
  }
  private func top(_ panel: Panel) -> Int { top + 20 + panel.row * (panelHeight + 34) }

  // MARK: Drawing

  /// The map as SVG.
  public var svg: String {
    var svg = SVGWriter()
    svg.heading(title, caption, x: margin, y: margin + 14)
    let legendEnd = drawLegend(&svg, y: top - 12)
    for panel in panels { draw(panel, &svg) }
    for level in 1...levels { drawSquares(level, &svg) }
    let right = panels.map { left($0) + max(panelWidth, 60) + 16 }.max() ?? 0
    let texts = TextMetrics.width(of: [title], size: 16)
    let width =
      max(right, legendEnd, margin + max(texts, TextMetrics.width(of: [caption]))) + margin
    let bottom = (panels.map { top($0) + panelHeight }.max() ?? top) + 20
    return svg.document(
      width: width, height: bottom + margin, title: title, caption: caption, description: words)
  }

  /// The strongest rows at the end, for those who cannot see the colours.
  private var words: String {
    let sentences = panels.map { panel in
      let last = panel.values.map { $0.last ?? 0 }
      let strongest = last.indices.filter { last[$0].isFinite }.max { last[$0] < last[$1] }
      guard let strongest else { return "\(panel.name)." }
      return "\(panel.name): \(rows[strongest]) \(shortNumber(last[strongest]))."
    }
    return "The strongest of each after the last epoch. " + sentences.joined(separator: " ")
  }

  /// What the colours are, and the mark; tells where it ends.
  private func drawLegend(_ svg: inout SVGWriter, y: Int) -> Int {
    let (low, high) = (shortNumber(shown.lowerBound), shortNumber(shown.upperBound))
    var x = margin
    svg.text(low, x: x, y: y, size: 11, fill: Palette.dim)
    x += TextMetrics.width(of: [low], size: 11) + 6
    svg.rectangle(
      .init(x: x, y: y - 10, width: 6 * levels, height: 12), fill: "none", stroke: Palette.grid)
    for level in 1...levels {
      svg.shape(
        "M\(x + 6 * (level - 1)) \(y - 10)h6v12h-6z", fill: color, opacity: opacity(level),
        isCrisp: true)
    }
    x += 6 * levels + 6
    svg.text(high, x: x, y: y, size: 11, fill: Palette.dim)
    x += TextMetrics.width(of: [high], size: 11) + 28
    guard panels.contains(where: { !$0.chosen.isEmpty }) else { return x }
    svg.shape("M\(x) \(y - 4)l7 -4v8z", fill: Palette.ink)
    svg.text("in the derived cell", x: x + 12, y: y, size: 11, fill: Palette.dim)
    return x + 12 + TextMetrics.width(of: ["in the derived cell"], size: 11)
  }

  /// The frame of a panel, its names and its mark.
  private func draw(_ panel: Panel, _ svg: inout SVGWriter) {
    let (x, y) = (left(panel), top(panel))
    svg.text(panel.name, x: x, y: y - 6, size: 11)
    svg.rectangle(
      .init(x: x, y: y, width: panelWidth, height: panelHeight), fill: "none", stroke: Palette.grid)
    if panel.column == 0 {
      for (index, row) in rows.enumerated() {
        svg.text(
          row, x: x - 8, y: y + index * rowHeight + 10, anchor: "end", size: 10, fill: Palette.dim)
      }
    }
    for chosen in panel.chosen {
      svg.shape(
        "M\(x + panelWidth + 3) \(y + chosen * rowHeight + rowHeight / 2)l7 -4v8z",
        fill: Palette.ink)
    }
    guard panel.row == panels.map(\.row).max(), let first = epochs.first, let last = epochs.last
    else { return }
    svg.text(
      first == last ? "epoch \(last)" : "epochs \(first) to \(last)", x: x, y: y + panelHeight + 14,
      size: 10, fill: Palette.dim)
  }

  /// All squares of one colour are one shape, which keeps the picture small.
  private func drawSquares(_ level: Int, _ svg: inout SVGWriter) {
    let commands = panels.map { panel in
      rows.indices.map { row in
        columns.enumerated().filter { self.level(panel.values[row][$1]) == level }.map { place, _ in
          "M\(left(panel) + place * squareWidth) \(top(panel) + row * rowHeight)"
            + "h\(squareWidth)v\(rowHeight)h-\(squareWidth)z"
        }.joined()
      }.joined()
    }.joined()
    if !commands.isEmpty {
      svg.shape(commands, fill: color, opacity: opacity(level), isCrisp: true)
    }
  }

  private let color = Palette.methods[0]

  /// 0 to `levels`; what is no number has no colour.
  private func level(_ value: Double) -> Int {
    guard value.isFinite else { return 0 }
    let share = (value - shown.lowerBound) / (shown.upperBound - shown.lowerBound)
    return Int((min(1, max(0, share)) * Double(levels)).rounded())
  }

  private func opacity(_ level: Int) -> String { shortNumber(Double(level) / Double(levels)) }
}

private let margin = 16
private let rowHeight = 13
private let levels = 20
