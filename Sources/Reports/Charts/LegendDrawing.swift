import SearchSpaces

/// What the colours and lines of a picture mean; only of those that it has.
struct LegendDrawing {
  private enum Symbol {
    case box(Palette.Entry)
    case shared
    case stays
    case ghost
    case line(stroke: String, dashes: String?)
  }
  private let items: [(symbol: Symbol, text: String)]

  /// The legend of a picture of `modules`, of which those that are `colored` have the colours of their kinds.
  init(_ modules: [ModuleSpec], colored: [ModuleSpec], marks: [PathMarks.Style]) {
    let used = Set(colored.compactMap(Palette.entry))
    var items = Palette.entries.filter(used.contains).map { (Symbol.box($0), $0.name) }
    if !marks.isEmpty { items.append((.stays, "stays as it is")) }
    if marks.contains(.ghost) { items.append((.ghost, "goes in this step")) }
    if modules.contains(where: \.isIdentity) {
      items.append((.line(stroke: Palette.wire, dashes: nil), "identity"))
    }
    if modules.contains(where: \.isZero) {
      items.append((.line(stroke: Palette.faint, dashes: "3 3"), "zero"))
    }
    if modules.contains(where: \.belongsToSeveral) {
      items.append((.shared, "shared by several operations"))
    }
    self.items = items
  }

  /// The legend of a picture of cells; an entry is nil where channels are only put side by side.
  init(_ entries: [Palette.Entry?]) {
    let used = Set(entries)
    items =
      Palette.operations.filter(used.contains).map { entry in
        let isNone = entry == Palette.none
        let symbol = isNone ? Symbol.line(stroke: Palette.faint, dashes: "3 3") : .box(entry)
        return (symbol, entry.name)
      }
      + (used.contains(nil)
        ? [(.line(stroke: Palette.joint, dashes: nil), "concatenation of channels")] : [])
  }

  /// The width of the widest item.
  var minimumWidth: Int { items.map { width(of: $0.text) }.max() ?? 0 }

  private func width(of text: String) -> Int { 30 + TextMetrics.width(of: [text], size: 11) }

  /// Draws the items in rows of at most `width`, and tells where the last row ends.
  func draw(_ svg: inout SVGWriter, x: Int, y: Int, width: Int) -> Int {
    var (left, top) = (x, y)
    for (symbol, text) in items {
      if left > x, left + self.width(of: text) > x + width { (left, top) = (x, top + 22) }
      let frame = PathDrawing.Frame(x: left, y: top, width: 22, height: 14)
      switch symbol {
      case .box(let entry):
        svg.rectangle(frame, fill: entry.fill, stroke: entry.stroke, radius: 3)
      case .shared:
        svg.rectangle(
          frame, fill: "#ffffff", stroke: Palette.wire, strokeWidth: "2.4", radius: 3)
      case .stays:
        svg.rectangle(frame, fill: "#ffffff", stroke: Palette.wire, radius: 3)
      case .ghost:
        svg.rectangle(frame, fill: "#ffffff", stroke: Palette.faint, radius: 3, dashes: "3 3")
      case .line(let stroke, let dashes):
        svg.line("M\(frame.x) \(frame.middle)H\(frame.right)", stroke: stroke, dashes: dashes)
      }
      svg.text(text, x: frame.right + 6, y: top + 11, size: 11, fill: Palette.dim)
      left += self.width(of: text) + 18
    }
    return top + 14
  }
}

extension ModuleSpec {
  /// Whether it gives its input back.
  fileprivate var isIdentity: Bool { if case .identity = kind { true } else { false } }
}
