import Datasets
import Foundation
import TestSupport
import Testing

@Suite("CIFAR-10 reader")
struct CIFAR10Tests {
  /// A record whose planes count up from `start`, modulo 256.
  private func record(label: UInt8, start: Int = 0) -> [UInt8] {
    [label] + (0..<3072).map { UInt8(truncatingIfNeeded: start + $0) }
  }

  private func failure(_ folder: String, _ part: DataPart = .training) -> DatasetError? {
    do throws(DatasetError) {
      _ = try CIFAR10.load(folder: folder, part: part)
      return nil
    } catch { return error }
  }

  @Test func `planes become interleaved pixels`() throws {
    let folder = try TemporaryFolder()
    try folder.write(record(label: 7, start: 5), to: "data_batch_3.bin")
    let images = try CIFAR10.load(folder: folder.path)
    #expect(images.labels == [7])
    #expect(images.pixels.prefix(6) == [5, 5, 5, 6, 6, 6], "planes of 1024 are equal modulo 256")
    #expect(images.pixels.last == UInt8(truncatingIfNeeded: 5 + 3071))
  }

  @Test func `any of the batches are read, in their order, also from the subfolder`() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      record(label: 5) + record(label: 6), to: "cifar-10-batches-bin/data_batch_5.bin")
    try folder.write(record(label: 2), to: "cifar-10-batches-bin/data_batch_2.bin")
    try folder.write(record(label: 9), to: "cifar-10-batches-bin/test_batch.bin")
    #expect(try CIFAR10.load(folder: folder.path).labels == [2, 5, 6])
    #expect(try CIFAR10.load(folder: folder.path, part: .test).labels == [9])
  }

  /// Four terabytes by its size, of which the disk holds nothing.
  @Test func `a file far larger than all images is not read`() throws {
    let folder = try TemporaryFolder()
    let file = "\(folder.path)/data_batch_1.bin"
    try folder.write([], to: "data_batch_1.bin")
    try #require(FileHandle(forWritingAtPath: file)).truncate(atOffset: 1 << 42)
    #expect(
      failure(folder.path)
        == .tooManyImages(folder: file, limit: 1_000_000, found: (1 << 42) / 3073))
  }

  @Test func `a missing folder`() {
    let error = failure("/nowhere/at/all")
    #expect(error == .missingFolder("/nowhere/at/all"))
    #expect("\(error.map { "\($0)" } ?? "")".contains("no folder at /nowhere/at/all\nHint:"))
  }

  @Test func `a file instead of a folder`() throws {
    let folder = try TemporaryFolder()
    try folder.write([1], to: "file")
    #expect(failure("\(folder.path)/file") == .missingFolder("\(folder.path)/file"))
  }

  @Test func `a folder without batches`() throws {
    let folder = try TemporaryFolder()
    let error = failure(folder.path)
    #expect(
      error == .noBatchFile(folder: folder.path, expected: (1...5).map { "data_batch_\($0).bin" }))
  }

  @Test(arguments: [0, 1, 3072, 3074, 2 * 3073 - 1])
  func `a file that breaks off`(_ bytes: Int) throws {
    let folder = try TemporaryFolder()
    try folder.write([UInt8](repeating: 0, count: bytes), to: "data_batch_1.bin")
    let file = "\(folder.path)/data_batch_1.bin"
    let error = failure(folder.path)
    #expect(error == .brokenRecord(file: file, bytes: bytes, recordBytes: 3073))
    #expect(
      "\(error.map { "\($0)" } ?? "")"
        .contains(bytes == 0 ? "an empty file" : "byte offset \(bytes / 3073 * 3073)"))
  }

  @Test func `a label above 9, with record and file`() throws {
    let folder = try TemporaryFolder()
    try folder.write(record(label: 3) + record(label: 10), to: "data_batch_1.bin")
    #expect(
      failure(folder.path)
        == .badLabel(
          file: "\(folder.path)/data_batch_1.bin", record: 1, label: 10, classes: 10))
  }

  @Test(.enabled(if: DevelopmentData.cifar10 != nil, "TOPONAS_CIFAR10 names no folder"))
  func `the real files hold what is known of them`() throws {
    let images = try CIFAR10.load(folder: try #require(DevelopmentData.cifar10))
    #expect(images.labels.prefix(10) == [6, 9, 9, 4, 1, 1, 2, 7, 8, 3])
    let first = images.selecting(0..<10_000)
    #expect(first.imagesPerClass == [1005, 974, 1032, 1016, 999, 937, 1030, 1001, 1025, 981])
    let red = stride(from: 0, to: 15, by: 3).map { images.pixels[$0] }
    #expect(red == [59, 43, 50, 68, 98])
    #expect(images.pixels[1] == 62 && images.pixels[2] == 63)
    let subset = try images.balancedSubset(5000)
    #expect(subset.imagesPerClass == Array(repeating: 500, count: 10))
    let means = (0..<3).map { color in
      stride(from: color, to: subset.pixels.count, by: 3).reduce(0.0) {
        $0 + Double(subset.pixels[$1])
      } / Double(5000 * 1024)
    }
    expectClose(means, [125.2705, 122.6201, 113.3109], absolute: 1e-4)
  }
}
