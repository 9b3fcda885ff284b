/// The two axes of a chart: their lines, ticks and names.
struct ChartAxes {
  let horizontal: any AxisScale
  let vertical: any AxisScale
  /// What the horizontal axis shows.
  let x: String
  /// What the vertical axis shows.
  let y: String
  /// Where the base line of the vertical axis' name is.
  let left: Int
  /// Whether the ticks below have numbers.
  var hasLabelsBelow = true
  /// Whether the ticks beside have numbers.
  var hasLabelsBeside = true

  /// Draws them, with lines of a grid at their ticks.
  func draw(_ svg: inout SVGWriter) {
    let (left, right) = (Int(horizontal.start), Int(horizontal.end))
    let (bottom, top) = (Int(vertical.start), Int(vertical.end))
    for tick in horizontal.ticks {
      let x = Int(horizontal(tick).rounded())
      svg.line("M\(x) \(bottom)V\(top)", stroke: Palette.grid, width: "1")
      guard hasLabelsBelow else { continue }
      svg.text(
        horizontal.label(tick), x: x, y: bottom + 18, anchor: "middle", size: 11, fill: Palette.dim)
    }
    for tick in vertical.ticks {
      let y = Int(vertical(tick).rounded())
      svg.line("M\(left) \(y)H\(right)", stroke: Palette.grid, width: "1")
      guard hasLabelsBeside else { continue }
      svg.text(
        vertical.label(tick), x: left - 8, y: y + 4, anchor: "end", size: 11, fill: Palette.dim)
    }
    svg.line("M\(left) \(top)V\(bottom)H\(right)", stroke: Palette.wire, width: "1")
    if !x.isEmpty { svg.text(x, x: (left + right) / 2, y: bottom + 42, anchor: "middle") }
    if !y.isEmpty {
      svg.text(y, x: self.left, y: (top + bottom) / 2, anchor: "middle", turned: true)
    }
  }
}
