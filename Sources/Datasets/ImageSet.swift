/// Labelled images in memory, one byte a colour value.
public struct ImageSet: Sendable {
  /// Rows and columns of every image.
  public static let extent = 32
  /// Bytes of one image: 32 x 32 pixels of red, green and blue.
  public static let imageBytes = extent * extent * 3
  /// As many images as are read from files: they take about 3 GB.
  static let countLimit = 1_000_000

  /// The pixels, [count, 32, 32, 3], row-major.
  public private(set) var pixels: [UInt8]
  /// The class of each image.
  public private(set) var labels: [UInt8]
  /// The name of each class.
  public let classNames: [String]
  /// How bytes become network inputs.
  public let normalization: ColorNormalization

  /// The number of images.
  public var count: Int { labels.count }

  /// Creates a set from its pixels [labels.count, 32, 32, 3] and labels.
  public init(
    pixels: [UInt8], labels: [UInt8], classNames: [String], normalization: ColorNormalization
  ) {
    precondition(
      pixels.count == labels.count * Self.imageBytes,
      "\(labels.count) images need \(labels.count * Self.imageBytes) bytes, found \(pixels.count)")
    precondition(
      labels.allSatisfy { Int($0) < classNames.count },
      "labels must be below the number of classes, \(classNames.count)")
    self.pixels = pixels
    self.labels = labels
    self.classNames = classNames
    self.normalization = normalization
  }

  /// The images at `indices`, in that order.
  public func selecting(_ indices: some Sequence<Int>) -> ImageSet {
    var result = ImageSet(
      pixels: [], labels: [], classNames: classNames, normalization: normalization)
    for index in indices {
      result.pixels += pixels[index * Self.imageBytes..<(index + 1) * Self.imageBytes]
      result.labels.append(labels[index])
    }
    return result
  }

  /// The first images of each class, `count` in all and evenly many a class, in their order here.
  ///
  /// If the classes do not divide `count`, the first classes get one image more.
  public func balancedSubset(_ count: Int) throws(DatasetError) -> ImageSet {
    try balancedSubset(count, of: labels.indices)
  }

  /// The same of the images at `indices`, in the order of these.
  public func balancedSubset(
    _ count: Int, of indices: some Sequence<Int>
  ) throws(DatasetError) -> ImageSet {
    var wanted = Self.evenShares(of: count, among: classNames.count)
    let indices = indices.filter { index in
      let label = Int(labels[index])
      guard wanted[label] > 0 else { return false }
      wanted[label] -= 1
      return true
    }
    guard indices.count == count else {
      throw .tooFewImages(requested: count, available: self.count, perClass: imagesPerClass)
    }
    return selecting(indices)
  }

  /// `count` in as many whole numbers as there are classes; the first ones are one larger if it must be.
  static func evenShares(of count: Int, among classes: Int) -> [Int] {
    (0..<classes).map { count / classes + ($0 < count % classes ? 1 : 0) }
  }

  /// The first half, on which a search trains weights, and the rest, on which it trains alpha.
  public func halves() -> (first: ImageSet, second: ImageSet) {
    (selecting(0..<count / 2), selecting(count / 2..<count))
  }

  /// How many images each class has.
  public var imagesPerClass: [Int] {
    labels.reduce(into: classNames.map { _ in 0 }) { $0[Int($1)] += 1 }
  }
}

/// Mean and standard deviation of each colour, of values in [0, 1].
public struct ColorNormalization: Hashable, Sendable {
  /// Mean of red, green, blue.
  public let mean: [Double]
  /// Standard deviation of red, green, blue.
  public let deviation: [Double]

  /// The constants of DARTS and its relatives for CIFAR-10.
  public static let cifar10 = ColorNormalization(
    mean: [0.49139968, 0.48215827, 0.44653124], deviation: [0.24703233, 0.24348505, 0.26158768])

  /// Values in [-2, 2], whatever the images.
  public static let centered = ColorNormalization(
    mean: [0.5, 0.5, 0.5], deviation: [0.25, 0.25, 0.25])
}
