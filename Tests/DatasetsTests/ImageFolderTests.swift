import Datasets
import Foundation
import Tensors
import TestSupport
import Testing

@Suite("Pixmaps")
struct PixmapTests {
  private let pixels = (0..<3072).map { UInt8(truncatingIfNeeded: $0 &* 31) }

  private func decode(_ header: String, _ pixels: [UInt8]) throws(DatasetError) -> [UInt8] {
    try Pixmap.decode(Array(header.utf8) + pixels, file: "x.ppm")
  }

  @Test(
    arguments: [
      "P6\n32 32\n255\n", "P6 32 32 255 ", "P6\n# made by hand\n32 # wide\n32\n#\n255\n",
      "P6\t032\r\n0032\u{B}255\u{C}",
    ])
  func `headers that say the same`(_ header: String) throws {
    #expect(try decode(header, pixels) == pixels)
  }

  @Test func `pixels may look like white space and comments`() throws {
    let blank = [UInt8](repeating: UInt8(ascii: "\n"), count: 3072)
    #expect(try decode("P6\n32 32\n255\n", blank) == blank)
    let signs = [UInt8](repeating: UInt8(ascii: "#"), count: 3072)
    #expect(try decode("P6\n32 32\n255\n", signs) == signs)
  }

  @Test(
    arguments: [
      ("", 0, "the signature P6 at byte 0", "the end of the file"),
      ("P3\n32 32\n255\n", 3072, "the signature P6 at byte 0", "'P3'"),
      ("P632 32 255\n", 3072, "white space at byte 2", "'32'"),
      ("P6\n64 32\n255\n", 3072, "the width 32 at byte 3", "'64'"),
      ("P6\n32 320\n255\n", 3072, "the height 32 at byte 6", "'320'"),
      ("P6\n32 32\n65535\n", 3072, "the largest value 255 at byte 9", "'65535'"),
      ("P6\n32 -32\n255\n", 3072, "the height 32 at byte 6", "'-32'"),
      (
        "P6\n99999999999999999999999999 32\n255\n", 3072, "the width 32 at byte 3", "'99999999'"
      ),
      ("P6\n32 32\n255", 0, "white space at byte 12", "the end of the file"),
      ("P6\n32 32\n# no end", 0, "the largest value 255 at byte 17", "the end of the file"),
      ("P6\n\u{1}", 0, "the width 32 at byte 3", "the byte 1"),
      ("P6\n32 32\n255\n", 3071, "3072 bytes of pixels behind the header", "3071"),
      ("P6\n32 32\n255\n", 3073, "3072 bytes of pixels behind the header", "3073"),
      ("P6\n32 32\n255\r\n", 3072, "3072 bytes of pixels behind the header", "3073"),
    ])
  func `what is wrong, and where`(
    _ header: String, _ count: Int, _ expected: String, _ found: String
  ) {
    #expect(throws: DatasetError.badPixmap(file: "x.ppm", expected: expected, found: found)) {
      try decode(header, [UInt8](repeating: 7, count: count))
    }
  }

  @Test func `a file too large for an image is not read`() throws {
    let folder = try TemporaryFolder()
    try folder.write([], to: "x.ppm")
    // Without content on the disk, and far larger than the memory.
    #expect(truncate("\(folder.path)/x.ppm", 1 << 43) == 0)
    let error = #expect(throws: DatasetError.self) {
      try Pixmap.read(file: "\(folder.path)/x.ppm")
    }
    #expect(error == .tooLarge(file: "\(folder.path)/x.ppm", limit: 4096, found: 1 << 43))
  }

  @Test func `a pipe is not waited for`() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/x.ppm"
    #expect(mkfifo(path, 0o600) == 0)
    #expect(throws: DatasetError.unreadable(file: path, reason: "it is no regular file")) {
      try Pixmap.read(file: path)
    }
  }

  @Test func `ten thousand random damages give an image or an error`() {
    var generator = RandomGenerator(seed: 11)
    let whole = Array("P6\n# c\n32 32\n255\n".utf8) + pixels
    var refused = 0
    for _ in 0..<10_000 {
      var damaged = whole
      for _ in 0...generator.integer(below: 3) {
        let isHeader = generator.integer(below: 2) == 0
        damaged[generator.integer(below: isHeader ? 17 : whole.count)] =
          UInt8(truncatingIfNeeded: generator.next())
      }
      if generator.integer(below: 4) == 0 {
        damaged.removeLast(generator.integer(below: whole.count))
      }
      do throws(DatasetError) {
        let image = try Pixmap.decode(damaged, file: "x")
        #expect(image == Array(damaged.suffix(3072)))
      } catch {
        refused += 1
        guard case .badPixmap(file: "x", _, _) = error else {
          Issue.record("\(error)")
          continue
        }
      }
    }
    #expect(refused > 5000 && refused < 10_000, "\(refused)")
  }
}

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

  private func shades(_ images: ImageSet) -> [UInt8] {
    stride(from: 0, to: images.pixels.count, by: 3072).map { images.pixels[$0] }
  }

  private func failure(_ path: String, _ part: DataPart = .training) -> DatasetError? {
    do throws(DatasetError) {
      _ = try RealImages.load(from: path, part: part)
      return nil
    } catch { return error }
  }

  @Test func `classes and files are sorted by name, other files are left out`() throws {
    let folder = try folder([
      "dog/b.ppm": 4, "dog/a.PPM": 3, "cat/10.ppm": 1, "cat/9.ppm": 2, "cat/.hidden.ppm": 9,
      ".git/x.ppm": 9, "readme.ppm": 9, "dog/notes.txt": 9,
    ])
    let images = try RealImages.load(from: folder.path)
    #expect(images.classNames == ["cat", "dog"])
    #expect(images.labels == [0, 1, 0, 1])
    #expect(shades(images) == [1, 3, 2, 4])
    #expect(images.normalization == .centered)
  }

  @Test func `both halves have each class in its proportion`() throws {
    var files: [String: UInt8] = [:]
    for index in 0..<24 { files["many/\(100 + index).ppm"] = UInt8(index) }
    for index in 0..<8 { files["few/\(100 + index).ppm"] = 200 }
    let folder = try folder(files)
    let (first, second) = try RealImages.load(from: folder.path).halves()
    #expect(first.imagesPerClass == [4, 12] && second.imagesPerClass == [4, 12])
    #expect(shades(first).filter { $0 < 200 } == Array(0..<12), "the order by name stays")
    let (a, b) = try RealImages.load(from: folder.path, count: 16).halves()
    #expect(a.imagesPerClass == [4, 4] && b.imagesPerClass == [4, 4])
    #expect(
      throws: DatasetError.tooFewImages(requested: 18, available: 32, perClass: [8, 24])
    ) { try RealImages.load(from: folder.path, count: 18) }
  }

  @Test func `train and test are apart, and have the same classes`() throws {
    let both = try folder([
      "train/a/1.ppm": 1, "train/b/1.ppm": 2, "test/a/1.ppm": 3, "test/b/1.ppm": 4,
    ])
    #expect(shades(try RealImages.load(from: both.path)) == [1, 2])
    #expect(shades(try RealImages.load(from: both.path, part: .test)) == [3, 4])

    let other = try folder([
      "train/a/1.ppm": 1, "train/b/1.ppm": 2, "test/a/1.ppm": 3, "test/c/1.ppm": 4,
    ])
    #expect(
      failure(other.path, .test)
        == .otherClasses(
          folder: "\(other.path)/test", expected: ["a", "b"], found: ["a", "c"]))

    let vehicles = try folder(["train/1.ppm": 1, "car/1.ppm": 2])
    #expect(try RealImages.load(from: vehicles.path).classNames == ["car", "train"])
    #expect(failure(vehicles.path, .test) == .noTestImages(vehicles.path))
  }

  @Test func `what is wrong is told with its place`() throws {
    let one = try folder(["a/1.ppm": 1])
    #expect(failure(one.path) == .badClassCount(folder: one.path, limit: 256, found: 1))
    let empty = try folder(["a/1.ppm": 1, "b/1.txt": 1])
    #expect(failure(empty.path) == .noPixmap("\(empty.path)/b"))
    let damaged = try folder(["a/1.ppm": 1, "b/1.ppm": 1])
    try damaged.write(Array(image(1).dropLast()), to: "b/2.ppm")
    #expect(
      failure(damaged.path)
        == .badPixmap(
          file: "\(damaged.path)/b/2.ppm", expected: "3072 bytes of pixels behind the header",
          found: "3071"))
    let none = try folder(["a/1.png": 1, "b/1.png": 1])
    guard case .noBatchFile = failure(none.path) else {
      Issue.record("\(failure(none.path).map { "\($0)" } ?? "no error")")
      return
    }
  }

  @Test func `more classes than a label can tell apart`() throws {
    let folder = try folder(
      Dictionary(uniqueKeysWithValues: (0..<257).map { ("\($0)/1.ppm", 1) }))
    #expect(failure(folder.path) == .badClassCount(folder: folder.path, limit: 256, found: 257))
    try FileManager.default.removeItem(atPath: "\(folder.path)/256")
    #expect(try RealImages.load(from: folder.path).labels.count == 256)
  }

  @Test func `batches of CIFAR-10 come first, and one file of records is read too`() throws {
    let folder = try folder(["a/1.ppm": 1, "b/1.ppm": 1])
    try folder.write([6] + [UInt8](repeating: 3, count: 3072), to: "data_batch_1.bin")
    #expect(try RealImages.load(from: folder.path).labels == [6])
    let file = "\(folder.path)/data_batch_1.bin"
    #expect(try RealImages.load(from: file).labels == [6])
    #expect(failure(file, .test) == .noTestImages(file))
  }
}
