/// Matrices as squares of cells side by side: the larger a number, the darker its cell.
///
/// Zero is white, positive numbers are blue, negative ones orange; one scale serves all panels.
public struct HeatMap: Sendable {
  /// One matrix.
  public struct Panel: Sendable {
    let name: String
    let rows: [[Double]]
    let texts: [[String]]

    /// Creates the panel of a matrix, given by its rows; `text` is what is written into a cell.
    public init(
      _ name: String, _ rows: [[Double]], text: (_ value: Double) -> String = { _ in "" }
    ) {
      precondition(
        !rows.isEmpty && rows.allSatisfy { $0.count == rows[0].count && $0.allSatisfy(\.isFinite) },
        "the rows of panel \(name) need one length and finite numbers")
      self.name = name
      self.rows = rows
      texts = rows.map { $0.map(text) }
    }
  }

  private let title: String
  private let caption: String
  private let panels: [Panel]
  private let cell: Int

  /// Creates a picture of `panels`, whose cells are squares of `cell` pixels.
  public init(_ title: String, caption: String, panels: [Panel], cell: Int = 22) {
    precondition(!panels.isEmpty, "a heat map needs a panel")
    self.title = title
    self.caption = caption
    self.panels = panels
    self.cell = cell
  }

  private let margin = 24
  private let gap = 32
  private let top = 104

  /// The picture as SVG.
  public var svg: String {
    var svg = SVGWriter()
    svg.heading(title, caption, x: margin, y: 38)
    var x = margin
    for panel in panels {
      svg.text(panel.name, x: x, y: top - 12, size: TextMetrics.size)
      draw(panel, x: x, &svg)
      x += width(of: panel) + gap
    }
    let height = (panels.map(\.rows.count).max() ?? 0) * cell
    let texts = max(
      TextMetrics.width(of: [caption]), TextMetrics.width(of: [title], size: 16))
    return svg.document(
      width: max(x - gap + margin, texts + 2 * margin), height: top + height + margin,
      title: title, caption: caption, description: description)
  }

  private func width(of panel: Panel) -> Int {
    max(panel.rows[0].count * cell, TextMetrics.width(of: [panel.name]))
  }

  private func draw(_ panel: Panel, x: Int, _ svg: inout SVGWriter) {
    for (i, row) in panel.rows.enumerated() {
      for (j, value) in row.enumerated() {
        let frame = PathDrawing.Frame(x: x + j * cell, y: top + i * cell, width: cell, height: cell)
        let share = largest == 0 ? 0 : value / largest
        svg.rectangle(frame, fill: Palette.shade(share), stroke: Palette.grid)
        guard !panel.texts[i][j].isEmpty else { continue }
        svg.text(
          panel.texts[i][j], x: frame.x + cell / 2, y: frame.middle + 4, anchor: "middle",
          size: 11, fill: abs(share) > 0.6 ? "#ffffff" : Palette.ink)
      }
    }
  }

  /// The largest amount of all panels, the darkest colour.
  private var largest: Double { panels.flatMap { $0.rows.joined() }.map(abs).max() ?? 0 }

  private var description: String {
    panels.map { "\($0.name): \($0.rows.count) x \($0.rows[0].count)" }.joined(separator: "; ")
  }
}

extension Palette {
  /// A colour from white at 0 to dark blue at 1 and dark orange at -1.
  static func shade(_ share: Double) -> String {
    let dark = share < 0 ? (red: 166, green: 84, blue: 10) : (red: 31, green: 84, blue: 138)
    let amount = min(abs(share), 1)
    func mixed(_ part: Int) -> Int { 255 - Int((Double(255 - part) * amount).rounded()) }
    return "rgb(\(mixed(dark.red)),\(mixed(dark.green)),\(mixed(dark.blue)))"
  }
}
