/// A text that is read scalar by scalar.
///
/// What stands in quotation marks inside another text is one too; its scalars know where they came from.
struct SourceText: Sendable {
  /// The scalars, without the backslashes of escapes.
  let scalars: [Unicode.Scalar]
  /// The place of each scalar, and of the end, in the text that the user gave; nil if this is that text.
  private let places: [Int]?

  /// The text that the user gave.
  init(_ text: String) {
    scalars = Array(text.unicodeScalars)
    places = nil
  }

  /// A part of it; `places` has one number more than there are scalars.
  init(_ scalars: [Unicode.Scalar], places: [Int]) {
    precondition(
      places.count == scalars.count + 1, "\(scalars.count) scalars, \(places.count) places")
    self.scalars = scalars
    self.places = places
  }

  /// The scalar at an index; nil at the end and past it.
  subscript(index: Int) -> Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }

  /// Where the scalar at `index` stands in the text that the user gave.
  func place(of index: Int) -> Int {
    let index = min(index, scalars.count)
    return places.map { $0[index] } ?? index
  }

  /// The scalars of a range as a string.
  func text(_ range: Range<Int>) -> String {
    String(String.UnicodeScalarView(scalars[range]))
  }

  /// The whole text.
  var text: String { text(0..<scalars.count) }

  /// The text without spaces and quotation marks around it.
  var word: String {
    func isAround(_ scalar: Unicode.Scalar) -> Bool {
      scalar.isSpace || "'\"`\u{2018}\u{2019}\u{201C}\u{201D}".unicodeScalars.contains(scalar)
    }
    let start = scalars.firstIndex { !isAround($0) } ?? 0
    let end = scalars.lastIndex { !isAround($0) } ?? start
    return text(start..<min(end + 1, scalars.count))
  }

  /// The text with the quotation marks that the source of a web page writes as `&#39;`; nil if it has none.
  var decodingMarks: SourceText? {
    let names: [(name: [Unicode.Scalar], mark: Unicode.Scalar)] = [
      ("&#39;", "'"), ("&#x27;", "'"), ("&apos;", "'"), ("&#34;", "\""), ("&quot;", "\""),
    ].map { (Array($0.0.unicodeScalars), $0.1) }
    var (decoded, places, index) = ([Unicode.Scalar](), [Int](), 0)
    while let next = self[index] {
      let found = next == "&" ? names.first { scalars[index...].starts(with: $0.name) } : nil
      decoded.append(found?.mark ?? next)
      places.append(place(of: index))
      index += found?.name.count ?? 1
    }
    return decoded.count == scalars.count
      ? nil : SourceText(decoded, places: places + [place(of: index)])
  }
}

extension Unicode.Scalar {
  /// Whether it only separates: spaces, line ends, and what web pages and editors put in their place.
  var isSpace: Bool {
    // Zero-width space, and the mark in front of a file that says how it is encoded.
    properties.isWhitespace || value == 0x200B || value == 0xFEFF
  }

  /// Whether a line ends here.
  var isLineEnd: Bool { self == "\n" || self == "\r" }

  /// Whether a name can begin with it.
  var beginsName: Bool { self == "_" || properties.isAlphabetic }

  /// Whether it can stand in a name.
  var continuesName: Bool { beginsName || isDigit }

  /// Whether it is one of 0 to 9.
  var isDigit: Bool { "0"..."9" ~= self }
}

/// What was expected at a place of a text, and is not there.
struct TextError: Error {
  /// The place in the text that the user gave.
  let place: Int
  /// For example `a source of node 2 from 0 to 1`.
  let expected: String
}
