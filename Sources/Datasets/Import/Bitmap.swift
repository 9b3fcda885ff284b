/// A Windows bitmap (BMP) of the plainest kind, which every program that converts pictures reads, and writes on demand.
///
/// A header of 14 bytes, one of 40 or more, and rows of blue, green and red, from the last row to the first, each filled
/// up to a multiple of four bytes. With 32 bits a pixel its fourth byte is not looked at.
struct Bitmap: Equatable {
  /// Rows and columns.
  let extent: Int
  /// Red, green and blue [extent, extent, 3].
  let pixels: [UInt8]

  init(extent: Int, pixels: [UInt8]) { (self.extent, self.pixels) = (extent, pixels) }

  /// Decodes a file; nil if it is of another kind, or not of `extent` rows and columns.
  init?(decoding bytes: [UInt8], extent: Int) {
    let number = { (place: Int, count: Int) in
      bytes[place..<place + count].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    guard bytes.count >= 54, bytes.starts(with: [0x42, 0x4D]), number(18, 4) == extent else {
      return nil
    }
    let (start, bits, compression) = (number(10, 4), number(28, 2), number(30, 4))
    let height = Int(Int32(truncatingIfNeeded: number(22, 4)))
    let row = (extent * bits / 8 + 3) / 4 * 4
    // Masks, where there are any, say what is usual: 3 is no compression.
    guard height.magnitude == extent, bits == 24 && compression == 0 || bits == 32,
      [0, 3].contains(compression), start >= 54, start + row * extent <= bytes.count
    else { return nil }
    self.extent = extent
    pixels = (0..<extent).flatMap { y in
      let line = start + (height > 0 ? extent - 1 - y : y) * row
      return (0..<extent).flatMap { x in
        let pixel = line + x * bits / 8
        return [bytes[pixel + 2], bytes[pixel + 1], bytes[pixel]]
      }
    }
  }

  /// The bytes of the file.
  var encoded: [UInt8] {
    let row = (3 * extent + 3) / 4 * 4
    let little = { (number: Int) in (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } }
    let header =
      [0x42, 0x4D] + little(54 + row * extent) + little(0) + little(54) + little(40)
      + little(extent) + little(extent) + [1, 0, 24, 0] + little(0) + little(row * extent)
      + little(2835) + little(2835) + little(0) + little(0)
    return header
      + (0..<extent).reversed().flatMap { y in
        let pixels = (0..<extent).flatMap { x in
          let pixel = 3 * (y * extent + x)
          return [self.pixels[pixel + 2], self.pixels[pixel + 1], self.pixels[pixel]]
        }
        return pixels + [UInt8](repeating: 0, count: row - 3 * extent)
      }
  }
}
