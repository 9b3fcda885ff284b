import SearchSpaces

/// A picture of one path, or of several with their captions.
///
/// Boxes are coloured by the type of their module; a thick border means that several candidates share it.
public struct PathSVG {
  /// A path with its caption.
  public struct Panel: Sendable {
    let title: String
    let caption: String
    let drawing: PathDrawing

    /// Creates a panel; `caption` says for example how many modules and MACs the path has.
    public init(_ title: String, caption: String, _ path: Path, _ names: WeightNames) {
      self.title = title
      self.caption = caption
      drawing = PathDrawing(path, names)
    }

    fileprivate var width: Int {
      max(
        drawing.width, TextMetrics.width(of: [title], size: 15) * 11 / 10,
        TextMetrics.width(of: [caption]))
    }
    fileprivate var height: Int { captionHeight + drawing.height }
  }

  /// Panels side by side if that is not too wide, else one above the other, and a legend.
  public static func text(_ panels: [Panel]) -> String {
    var picture = PathSVG()
    let legend = LegendDrawing(panels.flatMap(\.drawing.nodes).compactMap(\.kind.module))
    let isRow = panels.reduce(0) { $0 + $1.width + panelGap } <= 1200
    let content =
      isRow
      ? panels.reduce(-panelGap) { $0 + $1.width + panelGap } : panels.map(\.width).max() ?? 0
    let width = max(content, legend.minimumWidth) + 2 * margin
    var (x, y) = (margin, margin)
    for panel in panels {
      picture.draw(panel, x, y)
      if isRow { x += panel.width + panelGap } else { y += panel.height + panelGap }
    }
    y = isRow ? margin + (panels.map(\.height).max() ?? 0) + panelGap : y
    let bottom = legend.draw(&picture.svg, x: margin, y: y, width: width - 2 * margin)
    return picture.svg.document(
      width: width, height: bottom + margin,
      title: panels.map { "\($0.title): \($0.caption)" }.joined(separator: "; "))
  }

  private var svg = SVGWriter()

  private mutating func draw(_ panel: Panel, _ x: Int, _ y: Int) {
    svg.text(panel.title, x: x, y: y + 14, size: 15, isBold: true)
    svg.text(panel.caption, x: x, y: y + 34, fill: Palette.dim)
    let top = y + captionHeight
    for edge in panel.drawing.edges { draw(edge, of: panel.drawing, x, top) }
    for node in panel.drawing.nodes { draw(node, x, top) }
  }

  // MARK: Nodes

  private mutating func draw(_ node: PathDrawing.Node, _ x: Int, _ y: Int) {
    let frame = node.frame.moved(x, y)
    switch node.kind {
    case .fork:
      svg.circle(
        x: frame.x + 3, y: frame.middle, radius: 3, fill: Palette.wire, stroke: Palette.wire)
    case .sum:
      svg.circle(
        x: frame.x + 10, y: frame.middle, radius: 10, fill: "#ffffff", stroke: Palette.ink)
      let (x, y) = (frame.x + 10, frame.middle)
      svg.line("M\(x - 5) \(y)H\(x + 5)M\(x) \(y - 5)V\(y + 5)", stroke: Palette.ink)
    case .input, .output:
      svg.rectangle(frame, fill: "#ffffff", stroke: Palette.ink, radius: frame.height / 2)
      write(node.lines, in: frame)
    case .module(let module):
      if let entry = Palette.entry(of: module) {
        svg.rectangle(
          frame, fill: entry.fill, stroke: entry.stroke,
          strokeWidth: module.belongsToSeveral ? "2.4" : "1", radius: 4, tip: module.name)
        write(node.lines, in: frame)
      } else {
        drawWire(module, node.lines, in: frame)
      }
    }
  }

  /// Identity and zero: the connection goes on, with a word above it.
  private mutating func drawWire(
    _ module: ModuleSpec, _ lines: [String], in frame: PathDrawing.Frame
  ) {
    let isZero = module.isZero
    svg.rectangle(frame, fill: "none", tip: module.name)
    svg.line(
      "M\(frame.x) \(frame.middle)H\(frame.right)",
      stroke: isZero ? Palette.faint : Palette.wire, dashes: isZero ? "3 3" : nil)
    for (index, line) in lines.enumerated() {
      svg.text(
        line, x: frame.x + frame.width / 2, y: frame.middle + (index == 0 ? -5 : 12),
        anchor: "middle", fill: Palette.dim)
    }
  }

  private mutating func write(_ lines: [String], in frame: PathDrawing.Frame) {
    for (index, line) in lines.enumerated() {
      svg.text(
        line, x: frame.x + frame.width / 2, y: frame.y + 17 + index * TextMetrics.lineHeight,
        anchor: "middle", fill: index == 0 ? Palette.ink : Palette.dim)
    }
  }

  // MARK: Connections

  private mutating func draw(
    _ edge: PathDrawing.Edge, of drawing: PathDrawing, _ x: Int, _ y: Int
  ) {
    let (source, target) = (drawing.nodes[edge.source], drawing.nodes[edge.target])
    let (from, to) = (source.frame.moved(x, y), target.frame.moved(x, y))
    let isZero = source.kind.isZero || target.kind.isZero
    let stroke = isZero ? Palette.faint : Palette.wire
    svg.line(
      route(source.kind, from, target.kind, to), stroke: stroke, dashes: isZero ? "3 3" : nil)
    // A map that only passes needs no tip; nor does a tip fit where the line goes on.
    if !target.kind.isFork, !target.kind.isWire, !(target.kind.isSum && from.middle != to.middle) {
      svg.shape("M\(to.x) \(to.middle)l-7 -3.5v7z", fill: stroke)
    }
    if let label = edge.label {
      let frame = label.frame.moved(x, y)
      svg.text(label.text, x: frame.x, y: frame.y + 12)
    }
  }

  /// Straight ahead, or by a rounded corner at the fork or at the sum.
  private func route(
    _ source: PathDrawing.Kind, _ from: PathDrawing.Frame, _ target: PathDrawing.Kind,
    _ to: PathDrawing.Frame
  ) -> String {
    let rise = to.middle - from.middle
    if rise == 0 { return "M\(from.right) \(from.middle)H\(to.x)" }
    let (corner, sign) = (min(8, abs(rise)), rise.signum())
    if source.isFork {
      let x = from.x + from.width / 2
      return """
        M\(x) \(from.middle)V\(to.middle - sign * corner)\
        Q\(x) \(to.middle) \(x + corner) \(to.middle)H\(to.x)
        """
    }
    let x = to.x + to.width / 2
    return """
      M\(from.right) \(from.middle)H\(x - corner)\
      Q\(x) \(from.middle) \(x) \(from.middle + sign * corner)V\(to.middle - sign * 10)
      """
  }
}

private let margin = 24
private let panelGap = 36
private let captionHeight = 54

extension PathDrawing.Kind {
  fileprivate var isZero: Bool { module?.isZero ?? false }
}

extension ModuleSpec {
  /// Whether it gives zeros.
  var isZero: Bool { if case .zero = kind { true } else { false } }
}
