import Datasets
import Foundation
import TestSupport
import Testing

/// `toponas data subset` as a process.
@Suite("toponas data subset", .serialized)
struct DataSubsetTests {
  /// 6 images of each class; every byte of an image is its number.
  private func source() throws -> TemporaryFolder {
    let files = try TemporaryFolder()
    try files.writeRecords((0..<60).map { UInt8($0 % 10) }, to: "all/data_batch_1.bin")
    try files.writeRecords((0..<20).map { UInt8($0 / 2) }, to: "all/test_batch.bin")
    return files
  }

  private func subset(
    _ files: TemporaryFolder, _ count: Int, out: String, _ more: [String] = []
  ) throws -> ProgramOutcome {
    try toponas(
      [
        "data", "subset", "\(files.path)/all", "--images", "\(count)", "--out",
        "\(files.path)/\(out)",
      ]
        + more)
  }

  /// The labels and the numbers of the images in a file.
  private func content(_ files: TemporaryFolder, _ name: String) throws -> [[UInt8]] {
    let bytes = try files.read(name)
    return stride(from: 0, to: bytes.count, by: 3073).map { [bytes[$0], bytes[$0 + 1]] }
  }

  @Test func `the first of each class, in their order, as a folder to search on`() throws {
    let files = try source()
    let outcome = try subset(files, 23, out: "small")
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.output.contains("23 images, 3, 3, 3, 2, 2, 2, 2, 2, 2, 2 of each class"))
    let expected = (0..<23).map { [UInt8($0 % 10), UInt8($0)] }
    #expect(try content(files, "small/data_batch_1.bin") == expected)
    #expect(try subset(files, 10, out: "small", ["--part", "test"]).status == 0)
    #expect(
      try content(files, "small/test_batch.bin") == (0..<10).map { [UInt8($0), UInt8(2 * $0)] })

    let verified = try toponas(["data", "verify", "\(files.path)/small", "--subset"])
    #expect(verified.status == 0, "\(verified.error)")
    let search = try toponas([
      "search", "--data", "\(files.path)/small", "--channels", "2", "--cells", "1", "--epochs",
      "1", "--train-images", "20", "--batch", "8", "--out", "\(files.path)/run",
    ])
    #expect(search.status == 0, "\(search.error)")
    #expect(search.error.contains("20 images of 10 classes"))
  }

  @Test func `a seed chooses at random, evenly, and always the same`() throws {
    let files = try source()
    for (out, seed) in [("a.bin", "1"), ("b.bin", "1"), ("c.bin", "2")] {
      #expect(try subset(files, 20, out: out, ["--seed", seed]).status == 0)
    }
    let chosen = try content(files, "a.bin")
    for label in 0..<10 { #expect(chosen.count { $0[0] == UInt8(label) } == 2) }
    #expect(chosen.allSatisfy { $0[0] == $0[1] % 10 }, "each image keeps its label")
    #expect(Set(chosen.map { $0[1] }).count == 20)
    #expect(try content(files, "b.bin") == chosen)
    #expect(try content(files, "c.bin") != chosen)
    let search = try toponas([
      "search", "--data", "\(files.path)/a.bin", "--channels", "2", "--cells", "1", "--epochs",
      "1", "--train-images", "20", "--batch", "8", "--out", "\(files.path)/run",
    ])
    #expect(search.status == 0, "\(search.error)")
  }

  @Test func `records of CIFAR-100 stay as they are, coarse label included`() throws {
    let files = try TemporaryFolder()
    let records = (0..<300).map { index -> [UInt8] in
      let (coarse, fine) = (UInt8(index % 20), UInt8(index % 100))
      return [coarse, fine] + [UInt8](repeating: UInt8(index % 256), count: 3072)
    }
    try files.write(records.joined(), to: "all/train.bin")
    try files.write(records[..<100].joined(), to: "all/test.bin")
    let outcome = try subset(files, 250, out: "small")
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.output.contains("250 images, 2 to 3 of each class"))
    #expect(try files.read("small/train.bin") == Data(records[..<250].joined()))
    #expect(try subset(files, 100, out: "small", ["--part", "test", "--seed", "1"]).status == 0)
    #expect(try files.read("small/test.bin").count == 100 * 3074)
    let verified = try toponas(["data", "verify", "\(files.path)/small", "--subset"])
    #expect(verified.status == 0, "\(verified.error)")
    #expect(verified.output.contains("the 100 fine classes of CIFAR-100"))
    let rows = verified.output.split(separator: "\n").map { $0.split(separator: " ") }
    #expect(rows[1] == ["file", "bytes", "a", "class", "MD5", "check"])
    #expect(rows[2] == ["train.bin", "768,500", "2", "to", "3", "unknown", "ok"])
    #expect(rows[3] == ["test.bin", "307,400", "1", "unknown", "ok"])
  }

  @Test func `what is missing is told`() throws {
    let files = try source()
    let outcome = try subset(files, 10, out: "a.bin")
    #expect(
      outcome.error == "note    \(files.path)/all has no data_batch_2.bin, data_batch_3.bin, "
        + "data_batch_4.bin, data_batch_5.bin\n")
    #expect(try subset(files, 10, out: "b.bin", ["--part", "test"]).error == "")
  }

  @Test(.enabled(if: DevelopmentData.cifar10 != nil, "TOPONAS_CIFAR10 names no folder"))
  func `the first 200 of each class of the test set`() throws {
    let files = try TemporaryFolder()
    let outcome = try toponas([
      "data", "subset", try #require(DevelopmentData.cifar10), "--part", "test", "--images",
      "2000", "--out", "\(files.path)/test.bin",
    ])
    #expect(outcome.status == 0, "\(outcome.error)")
    let digest = try MD5(ofFile: "\(files.path)/test.bin").hexadecimal
    #expect(digest == "3b83ad0bd2145a0010536635902653b9")
  }

  @Test func `nothing is written over what is there`() throws {
    let files = try source()
    let before = try files.read("all/data_batch_1.bin")
    let outcome = try subset(files, 10, out: "all")
    #expect(outcome.status == 73)
    #expect(outcome.error.contains("all/data_batch_1.bin exists already"), "\(outcome.error)")
    #expect(try files.read("all/data_batch_1.bin") == before)
    let inFile = try subset(files, 10, out: "all/data_batch_1.bin/sub")
    #expect(inFile.status == 73)
    #expect(inFile.error.contains("cannot create the folder of"), "\(inFile.error)")
  }

  @Test func `of pictures no subset is made, for none is needed`() throws {
    let files = try TemporaryFolder()
    for name in ["a/1.ppm", "a/2.ppm", "b/1.ppm", "b/2.ppm"] {
      try files.write(Array("P6 8 8 255 ".utf8) + [UInt8](repeating: 9, count: 192), to: name)
    }
    let subset = try toponas([
      "data", "subset", files.path, "--images", "2", "--out", "\(files.path)/x",
    ])
    #expect(subset.status == 65)
    #expect(subset.error.contains("found a folder of pictures for each class\nHint: no subset is"))
    let search = try toponas(["search", "--data", files.path, "--out", "\(files.path)/.run"])
    #expect(search.status == 65)
    #expect(
      search.error.hasSuffix(
        "found 4 (2, 2 a class)\nHint: ask for at most 4 images, or add others.\n"
          + "Hint: --train-images N says how many.\n"), "\(search.error)")
  }

  @Test func `what is missing or too much`() throws {
    let files = try source()
    let all = "\(files.path)/all"
    for (arguments, status, message) in [
      ([], 64 as Int32, "DIR is needed"), ([all], 64, "--images is needed"),
      ([all, "--images", "10"], 64, "--out is needed"),
      ([all, "--images", "0"], 64, "--images: expected a whole number from 1"),
      ([all, "--images", "9", "--part", "tests", "--out", "x"], 64, "--part: expected one of"),
      (["/nowhere", "--images", "9", "--out", "x"], 66, "no folder at /nowhere"),
      ([all, "--images", "61", "--out", "x"], 65, "61 images wanted, evenly from all classes"),
    ] {
      let outcome = try toponas(["data", "subset"] + arguments)
      #expect(outcome.status == status)
      #expect(outcome.error.contains(message), "\(outcome.error)")
    }
  }
}
