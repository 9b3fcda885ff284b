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
    fuzzRecords(.ten, [records, Array(records.prefix(3073))])
  }

  @Test func `fuzz: files of CIFAR-100`() {
    let hundred = stride(from: 0, to: records.count, by: 3073).flatMap {
      [UInt8(7)] + records[$0..<$0 + 3073]
    }
    fuzzRecords(.hundred, [hundred, Array(hundred.prefix(3074))])
  }

  private func fuzzRecords(_ set: CIFAR, _ sound: [[UInt8]]) {
    fuzz(sound, rounds: 100_000, refusing: DatasetError.self) { input in
      let records = try CIFARRecords(set, [ByteSource(input, name: "x")])
      let images = try records.images()
      try FuzzFailure.unless(
        try records.bytes(at: records.labels.indices) == input, "other bytes")
      try FuzzFailure.unless(images.count * set.recordBytes == input.count, "other images")
      for image in 0..<images.count {
        let (start, label) = (image * set.recordBytes + set.labelBytes, images.labels[image])
        try FuzzFailure.unless(label == input[start - 1], "another label")
        let (p, pixel) = (997, image * 3072 + 3 * 997)
        let planes = (0..<3).map { input[start + 1024 * $0 + p] }
        try FuzzFailure.unless(
          Array(images.pixels[pixel..<pixel + 3]) == planes, "another pixel")
      }
    }
  }

  @Test func `fuzz: pixmaps`() {
    fuzz([pixmap], rounds: 100_000, refusing: DatasetError.self) {
      let picture = try Pixmap(decoding: $0, file: "x")
      let bytes = picture.extent * picture.extent
      let isGrey = $0[1] == UInt8(ascii: "5")
      let expected =
        isGrey ? $0.suffix(bytes).flatMap { [$0, $0, $0] } : Array($0.suffix(3 * bytes))
      try FuzzFailure.unless(expected == picture.pixels, "other pixels")
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
      let images = try ImageFolder(folder.path).load()
      try FuzzFailure.unless(3...4 ~= images.count, "\(images.count) images")
    }
  }
}
