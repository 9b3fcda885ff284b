import Datasets

/// The synthetic images at a quarter of their size, for tests that ask what a loop does and not what it learns.
public enum SmallImages {
  /// Every second pixel of every second row of `SyntheticImages.make(count:seed:)`: 16 x 16.
  public static func make(count: Int, seed: UInt64) -> ImageSet {
    let images = SyntheticImages.make(count: count, seed: seed)
    let extent = images.extent
    var pixels: [UInt8] = []
    pixels.reserveCapacity(images.pixels.count / 4)
    for row in stride(from: 0, to: count * extent, by: 2) {
      for column in stride(from: 0, to: extent, by: 2) {
        let first = (row * extent + column) * 3
        pixels += images.pixels[first..<first + 3]
      }
    }
    return ImageSet(
      pixels: pixels, labels: images.labels, classNames: images.classNames,
      normalization: images.normalization, extent: extent / 2)
  }
}
