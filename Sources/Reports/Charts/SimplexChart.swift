/// Paths of three weights that sum to 1, in an equilateral triangle whose corners are the three choices.
public struct SimplexChart: Sendable {
  /// Points [3] of the simplex in their order, for example those of a search.
  public struct Path: Sendable {
    let name: String
    let points: [[Double]]
    let color: Int

    /// Creates a path; paths of one name share a line of the legend.
    ///
    /// - Parameters:
    ///   - name: what the legend says.
    ///   - points: three weights each, none below 0, which sum to 1.
    ///   - color: the number of a colour.
    public init(_ name: String, points: [[Double]], color: Int) {
      for point in points {
        precondition(
          point.count == 3 && point.allSatisfy { $0 >= 0 } && abs(point.reduce(0, +) - 1) < 1e-3,
          "a point of the simplex has three weights that sum to 1, found \(point)")
      }
      (self.name, self.points, self.color) = (name, points, color)
    }
  }

  private let title: String
  private let caption: String
  private let corners: [String]
  private let paths: [Path]
  private let side = 360.0

  /// Creates a chart; the corners are named from the lower left one on, counterclockwise, in the order of the weights.
  public init(_ title: String, caption: String, corners: [String], paths: [Path]) {
    precondition(corners.count == 3, "a triangle has three corners, found \(corners)")
    (self.title, self.caption, self.corners, self.paths) = (title, caption, corners, paths)
  }

  /// The chart as SVG.
  public var svg: String {
    var svg = SVGWriter()
    svg.heading(title, caption, x: margin, y: margin + 14)
    let unit = [[1.0, 0, 0], [0, 1, 0], [0, 0, 1]]
    svg.line("M\(route(unit))Z", stroke: Palette.wire, width: "1")
    for (name, (corner, place)) in zip(corners, zip(Corner.allCases, unit.map(place))) {
      svg.text(
        name, x: Int(place.x) + corner.offset.x, y: Int(place.y) + corner.offset.y,
        anchor: corner.anchor)
    }
    for path in paths { draw(path, &svg) }
    let bottom = drawLegend(&svg)
    return svg.document(
      width: width, height: bottom, title: title, caption: caption, description: words)
  }

  /// What the chart shows, for those who cannot see it.
  private var words: String {
    func text(_ point: [Double]) -> String {
      zip(corners, point).map { "\($0) \(shortNumber(($1 * 100).rounded() / 100))" }
        .joined(separator: ", ")
    }
    return paths.map { path in
      guard let first = path.points.first, let last = path.points.last else {
        return "\(path.name): no points."
      }
      return "\(path.name): from \(text(first)) to \(text(last))."
    }.joined(separator: " ")
  }

  // MARK: Places

  private enum Corner: CaseIterable {
    case left, right, top

    var anchor: String { self == .left ? "end" : self == .right ? "start" : "middle" }
    var offset: (x: Int, y: Int) { self == .left ? (-8, 4) : self == .right ? (8, 4) : (0, -10) }
  }

  private var left: Double { Double(margin + 16 + TextMetrics.width(of: [corners[0]], size: 13)) }
  private var bottom: Double { Double(margin + 80) + side * 0.75.squareRoot() }
  private var width: Int {
    let triangle = Int(left + side) + 8 + TextMetrics.width(of: [corners[1]], size: 13) + margin
    return max(triangle, 2 * margin + TextMetrics.width(of: [title, caption], size: 16))
  }

  private func place(_ weights: [Double]) -> (x: Double, y: Double) {
    (
      left + side * (weights[1] + weights[2] / 2), bottom - side * 0.75.squareRoot() * weights[2]
    )
  }

  private func route(_ points: [[Double]]) -> String {
    points.map(place).map { "\(pixel($0.x)) \(pixel($0.y))" }.joined(separator: "L")
  }

  // MARK: Drawing

  private func draw(_ path: Path, _ svg: inout SVGWriter) {
    let color = color(of: path)
    if path.points.count > 1 { svg.line("M\(route(path.points))", stroke: color, width: "2") }
    guard let first = path.points.first, let last = path.points.last else { return }
    for (point, isFilled) in [(place(first), false), (place(last), true)] {
      svg.mark(x: point.x, y: point.y, color, isFilled: isFilled)
    }
  }

  private func color(of path: Path) -> String {
    Palette.methods[path.color % Palette.methods.count]
  }

  /// One line for all paths of a name; tells where the picture ends.
  private func drawLegend(_ svg: inout SVGWriter) -> Int {
    var x = margin
    let y = Int(bottom) + 40
    for name in distinct(paths.map(\.name)) {
      guard let path = paths.first(where: { $0.name == name }) else { continue }
      svg.line("M\(x) \(y - 4)h20", stroke: color(of: path), width: "2")
      svg.text(name, x: x + 26, y: y, size: 11, fill: Palette.dim)
      x += 44 + TextMetrics.width(of: [name], size: 11)
    }
    return y + margin
  }
}

private let margin = 16
