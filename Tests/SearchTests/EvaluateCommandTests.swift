import Foundation
import SearchSpaces
import TestSupport
import Testing

/// `toponas evaluate` as a process.
@Suite("toponas evaluate", .serialized)
struct EvaluateCommandTests {
  private let root = NSTemporaryDirectory() + "toponas-evaluate-\(UUID().uuidString)"
  private static let cell =
    "|nor_conv_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|skip_connect~0|none~1|avg_pool_3x3~2|"

  /// A training of a second.
  private func evaluate(
    _ folder: String, _ genotype: String = cell, _ more: [String] = []
  ) throws -> ProgramOutcome {
    try toponas(
      [
        "evaluate", "--genotype", genotype, "--channels", "2", "--train-images", "40",
        "--test-images", "20", "--batch", "20", "--epochs", "2", "--out", "\(root)/\(folder)",
      ] + more)
  }

  private func read(_ name: String) throws -> String {
    try String(contentsOfFile: "\(root)/\(name)", encoding: .utf8)
  }

  @Test func `a training leaves its folder and tells the accuracy on test images`() throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    let outcome = try evaluate("run")
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.output.hasPrefix("genotype  \(Self.cell)\nnetwork   C = 2, N = 1: "))
    #expect(outcome.error.contains("40 training images, 20 test images"))
    let files = try FileManager.default.contentsOfDirectory(atPath: "\(root)/run").sorted()
    #expect(
      files == [
        ".lock", "checkpoint.bin", "checkpoint.previous.bin", "config.json", "genotype.json",
        "metrics.jsonl", "report.html", "summary.json",
      ])
    let metrics = try read("run/metrics.jsonl").split(separator: "\n")
    #expect(metrics.count == 2)
    let last = try jsonObject(String(metrics[1]))
    let summary = try jsonObject(read("run/summary.json"))
    for key in ["test_accuracy", "test_loss", "training_accuracy"] {
      #expect(summary[key] as? Double == last[key] as? Double && summary[key] != nil, "\(key)")
    }
    let peaks = [last, summary].compactMap { $0["peak_memory_bytes"] as? Int }
    #expect(peaks.count == 2 && peaks == peaks.sorted())
    // The genotype of the folder can be evaluated again.
    let again = try evaluate("again", "\(root)/run/genotype.json", ["--threads", "1", "--quiet"])
    #expect(again.status == 0 && again.error.isEmpty)
    let repeated = try jsonObject(read("again/summary.json"))
    #expect(repeated["test_loss"] as? Double == summary["test_loss"] as? Double)
  }

  @Test func `DARTS V2 has the published number of parameters`() throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    let outcome = try evaluate(
      "v2", "\(DARTSGenotype.dartsV2)",
      ["--channels", "36", "--cells", "20", "--train-images", "10", "--test-images", "10"]
        + ["--batch", "5", "--epochs", "1"])
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.output.contains("C = 36, 20 cells: 3,349,342 parameters (the auxiliary head"))
    let summary = try jsonObject(read("v2/summary.json"))
    #expect(summary["parameters"] as? Int == 3_349_342)
    #expect(summary["auxiliary_parameters"] as? Int == 476_426)
    #expect(summary["macs"] as? Int == 528_359_050)
  }

  @Test(arguments: ["NASNet", "AmoebaNet", "FairDARTS_a"])
  func `published cells of other sizes are trained, and their runs read again`(
    _ name: String
  ) throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    let size = ["--channels", "2", "--cells", "3"]
    let outcome = try evaluate(name, name, size)
    #expect(outcome.status == 0, "\(outcome.error)")
    let again = try evaluate("again", "\(root)/\(name)", size + ["--quiet"])
    #expect(again.status == 0 && again.error.isEmpty, "\(again.error)")
    let losses = try [name, "again"].map {
      try jsonObject(read("\($0)/summary.json"))["test_loss"] as? Double
    }
    #expect(losses[0] != nil && losses[0] == losses[1])
    let resumed = try toponas(["evaluate", "--resume", "\(root)/\(name)"])
    #expect(resumed.status == 0 && resumed.output.hasPrefix("finished  2 epochs"))
  }

  @Test func `of two genotypes in a text the last is trained, which is said`() throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    let outcome = try evaluate(
      "run", "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|\n\(Self.cell)")
    #expect(outcome.status == 0 && outcome.output.hasPrefix("genotype  \(Self.cell)\n"))
    #expect(outcome.error.hasPrefix("note: --genotype: 2 genotypes are there; taken is the last"))
  }

  @Test func `options change the settings`() throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    let outcome = try evaluate(
      "run", "\(DARTSGenotype.dartsV1)",
      ["--no-auxiliary", "--drop-path", "0.3", "--cutout", "8", "--learning-rate", "0.01"])
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(!outcome.output.contains("auxiliary"))
    let config = try jsonObject(read("run/config.json"))
    let settings = try #require(config["settings"] as? [String: Any])
    #expect(settings["drop_path"] as? Double == 0.3 && settings["cutout"] as? Int == 8)
    #expect(settings["learning_rate"] as? Double == 0.01 && settings["auxiliary_weight"] == nil)
    #expect(config["space"] as? String == "darts" && config["cells"] as? Int == 3)
  }

  @Test(.enabled(if: DevelopmentData.cifar10 != nil, "TOPONAS_CIFAR10 names no folder"))
  func `a training on real images`() throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    let data = try #require(DevelopmentData.cifar10)
    let outcome = try evaluate("run", Self.cell, ["--preset", "small", "--data", data])
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.error.contains("40 training images, 20 test images of 10 classes"))
  }

  /// A test needs no images to train on, and the auxiliary head none of another size.
  @Test func `weights are tested on test images alone, of the size that they have`() throws {
    let files = try TemporaryFolder()
    for part in ["train", "test"] {
      for label in ["a", "b", "c"] {
        for index in 0..<8 {
          let pixels = (0..<24 * 24).map { UInt8(truncatingIfNeeded: $0 * (index + 3)) }
          try files.write(
            Array("P5 24 24 255\n".utf8) + pixels, to: "\(part)/\(label)/\(index).pgm")
        }
      }
    }
    let words = [
      "evaluate", "--genotype", "\(DARTSGenotype.dartsV1)", "--data", files.path, "--channels", "2",
      "--batch", "6", "--train-images", "24", "--test-images", "24", "--out",
    ]
    let training = try toponas(words + ["\(files.path)/.run", "--epochs", "1"])
    #expect(training.status == 0, "\(training.error)")
    #expect(training.error.contains("note     no auxiliary head, which is made for images of 32"))
    #expect(training.error.contains("24 training images, 24 test images of 3 classes, 24 x 24"))
    let config = try jsonObject(
      String(decoding: try files.read(".run/config.json"), as: UTF8.self))
    #expect(config["images"] as? [String: Int] == ["classes": 3, "extent": 24])
    let refused = try toponas(words + ["\(files.path)/.no", "--auxiliary"])
    #expect(refused.status == 64)
    #expect(refused.error.contains("made for images of 32 x 32 pixels, found 24 x 24"))

    let weights = "\(files.path)/weights"
    #expect(try toponas(["export", "\(files.path)/.run", "--out", weights]).status == 0)
    try FileManager.default.removeItem(atPath: "\(files.path)/train")
    let tested = try toponas(
      words + ["\(files.path)/.test", "--epochs", "0", "--weights", weights])
    #expect(tested.status == 0, "\(tested.error)")
    #expect(
      tested.error.contains(": 24 test images of 3 classes, 24 x 24 pixels\ntest     as it is"))
    let rehearsed = try toponas(
      words.dropLast() + ["--epochs", "0", "--weights", weights, "--dry-run"])
    #expect(rehearsed.status == 0, "\(rehearsed.error)")
    let summaries = try [".run", ".test"].map {
      try jsonObject(String(decoding: files.read("\($0)/summary.json"), as: UTF8.self))
    }
    // The file of weights holds 32 bits per number, whatever the precision of the program.
    let losses = try summaries.map { try #require($0["test_loss"] as? Double) }
    #expect(abs(losses[0] - losses[1]) <= 1e-6 * losses[0])
    #expect(summaries[0]["auxiliary_parameters"] as? Int == 0)
  }

  @Test(
    arguments: [
      ([], 64, "--genotype is needed"),
      (
        ["--genotype", cell, "--drop-path", "0.2"], 64,
        "--drop-path: a cell of NAS-Bench-201 is trained without"
      ),
      (
        ["--genotype", cell, "--no-auxiliary"], 64,
        "--auxiliary: a cell of NAS-Bench-201 is trained without"
      ),
      (["--genotype", cell, "--preset", "paper"], 64, "--preset paper is for real images"),
      (["--genotype", cell, "--train-images", "10"], 64, "fewer than a batch of 64"),
      (["--genotype", cell, "--data", "/nowhere"], 66, "no folder at /nowhere"),
      (["--genotype", "mars"], 65, "line 1, column 1: expected a genotype"),
      (["--genotype", "\(DARTSGenotype.dartsV1)", "--cells", "1"], 64, "--cells 1: a network"),
      (["--genotype", cell, "--out", "/proc/version/x"], 73, "cannot create the run folder"),
    ])
  func `wrong input gets one message and its code`(
    _ arguments: [String], _ status: Int32, _ message: String
  ) throws {
    let outcome = try toponas(["evaluate"] + arguments)
    #expect(outcome.status == status)
    #expect(outcome.error.hasPrefix("error: "))
    #expect(outcome.error.contains(message), "\(outcome.error)")
    #expect(outcome.output.isEmpty)
  }
}
