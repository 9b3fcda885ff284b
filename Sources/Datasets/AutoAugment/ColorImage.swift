/// A small colour image, one byte per colour value, for transformations of training images.
public struct ColorImage: Hashable, Sendable {
  /// Columns.
  public let width: Int
  /// Rows.
  public let height: Int
  /// Red, green and blue of each pixel, [height, width, 3], row-major.
  public private(set) var pixels: [UInt8]

  /// Creates an image from its pixels [height, width, 3].
  public init(width: Int, height: Int, pixels: [UInt8]) {
    precondition(
      width > 0 && height > 0 && pixels.count == width * height * 3,
      "an image of \(width) x \(height) has \(width * height * 3) colour values, found \(pixels.count)"
    )
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  /// A colour value: 0 is red, 1 green, 2 blue.
  subscript(y: Int, x: Int, color: Int) -> Int {
    get { Int(pixels[(y * width + x) * 3 + color]) }
    set { pixels[(y * width + x) * 3 + color] = UInt8(newValue) }
  }

  /// An image of the same size whose colour values are those of `value`, by row, column and colour.
  func make(_ value: (_ y: Int, _ x: Int, _ color: Int) -> Int) -> ColorImage {
    var result = self
    for y in 0..<height {
      for x in 0..<width {
        for color in 0..<3 { result[y, x, color] = value(y, x, color) }
      }
    }
    return result
  }

  /// The image with every colour value looked up in the table of its colour.
  func lookedUp(_ tables: [[Int]]) -> ColorImage { make { tables[$2][self[$0, $1, $2]] } }
}

/// A colour value from a number: what is out of range becomes its end, and fractions are cut off.
func colorValue(_ number: Double) -> Int { number <= 0 ? 0 : number >= 255 ? 255 : Int(number) }
