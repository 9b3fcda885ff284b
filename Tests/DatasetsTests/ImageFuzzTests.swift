import Foundation
import TestSupport
import Testing

@testable import Datasets

/// Damaged images.
@Suite("Fuzzing of images")
struct ImageFuzzTests {
  private let records = (0..<2).flatMap { image in
    [UInt8(image)] + (0..<3072).map { UInt8(truncatingIfNeeded: $0 * 7 + image) }
  }
  private let pixmap =
    Array("P6\n# a comment\n32 32\n255\n".utf8) + (0..<3072).map { UInt8(truncatingIfNeeded: $0) }

  @Test func `fuzz: batches of CIFAR-10`() {
    fuzz([records, Array(records.prefix(3073))], rounds: 100_000, refusing: DatasetError.self) {
      let (pixels, labels) = try CIFAR10.decode(Data($0), file: "x")
      let set = ImageSet(
        pixels: pixels, labels: labels, classNames: CIFAR10.classNames, normalization: .cifar10)
      try FuzzFailure.unless([UInt8](CIFAR10.encode(set)) == $0, "other bytes when written again")
    }
  }

  @Test func `fuzz: pixmaps`() {
    fuzz([pixmap], rounds: 100_000, refusing: DatasetError.self) {
      let pixels = try Pixmap.decode($0, file: "x")
      try FuzzFailure.unless(Array($0.suffix(3072)) == pixels, "other pixels")
    }
  }

  /// One of the files of a folder is damaged, or its name.
  @Test func `fuzz: folders of images`() throws {
    let folder = try TemporaryFolder()
    for name in ["cat/1.ppm", "dog/1.ppm", "dog/2.ppm"] { try folder.write(pixmap, to: name) }
    fuzz([pixmap, Array("0.ppm".utf8)], rounds: 3000, refusing: DatasetError.self) { input in
      let name = String(decoding: input.count < 100 ? input : Array("1.ppm".utf8), as: UTF8.self)
      let isName = name.utf8.allSatisfy { $0 != 0 && $0 != UInt8(ascii: "/") } && !name.isEmpty
      let file = "\(folder.path)/cat/\(isName ? name : "2.ppm")"
      _ = FileManager.default.createFile(
        atPath: file, contents: Data(input.count < 100 ? pixmap : input))
      defer { if file != "\(folder.path)/cat/1.ppm" { unlink(file) } }
      let images = try ImageFolder.load(folder: folder.path)
      try FuzzFailure.unless(3...4 ~= images.count, "\(images.count) images")
    }
  }
}
