import SearchSpaces

/// A picture of one path, or of several with their captions.
///
/// Boxes are coloured by the type of their module; a thick border means that several candidates share it.
public struct PathSVG {
  /// A path with its caption.
  public struct Panel: Sendable {
    /// What it shows.
    public let title: String
    let caption: String
    let badge: String?
    let drawing: PathDrawing
    /// Which parts stand out, and how; nil where everything has its colours.
    private(set) var marks: PathMarks?

    /// Creates a panel; `caption` says for example how many modules and MACs the path has.
    ///
    /// A badge is a word or two in a frame beside the title.
    public init(
      _ title: String, caption: String, badge: String? = nil, _ path: Path, _ names: WeightNames
    ) {
      self.title = title
      self.caption = caption
      self.badge = badge
      drawing = PathDrawing(path, names)
    }

    /// The same panel, in which what `after` does not have is a ghost, and nothing has a colour.
    public func showingWhatGoes(in after: Panel) -> Panel {
      var copy = self
      copy.marks = PathMarks(.ghost, drawing, notIn: after.drawing)
      return copy
    }

    /// The same panel, in which only what `before` does not have is coloured.
    public func showingWhatIsNew(since before: Panel) -> Panel {
      var copy = self
      copy.marks = PathMarks(.new, drawing, notIn: before.drawing)
      return copy
    }

    fileprivate var modules: [ModuleSpec] { drawing.nodes.compactMap(\.kind.module) }
    fileprivate var coloredModules: [ModuleSpec] {
      guard let marks else { return modules }
      let marked = marks.nodes.sorted().compactMap { drawing.nodes[$0].kind.module }
      return marks.style == .ghost ? [] : marked
    }

    fileprivate var width: Int {
      max(
        drawing.width, badge == nil ? titleWidth : badgeLeft + badgeWidth,
        TextMetrics.width(of: [caption]))
    }
    /// The title is bold, and so a little wider.
    private var titleWidth: Int { TextMetrics.width(of: [title], size: 15) * 11 / 10 }
    fileprivate var badgeLeft: Int { titleWidth + 12 }
    fileprivate var badgeWidth: Int { TextMetrics.width(of: [badge ?? ""]) + 20 }
    fileprivate var height: Int { captionHeight + drawing.height }
  }

  /// Panels side by side if that is not too wide, else one above the other, and a legend.
  public static func text(_ panels: [Panel]) -> String {
    var picture = PathSVG()
    let legend = LegendDrawing(
      panels.flatMap(\.modules), colored: panels.flatMap(\.coloredModules),
      marks: panels.compactMap(\.marks?.style))
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
    if let badge = panel.badge {
      let frame = PathDrawing.Frame(
        x: x + panel.badgeLeft, y: y - 2, width: panel.badgeWidth, height: 22)
      svg.rectangle(frame, fill: "#ffffff", stroke: Palette.ink, radius: 11)
      svg.text(badge, x: frame.x + frame.width / 2, y: y + 13, anchor: "middle")
    }
    let top = y + captionHeight
    for index in panel.drawing.edges.indices { draw(edge: index, of: panel, x, top) }
    for index in panel.drawing.nodes.indices { draw(node: index, of: panel, x, top) }
  }

  // MARK: Nodes

  private mutating func draw(node index: Int, of panel: Panel, _ x: Int, _ y: Int) {
    let node = panel.drawing.nodes[index]
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
        let look = PathMarks.look(of: index, entry, panel.marks)
        svg.rectangle(
          frame, fill: look.fill, stroke: look.stroke,
          strokeWidth: module.belongsToSeveral ? "2.4" : "1", radius: 4, dashes: look.dashes,
          tip: module.name)
        write(node.lines, in: frame, look.ink)
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

  private mutating func write(
    _ lines: [String], in frame: PathDrawing.Frame, _ ink: String = Palette.ink
  ) {
    for (index, line) in lines.enumerated() {
      svg.text(
        line, x: frame.x + frame.width / 2, y: frame.y + 17 + index * TextMetrics.lineHeight,
        anchor: "middle", fill: index == 0 ? ink : Palette.dim)
    }
  }

  // MARK: Connections

  private mutating func draw(edge index: Int, of panel: Panel, _ x: Int, _ y: Int) {
    let (drawing, edge) = (panel.drawing, panel.drawing.edges[index])
    let (source, target) = (drawing.nodes[edge.source], drawing.nodes[edge.target])
    let (from, to) = (source.frame.moved(x, y), target.frame.moved(x, y))
    let isMarked = panel.marks?.edges.contains(index) ?? false
    let style = isMarked ? panel.marks?.style : nil
    let isFaint = source.kind.isZero || target.kind.isZero || style == .ghost
    let stroke = isFaint ? Palette.faint : style == .new ? Palette.new : Palette.wire
    svg.line(
      route(source.kind, from, target.kind, to), stroke: stroke, dashes: isFaint ? "3 3" : nil)
    // A map that only passes needs no tip; nor does a tip fit where the line goes on.
    if !target.kind.isFork, !target.kind.isWire, !(target.kind.isSum && from.middle != to.middle) {
      svg.shape("M\(to.x) \(to.middle)l-7 -3.5v7z", fill: stroke)
    }
    if let label = edge.label {
      let frame = label.frame.moved(x, y)
      let ink = style == .new ? Palette.new : style == .ghost ? Palette.dim : Palette.ink
      svg.text(label.text, x: frame.x, y: frame.y + 12, fill: ink)
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
