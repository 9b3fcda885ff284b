import Tensors

/// Some images as a network takes them, with their classes.
public struct Batch: Sendable {
  /// [N, H, W, 3], normalized.
  public let images: Tensor
  /// The class of each image.
  public let labels: [Int]

  /// Creates a batch of images [N, H, W, 3] and their N classes.
  public init(images: Tensor, labels: [Int]) {
    precondition(
      images.shape.images == labels.count,
      "\(images.shape.images) images need as many labels, found \(labels.count)")
    self.images = images
    self.labels = labels
  }
}

/// What is done to a training image at random.
public struct Augmentation: Hashable, Sendable {
  /// Rows and columns of black around the image, out of which a random crop of the same size is taken.
  public var padding: Int
  /// Whether every second image, at random, is mirrored left to right.
  public var flips: Bool
  /// The side of a square at a random place that is set to the mean colour; 0 is none.
  public var cutout: Int
  /// Whether the AutoAugment policy for CIFAR-10 is applied after crop and flip, and before the square is cut out.
  public var usesAutoAugment: Bool

  /// Creates an augmentation.
  public init(
    padding: Int = 0, flips: Bool = false, cutout: Int = 0, usesAutoAugment: Bool = false
  ) {
    self.padding = padding
    self.flips = flips
    self.cutout = cutout
    self.usesAutoAugment = usesAutoAugment
  }

  /// The image as it is.
  public static let none = Augmentation()
  /// Crop with padding 4, and flip: what the searches use.
  public static let standard = Augmentation(padding: 4, flips: true)
  /// The augmentation of a search that trains gates and weights on the same images.
  ///
  /// Equation: B-18 [published: sunsmarterjie/GOLD_NAS]. random crop of 32 x 32 (padding 4), flip, AutoAugment policy
  /// for CIFAR-10 (fill colour 128), normalization, Cutout 16.
  ///
  /// Explained in chapter 18.
  public static let oneLevel = Augmentation(
    padding: 4, flips: true, cutout: 16, usesAutoAugment: true)
}

/// Cuts an image set into batches, shuffled and augmented anew in each epoch.
///
/// What an epoch draws depends on the generator and the epoch's number alone, not on what was drawn
/// before, nor on the number of threads.
public struct BatchLoader: Sendable {
  private let images: ImageSet
  /// Which of them.
  private let places: Range<Int>
  private let batchSize: Int
  private let augmentation: Augmentation
  private let generator: RandomGenerator
  /// The network input for each byte of each colour.
  private let table: [Scalar]

  /// Creates a loader of the images at `places`, or of all; `generator` is the source of order and augmentation.
  public init(
    _ images: ImageSet, at places: Range<Int>? = nil, batchSize: Int,
    augmentation: Augmentation = .none, generator: RandomGenerator
  ) {
    precondition(batchSize > 0, "a batch has at least one image, found \(batchSize)")
    let places = places ?? 0..<images.count
    precondition(
      0 <= places.lowerBound && places.upperBound <= images.count,
      "there are \(images.count) images, those at \(places) are wanted")
    (self.images, self.places) = (images, places)
    self.batchSize = batchSize
    self.augmentation = augmentation
    self.generator = generator
    table = (0..<3).flatMap { color in
      (0..<256).map { byte in
        Scalar(
          (Double(byte) / 255 - images.normalization.mean[color])
            / images.normalization.deviation[color])
      }
    }
  }

  /// Full batches an epoch; a smaller rest is left out, other images each epoch.
  public var batchesPerEpoch: Int { places.count / batchSize }
  /// How many batches an evaluation of all images takes; the last one may be smaller.
  public var evaluationBatchCount: Int { (places.count + batchSize - 1) / batchSize }

  /// The batches of one epoch, shuffled and augmented.
  public func epoch(_ number: Int) -> Epoch {
    var shuffler = generator.stream("order", number)
    return Epoch(loader: self, number: number, order: shuffler.permutation(places.count))
  }

  /// The batches of one epoch in the order of the images, augmented.
  public func epochInOrder(_ number: Int) -> Epoch {
    Epoch(loader: self, number: number, order: Array(0..<places.count))
  }

  /// The full batches of one epoch, each made when it is asked for.
  public struct Epoch: Sendable {
    fileprivate let loader: BatchLoader
    fileprivate let number: Int
    fileprivate let order: [Int]

    /// Batch `index`.
    public subscript(index: Int) -> Batch {
      precondition(
        index >= 0 && index < loader.batchesPerEpoch,
        "an epoch has \(loader.batchesPerEpoch) batches, batch \(index) is wanted")
      let turns = index * loader.batchSize..<(index + 1) * loader.batchSize
      return loader.assemble(order[turns].map { loader.places.lowerBound + $0 }) { position in
        loader.generator.stream("augmentation", number, turns.lowerBound + position)
      }
    }
  }

  /// All images in their order, without augmentation; the last batch may be smaller.
  public var evaluationBatches: some Sequence<Batch> {
    stride(from: places.lowerBound, to: places.upperBound, by: batchSize).lazy.map { start in
      assemble(Array(start..<Swift.min(start + batchSize, places.upperBound)), nil)
    }
  }

  private func assemble(_ indices: [Int], _ source: ((Int) -> RandomGenerator)?) -> Batch {
    let (extent, bytes) = (images.extent, images.imageBytes)
    var tensor = Tensor.zeros([indices.count, extent, extent, 3])
    tensor.withMutableScalars { target in
      images.pixels.withUnsafeBufferPointer { pixels in
        for (position, index) in indices.enumerated() {
          let image = UnsafeBufferPointer(
            rebasing: pixels[index * bytes..<(index + 1) * bytes])
          let start = position * bytes
          let place = UnsafeMutableBufferPointer(rebasing: target[start..<start + bytes])
          guard var generator = source?(position) else {
            draw(image, .plain, into: place)
            continue
          }
          let placement = Placement(augmentation, extent: extent, using: &generator)
          guard augmentation.usesAutoAugment else {
            draw(image, placement, into: place)
            continue
          }
          let changed = AutoAugmentPolicy.cifar10(
            placement.moved(image, extent: extent), using: &generator)
          changed.pixels.withUnsafeBufferPointer { draw($0, placement.cutAlone, into: place) }
        }
      }
    }
    return Batch(images: tensor, labels: indices.map { Int(images.labels[$0]) })
  }

  private func draw(
    _ image: UnsafeBufferPointer<UInt8>, _ placement: Placement,
    into target: UnsafeMutableBufferPointer<Scalar>
  ) {
    let extent = images.extent
    for y in 0..<extent {
      for x in 0..<extent where !placement.isCutOut(y, x) {
        let source = placement.source(y, x, extent: extent)
        for color in 0..<3 {
          let byte = source.map { Int(image[$0 * 3 + color]) } ?? 0
          target[(y * extent + x) * 3 + color] = table[color * 256 + byte]
        }
      }
    }
  }
}

/// How one image is shifted, mirrored and cut.
private struct Placement {
  var down = 0
  var right = 0
  var isMirrored = false
  var cutRows = 0..<0
  var cutColumns = 0..<0

  static let plain = Placement()

  private init() {}

  init(_ augmentation: Augmentation, extent: Int, using generator: inout RandomGenerator) {
    down = generator.integer(below: 2 * augmentation.padding + 1) - augmentation.padding
    right = generator.integer(below: 2 * augmentation.padding + 1) - augmentation.padding
    isMirrored = generator.integer(below: 2) == 1 && augmentation.flips
    cutRows = Self.cut(augmentation.cutout, of: extent, using: &generator)
    cutColumns = Self.cut(augmentation.cutout, of: extent, using: &generator)
  }

  /// `length` pixels around a random center, as far as they are among the `extent` of the image.
  private static func cut(
    _ length: Int, of extent: Int, using generator: inout RandomGenerator
  ) -> Range<Int> {
    let start = generator.integer(below: extent) - length / 2
    return max(0, start)..<max(0, min(extent, start + length))
  }

  func isCutOut(_ y: Int, _ x: Int) -> Bool { cutRows.contains(y) && cutColumns.contains(x) }

  /// The pixel that comes to row y and column x; nil from outside of the image.
  func source(_ y: Int, _ x: Int, extent: Int) -> Int? {
    let (row, column) = (y + down, (isMirrored ? extent - 1 - x : x) + right)
    return 0..<extent ~= row && 0..<extent ~= column ? row * extent + column : nil
  }

  /// The image shifted and mirrored, not cut.
  func moved(_ image: UnsafeBufferPointer<UInt8>, extent: Int) -> ColorImage {
    let pixels = (0..<extent * extent).flatMap { place -> [UInt8] in
      let source = source(place / extent, place % extent, extent: extent)
      return (0..<3).map { color in source.map { image[$0 * 3 + color] } ?? 0 }
    }
    return ColorImage(width: extent, height: extent, pixels: pixels)
  }

  /// What is left to do with an image that was moved.
  var cutAlone: Placement {
    var rest = Placement.plain
    (rest.cutRows, rest.cutColumns) = (cutRows, cutColumns)
    return rest
  }
}
