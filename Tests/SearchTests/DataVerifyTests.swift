import Foundation
import SearchSpaces
import TestSupport
import Testing

/// `toponas data verify`, and what `--data` takes, as processes.
@Suite("toponas data verify", .serialized)
struct DataVerifyTests {
  @Test func `what is wrong with each batch, and the rest all the same`() throws {
    let files = try TemporaryFolder()
    try files.writeRecords([1, 1, 3], to: "data_batch_1.bin")
    try files.writeRecords([1, 11], to: "test_batch.bin")
    let strict = try toponas(["data", "verify", files.path])
    #expect(strict.status == 65)
    for name in ["data_batch_1.bin", "test_batch.bin"] {
      #expect(
        strict.error.contains("error: \(files.path)/\(name): expected 30730000 bytes, found "))
    }
    #expect(strict.error.hasSuffix("Hint: check a part of the data set with --subset.\n"))
    let loose = try toponas(["data", "verify", "--subset", files.path])
    #expect(loose.status == 65)
    #expect(loose.error.contains("test_batch.bin: record 1 has label 11, expected 0 to 9"))
    #expect(!loose.error.contains("data_batch_1.bin") && !loose.error.contains("--subset"))
    let rows = loose.output.split(separator: "\n").map { $0.split(separator: " ") }
    let expected = "data_batch_1.bin 9,219 0 2 0 1 0 0 0 0 0 0 unknown ok"
    #expect(rows[0] == [files.path[...]])
    #expect(rows[2] == expected.split(separator: " "))
    #expect(rows[3].last == "wrong")
    #expect(loose.output.contains("not there: data_batch_2.bin, data_batch_3.bin"))
  }

  @Test func `the same for other programs`() throws {
    let files = try TemporaryFolder()
    try files.writeRecords([4], to: "cifar-10-batches-bin/data_batch_1.bin")
    let outcome = try toponas(["data", "verify", files.path, "--subset", "--json"])
    #expect(outcome.status == 0, "\(outcome.error)")
    let report = try jsonObject(outcome.output)
    let batch = try #require((report["files"] as? [[String: Any]])?.first)
    #expect(batch["images_per_class"] as? [Int] == [0, 0, 0, 0, 1, 0, 0, 0, 0, 0])
    #expect(batch["is_official"] as? Bool == false)
    #expect((batch["md5"] as? String)?.count == 32)
  }

  @Test(.enabled(if: DevelopmentData.cifar10 != nil, "TOPONAS_CIFAR10 names no folder"))
  func `the real files`() throws {
    let outcome = try toponas(["data", "verify", try #require(DevelopmentData.cifar10)])
    #expect(outcome.status == 0, "\(outcome.error)")
    let row = try #require(outcome.output.split(separator: "\n").dropFirst(2).first)
    let expected =
      "data_batch_1.bin 30,730,000 1,005 974 1,032 1,016 999 937 1,030 1,001 1,025 981 official ok"
    #expect(row.split(separator: " ") == expected.split(separator: " "), "\(outcome.output)")
  }

  @Test func `a folder for each class is counted, and searched`() throws {
    let files = try TemporaryFolder()
    try files.writePixmaps(["sea", "land", "sky"], count: 12)
    let outcome = try toponas(["data", "verify", files.path])
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(
      outcome.output == """
        class  training images
        land                12
        sea                 12
        sky                 12
        pictures of 32 x 32 pixels

        """)
    let search = try toponas([
      "search", "--data", files.path, "--channels", "2", "--cells", "1", "--epochs", "1",
      "--train-images", "30", "--batch", "8", "--out", "\(files.path)/.run",
    ])
    #expect(search.status == 0, "\(search.error)")
    #expect(search.error.contains("30 images of 3 classes"))
    let evaluation = try toponas([
      "evaluate", "--data", files.path, "--genotype", "\(files.path)/.run/genotype.json",
      "--train-images", "30",
    ])
    #expect(evaluation.status == 66)
    #expect(evaluation.error.contains("no test images at \(files.path)"))

    try files.write([1], to: "sky/new.png")
    let other = try toponas(["data", "verify", files.path])
    #expect(other.status == 0)
    let omission = "left out: \(files.path)/sky/new.png, which is no PPM or PGM picture"
    #expect(other.output.hasSuffix("pixels\n\(omission)\n"))
    let json = try jsonObject(try toponas(["data", "verify", files.path, "--json"]).output)
    #expect(json["left_out"] as? [String] == [omission] && json["extent"] as? Int == 32)

    try files.write(Array("P6 33 32 255\n".utf8), to: "sky/new.ppm")
    let damaged = try toponas(["data", "verify", files.path])
    #expect(damaged.status == 65)
    #expect(damaged.error.contains("sky/new.ppm: expected as many rows as columns"))
    #expect(damaged.error.hasSuffix("makes such a folder of any pictures.\n"))
  }

  @Test func `what is left out is told by whoever reads the images`() throws {
    let files = try TemporaryFolder()
    for part in ["train", "test"] {
      try files.writePixmaps(["\(part)/land", "\(part)/sea"], count: 12)
      try files.write([1], to: "\(part)/sea/x.png")
    }
    try files.writePixmaps(["val/land", "val/sea"], count: 2)
    let small = [
      "--data", files.path, "--channels", "2", "--cells", "1", "--epochs", "1", "--batch", "8",
      "--train-images", "20", "--out",
    ]
    let search = try toponas(["search"] + small + ["\(files.path)/.run"])
    #expect(search.status == 0, "\(search.error)")
    let notes = [
      "note     left out: \(files.path)/train/sea/x.png, which is no PPM or PGM picture\n",
      "note     left out: \(files.path)/val, which is neither trained nor tested on\n",
    ]
    #expect(search.error.hasPrefix(notes.joined()), "\(search.error)")
    let evaluation = try toponas(
      ["evaluate", "--genotype", "\(files.path)/.run", "--test-images", "20"] + small
        + ["\(files.path)/.eval"])
    #expect(evaluation.status == 0, "\(evaluation.error)")
    #expect(evaluation.error.contains("\(files.path)/test/sea/x.png, which is no PPM"))
    let quiet = try toponas(["search", "--quiet"] + small + ["\(files.path)/.quiet"])
    #expect(quiet.error == "", "\(quiet.error)")
  }

  @Test func `a file where a folder is wanted is told as what it is`() throws {
    let files = try TemporaryFolder()
    let (archive, other) = ("\(files.path)/cifar.tar.gz", "\(files.path)/notes")
    try files.write([0x1F, 0x8B, 8, 0, 1, 2, 3], to: "cifar.tar.gz")
    try files.write("what I did".utf8, to: "notes")
    let subset = ["--images", "10", "--out", "\(files.path)/out"]
    let made = ["--out", "\(files.path)/out"]
    for words in [["verify", archive], ["subset", archive] + subset, ["import", archive] + made] {
      let outcome = try toponas(["data"] + words)
      #expect(outcome.error.contains("cifar.tar.gz: expected a folder of "), "\(outcome.error)")
      #expect(outcome.error.contains(", found a gzip archive\nHint: unpack it with tar -xf, and"))
    }
    for words in [["verify", other], ["subset", other] + subset, ["import", other] + made] {
      let outcome = try toponas(["data"] + words)
      #expect(outcome.status == 66)
      #expect(outcome.error.contains("notes: expected a folder of "), "\(outcome.error)")
      #expect(outcome.error.contains(", found a file\nHint: name the folder "))
    }
    for command in [["search"], ["evaluate", "--genotype", "\(DARTSGenotype.dartsV1)"]] {
      let outcome = try toponas(command + ["--data", archive])
      #expect(outcome.error.contains("cifar.tar.gz: expected"), "\(outcome.error)")
    }
  }

  @Test(
    arguments: [
      (["data"], 64, "data must be followed by one of fetch, verify, subset, import"),
      (["data", "verify"], 64, "DIR is needed"),
      (["data", "verify", "/nowhere"], 66, "no folder at /nowhere"),
      (["data", "verify", "/usr"], 66, "no batch file in /usr"),
    ])
  func `wrong input gets one message and its code`(
    _ arguments: [String], _ status: Int32, _ message: String
  ) throws {
    try expectRefusal(arguments, status, message)
  }
}
