/// How much room text takes, without a font at hand.
///
/// The widths are those of DejaVu Sans, which is wider than most fonts that may stand in for it.
enum TextMetrics {
  /// The fonts to draw with, the measured one first.
  static let fonts = "DejaVu Sans, Verdana, Helvetica, Arial, sans-serif"
  /// The size of ordinary text in pixels.
  static let size = 12
  /// From one line to the next.
  static let lineHeight = 15

  /// The width of the widest of some lines, rounded up.
  static func width(of lines: [String], size: Int = TextMetrics.size) -> Int {
    let widest = lines.map { line in line.reduce(0) { $0 + thousandths(of: $1) } }.max() ?? 0
    return (widest * size + 999) / 1000
  }

  /// The lines of a text that is to be at most `width` wide; a single word may be wider.
  static func lines(of text: String, width: Int, size: Int = TextMetrics.size) -> [String] {
    text.split(separator: " ").reduce(into: []) { lines, word in
      let longer = lines.last.map { "\($0) \(word)" }
      if let longer, self.width(of: [longer], size: size) <= width {
        lines[lines.count - 1] = longer
      } else {
        lines.append(String(word))
      }
    }
  }

  /// The width of a character in thousandths of the font size.
  private static func thousandths(of character: Character) -> Int {
    switch character {
    case "i", "j", "l", "'", "|": 280
    case " ", ",", ".", ":", ";", "I", "f", "r", "t", "(", ")", "-", "/": 400
    case "m", "w", "M", "W", "%", "+", "<", ">", "=": 1000
    case "A"..."Z": 740
    default: 640
    }
  }
}
