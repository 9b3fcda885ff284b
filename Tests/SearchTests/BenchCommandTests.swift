import Foundation
import TestSupport
import Testing

/// `toponas bench` as a process.
@Suite("toponas bench", .serialized)
struct BenchCommandTests {
  private func json(_ arguments: [String]) throws -> [String: Any] {
    let outcome = try toponas(["bench"] + arguments + ["--json"])
    #expect(outcome.status == 0, "\(outcome.error)")
    return try #require(
      try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
  }

  /// A step of a moment.
  private static let tiny = [
    "step", "--channels", "2", "--cells", "1", "--batch", "4", "--warm-up", "1",
  ]

  // MARK: step

  @Test func `a step has times, losses, sizes, and tells its machine`() throws {
    let result = try json(Self.tiny + ["--steps", "3", "--threads", "1"])
    for (key, value) in [
      ("channels", 2), ("cells", 1), ("batch", 4), ("steps", 3), ("threads", 1), ("logits", 30),
    ] {
      #expect(result[key] as? Int == value, "\(key)")
    }
    #expect(result["space"] as? String == "nasbench201" && result["simplified"] as? Bool == true)
    let times = try ["alpha_step_seconds", "weight_step_seconds", "step_seconds"].map {
      try #require(result[$0] as? Double)
    }
    #expect(times.allSatisfy { $0 > 0 } && times[2] >= max(times[0], times[1]))
    for key in ["alpha_step", "weight_step", "step"] {
      let work = try #require(result["\(key)_processor_quartiles"] as? [String: Double])
      let (lower, median, upper) = (work["lower"] ?? 0, work["median"] ?? 0, work["upper"] ?? 0)
      #expect(0 < lower && lower <= median && median <= upper, "\(key)")
    }
    let losses = try #require(result["losses"] as? [Double])
    #expect(losses.count == 3 && losses.allSatisfy { $0.isFinite && $0 > 0 })
    #expect(try #require(result["parameters"] as? Int) > 1000)
    let bytes = try ["predicted_peak_bytes", "peak_tensor_bytes", "peak_memory_bytes"].map {
      try #require(result[$0] as? Int)
    }
    #expect(abs(Double(bytes[0]) / Double(bytes[1]) - 1) < 0.1, "\(bytes)")
    #expect(bytes[1] < bytes[2], "the process holds more than its tensors")
    let build = try #require(result["build"] as? [String: String])
    #expect(build.keys.sorted() == ["configuration", "kernels"])
    #expect(result["cpu"] is String && result["profile"] == nil)
  }

  @Test func `the losses are those of a search`() throws {
    let root = NSTemporaryDirectory() + "toponas-bench-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: root) }
    // One step of one epoch, on the same images: its loss is the mean of the epoch.
    let outcome = try toponas(
      [
        "search", "--channels", "2", "--cells", "1", "--batch", "4", "--epochs", "1",
        "--train-images", "8", "--out", root,
      ])
    #expect(outcome.status == 0, "\(outcome.error)")
    let line = try String(contentsOfFile: "\(root)/metrics.jsonl", encoding: .utf8)
    let metrics = try #require(
      try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    let result = try json(
      ["step", "--channels", "2", "--cells", "1", "--batch", "4", "--steps", "1", "--warm-up", "0"])
    #expect(result["losses"] as? [Double] == [try #require(metrics["training_loss"] as? Double)])
  }

  @Test func `losses depend on the seed alone, over several epochs of images`() throws {
    let steps = ["--steps", "20"]
    let first = try json(Self.tiny + steps)["losses"] as? [Double]
    #expect(first?.count == 20)
    #expect(try json(Self.tiny + steps + ["--threads", "1"])["losses"] as? [Double] == first)
    #expect(try json(Self.tiny + steps + ["--seed", "2"])["losses"] as? [Double] != first)
  }

  @Test func `the DARTS space, plain and simplified`() throws {
    let size = ["--space", "darts", "--cells", "3", "--steps", "1"]
    let plain = try json(Self.tiny + size + ["--no-simplify"])
    let simplified = try json(Self.tiny + size + ["--variant", "P"])
    #expect(plain["simplified"] as? Bool == false && plain["simplification"] == nil)
    #expect((simplified["simplification"] as? [String: Any])?["variant"] as? String == "P")
    let counts = try [plain, simplified].map { try #require($0["parameters"] as? Int) }
    #expect(counts[0] > counts[1])
  }

  @Test func `the profile adds up to the time of a step`() throws {
    let result = try json(Self.tiny + ["--steps", "2", "--profile"])
    let profile = try #require(result["profile"] as? [String: [[String: Any]]])
    #expect(profile.keys.sorted() == ["alpha_step", "weight_step"])
    for (part, rows) in profile {
      let shares = rows.compactMap { $0["share"] as? Double }
      #expect(shares.count == rows.count && abs(shares.reduce(0, +) - 1) < 1e-9, "\(part)")
      #expect(rows.last?["name"] as? String == "outside parallel loops")
      let calls = rows.first { $0["name"] as? String == "Convolution.forward" }?["calls"] as? Double
      #expect(try #require(calls) > 10)
    }
    let names = profile.mapValues { $0.compactMap { $0["name"] as? String } }
    #expect(names["weight_step"]?.contains("Convolution.weightGradient") == true)
    let text = try toponas(["bench"] + Self.tiny + ["--steps", "2", "--profile"]).output
    for word in ["alpha step  ", "weight step  ", "calls per step", "Convolution.forward", "both"] {
      #expect(text.contains(word), "\(word)")
    }
  }

  // MARK: kernels

  @Test func `a row for each shape and direction`() throws {
    let few = ["kernels", "--batch", "1", "--seconds", "0", "--filter", "relu + conv 1x1"]
    let result = try json(few + ["--threads", "1"])
    let rows = try #require(result["rows"] as? [[String: Any]])
    #expect(
      rows.map { $0["direction"] as? String }
        == ["forward", "input gradient", "weight gradient"].flatMap { [$0, $0, $0] })
    #expect(
      rows[0...2].map { $0["shape"] as? [Int] } == [
        [1, 32, 32, 16], [1, 16, 16, 32], [1, 8, 8, 64],
      ])
    for row in rows {
      let seconds = try #require(row["seconds"] as? Double)
      let channels = try #require((row["shape"] as? [Int])?.last)
      // 1024, 256 and 64 pixels of 16, 32 and 64 channels: as many products each.
      let flops = Double(2 * 1024 * 16 * 16)
      let rate = try #require(row["flop_rate"] as? Double)
      #expect(abs(rate * seconds / flops - 1) < 1e-6, "\(channels) channels")
      for key in ["share_of_peak", "bandwidth", "share_of_copy", "naive_factor"] {
        #expect(try #require(row[key] as? Double) > 0, "\(key)")
      }
    }
    let peaks = try #require(result["peaks"] as? [String: Double])
    #expect(peaks.count == 3 && peaks.values.allSatisfy { $0 > 0 && $0.isFinite })
  }

  @Test(arguments: ["pool", "moments", "sum"])
  func `kernels that only move memory`(_ filter: String) throws {
    let outcome = try toponas(
      ["bench", "kernels", "--batch", "1", "--seconds", "0", "--filter", filter])
    #expect(outcome.status == 0, "\(outcome.error)")
    let rows = outcome.output.split(separator: "\n").filter {
      $0.contains(" x ") && $0.contains("%")
    }
    #expect(rows.count == ["pool": 12, "moments": 3, "sum": 6][filter])
    #expect(rows.allSatisfy { $0.count { $0 == "%" } == 1 }, "no share of the multiply-adds")
    #expect(outcome.output.contains("x naive: time of the naive twin"))
  }

  @Test func `the roofline has the roofs, and a mark for each row that computes`() throws {
    let file = NSTemporaryDirectory() + "toponas-roofline-\(UUID().uuidString).svg"
    defer { try? FileManager.default.removeItem(atPath: file) }
    let few = ["kernels", "--batch", "1", "--seconds", "0", "--filter", "conv 3x3"]
    let rows = try #require(try json(few + ["--svg", file])["rows"] as? [[String: Any]])
    let svg = try String(contentsOfFile: file, encoding: .utf8)
    for name in ["conv 3x3", "conv 3x3 by Winograd", "copy in main memory", "GFLOP/s"] {
      #expect(svg.contains(name), "\(name)")
    }
    let names = Set(rows.filter { $0["flop_rate"] != nil }.compactMap { $0["kernel"] as? String })
    let families = Set(names.map { $0.replacing("ReLU + ", with: "") })
    // A sample of each family in the legend.
    #expect(
      svg.matches(of: /<circle/).count == rows.count { $0["flop_rate"] != nil } + families.count)
    let refused = try toponas(["bench"] + few + ["--svg", "/no/such/folder/roofline.svg"])
    #expect(refused.status != 0 && refused.error.contains("with --svg"), "\(refused.error)")
  }

  // MARK: Errors

  @Test func `a debug build says that it is one`() throws {
    let error = try toponas(["bench"] + Self.tiny + ["--steps", "1"]).error
    #if DEBUG
      #expect(error.hasPrefix("warning: a debug build") && error.count { $0 == "\n" } == 1)
    #else
      #expect(error.isEmpty)
    #endif
  }

  @Test(
    arguments: [
      (["kernels", "--filter", "fft"], "--filter 'fft': no kernel and direction"),
      (["kernels", "--space", "darts"], "unknown option '--space'"),
      (["kernels", "--seconds", "-1"], "--seconds: expected a number from 0 to 60"),
      (
        ["kernel"],
        "expected one of kernels, step, export, found 'kernel'. Did you mean 'bench kernels'?"
      ),
      ([], "bench must be followed by one of kernels, step, export"),
      (["step", "--steps", "0"], "--steps: expected a whole number from 1 to 500"),
      (["step", "--space", "darts", "--cells", "2"], "--cells 2: a supernet of darts has 3 cells"),
      (["step", "--no-simplify", "--variant", "P"], "--variant says how to simplify"),
    ])
  func `wrong input gets one message and its code`(_ arguments: [String], _ message: String) throws
  {
    let outcome = try toponas(["bench"] + arguments)
    #expect(outcome.status == 64)
    #expect(outcome.error.hasPrefix("error: "))
    #expect(outcome.error.contains(message), "\(outcome.error)")
    #expect(outcome.output.isEmpty)
  }

  @Test func `help of both`() throws {
    let both = try toponas(["bench", "--help"])
    #expect(both.status == 0 && both.output.contains("bench kernels|step|export [options]"))
    #expect(try toponas(["help", "bench", "step"]).output.contains("--profile, --no-profile"))
    #expect(try toponas(["bench", "kernels", "-h"]).output.contains("--filter TEXT"))
  }
}
