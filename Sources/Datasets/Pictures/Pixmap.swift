/// A portable pixmap (PPM) or graymap (PGM) of the kinds that an image set takes.
///
/// That is `P6` or `P5`, width, height, 255, and after one white space red, green and blue of each pixel, or its
/// grey, row by row. `#` begins a comment up to the end of its line. Width and height are equal, and a number that the
/// networks can halve twice.
public struct Pixmap: Equatable, Sendable {
  /// Rows and columns.
  public let extent: Int
  /// Red, green and blue [extent, extent, 3]; of a grey picture all three are equal.
  public let pixels: [UInt8]

  /// Reads a file; one that is longer than its header says is not read.
  public init(file: String) throws(DatasetError) { try self.init(ByteSource(file: file)) }

  /// Decodes the bytes of a file, whose name is for messages.
  public init(decoding bytes: [UInt8], file: String) throws(DatasetError) {
    try self.init(ByteSource(bytes, name: file))
  }

  init(extent: Int, pixels: [UInt8]) { (self.extent, self.pixels) = (extent, pixels) }

  init(_ source: ByteSource) throws(DatasetError) {
    let header = try PixmapHeader(source)
    let end = header.bytes + header.pixelBytes
    guard source.count == end else {
      throw .badPixmap(
        file: source.name, expected: "\(header.pixelBytes) bytes of pixels after the header",
        found: "\(source.count - header.bytes)")
    }
    let bytes = try source.bytes(header.bytes..<end)
    extent = header.extent
    pixels = header.colors == 3 ? bytes : bytes.flatMap { [$0, $0, $0] }
  }
}
