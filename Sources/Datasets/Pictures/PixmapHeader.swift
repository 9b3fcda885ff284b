/// What stands before the pixels of a pixmap.
struct PixmapHeader {
  /// Rows and columns.
  let extent: Int
  /// 3 for red, green and blue, 1 for grey.
  let colors: Int
  /// Bytes of the header.
  let bytes: Int

  /// Bytes of the pixels.
  var pixelBytes: Int { colors * extent * extent }

  /// Bytes that a header with its comments may have.
  static let limit = 1024

  /// Reads and checks a header; no number of it decides how much memory is taken before it is checked.
  init(_ source: ByteSource) throws(DatasetError) {
    var reader = HeaderReader(bytes: try source.prefix(Self.limit), file: source.name)
    colors = try reader.colors()
    let width = try reader.number("the width")
    let height = try reader.number("the height")
    let largest = try reader.number("the largest value")
    guard largest == 255 else { throw .wrongDepth(file: source.name, found: largest) }
    guard width == height, ImageExtent.isPossible(width) else {
      throw .wrongExtent(file: source.name, width: width, height: height)
    }
    try reader.expectEnd()
    (extent, bytes) = (width, reader.position)
  }
}

/// Reads a header from its start to its end.
private struct HeaderReader {
  let bytes: [UInt8]
  let file: String
  private(set) var position = 0

  init(bytes: [UInt8], file: String) { (self.bytes, self.file) = (bytes, file) }

  /// How many colours the signature stands for.
  mutating func colors() throws(DatasetError) -> Int {
    let signature = String(decoding: bytes.prefix(2), as: UTF8.self)
    switch signature {
    case "P6", "P5":
      position = 2
      return signature == "P6" ? 3 : 1
    case "P1", "P2", "P3", "P4", "P7", "PF", "Pf": throw .otherPixmap(file: file, kind: signature)
    default:
      if let kind = FileKind(beginning: bytes), kind != .pixmap {
        throw .otherFile(file: file, expected: "a PPM or PGM picture", found: kind)
      }
      throw error("the signature P6 or P5")
    }
  }

  /// A decimal number after white space.
  mutating func number(_ meaning: String) throws(DatasetError) -> Int {
    guard skipSpace() else { throw error("white space") }
    let digits = bytes[position...].prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
    guard let number = Int(String(decoding: digits, as: UTF8.self)) else { throw error(meaning) }
    position += digits.count
    return number
  }

  /// The one white space before the pixels.
  mutating func expectEnd() throws(DatasetError) {
    guard position < bytes.count, isSpace(bytes[position]) else { throw error("white space") }
    position += 1
  }

  /// Skips white space and comments; whether there was any.
  private mutating func skipSpace() -> Bool {
    let start = position
    while position < bytes.count {
      if bytes[position] == UInt8(ascii: "#") {
        position = bytes[position...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
      } else if isSpace(bytes[position]) {
        position += 1
      } else {
        break
      }
    }
    return position > start
  }

  private func isSpace(_ byte: UInt8) -> Bool { byte == 32 || 9...13 ~= byte }

  /// The error that something else was expected here.
  private func error(_ expected: String) -> DatasetError {
    let next = bytes[position...].prefix(8).prefix { 33...126 ~= $0 }
    let found =
      if position == PixmapHeader.limit {
        "no end of the header"
      } else if position == bytes.count {
        "the end of the file"
      } else if next.isEmpty {
        "the byte \(bytes[position])"
      } else {
        "'\(String(decoding: next, as: UTF8.self))'"
      }
    return .badPixmap(file: file, expected: "\(expected) at byte \(position)", found: found)
  }
}
