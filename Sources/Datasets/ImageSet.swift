/// Labelled images in memory, one byte a colour value.
public struct ImageSet: Sendable {
  /// As many images as are read from files: of 32 x 32 pixels they take about 3 GB.
  static let countLimit = 1_000_000

  /// Rows and columns of every image.
  public let extent: Int
  /// The pixels, [count, extent, extent, 3], row-major.
  public private(set) var pixels: [UInt8]
  /// The class of each image.
  public private(set) var labels: [UInt8]
  /// The name of each class.
  public let classNames: [String]
  /// How bytes become network inputs.
  public let normalization: ColorNormalization

  /// The number of images.
  public var count: Int { labels.count }
  /// Bytes of one image: its pixels of red, green and blue.
  public var imageBytes: Int { 3 * extent * extent }

  /// Creates a set from its pixels [labels.count, extent, extent, 3] and labels; images of CIFAR have an extent of 32.
  public init(
    pixels: [UInt8], labels: [UInt8], classNames: [String], normalization: ColorNormalization,
    extent: Int = 32
  ) {
    let bytes = labels.count * 3 * extent * extent
    precondition(
      pixels.count == bytes,
      "\(labels.count) images of \(extent) x \(extent) need \(bytes) bytes, found \(pixels.count)")
    precondition(
      labels.allSatisfy { Int($0) < classNames.count },
      "labels must be below the number of classes, \(classNames.count)")
    self.extent = extent
    self.pixels = pixels
    self.labels = labels
    self.classNames = classNames
    self.normalization = normalization
  }

  /// The images at `indices`, in that order.
  public func selecting(_ indices: some Sequence<Int>) -> ImageSet {
    var result = ImageSet(
      pixels: [], labels: [], classNames: classNames, normalization: normalization, extent: extent)
    for index in indices {
      result.pixels += pixels[index * imageBytes..<(index + 1) * imageBytes]
      result.labels.append(labels[index])
    }
    return result
  }

  /// The first images of each class, `count` in all and evenly many a class, in their order here.
  ///
  /// If the classes do not divide `count`, the first classes get one image more.
  public func balancedSubset(_ count: Int) throws(DatasetError) -> ImageSet {
    selecting(try EvenChoice.places(count, of: labels, classes: classNames.count))
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

  /// The constants of relatives of DARTS for CIFAR-100.
  public static let cifar100 = ColorNormalization(
    mean: [0.50707516, 0.48654887, 0.44091784], deviation: [0.26733429, 0.25643846, 0.27615047])

  /// Values in [-2, 2], whatever the images.
  public static let centered = ColorNormalization(
    mean: [0.5, 0.5, 0.5], deviation: [0.25, 0.25, 0.25])
}
