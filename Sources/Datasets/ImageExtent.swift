/// Rows and columns of images that the networks can take: they halve an image twice.
public enum ImageExtent {
  /// The usual extent: that of CIFAR, and of the published networks.
  public static let usual = 32
  /// The smallest, of which 2 x 2 pixels are left, and the largest.
  public static let range = 8...256

  /// Whether images of `extent` x `extent` pixels can be halved twice.
  public static func isPossible(_ extent: Int) -> Bool {
    range ~= extent && extent.isMultiple(of: 4)
  }

  /// What is possible, in words.
  public static var words: String {
    "a multiple of 4 from \(range.lowerBound) to \(range.upperBound)"
  }
}
