import Foundation
import TestSupport
import Testing

@testable import Datasets

@Suite("Reader of CIFAR-10 and CIFAR-100")
struct CIFARTests {
  /// A record whose planes count up from `start`, modulo 256; the coarse label of CIFAR-100 is a fifth of the fine one.
  private func record(_ set: CIFAR = .ten, label: UInt8, start: Int = 0) -> [UInt8] {
    (set == .ten ? [label] : [label / 5, label])
      + (0..<3072).map { UInt8(truncatingIfNeeded: start + $0) }
  }

  private func images(_ path: String, _ part: DataPart = .training) throws -> ImageSet {
    try RealImages(at: path, part).load()
  }

  private func failure(_ path: String, _ part: DataPart = .training) -> DatasetError? {
    do throws(DatasetError) {
      _ = try RealImages(at: path, part).load()
      return nil
    } catch { return error }
  }

  // MARK: Records

  @Test(arguments: CIFAR.all) func `planes become interleaved pixels`(_ set: CIFAR) throws {
    let folder = try TemporaryFolder()
    let name = set == .ten ? "data_batch_3.bin" : "train.bin"
    try folder.write(record(set, label: 7, start: 5), to: name)
    let images = try images(folder.path)
    #expect(images.labels == [7] && images.extent == 32)
    #expect(images.pixels.prefix(6) == [5, 5, 5, 6, 6, 6], "planes of 1024 are equal modulo 256")
    #expect(images.pixels.last == UInt8(truncatingIfNeeded: 5 + 3071))
    #expect(images.classNames.count == (set == .ten ? 10 : 100))
    #expect(images.normalization == (set == .ten ? .cifar10 : .cifar100))
  }

  @Test func `any of the batches are read, in their order, also from the subfolder`() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      record(label: 5) + record(label: 6), to: "cifar-10-batches-bin/data_batch_5.bin")
    try folder.write(record(label: 2), to: "cifar-10-batches-bin/data_batch_2.bin")
    try folder.write(record(label: 9), to: "cifar-10-batches-bin/test_batch.bin")
    #expect(try images(folder.path).labels == [2, 5, 6])
    #expect(try images(folder.path, .test).labels == [9])
    let found = try RealImages(at: folder.path)
    let missing = ["data_batch_1.bin", "data_batch_3.bin", "data_batch_4.bin"]
    #expect(
      found.omissions == [.missing(folder: "\(folder.path)/cifar-10-batches-bin", missing)])
    #expect(try RealImages(at: folder.path, .test).omissions.isEmpty)
  }

  @Test func `the fine label of CIFAR-100 is the class, also from the subfolder`() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      record(.hundred, label: 99) + record(.hundred, label: 3), to: "cifar-100-binary/train.bin")
    try folder.write(record(.hundred, label: 42), to: "cifar-100-binary/test.bin")
    #expect(try images(folder.path).labels == [99, 3])
    let test = try images(folder.path, .test)
    #expect(test.classNames[Int(test.labels[0])] == "leopard")
    #expect(CIFAR.hundred.classNames == CIFAR.hundred.classNames.sorted())
    #expect(Set(CIFAR.hundred.classNames).count == 100)
  }

  @Test func `the first of each class are read, and the rest is left on the disk`() throws {
    let folder = try TemporaryFolder()
    for batch in 1...2 {
      let labels = (0..<30).map { UInt8(($0 * 7 + batch) % 10) }
      try folder.write(
        labels.enumerated().flatMap { record(label: $1, start: 100 * batch + $0) },
        to: "data_batch_\(batch).bin")
    }
    let whole = try images(folder.path)
    let some = try RealImages(at: folder.path).load(43)
    let expected = try whole.balancedSubset(43)
    #expect(some.pixels == expected.pixels && some.labels == expected.labels)
    #expect(some.imagesPerClass == [5, 5, 5, 4, 4, 4, 4, 4, 4, 4])
    #expect(
      throws: DatasetError.tooFewImages(
        requested: 61, available: 60, perClass: whole.imagesPerClass)
    ) { try RealImages(at: folder.path).load(61) }
  }

  @Test(arguments: CIFAR.all) func `records are handed on as they are`(_ set: CIFAR) throws {
    let all = (0..<5).map { record(set, label: UInt8($0), start: 11 * $0) }
    let (first, second) = (Array(all[..<2].joined()), Array(all[2...].joined()))
    let records = try CIFARRecords(
      set, [ByteSource(first, name: "a"), ByteSource(second, name: "b")])
    #expect(records.labels == [0, 1, 2, 3, 4])
    #expect(try records.bytes(at: [4, 0, 2]) == all[4] + all[0] + all[2])
  }

  @Test func `many classes are counted in few words`() {
    let error = DatasetError.tooFewImages(
      requested: 900, available: 650, perClass: [5] + Array(repeating: 7, count: 99))
    #expect(error.description.contains("found 650 (5 to 7 in each of 100 classes)\n"))
    #expect(error.description.contains("ask for at most 500 images"))
  }

  // MARK: Which data set

  @Test func `a file alone is of the data set whose records fill it, or that its name says`() throws
  {
    let folder = try TemporaryFolder()
    try folder.write(record(label: 4), to: "a.bin")
    try folder.write(record(.hundred, label: 44), to: "b.bin")
    #expect(try images("\(folder.path)/a.bin").classNames == CIFAR.ten.classNames)
    #expect(try images("\(folder.path)/b.bin").labels == [44])
    // As many bytes as both kinds of records can fill.
    let both = [UInt8](repeating: 0, count: 3073 * 3074)
    try folder.write(both, to: "c.bin")
    try folder.write(both, to: "train.bin")
    #expect(try RealImages(at: "\(folder.path)/c.bin").count == 3074)
    #expect(try RealImages(at: "\(folder.path)/train.bin").count == 3073)
    #expect(failure("\(folder.path)/a.bin", .test) == .noTestImages("\(folder.path)/a.bin"))
  }

  @Test func `a name of one data set on the records of the other`() throws {
    let folder = try TemporaryFolder()
    try folder.write(record(.hundred, label: 3), to: "data_batch_1.bin")
    let error = failure(folder.path)
    let file = "\(folder.path)/data_batch_1.bin"
    #expect(error == .otherSet(file: file, expected: .ten, found: .hundred))
    let text = error.map { "\($0)" } ?? ""
    #expect(
      text.contains("records of CIFAR-10, 3073 bytes each, found as many bytes as records of"))
    #expect(text.contains("the files of CIFAR-100 are called train.bin, test.bin"))
  }

  @Test func `a folder with both is refused, and one is taken from below`() throws {
    let folder = try TemporaryFolder()
    try folder.write(record(label: 3), to: "both/data_batch_1.bin")
    try folder.write(record(.hundred, label: 3), to: "both/test.bin")
    #expect(failure("\(folder.path)/both") == .twoDataSets("\(folder.path)/both"))
    try folder.write(record(label: 3), to: "cifar-10-batches-bin/data_batch_1.bin")
    #expect(try images(folder.path).labels == [3])
    try folder.write(record(.hundred, label: 3), to: "cifar-100-binary/train.bin")
    #expect(failure(folder.path) == .twoDataSets(folder.path))
  }

  // MARK: What is wrong

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

  @Test func `a missing folder, and a pipe in its place`() throws {
    #expect(failure("/nowhere/at/all") == .missingFolder("/nowhere/at/all"))
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/data_batch_1.bin"
    #expect(mkfifo(path, 0o600) == 0)
    #expect(failure(folder.path) == .unreadable(file: path, reason: "it is no regular file"))
  }

  @Test func `a device without an end is not read for ever`() {
    #expect(
      failure("/dev/zero")
        == .unreadable(file: "/dev/zero", reason: "expected at most 268435456 bytes, found more"))
  }

  @Test func `a folder without batches, and without those of a part`() throws {
    let folder = try TemporaryFolder()
    try folder.write([1], to: "notes.txt")
    let all = CIFAR.ten.names() + ["train.bin", "test.bin"]
    #expect(failure(folder.path) == .noBatchFile(folder: folder.path, expected: all, .other))
    try folder.write(record(label: 1), to: "data_batch_1.bin")
    #expect(
      failure(folder.path, .test)
        == .noBatchFile(folder: folder.path, expected: ["test_batch.bin"], .other))
  }

  @Test(arguments: [
    ("cifar-10-binary.tar.gz", "unpack", "cifar-10-binary.tar.gz with tar -xf"),
    ("batches.meta", "belongs to the Python or Matlab version", "binary version"),
    ("cat/1.png", "must be converted to PPM", "cat/1.png"),
    ("photos/cat/1.JPEG", "must be converted to PPM", "photos/cat/1.JPEG"),
    ("1.jpg", "must be converted to PPM", "1.jpg"),
  ])
  func `what is there instead is named`(_ name: String, _ words: String, _ more: String) throws {
    let folder = try TemporaryFolder()
    try folder.write([1], to: name)
    let text = failure(folder.path).map { "\($0)" } ?? ""
    #expect(text.hasPrefix("no batch file in \(folder.path): expected data_batch_1.bin"), "\(text)")
    #expect(text.contains(words) && text.contains(more), "\(text)")
  }

  @Test(arguments: [
    ([0x1F, 0x8B, 8, 0], "a gzip archive", "unpack it with tar -xf"),
    (Array("PK\u{3}\u{4}..".utf8), "a zip archive", "unpack it"),
    ([0x80, 2, 0x7D, 0x71], "a pickle of Python", "\"binary version\""),
    (Array("MATLAB 5.0 MAT-file".utf8), "a file of Matlab", "\"binary version\""),
    ([0x89] + Array("PNG\r\n".utf8), "a PNG picture", "a folder for each class"),
    (Array("<!DOCTYPE html>".utf8), "a page of the web", "fetch it again"),
  ])
  func `a file of another kind is named, whatever its size`(
    _ start: [UInt8], _ words: String, _ hint: String
  ) throws {
    let folder = try TemporaryFolder()
    for (count, name) in [(1000, "a.bin"), (3073, "b.bin"), (3074, "c.bin")] {
      try folder.write(start + [UInt8](repeating: 0, count: count - start.count), to: name)
      let text = failure("\(folder.path)/\(name)").map { "\($0)" } ?? ""
      #expect(text.contains("found \(words)\n") && text.contains(hint), "\(text)")
    }
    try folder.write(start, to: "d/data_batch_1.bin")
    #expect(failure("\(folder.path)/d").map { "\($0)" }?.contains("found \(words)\n") == true)
  }

  @Test(arguments: [0, 1, 3072, 3073 * 2 + 10, 3073 - 1])
  func `broken records, with file and place`(_ bytes: Int) throws {
    let folder = try TemporaryFolder()
    try folder.write([UInt8](repeating: 0, count: bytes), to: "data_batch_1.bin")
    let file = "\(folder.path)/data_batch_1.bin"
    let error = failure(folder.path)
    #expect(error == .brokenRecord(file: file, bytes: bytes, recordBytes: 3073))
    #expect(
      "\(error.map { "\($0)" } ?? "")"
        .contains(bytes == 0 ? "an empty file" : "byte offset \(bytes / 3073 * 3073)"))
  }

  @Test func `a label that is no class, with record and file`() throws {
    let folder = try TemporaryFolder()
    try folder.write(record(label: 3) + record(label: 10), to: "data_batch_1.bin")
    #expect(
      failure(folder.path)
        == .badLabel(
          file: "\(folder.path)/data_batch_1.bin", record: 1, label: 10, classes: 10,
          set: "CIFAR-10"))
    for (labels, wrong, classes) in [([3, 100], 100, 100), ([20, 99], 20, 20)]
      as [([UInt8], Int, Int)]
    {
      let file = "\(folder.path)/x.bin"
      try folder.write(labels + [UInt8](repeating: 1, count: 3072), to: "x.bin")
      #expect(
        failure(file)
          == .badLabel(file: file, record: 0, label: wrong, classes: classes, set: "CIFAR-100"))
    }
  }

  @Test(.enabled(if: DevelopmentData.cifar10 != nil, "TOPONAS_CIFAR10 names no folder"))
  func `the real files hold what is known of them`() throws {
    let images = try images(try #require(DevelopmentData.cifar10))
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
