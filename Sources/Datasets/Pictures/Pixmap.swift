import Foundation

/// Reader of portable pixmaps (PPM) of the one kind that an image set takes.
///
/// That is `P6`, width 32, height 32, 255, and behind one white space 3,072 bytes: red, green and blue of each
/// pixel, row by row. `#` begins a comment up to the end of its line.
public enum Pixmap {
  /// Bytes that header and comments may have.
  static let headerLimit = 1024

  /// Reads the pixels [32, 32, 3] of a file; a file too large for them is not read.
  public static func read(file: String) throws(DatasetError) -> [UInt8] {
    try decode(
      [UInt8](try RegularFile.read(file, limit: headerLimit + ImageSet.imageBytes)), file: file)
  }

  /// Decodes the pixels [32, 32, 3]; `file` is only for messages.
  ///
  /// No number of the header decides how much memory is taken: each has one allowed value.
  public static func decode(_ bytes: [UInt8], file: String) throws(DatasetError) -> [UInt8] {
    var header = PixmapHeader(bytes, file)
    try header.expectSignature()
    try header.expect(ImageSet.extent, "the width")
    try header.expect(ImageSet.extent, "the height")
    try header.expect(255, "the largest value")
    try header.expectEnd()
    let pixels = bytes[header.position...]
    guard pixels.count == ImageSet.imageBytes else {
      throw .badPixmap(
        file: file, expected: "\(ImageSet.imageBytes) bytes of pixels behind the header",
        found: "\(pixels.count)")
    }
    return [UInt8](pixels)
  }
}

/// Reads the header of a pixmap from its start to its end.
private struct PixmapHeader {
  private let bytes: [UInt8]
  private let file: String
  private(set) var position = 0

  init(_ bytes: [UInt8], _ file: String) { (self.bytes, self.file) = (bytes, file) }

  mutating func expectSignature() throws(DatasetError) {
    guard bytes.starts(with: Array("P6".utf8)) else { throw error("the signature P6") }
    position = 2
  }

  /// A decimal number behind white space.
  mutating func expect(_ number: Int, _ meaning: String) throws(DatasetError) {
    guard skipSpace() else { throw error("white space") }
    let digits = bytes[position...].prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
    guard digits.drop(while: { $0 == UInt8(ascii: "0") }).elementsEqual("\(number)".utf8) else {
      throw error("\(meaning) \(number)")
    }
    position += digits.count
  }

  /// The one white space in front of the pixels.
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

  /// That something else stands here.
  private func error(_ expected: String) -> DatasetError {
    let next = bytes[position...].prefix(8).prefix { 33...126 ~= $0 }
    let found =
      if position == bytes.count {
        "the end of the file"
      } else if next.isEmpty {
        "the byte \(bytes[position])"
      } else {
        "'\(String(decoding: next, as: UTF8.self))'"
      }
    return .badPixmap(file: file, expected: "\(expected) at byte \(position)", found: found)
  }
}
