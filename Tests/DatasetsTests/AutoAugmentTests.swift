import Tensors
import TestSupport
import Testing

@testable import Datasets

/// The transformations of AutoAugment, and the policy of a one-level search: B-18.
@Suite("AutoAugment")
struct AutoAugmentTests {
  private let golden: GoldenFile
  init() throws { golden = try GoldenFile("autoaugment-golden") }

  private func image(_ name: String) throws -> ColorImage {
    let pixels = try golden[name].tensor("pixels")
    return ColorImage(
      width: pixels.shape[1], height: pixels.shape[0], pixels: pixels.scalars.map { UInt8($0) })
  }

  /// Name, level, sign.
  static let cases = [
    "shearX 7 +", "shearX 7 -", "shearY 7 +", "shearY 7 -", "translateX 4 +", "translateX 9 +",
    "translateX 4 -", "translateX 9 -", "translateY 4 +", "translateY 9 +", "translateY 4 -",
    "translateY 9 -", "rotate 3 +", "rotate 8 +", "color 4 +", "color 9 +", "color 4 -",
    "color 9 -",
    "contrast 4 +", "contrast 9 +", "contrast 4 -", "contrast 9 -", "brightness 4 +",
    "brightness 9 +", "brightness 4 -", "brightness 9 -", "sharpness 4 +", "sharpness 9 +",
    "sharpness 4 -", "sharpness 9 -", "posterize 4 +", "posterize 9 +", "solarize 4 +",
    "solarize 9 +", "invert 8 +", "autocontrast 8 +",
  ]

  @Test(arguments: cases) func eqB18_aTransformationIsThatOfTheReference(_ name: String) throws {
    let words = name.split(separator: " ").map(String.init)
    let transformation = try #require(ImageTransformation(rawValue: words[0]))
    let level = try #require(Int(words[1]))
    let start = try image("image")
    let result = transformation(start, level: level, isNegative: words[2] == "-")
    #expect(result == (try image(name)))
    #expect(result != start)
  }

  @Test func eqB18_equalizationIsThatOfTheReference() throws {
    let start = try image("large image")
    #expect(start.equalized() == (try image("equalize")))
    #expect(try image("image").equalized() == image("image"), "too few pixels for 256 values")
  }

  @Test func `the golden cases hold every transformation`() {
    let names = Set(Self.cases.map { $0.prefix { $0 != " " } })
    #expect(names.union(["equalize"]) == Set(ImageTransformation.allCases.map { $0.rawValue[...] }))
  }

  // MARK: Each transformation alone

  private func plain(_ value: UInt8) -> ColorImage {
    ColorImage(width: 5, height: 4, pixels: Array(repeating: value, count: 60))
  }

  @Test func eqB18_limit_atLevelZeroGeometryAndFactorsChangeNothing() throws {
    let start = try image("image")
    for transformation in ImageTransformation.allCases
    where transformation.hasSign || [.rotate, .posterize, .solarize].contains(transformation) {
      #expect(transformation(start, level: 0) == start, "\(transformation)")
    }
  }

  @Test func `a translation moves, and fills with gray`() {
    let row = ColorImage(width: 4, height: 1, pixels: [1, 2, 3, 4].flatMap { [$0, $0, $0] })
    func reds(_ image: ColorImage) -> [Int] { (0..<image.width).map { image[0, $0, 0] } }
    #expect(reds(row.translatedX(0.25)) == [2, 3, 4, 128])
    #expect(reds(row.translatedX(-0.5)) == [128, 128, 1, 2])
    let column = ColorImage(width: 1, height: 3, pixels: [1, 2, 3].flatMap { [$0, $0, $0] })
    #expect((0..<3).map { column.translatedY(1.0 / 3)[$0, 0, 0] } == [2, 3, 128])
  }

  @Test func `a quarter turn is counterclockwise`() {
    let square = ColorImage(width: 2, height: 2, pixels: [1, 2, 3, 4].flatMap { [$0, $0, $0] })
    let turned = square.rotated(90)
    #expect([turned[0, 0, 0], turned[0, 1, 0], turned[1, 0, 0], turned[1, 1, 0]] == [2, 4, 1, 3])
    #expect(square.rotated(360) == square)
  }

  @Test func `a shear keeps the first row nearly in place and moves the last most`() {
    let stripes = ColorImage(
      width: 8, height: 8,
      pixels: (0..<64).flatMap { place -> [UInt8] in
        Array(repeating: place % 8 < 4 ? 0 : 255, count: 3)
      })
    let sheared = stripes.shearedX(0.3)
    #expect((0..<8).map { sheared[0, $0, 0] > 127 } == (0..<8).map { $0 >= 4 })
    #expect(sheared[7, 2, 0] > 127, "2.25 pixels in the last row")
    #expect(sheared[7, 7, 0] == 128, "from outside")
  }

  @Test func `colour and contrast lead away from gray`() {
    let image = ColorImage(width: 2, height: 1, pixels: [200, 100, 100, 100, 200, 100])
    let gray = image.colored(0)
    #expect(gray[0, 0, 0] == gray[0, 0, 1] && gray[0, 0, 1] == gray[0, 0, 2])
    #expect(image.colored(1) == image && image.contrasted(1) == image)
    #expect(image.colored(1.5)[0, 0, 0] > 200 && image.colored(1.5)[0, 0, 1] < 100)
    let flat = image.contrasted(0)
    #expect(Set(flat.pixels).count == 1)
  }

  @Test func `brightness multiplies and is cut off`() {
    let image = ColorImage(width: 1, height: 1, pixels: [10, 100, 200])
    #expect(image.brightened(1.5).pixels == [15, 150, 255])
    #expect(image.brightened(0).pixels == [0, 0, 0])
  }

  @Test func `sharpness leaves flat images and borders alone`() {
    #expect(plain(77).sharpened(1.9) == plain(77) && plain(77).sharpened(0) == plain(77))
    var pixels = [UInt8](repeating: 0, count: 27)
    pixels[12] = 130
    let soft = ColorImage(width: 3, height: 3, pixels: pixels).sharpened(0)
    #expect(soft[1, 1, 0] == 50, "5 / 13 of 130")
    #expect(soft.pixels.filter { $0 != 0 }.count == 1)
  }

  @Test func `values are posterized, solarized and inverted one by one`() {
    let image = ColorImage(width: 1, height: 1, pixels: [13, 128, 255])
    #expect(image.posterized(4).pixels == [0, 128, 240] && image.posterized(8) == image)
    #expect(image.solarized(128).pixels == [13, 127, 0] && image.solarized(256) == image)
    #expect(image.inverted().pixels == [242, 127, 0] && image.inverted().inverted() == image)
  }

  @Test func `autocontrast stretches each colour by itself`() {
    let image = ColorImage(width: 3, height: 1, pixels: [10, 5, 0, 20, 5, 51, 30, 5, 102])
    let stretched = image.autocontrasted()
    #expect(stretched.pixels == [0, 5, 0, 127, 5, 127, 255, 5, 255])
  }

  @Test func `an equalized ramp of few values uses the whole range`() throws {
    let ramp = ColorImage(
      width: 64, height: 16,
      pixels: (0..<1024).flatMap { place -> [UInt8] in
        Array(repeating: UInt8(100 + place % 4), count: 3)
      })
    let values = Set(ramp.equalized().pixels)
    #expect(values.count == 4 && values.contains(0) && values.contains(255))
  }

  // MARK: The policy

  @Test func eqB18_thePolicyHasTwentyFivePairs() {
    let all = AutoAugmentPolicy.cifar10.subpolicies
    #expect(all.count == 25 && all.allSatisfy { $0.count == 2 })
    #expect(all.joined().allSatisfy { 0...1 ~= $0.probability && 0...9 ~= $0.level })
    // Counted in the published table.
    let counts = Dictionary(grouping: all.joined(), by: \.transformation).mapValues(\.count)
    #expect(counts[.shearX] == nil && counts[.equalize] == 9 && counts[.rotate] == 1)
    #expect(counts.values.reduce(0, +) == 50)
  }

  @Test func eqB18_magnitudesOfTheLevels() {
    expectClose(ImageTransformation.rotate.magnitude(level: 2) ?? 0, 20.0 / 3)
    expectClose(ImageTransformation.translateX.magnitude(level: 9) ?? 0, 150.0 / 331)
    expectClose(ImageTransformation.shearY.magnitude(level: 8) ?? 0, 0.8 / 3)
    expectClose(ImageTransformation.solarize.magnitude(level: 9) ?? -1, 0)
    let bits = (0...9).map { ImageTransformation.posterize.magnitude(level: $0) }
    #expect(bits == [8, 8, 7, 7, 6, 6, 5, 5, 4, 4])
    #expect(ImageTransformation.invert.magnitude(level: 3) == nil)
  }

  @Test func eqB18_aStepIsAppliedAsOftenAsItsProbabilitySays() {
    let policy = AutoAugmentPolicy([[.init(.invert, 0.3, 0)], [.init(.solarize, 0, 9)]])
    var generator = RandomGenerator(seed: 1)
    let changed = (0..<4000).count { _ in policy(plain(10), using: &generator) != plain(10) }
    #expect(changed > 520 && changed < 680, "half of 0.3")
  }

  @Test func eqB18_bothSignsAreDrawn() {
    let policy = AutoAugmentPolicy([[.init(.brightness, 1, 9)]])
    var generator = RandomGenerator(seed: 1)
    let values = (0..<400).map { _ in policy(plain(100), using: &generator)[0, 0, 0] }
    #expect(Set(values) == [9, 190] || Set(values) == [10, 190])
    let lighter = values.count { $0 == 190 }
    #expect(lighter > 150 && lighter < 250)
  }

  // MARK: In a loader

  private let images = SyntheticImages.make(count: 40, seed: 1)

  private func batch(_ augmentation: Augmentation, epoch: Int = 0) -> Batch {
    BatchLoader(
      images, batchSize: 20, augmentation: augmentation, generator: RandomGenerator(seed: 2)
    ).epoch(epoch)[0]
  }

  @Test func eqB18_theOrderIsCropFlipPolicyCutout() {
    #expect(
      Augmentation.oneLevel
        == Augmentation(padding: 4, flips: true, cutout: 16, usesAutoAugment: true))
    let with = batch(.oneLevel)
    let without = batch(Augmentation(padding: 4, flips: true, cutout: 16))
    #expect(with.labels == without.labels)
    #expect(largestDifference(with.images, without.images) > 0.1)
    // What was cut out is the mean colour after the policy too: crop, flip and square are drawn before it.
    var cut = 0
    for place in 0..<20 * 1024 {
      let (n, y, x) = (place / 1024, place / 32 % 32, place % 32)
      let isCut = (0..<3).allSatisfy { without.images[n, y, x, $0] == 0 }
      guard isCut else { continue }
      cut += 1
      #expect((0..<3).allSatisfy { with.images[n, y, x, $0] == 0 })
    }
    #expect(cut > 20 * 64)
  }

  @Test func eqB18_limit_aPolicyChangesNoDrawOfTheOthers() {
    let standard = batch(.standard)
    let cutout = batch(Augmentation(padding: 4, flips: true, cutout: 16))
    let equal = (0..<20 * 1024).count { place in
      let (n, y, x) = (place / 1024, place / 32 % 32, place % 32)
      return standard.images[n, y, x, 0] == cutout.images[n, y, x, 0]
    }
    #expect(equal > 20 * 700)
  }

  @Test func eqB18_anEpochFollowsFromTheSeedAlone() {
    #expect(batch(.oneLevel).images == batch(.oneLevel).images)
    #expect(batch(.oneLevel).images != batch(.oneLevel, epoch: 1).images)
  }

  @Test func eqB18_negative_evaluationIsNotAugmented() {
    let loaders = [Augmentation.none, .oneLevel].map {
      BatchLoader(images, batchSize: 40, augmentation: $0, generator: RandomGenerator(seed: 2))
    }
    let batches = loaders.map { Array($0.evaluationBatches)[0].images }
    #expect(batches[0] == batches[1])
  }
}
