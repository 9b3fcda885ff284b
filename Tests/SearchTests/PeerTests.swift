import Datasets
import Foundation
import SearchMethods
import SearchSpaces
import TensorFiles
import Tensors
import TestSupport
import Testing

/// Search steps that another implementation repeats.
@Suite("Peers", .serialized)
final class PeerTests {
  private let root = NSTemporaryDirectory() + "toponas-peers-\(UUID().uuidString)"

  init() throws {
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: root) }

  /// Writes some steps of a small supernet, and returns the file's path.
  private func export(
    _ space: String, channels: Int = 2, batch: Int = 4, steps: Int = 2, _ more: [String] = [],
    to name: String = "steps"
  ) throws -> String {
    let path = "\(root)/\(name).safetensors"
    let outcome = try toponas(
      [
        "bench", "export", "--space", space, "--cells", space == "darts" ? "3" : "1", "--channels",
        "\(channels)", "--batch", "\(batch)", "--steps", "\(steps)", "--out", path,
      ] + more)
    try #require(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.output.hasPrefix("wrote \(path): \(space), C = \(channels), "))
    return path
  }

  // MARK: The file

  @Test func `the steps are those of a search`() throws {
    let file = try SafeTensors(contentsOf: export("nasbench201", steps: 3))
    let seed = RandomGenerator(seed: 1)
    let network = NASBench201Supernet(
      .nasBench201, channels: 2, cellsPerStage: 1, classes: 10, seed: seed)
    func state() -> [String: Tensor] {
      let all = network.parameters + network.architectureParameters + network.buffers
      return Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0.value) })
    }
    func check(_ time: String) {
      let state = state()
      for (name, value) in state {
        expectClose(
          file.tensor("\(time).\(name)") ?? .zeros([]), value, absolute: 2e-7, relative: 1e-6,
          "\(time).\(name)")
      }
      #expect(file.entries.keys.count { $0.hasPrefix("\(time).") } == state.count)
    }
    check("before")
    let images = SyntheticImages.make(count: 2 * 3 * 4, seed: 1)
    let settings = SearchSettings(epochs: 50, batchSize: 4)
    var losses: [Double] = []
    struct EpochDone: Error {}
    #expect(throws: EpochDone.self) {
      try BilevelSearch(network, images, settings, seed: seed).run { event in
        guard case .step(_, _, _, let loss) = event else { throw EpochDone() }
        losses.append(loss)
        if losses.count == 3 { check("after") }
      }
    }
    expectClose(file.tensor("training.losses")?.doubles ?? [], losses, absolute: 2e-7)
  }

  @Test(arguments: ["nasbench201", "darts"])
  func `the file holds batches, and is the same for any number of threads`(
    _ space: String
  ) throws {
    let one = try export(space, ["--threads", "1"], to: "one")
    let two = try export(space, ["--threads", "2"], to: "two")
    let other = try export(space, ["--seed", "2"], to: "other")
    let bytes = try Data(contentsOf: URL(fileURLWithPath: one))
    #expect(try Data(contentsOf: URL(fileURLWithPath: two)) == bytes)
    #expect(try Data(contentsOf: URL(fileURLWithPath: other)) != bytes)
    let file = try SafeTensors(contentsOf: one)
    #expect(file.metadata["space"] == space && file.metadata["scalar"] == "\(Scalar.self)")
    for half in ["training", "validation"] {
      #expect(file["\(half).images"]?.shape == [2, 4, 32, 32, 3])
      guard case .integers(let labels, [2, 4]) = file["\(half).labels"] else {
        Issue.record("\(half).labels: \(String(describing: file["\(half).labels"]))")
        return
      }
      #expect(labels.allSatisfy { 0..<10 ~= $0 })
      #expect(file["\(half).losses"]?.shape == [2])
    }
  }

  @Test(arguments: [
    (["--out", "/proc/no/x"], 73, "cannot write /proc/no/x"),
    (["--space", "darts", "--cells", "2"], 64, "--cells 2: a supernet of darts has 3 cells"),
    (["--step", "2"], 64, "unknown option '--step'. Did you mean '--steps'?"),
  ])
  func `wrong input gets one message and its code`(
    _ more: [String], _ status: Int32, _ message: String
  ) throws {
    let outcome = try toponas(
      ["bench", "export", "--channels", "1", "--cells", "1", "--batch", "1", "--steps", "1"] + more)
    #expect(outcome.status == status)
    #expect(outcome.error.hasPrefix("error: \(message)"), "\(outcome.error)")
  }

  // MARK: PyTorch

  private static let hasPython = ConditionTrait.enabled(
    if: DevelopmentData.python != nil, "TOPONAS_PYTHON names no Python with PyTorch")

  /// Runs a script of `Tests/Peers`.
  private func python(_ script: String, _ arguments: [String]) throws -> ProgramOutcome {
    try runPython([peersFolder + script] + arguments)
  }

  /// In single precision rounding grows from step to step, so only two steps say something certain.
  private var steps: Int { isDoublePrecision ? 5 : 2 }

  @Test(
    hasPython, .timeLimit(.minutes(5)), arguments: ["nasbench201", "darts"],
    ["channels_last", "nchw"])
  func `PyTorch computes the same steps`(_ space: String, _ layout: String) throws {
    let file = try export(space, channels: 4, batch: 16, steps: steps)
    let outcome = try python(
      "check_equal.py",
      [file, "--layout", layout, "--alpha-gradients", layout == "nchw" ? "all" : "alpha"])
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.error)")
    #expect(outcome.output.hasSuffix(": equal\n"))
  }

  /// What a wrong number must be noticed in; in single precision the losses alone are judged.
  private static let judged =
    ["training.losses", "validation.losses"]
    + (isDoublePrecision
      ? [
        "after.alpha", "after.classifier.bias",
        "after.cells.1.edge0to1.nor_conv_3x3.bn.runningMean",
      ] : [])

  @Test(hasPython, arguments: judged)
  func `PyTorch notices what is not the same`(_ name: String) throws {
    let path = try export("nasbench201", channels: 4, batch: 16, steps: steps)
    var file = try SafeTensors(contentsOf: path)
    let value = try #require(file.tensor(name))
    file[name] = .scalars(value + Tensor(repeating: 0.1, shape: value.shape))
    try file.write(to: path)
    let outcome = try python("check_equal.py", [path])
    #expect(outcome.status == 1)
    #expect(outcome.output.hasSuffix(": NOT EQUAL\n"), "\(outcome.output)\(outcome.error)")
  }

  @Test(hasPython) func `a weight that one side lacks is an error`() throws {
    let path = try export("nasbench201", channels: 4, batch: 16, steps: 1)
    var file = try SafeTensors(contentsOf: path)
    file["before.stem.conv.weight"] = nil
    file["before.surplus.weight"] = .scalars(Tensor(1))
    try file.write(to: path)
    let outcome = try python("check_equal.py", [path])
    #expect(outcome.status == 1)
    #expect(outcome.error.contains("the file lacks ['stem.conv.weight'], and has ['surplus."))
  }

  @Test(hasPython) func `another file is an error`() throws {
    for bytes in [Data(), Data(repeating: 65, count: 100)] {
      try bytes.write(to: URL(fileURLWithPath: "\(root)/other"))
      let outcome = try python("check_equal.py", ["\(root)/other"])
      #expect(outcome.status == 1)
      #expect(outcome.error.hasPrefix("error: \(root)/other is no file of toponas bench export: "))
    }
  }

  @Test(hasPython) func `the weights of the published size are equally many`() throws {
    let outcome = try python(
      "search_step.py",
      ["--space", "darts", "--batch", "2", "--steps", "1", "--warmup", "0", "--threads", "1"])
    let result = try #require(
      try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    #expect(result["parameters"] as? Int == 1_930_618 && result["logits"] as? Int == 224)
  }

  /// A program that takes 10 ms for a step, whatever it is asked.
  private func standIn(parameters: Int) throws -> String {
    let path = "\(root)/stand-in"
    try """
    #!/bin/sh
    echo '{"alpha_step_seconds": 0.004, "weight_step_seconds": 0.006, "step_seconds": 0.01,
      "parameters": \(parameters), "peak_memory_bytes": 1048576}'
    """.write(toFile: path, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    return path
  }

  private func compare(parameters: Int) throws -> ProgramOutcome {
    try python(
      "compare.py",
      [
        "--toponas", standIn(parameters: parameters), "--channels", "4", "--cells", "1", "--batch",
        "2", "--steps", "1", "--rounds", "2", "--threads", "1", "--layouts", "nchw", "--no-compile",
        "--json", "\(root)/compared.json",
      ])
  }

  @Test(hasPython) func `a comparison prints medians and ratios`() throws {
    let outcome = try compare(parameters: 25_054)
    #expect(outcome.status == 0, "\(outcome.error)")
    let lines = outcome.output.split(separator: "\n")
    #expect(lines[0].hasPrefix("nasbench201, C = 4, 1 cells, batch 2, threads 1: medians of 2 "))
    #expect(lines[2].contains("toponas plain") && lines[2].contains("10.0-10.0"))
    #expect(lines[3].contains("toponas simplified") && lines[4].contains("PyTorch nchw"))
    #expect(
      lines[5] == "toponas plain / toponas simplified: 1.00 x time, 1.00 x memory",
      "\(outcome.output)")
    let json = try Data(contentsOf: URL(fileURLWithPath: "\(root)/compared.json"))
    let programs = try #require(
      try JSONSerialization.jsonObject(with: json) as? [[String: Any]])
    #expect(programs.count == 3)
    let rounds = try #require(programs[2]["rounds"] as? [[String: Any]])
    let seconds = rounds.compactMap { $0["step_seconds"] as? Double }
    // The ratio to 10 ms, the median of two.
    let ratio = String(format: "%.2f", (seconds[0] + seconds[1]) / 0.02)
    #expect(lines[6].contains(" / toponas plain: \(ratio) x time"), "\(outcome.output)")
    #expect(lines[7].contains(" / toponas simplified: \(ratio) x time"), "\(outcome.output)")
    #expect(lines[8].hasPrefix("PyTorch is fastest in a step: PyTorch nchw"), "\(outcome.output)")
  }

  @Test(hasPython) func `networks of different sizes are not compared`() throws {
    let outcome = try compare(parameters: 25_055)
    #expect(outcome.status == 1)
    #expect(outcome.error.contains("error: the networks differ in their weights: "))
  }

  @Test(hasPython, .timeLimit(.minutes(5)), arguments: [("nasbench201", "1"), ("darts", "3")])
  func `training of a derived cell is compared in either space`(_ space: String, _ cells: String)
    throws
  {
    let outcome = try python(
      "compare.py",
      [
        "--toponas", toponasProcess().executableURL?.path ?? "", "--space", space, "--channels",
        "4",
        "--cells", cells, "--batch", "2", "--steps", "1", "--rounds", "1", "--threads", "1",
        "--layouts", "nchw",
        "--no-compile", "--training", "--training-channels", "4", "--training-cells", cells,
      ])
    #expect(outcome.status == 0, "\(outcome.error)")
    let rows = outcome.output.split(separator: "\n").filter {
      $0.hasPrefix("toponas plain  ") || $0.hasPrefix("PyTorch nchw")
    }
    #expect(outcome.output.contains("training ms") && rows.count >= 2, "\(outcome.output)")
    #expect(outcome.output.contains("PyTorch is fastest in a step of training: PyTorch nchw"))
  }
}
