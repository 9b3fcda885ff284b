import Datasets

/// The images of a run, found but not read yet.
package struct RunImages {
  private enum Source {
    case synthetic(seed: UInt64)
    case real(RealImages)
  }

  /// How many will be read.
  package let count: Int
  private let source: Source
  private let wanted: Int?
  private let part: DataPart

  /// The images at `data`, `wanted` of them or all; without a place, as many are drawn from the seed.
  package init(
    at data: String?, _ part: DataPart = .training, wanted: Int?, seed: UInt64
  ) throws(DatasetError) {
    (self.wanted, self.part) = (wanted, part)
    guard let data else {
      (source, count) = (.synthetic(seed: seed), wanted ?? 0)
      return
    }
    let images = try RealImages(at: data, part)
    (source, count) = (.real(images), min(wanted ?? images.count, images.count))
  }

  /// What a network must be built for.
  package var form: ImageForm {
    switch source {
    case .synthetic:
      ImageForm(classes: SyntheticImages.classNames.count, extent: SyntheticImages.extent)
    case .real(let images): ImageForm(classes: images.classNames.count, extent: images.extent)
    }
  }

  /// Tells what is left out, a line for each kind.
  package func tellOmissions(_ output: any RunOutput) {
    guard case .real(let images) = source else { return }
    for omission in images.omissions { output.progress("note     \(omission)") }
  }

  /// Reads or draws them.
  package func load() throws -> ImageSet {
    switch source {
    case .synthetic(let seed): return SyntheticImages.make(count: count, seed: seed)
    case .real(let images):
      do throws(DatasetError) { return try images.load(wanted) } catch {
        guard case .tooFewImages = error else { throw error }
        let option = part == .training ? "train-images" : "test-images"
        throw RunImagesError.tooFew(error, option: option)
      }
    }
  }
}

/// What a network must know of the images that it is built for.
package struct ImageForm: Codable, Equatable {
  /// The number of classes.
  package var classes: Int
  /// The number of rows, and of columns.
  package var extent: Int

  /// The form of CIFAR-10 and of the synthetic images.
  package static let usual = ImageForm(classes: 10, extent: ImageExtent.usual)

  /// Bytes of so many images.
  package func bytes(of images: Int) -> Int { images * 3 * extent * extent }

  /// In words: `10 classes, 32 x 32 pixels`.
  package var text: String { "\(classes) classes, \(extent) x \(extent) pixels" }

  /// What is not as usual: `, 100 classes, 48 x 48`.
  package var remark: String {
    (classes == Self.usual.classes ? "" : ", \(classes) classes")
      + (extent == Self.usual.extent ? "" : ", \(extent) x \(extent)")
  }

  /// The keys of a plan that has one.
  package static let keys: Set = ["images.classes", "images.extent"]

  /// Throws if there can be no such images.
  package func check() throws(SearchConfigError.Problem) {
    guard 2...256 ~= classes else {
      throw .values(reason: "images.classes: expected 2 to 256, found \(classes)")
    }
    guard ImageExtent.isPossible(extent) else {
      throw .values(reason: "images.extent: expected \(ImageExtent.words), found \(extent)")
    }
  }
}
