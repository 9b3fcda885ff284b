// Enhancements: a factor of 1 leaves the image as it is, 0 makes it what the enhancement works against, and a larger one
// leads away from that.
extension ColorImage {
  /// The image with more or less colour; with a factor of 0 it is gray.
  public func colored(_ factor: Double) -> ColorImage {
    enhanced(factor) { y, x, _ in gray(y, x) }
  }

  /// The image with more or less contrast; with a factor of 0 all is its mean gray.
  public func contrasted(_ factor: Double) -> ColorImage {
    var total = 0
    for y in 0..<height { for x in 0..<width { total += gray(y, x) } }
    let mean = Int(Double(total) / Double(width * height) + 0.5)
    return enhanced(factor) { _, _, _ in mean }
  }

  /// The image brighter or darker; with a factor of 0 it is black.
  public func brightened(_ factor: Double) -> ColorImage { enhanced(factor) { _, _, _ in 0 } }

  /// The image sharper or softer; with a factor of 0 it is smoothed.
  public func sharpened(_ factor: Double) -> ColorImage { enhanced(factor, smoothed) }

  /// The image with its colour values in `bits` bits, the lower ones 0.
  public func posterized(_ bits: Int) -> ColorImage {
    let mask = 0xFF << (8 - bits) & 0xFF
    return make { self[$0, $1, $2] & mask }
  }

  /// The image with colour values from `threshold` on inverted.
  public func solarized(_ threshold: Double) -> ColorImage {
    make { y, x, color in
      let value = self[y, x, color]
      return Double(value) < threshold ? value : 255 - value
    }
  }

  /// The negative of the image.
  public func inverted() -> ColorImage { make { 255 - self[$0, $1, $2] } }

  /// Luma of ITU-R BT.601, rounded, as fixed-point numbers of 16 bits after the point.
  private func gray(_ y: Int, _ x: Int) -> Int {
    (19_595 * self[y, x, 0] + 38_470 * self[y, x, 1] + 7_471 * self[y, x, 2] + 0x8000) >> 16
  }

  /// The mean of 3 x 3 pixels in which the middle counts five times; pixels at the border stay.
  private func smoothed(_ y: Int, _ x: Int, _ color: Int) -> Int {
    let value = self[y, x, color]
    guard y > 0, y < height - 1, x > 0, x < width - 1 else { return value }
    var total = 4 * value
    for row in y - 1...y + 1 { for column in x - 1...x + 1 { total += self[row, column, color] } }
    return colorValue(Double(total) / 13 + 0.5)
  }

  /// From the image without what is enhanced to the image, and beyond.
  ///
  /// In single precision, so that rounding is that of the published search.
  private func enhanced(
    _ factor: Double, _ without: (_ y: Int, _ x: Int, _ color: Int) -> Int
  ) -> ColorImage {
    make { y, x, color in
      let start = without(y, x, color)
      return colorValue(
        Double(Float(start) + Float(factor) * Float(self[y, x, color] - start)))
    }
  }
}
