/// The rows of a text of comma-separated values, as RFC 4180 has them.
///
/// A field in quotes can hold commas, line ends and, doubled, quotes. Lines end in LF, CR LF or CR. A mark of byte order
/// at the start, spaces around fields, and rows of nothing but empty fields are passed over.
package struct CommaSeparatedRows {
  /// A row, and the line on which it begins, counted from 1.
  struct Row: Equatable {
    let line: Int
    let fields: [String]
  }

  /// A quote where none can be, or without its other one.
  struct Problem: Error, Equatable {
    let line: Int
  }

  private let bytes: [UInt8]
  private var position = 0
  private var line = 1

  private static let (quote, comma, lf, cr) = (
    UInt8(ascii: "\""), UInt8(ascii: ","), UInt8(ascii: "\n"), UInt8(ascii: "\r")
  )

  /// Begins at the first row of a text.
  init(_ text: String) {
    bytes = Array(text.utf8)
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
  }

  /// The fields of a text of one row; nil if it is none, or more than one.
  package static func fields(of line: String) -> [String]? {
    var rows = CommaSeparatedRows(line)
    guard let row = try? rows.next(), rows.position == rows.bytes.count else { return nil }
    return row.fields
  }

  /// The next row that holds anything; nil after the last one.
  mutating func next() throws(Problem) -> Row? {
    while position < bytes.count {
      let start = line
      var fields = [try field()]
      while take(Self.comma) { fields.append(try field()) }
      endLine()
      if fields.contains(where: { !$0.isEmpty }) { return Row(line: start, fields: fields) }
    }
    return nil
  }

  private mutating func field() throws(Problem) -> String {
    skipSpaces()
    guard take(Self.quote) else {
      let end = bytes[position...].firstIndex { isEnd($0) } ?? bytes.count
      let field = bytes[position..<end]
      position = end
      let spaces = field.reversed().prefix { isSpace($0) }.count
      return String(decoding: field.dropLast(spaces), as: UTF8.self)
    }
    return try quotedField()
  }

  /// A field after its first quote.
  private mutating func quotedField() throws(Problem) -> String {
    let start = line
    var content: [UInt8] = []
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      if byte == Self.quote, !take(Self.quote) {
        skipSpaces()
        guard position == bytes.count || isEnd(bytes[position]) else { throw Problem(line: line) }
        return String(decoding: content, as: UTF8.self)
      }
      if byte == Self.lf || byte == Self.cr && !isNext(Self.lf) { line += 1 }
      content.append(byte)
    }
    throw Problem(line: start)
  }

  /// Passes over the end of a line.
  private mutating func endLine() {
    let (isReturn, isFeed) = (take(Self.cr), take(Self.lf))
    if isReturn || isFeed { line += 1 }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard isNext(byte) else { return false }
    position += 1
    return true
  }

  private mutating func skipSpaces() {
    while position < bytes.count, isSpace(bytes[position]) { position += 1 }
  }

  private func isNext(_ byte: UInt8) -> Bool { position < bytes.count && bytes[position] == byte }
  private func isSpace(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
  }
  private func isEnd(_ byte: UInt8) -> Bool {
    byte == Self.comma || byte == Self.lf || byte == Self.cr
  }
}
