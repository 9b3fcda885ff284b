import Datasets
import Tensors
import TestSupport
import Testing

@Suite("Image sets and batches")
struct ImageSetTests {
  /// Images whose every byte is the image's number.
  private func numbered(_ count: Int, labels: [UInt8]? = nil, extent: Int = 32) -> ImageSet {
    ImageSet(
      pixels: (0..<count).flatMap { [UInt8](repeating: UInt8($0), count: 3 * extent * extent) },
      labels: labels ?? (0..<count).map { UInt8($0 % 3) }, classNames: ["a", "b", "c"],
      normalization: .centered, extent: extent)
  }

  /// The byte that a normalized scalar was.
  private func byte(_ x: Scalar) -> Int { Int(((Double(x) * 0.25 + 0.5) * 255).rounded()) }

  @Test func `a balanced subset takes the first of each class, in their order`() throws {
    let images = numbered(9, labels: [0, 0, 0, 1, 2, 1, 2, 0, 1])
    let subset = try images.balancedSubset(6)
    #expect(subset.labels == [0, 0, 1, 2, 1, 2])
    #expect(subset.pixels[0] == 0 && subset.pixels[3072 * 2] == 3)
    #expect(try images.balancedSubset(7).imagesPerClass == [3, 2, 2])
  }

  @Test func `a subset that a class cannot fill is refused`() {
    #expect(throws: DatasetError.tooFewImages(requested: 9, available: 6, perClass: [2, 2, 2])) {
      try numbered(6).balancedSubset(9)
    }
  }

  @Test func `halves share no image`() {
    let (first, second) = numbered(7).halves()
    #expect(first.count == 3 && second.count == 4)
    #expect(first.pixels.last == 2 && second.pixels.first == 3)
  }

  @Test func `an epoch shows every image at most once, each epoch in another order`() {
    let loader = BatchLoader(
      numbered(10), batchSize: 3, generator: RandomGenerator(seed: 1))
    #expect(loader.batchesPerEpoch == 3)
    func order(_ epoch: Int) -> [Int] {
      (0..<3).flatMap { index in
        let batch = loader.epoch(epoch)[index]
        return (0..<3).map { byte(batch.images[$0, 0, 0, 0]) }
      }
    }
    #expect(Set(order(0)).count == 9)
    #expect(order(0) != order(1))
    #expect(order(0) == order(0), "a batch does not depend on what was drawn before")
  }

  /// What a search takes for weights and for alpha, without a second copy of the images.
  @Test func `a loader of some images shows what one of a set of them alone would`() {
    let all = numbered(11)
    let (first, second) = all.halves()
    for (places, half) in [(0..<5, first), (5..<11, second)] {
      func loader(_ images: ImageSet, _ places: Range<Int>?) -> BatchLoader {
        BatchLoader(
          images, at: places, batchSize: 2, augmentation: .standard,
          generator: RandomGenerator(seed: 4))
      }
      let (shared, alone) = (loader(all, places), loader(half, nil))
      #expect(shared.batchesPerEpoch == alone.batchesPerEpoch)
      for index in 0..<alone.batchesPerEpoch {
        let (a, b) = (shared.epoch(3)[index], alone.epoch(3)[index])
        #expect(a.images == b.images && a.labels == b.labels)
      }
      let (a, b) = (Array(shared.evaluationBatches), Array(alone.evaluationBatches))
      #expect(a.map(\.images) == b.map(\.images) && a.map(\.labels) == b.map(\.labels))
    }
  }

  @Test(arguments: [8, 28, 48]) func `images of another size`(_ extent: Int) {
    let images = numbered(6, extent: extent)
    #expect(images.imageBytes == 3 * extent * extent)
    #expect(images.selecting([4, 1]).pixels.count == 2 * images.imageBytes)
    #expect(images.halves().second.extent == extent)
    let loader = BatchLoader(
      images, batchSize: 3, augmentation: Augmentation(padding: 4, flips: true, cutout: 4),
      generator: RandomGenerator(seed: 1))
    let batch = loader.epoch(0)[1]
    #expect(batch.images.shape == [3, extent, extent, 3])
    let last = Array(loader.evaluationBatches)[1]
    #expect(last.labels == [0, 1, 2] && byte(last.images[2, extent - 1, extent - 1, 2]) == 5)
  }

  @Test func `labels go with their images`() {
    let loader = BatchLoader(numbered(12), batchSize: 4, generator: RandomGenerator(seed: 1))
    let batch = loader.epoch(3)[2]
    #expect(batch.labels == (0..<4).map { byte(batch.images[$0, 5, 5, 1]) % 3 })
  }

  @Test func `evaluation takes all images in order, the last batch may be smaller`() {
    let loader = BatchLoader(numbered(10), batchSize: 4, generator: RandomGenerator(seed: 1))
    let batches = Array(loader.evaluationBatches)
    #expect(batches.map(\.labels.count) == [4, 4, 2])
    #expect(byte(batches[2].images[1, 31, 31, 2]) == 9)
  }

  @Test func `bytes are normalized by colour`() {
    let images = ImageSet(
      pixels: [UInt8](repeating: 255, count: 3072), labels: [0], classNames: ["a"],
      normalization: .cifar10)
    let loader = BatchLoader(images, batchSize: 1, generator: RandomGenerator(seed: 1))
    let batch = loader.epoch(0)[0]
    expectClose(
      (0..<3).map { Double(batch.images[0, 9, 9, $0]) },
      [2.05884, 2.12676, 2.11584], absolute: 1e-3)
  }

  /// One image whose red byte is 8 x row and whose green byte is 8 x column.
  private let coordinates = ImageSet(
    pixels: (0..<32).flatMap { y in (0..<32).flatMap { x in [UInt8(8 * y), UInt8(8 * x), 255] } },
    labels: [0], classNames: ["a"], normalization: .centered)

  private func augmented(_ augmentation: Augmentation, epoch: Int) -> Tensor {
    BatchLoader(
      coordinates, batchSize: 1, augmentation: augmentation, generator: RandomGenerator(seed: 1)
    ).epoch(epoch)[0].images
  }

  @Test func `a crop shifts by at most the padding and fills with black`() {
    var shifts: Set<Int> = []
    for epoch in 0..<200 {
      let image = augmented(Augmentation(padding: 4), epoch: epoch)
      let down = byte(image[0, 16, 16, 0]) / 8 - 16
      let right = byte(image[0, 16, 16, 1]) / 8 - 16
      #expect(abs(down) <= 4 && abs(right) <= 4)
      shifts.formUnion([down, right])
      if down < 0 { #expect(byte(image[0, 0, 16, 2]) == 0, "black, not the mean colour") }
      if down >= 0 && right >= 0 { #expect(byte(image[0, 0, 0, 2]) == 255) }
    }
    #expect(shifts == Set(-4...4))
  }

  @Test func `a flip mirrors left to right, about every second time`() {
    let flips = (0..<200).count { epoch in
      let image = augmented(Augmentation(flips: true), epoch: epoch)
      let isMirrored = byte(image[0, 3, 0, 1]) == 8 * 31
      #expect(byte(image[0, 3, 5, 0]) == 24, "rows stay")
      #expect(byte(image[0, 3, 5, 1]) == (isMirrored ? 8 * 26 : 40))
      return isMirrored
    }
    #expect(flips > 70 && flips < 130)
  }

  @Test func `cutout sets a square to the mean colour, cut off at the edge`() {
    var areas: Set<Int> = []
    for epoch in 0..<300 {
      let image = augmented(Augmentation(cutout: 8), epoch: epoch)
      let area = (0..<1024).count { image[0, $0 / 32, $0 % 32, 2] == 0 }
      #expect(area <= 64 && area >= 16, "center inside: at least a quarter remains")
      areas.insert(area)
    }
    #expect(areas.contains(64) && areas.contains { $0 < 64 })
  }

  /// As the official code: rows and columns from center - 8 to center + 8, as far as there are any.
  @Test func `a cutout is one rectangle of zeros, and leaves the rest as it was`() {
    var sides: Set<Int> = []
    for epoch in 0..<300 {
      let cut = augmented(Augmentation(padding: 4, flips: true, cutout: 16), epoch: epoch)
      let whole = augmented(.standard, epoch: epoch)
      // The blue of the image is 255 and that of the border 0: neither is the mean.
      let zeros = (0..<1024).filter { cut[0, $0 / 32, $0 % 32, 2] == 0 }
      let (rows, columns) = (Set(zeros.map { $0 / 32 }), Set(zeros.map { $0 % 32 }))
      #expect(zeros.count == rows.count * columns.count)
      for lines in [rows, columns] {
        let (first, last) = (lines.min() ?? 0, lines.max() ?? 0)
        #expect(8...16 ~= lines.count && last - first + 1 == lines.count)
        #expect(lines.count == 16 || first == 0 || last == 31, "clipped at the border alone")
        sides.insert(lines.count)
      }
      for place in 0..<1024 {
        let (y, x) = (place / 32, place % 32)
        let isCut = rows.contains(y) && columns.contains(x)
        for color in 0..<3 { #expect(cut[0, y, x, color] == (isCut ? 0 : whole[0, y, x, color])) }
      }
    }
    #expect(sides == Set(8...16))
  }

  @Test func `a cutout depends on the seed alone`() {
    func batch(_ seed: UInt64) -> Tensor {
      BatchLoader(
        coordinates, batchSize: 1, augmentation: Augmentation(cutout: 16),
        generator: RandomGenerator(seed: seed)
      ).epoch(3)[0].images
    }
    #expect(batch(5) == batch(5))
    #expect((6..<12).contains { batch($0) != batch(5) })
  }

  @Test func `synthetic images depend on the seed alone, and are balanced`() {
    let (a, b) = (
      SyntheticImages.make(count: 30, seed: 1), SyntheticImages.make(count: 20, seed: 1)
    )
    #expect(a.pixels.prefix(b.pixels.count) == b.pixels[...])
    #expect(a.pixels != SyntheticImages.make(count: 30, seed: 2).pixels)
    #expect(a.imagesPerClass == Array(repeating: 3, count: 10))
  }
}
