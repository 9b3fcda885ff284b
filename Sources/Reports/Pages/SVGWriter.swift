/// Writes the elements of an SVG.
struct SVGWriter {
  private var elements: [String] = []

  /// A rectangle.
  mutating func rectangle(
    _ frame: PathDrawing.Frame, fill: String, stroke: String = "none", strokeWidth: String = "1",
    radius: Int = 0, dashes: String? = nil, tip: String? = nil
  ) {
    let dashed = dashes.map { " stroke-dasharray=\"\($0)\"" } ?? ""
    let start = """
      <rect x="\(frame.x)" y="\(frame.y)" width="\(frame.width)" height="\(frame.height)" \
      rx="\(radius)" fill="\(fill)" stroke="\(stroke)" stroke-width="\(strokeWidth)"\(dashed)
      """
    elements.append(tip.map { "\(start)><title>\(escaped($0))</title></rect>" } ?? "\(start)/>")
  }

  /// A circle.
  mutating func circle(
    x: Int, y: Int, radius: Int, fill: String, stroke: String, strokeWidth: String = "1.2"
  ) {
    elements.append(
      """
      <circle cx="\(x)" cy="\(y)" r="\(radius)" fill="\(fill)" stroke="\(stroke)" \
      stroke-width="\(strokeWidth)"/>
      """)
  }

  /// A line by the commands of a path.
  mutating func line(
    _ commands: String, stroke: String, width: String = "1.2", dashes: String? = nil
  ) {
    let dashed = dashes.map { " stroke-dasharray=\"\($0)\"" } ?? ""
    elements.append(
      """
      <path d="\(commands)" fill="none" stroke="\(stroke)" stroke-width="\(width)"\(dashed)/>
      """)
  }

  /// A filled triangle or other shape by the commands of a path.
  ///
  /// Where squares touch, crisp edges leave no seams.
  mutating func shape(
    _ commands: String, fill: String, opacity: String? = nil, isCrisp: Bool = false
  ) {
    let opaque = opacity.map { " fill-opacity=\"\($0)\"" } ?? ""
    let crisp = isCrisp ? " shape-rendering=\"crispEdges\"" : ""
    elements.append("<path d=\"\(commands)\" fill=\"\(fill)\"\(opaque)\(crisp)/>")
  }

  /// A line of text; `anchor` is `start`, `middle` or `end`, y the base line.
  ///
  /// With `turned` it runs upwards.
  mutating func text(
    _ text: String, x: Int, y: Int, anchor: String = "start", size: Int = TextMetrics.size,
    fill: String = Palette.ink, isBold: Bool = false, turned: Bool = false
  ) {
    let turn = turned ? " transform=\"rotate(-90 \(x) \(y))\"" : ""
    let weight = isBold ? " font-weight=\"bold\"" : ""
    elements.append(
      """
      <text x="\(x)" y="\(y)" text-anchor="\(anchor)" font-size="\(size)"\(weight)\(turn) \
      fill="\(fill)">\(escaped(text))</text>
      """)
  }

  /// The title of a picture, whose base line is at y, and what stands below it.
  mutating func heading(_ title: String, _ caption: String, x: Int, y: Int) {
    text(title, x: x, y: y, size: 15, isBold: true)
    text(caption, x: x, y: y + 20, fill: Palette.dim)
  }

  /// The whole document on a white ground, which keeps it legible on a dark page.
  func document(
    width: Int, height: Int, title: String, caption: String = "", description: String? = nil
  ) -> String {
    let name = caption.isEmpty ? title : "\(title): \(caption)"
    let described = description.map { "\n<desc>\(escaped($0))</desc>" } ?? ""
    return """
      <?xml version="1.0" encoding="UTF-8"?>
      <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(height)" \
      viewBox="0 0 \(width) \(height)" font-family="\(TextMetrics.fonts)" role="img">
      <title>\(escaped(name))</title>\(described)
      <rect width="\(width)" height="\(height)" fill="#ffffff"/>
      \(elements.joined(separator: "\n"))
      </svg>

      """
  }
}

/// A text as XML and HTML hold it; characters that neither allows are replaced.
func escaped(_ text: String) -> String {
  mappingScalars(of: text) { scalar in
    switch scalar {
    case "&": "&amp;"
    case "<": "&lt;"
    case ">": "&gt;"
    case "\"": "&quot;"
    case "\t", "\n", "\r": nil
    case "\0"..<" ", "\u{FFFE}", "\u{FFFF}": "\u{FFFD}"
    default: nil
    }
  }
}

/// A text in which something else stands for some scalars; those for which it is nil stay.
///
/// Scalar by scalar: with an accent after it a quotation mark is another character, yet it ends an attribute.
func mappingScalars(of text: String, _ replacement: (Unicode.Scalar) -> String?) -> String {
  text.unicodeScalars.reduce(into: "") { result, scalar in
    if let other = replacement(scalar) {
      result += other
    } else {
      result.unicodeScalars.append(scalar)
    }
  }
}
