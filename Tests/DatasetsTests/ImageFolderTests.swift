import Foundation
import TestSupport
import Testing

@testable import Datasets

@Suite("Folders of images")
struct ImageFolderTests {
  /// An image of one shade.
  private func image(_ shade: UInt8) -> [UInt8] {
    Array("P6 32 32 255\n".utf8) + [UInt8](repeating: shade, count: 3072)
  }

  /// A folder with these files, each an image of the shade behind it.
  private func folder(_ files: [String: UInt8]) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for (name, shade) in files { try folder.write(image(shade), to: name) }
    return folder
  }

  private func images(
    _ path: String, _ part: DataPart = .training, count: Int? = nil
  ) throws -> ImageSet {
    try RealImages(at: path, part).load(count)
  }

  private func shades(_ images: ImageSet) -> [UInt8] {
    stride(from: 0, to: images.pixels.count, by: 3072).map { images.pixels[$0] }
  }

  private func failure(_ path: String, _ part: DataPart = .training) -> DatasetError? {
    do throws(DatasetError) {
      _ = try RealImages(at: path, part).load()
      return nil
    } catch { return error }
  }

  @Test func `classes and files are sorted by name, other files are left out`() throws {
    let folder = try folder([
      "dog/b.pnm": 4, "dog/a.PPM": 3, "cat/10.ppm": 1, "cat/9.ppm": 2, "cat/.hidden.ppm": 9,
      ".git/x.ppm": 9, "readme.ppm": 9, "dog/notes.txt": 9, "dog/more/1.ppm": 9,
    ])
    let found = try RealImages(at: folder.path)
    let images = try found.load()
    #expect(images.classNames == ["cat", "dog"])
    #expect(images.labels == [0, 1, 0, 1])
    #expect(shades(images) == [1, 3, 2, 4])
    #expect(images.normalization == .centered && images.extent == 32)
    #expect(
      found.omissions == [.notPixmaps(count: 3, example: "\(folder.path)/readme.ppm")])
    #expect(found.count == 4 && found.classNames == images.classNames)
  }

  @Test func `both halves have each class in its proportion`() throws {
    var files: [String: UInt8] = [:]
    for index in 0..<24 { files["many/\(100 + index).ppm"] = UInt8(index) }
    for index in 0..<8 { files["few/\(100 + index).ppm"] = 200 }
    let folder = try folder(files)
    let (first, second) = try images(folder.path).halves()
    #expect(first.imagesPerClass == [4, 12] && second.imagesPerClass == [4, 12])
    #expect(shades(first).filter { $0 < 200 } == Array(0..<12), "the order by name stays")
    let (a, b) = try images(folder.path, count: 16).halves()
    #expect(a.imagesPerClass == [4, 4] && b.imagesPerClass == [4, 4])
    #expect(
      throws: DatasetError.tooFewImages(requested: 18, available: 32, perClass: [8, 24])
    ) { try images(folder.path, count: 18) }
  }

  @Test func `train and test are apart, and have the same classes`() throws {
    let both = try folder([
      "train/a/1.ppm": 1, "train/b/1.ppm": 2, "test/a/1.ppm": 3, "test/b/1.ppm": 4,
    ])
    #expect(shades(try images(both.path)) == [1, 2])
    #expect(shades(try images(both.path, .test)) == [3, 4])

    let other = try folder([
      "train/a/1.ppm": 1, "train/b/1.ppm": 2, "test/a/1.ppm": 3, "test/c/1.ppm": 4,
    ])
    #expect(
      failure(other.path, .test)
        == .otherClasses(
          folder: "\(other.path)/test", expected: ["a", "b"], found: ["a", "c"]))

    let vehicles = try folder(["train/1.ppm": 1, "car/1.ppm": 2])
    #expect(try images(vehicles.path).classNames == ["car", "train"])
    #expect(failure(vehicles.path, .test) == .noTestImages(vehicles.path))
  }

  @Test(arguments: ["val", "valid", "validation"])
  func `pictures to test on may be called those to validate on`(_ name: String) throws {
    let folder = try folder([
      "train/a/1.ppm": 1, "train/b/1.ppm": 2, "\(name)/a/1.ppm": 3, "\(name)/b/1.ppm": 4,
    ])
    #expect(shades(try images(folder.path)) == [1, 2])
    #expect(shades(try images(folder.path, .test)) == [3, 4])
    for file in ["test/a/1.ppm", "test/b/1.ppm"] { try folder.write(image(9), to: file) }
    #expect(shades(try images(folder.path, .test)) == [9, 9])
    #expect(
      try RealImages(at: folder.path).omissions == [.unusedPart("\(folder.path)/\(name)")])
    #expect(try RealImages(at: folder.path, .test).omissions.isEmpty)
  }

  @Test func `parts in capital letters, beside other folders, and one without classes`() throws {
    let folder = try folder([
      "Train/a/1.ppm": 1, "Train/b/1.ppm": 2, "VAL/a/1.ppm": 3, "VAL/b/1.ppm": 4,
      "test/5.ppm": 5, "notes/x/1.txt": 6, "__MACOSX/Train/._a": 7,
    ])
    #expect(shades(try images(folder.path)) == [1, 2])
    #expect(shades(try images(folder.path, .test)) == [3, 4])
    #expect(
      try RealImages(at: folder.path).omissions
        == ["notes", "test"].map { .unusedPart("\(folder.path)/\($0)") })
    // Classes of such names.
    let vehicles = try self.folder(["train/1.ppm": 1, "test/1.ppm": 2, "car/1.ppm": 3])
    #expect(try images(vehicles.path).classNames == ["car", "test", "train"])
  }

  @Test(arguments: ["1.ppm", "a/b/c/1.pgm"])
  func `pictures that are in no folder of a class are told`(_ name: String) throws {
    let folder = try folder([name: 1])
    let found = failure(folder.path)
    guard case .noBatchFile(_, _, .strayPixmaps("\(folder.path)/\(name)")) = found else {
      Issue.record("\(found.map { "\($0)" } ?? "no error")")
      return
    }
  }

  @Test func `a part that is not asked for need not be there`() throws {
    let test = try folder(["test/a/1.ppm": 3, "test/b/1.ppm": 4])
    #expect(shades(try images(test.path, .test)) == [3, 4])
    #expect(failure(test.path) == .noTrainingImages(test.path))
    let training = try folder(["train/a/1.ppm": 1, "train/b/1.ppm": 2])
    #expect(shades(try images(training.path)) == [1, 2])
    #expect(failure(training.path, .test) == .noTestImages(training.path))
  }

  @Test func `pictures of one size, and one of another`() throws {
    let folder = try TemporaryFolder()
    for (name, extent) in [("a/1", 48), ("a/2", 48), ("b/1", 48)] {
      let pixels = [UInt8](repeating: 5, count: extent * extent)
      try folder.write(Array("P5 \(extent) \(extent) 255\n".utf8) + pixels, to: "\(name).pgm")
    }
    #expect(try RealImages(at: folder.path).extent == 48)
    let set = try images(folder.path)
    #expect(set.extent == 48 && set.pixels == [UInt8](repeating: 5, count: 3 * 3 * 48 * 48))
    try folder.write(image(1), to: "b/2.ppm")
    let file = "\(folder.path)/b/2.ppm"
    #expect(
      failure(folder.path)
        == .otherExtent(file: file, expected: 48, of: "\(folder.path)/a/1.pgm", found: 32))
  }

  @Test func `what is wrong is told with its place`() throws {
    let one = try folder(["a/1.ppm": 1])
    #expect(failure(one.path) == .badClassCount(folder: one.path, limit: 256, found: 1))
    let empty = try folder(["a/1.ppm": 1, "b/1.txt": 1])
    #expect(
      failure(empty.path) == .noPixmap("\(empty.path)/b", found: "\(empty.path)/b/1.txt"))
    let damaged = try folder(["a/1.ppm": 1, "b/1.ppm": 1])
    try damaged.write(Array(image(1).dropLast()), to: "b/2.ppm")
    #expect(
      failure(damaged.path)
        == .badPixmap(
          file: "\(damaged.path)/b/2.ppm", expected: "3072 bytes of pixels after the header",
          found: "3071"))
    let none = try folder(["a/1.png": 1, "b/1.png": 1])
    guard case .noBatchFile(_, _, .pictures) = failure(none.path) else {
      Issue.record("\(failure(none.path).map { "\($0)" } ?? "no error")")
      return
    }
  }

  @Test func `more classes than a label can tell apart`() throws {
    let folder = try folder(
      Dictionary(uniqueKeysWithValues: (0..<257).map { ("\($0)/1.ppm", 1) }))
    #expect(failure(folder.path) == .badClassCount(folder: folder.path, limit: 256, found: 257))
    try FileManager.default.removeItem(atPath: "\(folder.path)/256")
    #expect(try images(folder.path).labels.count == 256)
  }

  @Test func `batches of CIFAR-10 come first, and one file of records is read too`() throws {
    let folder = try folder(["a/1.ppm": 1, "b/1.ppm": 1])
    try folder.write([6] + [UInt8](repeating: 3, count: 3072), to: "data_batch_1.bin")
    #expect(try images(folder.path).labels == [6])
    let file = "\(folder.path)/data_batch_1.bin"
    #expect(try images(file).labels == [6])
    #expect(failure(file, .test) == .noTestImages(file))
  }
}
