import Foundation
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
    #expect(strict.error.hasSuffix("Hint: check a part of CIFAR-10 with --subset.\n"))
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

    try files.write(Array("P6 33 32 255\n".utf8), to: "sky/new.ppm")
    let damaged = try toponas(["data", "verify", files.path])
    #expect(damaged.status == 65)
    #expect(damaged.error.contains("sky/new.ppm: expected the width 32 at byte 3, found '33'"))
  }

  @Test(
    arguments: [
      (["data"], 64, "data needs one of fetch, verify, subset"),
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
