import Autodiff
import Datasets
import Foundation
import NeuralNetworks
import SearchMethods
import SearchSpaces
import TensorFiles
import Tensors
import TestSupport
import Testing

/// Weights that leave a run for another program, and come back.
@Suite("toponas export, evaluate --weights", .serialized)
final class ExchangeTests {
  private let root = NSTemporaryDirectory() + "toponas-exchange-\(UUID().uuidString)"
  private static let cell =
    "|nor_conv_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|skip_connect~0|none~1|avg_pool_3x3~2|"
  /// Every operation, in both kinds of cells.
  private static let cells = DARTSGenotype(
    normal: DARTSGenotype.Cell(
      [
        (.sepConv3x3, 0), (.sepConv5x5, 1), (.dilConv3x3, 0), (.dilConv5x5, 1), (.skipConnect, 2),
        (.maxPool3x3, 3), (.avgPool3x3, 1), (.none, 0),
      ].map { DARTSGenotype.Connection($0, from: $1) }),
    reduction: DARTSGenotype.Cell(
      [
        (.maxPool3x3, 0), (.skipConnect, 1), (.sepConv3x3, 0), (.dilConv5x5, 2), (.avgPool3x3, 1),
        (.sepConv5x5, 3), (.none, 1), (.dilConv3x3, 0),
      ].map { DARTSGenotype.Connection($0, from: $1) }, concatenated: [2, 4, 5]))

  init() throws {
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: root) }

  private static let images = ["--train-images", "40", "--test-images", "20", "--batch", "10"]

  /// Trains a derived cell for some steps, so that no number is where it began.
  private func train(_ genotype: String, _ more: [String] = []) throws {
    let outcome = try toponas(
      ["evaluate", "--genotype", genotype, "--channels", "4", "--epochs", "2", "--quiet"]
        + ["--out", "\(root)/run"] + Self.images + more)
    try #require(outcome.status == 0, "\(outcome.error)")
  }

  private func search(_ more: [String]) throws {
    let outcome = try toponas(
      ["search", "--channels", "4", "--train-images", "80", "--batch", "8", "--epochs", "2"]
        + ["--quiet", "--out", "\(root)/run"] + more)
    try #require(outcome.status == 0, "\(outcome.error)")
  }

  private func export(_ more: [String] = [], to name: String = "weights") throws -> String {
    let path = "\(root)/\(name).safetensors"
    let outcome = try toponas(["export", "\(root)/run", "--out", path] + more)
    try #require(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.output.hasPrefix("wrote     \(path): "))
    return path
  }

  /// Only tests, with the weights of a file; returns the loss.
  private func testLoss(_ file: String, _ more: [String] = []) throws -> Double? {
    let folder = "\(root)/\(UUID().uuidString)"
    let outcome = try toponas(
      ["evaluate", "--weights", file, "--epochs", "0", "--quiet", "--out", folder] + Self.images
        + more)
    #expect(outcome.status == 0, "\(outcome.error)")
    return try summary(folder)["test_loss"] as? Double
  }

  private func summary(_ folder: String) throws -> [String: Any] {
    try jsonObject(String(contentsOfFile: "\(folder)/summary.json", encoding: .utf8))
  }

  /// What the last checkpoint of the run has for a network: trained weights, alphas, running statistics.
  private func values() throws -> [String: Tensor] {
    let checkpoint = try CheckpointFile.read("\(root)/run/checkpoint.bin")
    let names = checkpoint.entries.keys.filter { $0.hasPrefix("value.") }
    try #require(!names.isEmpty)
    return try names.reduce(into: [:]) { values, name in
      let value: Tensor = try #require(checkpoint.tensor(name))
      values[String(name.dropFirst("value.".count))] = value
    }
  }

  // MARK: The file

  @Test func `layout swift has the names and numbers of the checkpoint, pytorch other axes`() throws
  {
    try train(Self.cell)
    let (own, theirs) = (
      try SafeTensors(contentsOf: export(["--layout", "swift"], to: "own")),
      try SafeTensors(contentsOf: export())
    )
    let values = try values()
    #expect(own.entries.count == values.count && theirs.entries.count == values.count)
    for (name, value) in values {
      expectClose(own.tensor(name) ?? .zeros([]), value, absolute: 0, relative: 1e-7, name)
    }
    let kernel = try #require(own.tensor("cells.0.edge0to1.nor_conv_3x3.conv.weight"))
    let turned = try #require(theirs.tensor("cells.0.edge0to1.nor_conv_3x3.conv.weight"))
    #expect(kernel.shape == [4, 3, 3, 4] && turned.shape == [4, 4, 3, 3])
    for o in 0..<4 {
      for (i, (y, x)) in zip(0..<4, [(0, 1), (2, 0), (1, 2), (2, 2)]) {
        #expect(turned[((o * 4 + i) * 3 + y) * 3 + x] == kernel[((o * 3 + y) * 3 + x) * 4 + i])
      }
    }
    #expect(theirs.tensor("last_norm.running_var") == own.tensor("lastNorm.runningVariance"))
    #expect(theirs.tensor("stem.bn.weight") == own.tensor("stem.bn.gain"))
    for (key, value) in [
      ("toponas_weights", "1"), ("network", "derived"), ("space", "nasbench201"), ("classes", "10"),
      ("genotype", Self.cell), ("channels", "4"), ("cells", "1"), ("layout", "pytorch"),
      ("progress", "the end of epoch 2"),
    ] { #expect(theirs.metadata[key] == value, "\(key)") }
    let list = try toponas(["export", "\(root)/run", "--list"])
    #expect(list.output.split(separator: "\n").count == values.count + 1)
    let row = list.output.split(separator: "\n").first {
      $0.hasPrefix("cells.0.edge0to1.nor_conv_3x3.conv.weight ")
    }
    #expect(row?.split(separator: " ").dropFirst().joined(separator: " ") == "[4, 4, 3, 3] 144")
  }

  /// Supernets of every form; two tensors of one name would stop the program.
  @Test(arguments: [
    ["--cells", "1"], ["--cells", "1", "--method", "darts-minus"],
    [
      "--space", "darts", "--cells", "3", "--kernel-norm", "4", "--train-images", "10", "--batch",
      "4",
    ],
    ["--cells", "1", "--method", "pc-darts", "--no-simplify"],
  ])
  func `supernets keep all their tensors`(_ options: [String]) throws {
    try search(options)
    let file = try SafeTensors(contentsOf: export())
    #expect(file.entries.count == (try values().count))
    #expect(file.metadata["network"] == "supernet")
    #expect((file.metadata["simplification"] == "none") == options.contains("--no-simplify"))
    let refused = try toponas(["evaluate", "--weights", "\(root)/weights.safetensors"])
    #expect(refused.status == 65)
    #expect(refused.error.contains("\n  network: expected derived, found supernet\n"))
  }

  @Test(arguments: [cell, "\(cells)"], ["pytorch", "swift"])
  func `weights that come back have the same loss`(_ genotype: String, _ layout: String) throws {
    try train(genotype, genotype == Self.cell ? [] : ["--cells", "3"])
    let file = try export(["--layout", layout])
    let trained = try #require(try summary("\(root)/run")["test_loss"] as? Double)
    let loss = try #require(try testLoss(file))
    // A build in double precision rounds its weights to the 32 bits of the file.
    expectClose([loss], [trained], absolute: isDoublePrecision ? 1e-5 : 0)
    // A training that starts from them goes on where they are.
    let outcome = try toponas(
      ["evaluate", "--weights", file, "--epochs", "1", "--learning-rate", "0", "--quiet"]
        + ["--out", "\(root)/more"] + Self.images)
    #expect(outcome.status == 0, "\(outcome.error)")
    let more = try SafeTensors(contentsOf: file)
    let after = try CheckpointFile.read("\(root)/more/checkpoint.bin")
    expectClose(
      after.tensor("value.classifier.bias") ?? .zeros([]),
      more.tensor("classifier.bias") ?? .zeros([1]))
    #expect(try toponas(["evaluate", "--resume", "\(root)/more"]).output.hasPrefix("finished"))
  }

  // MARK: Wrong files

  @Test func `a file of another network is one error, and nothing is made`() throws {
    try train(Self.cell)
    let path = try export()
    let sound = try SafeTensors(contentsOf: path)
    func refused(
      _ message: String, _ more: [String] = [], status: Int32 = 65,
      _ change: (inout SafeTensors) -> Void = { _ in }
    ) throws {
      var file = sound
      change(&file)
      try file.write(to: path)
      let folder = "\(root)/none"
      try expectRefusal(
        ["evaluate", "--weights", path, "--out", folder] + Self.images + more, status, message)
      #expect(!FileManager.default.fileExists(atPath: folder))
    }
    let name = "stem.conv.weight"
    try refused("found 1 difference:\n  tensor \(name): expected shape [4, 3, 3, 3], found none\n")
    {
      $0[name] = nil
    }
    try refused("tensor surplus: expected none, found shape [2]") {
      $0["surplus"] = .scalars(.zeros([2]))
    }
    try refused("tensor \(name): expected shape [4, 3, 3, 3], found [4, 3, 3]") {
      $0[name] = .scalars(.zeros([4, 3, 3]))
    }
    try refused("tensor classifier.bias: expected type F16, BF16, F32 or F64, found I32") {
      $0["classifier.bias"] = .integers(Array(repeating: 1, count: 10), shape: [10])
    }
    try refused("tensor \(name), number 5: expected a finite number, found nan") {
      var tensor = Tensor.zeros([4, 3, 3, 3])
      tensor[5] = .nan
      $0[name] = .scalars(tensor)
    }
    try refused("tensor stem.bn.running_var, number 0: expected a variance from 0, found -1.0") {
      $0["stem.bn.running_var"] = .scalars(Tensor(repeating: -1, shape: [4]))
    }
    try refused("expected weights of version 1, found version 2") {
      $0.metadata["toponas_weights"] = "2"
    }
    try refused("expected the layout pytorch or swift, found nhwc") {
      $0.metadata["layout"] = "nhwc"
    }
    try refused("channels: expected 8, found 1000000000000") {
      $0.metadata["channels"] = "1000000000000"
    }
    let other = Self.cell.replacing("skip_connect~1", with: "none~1")
    try refused("genotype: expected \(other), found \(Self.cell)", ["--genotype", other])
    try refused("channels: expected 5, found 4", ["--channels", "5"])
    try refused("\n  ...\nHint: toponas export RUN --list", ["--channels", "5"])
    try refused("--genotype is needed", status: 64) { $0.metadata = [:] }
    try Data("no".utf8).write(to: URL(fileURLWithPath: path))
    try expectRefusal(["evaluate", "--weights", path], 65, "expected at least 8 bytes")
    try expectRefusal(["evaluate", "--weights", "\(root)/no"], 66, "cannot read \(root)/no")
  }

  @Test(arguments: [
    ([], 64, "the folder of a run is needed"), (["/nowhere"], 66, "no run at /nowhere"),
    (["--layout", "x"], 64, "--layout"),
  ]) func `what cannot be exported`(_ more: [String], _ status: Int32, _ message: String) throws {
    try expectRefusal(["export"] + more, status, message)
  }

  @Test func `a run without a sound checkpoint cannot be exported`() throws {
    try train(Self.cell)
    let newest = "\(root)/run/checkpoint.bin"
    try Data("no".utf8).write(to: URL(fileURLWithPath: newest))
    let words = ["export", "\(root)/run", "--out"]
    let older = try toponas(words + ["\(root)/w"])
    #expect(older.status == 0 && older.error.hasPrefix("warning: \(newest): expected a checkpoint"))
    #expect(FileManager.default.fileExists(atPath: newest), "nothing in the run has changed")
    try FileManager.default.removeItem(atPath: "\(root)/run/checkpoint.previous.bin")
    try expectRefusal(words + ["\(root)/none"], 65, "\(newest): expected a checkpoint")
    #expect(!FileManager.default.fileExists(atPath: "\(root)/none"))
  }

  // MARK: PyTorch

  private static let hasSafetensors: ConditionTrait = {
    let note: Comment = "TOPONAS_PYTHON names no Python with PyTorch and safetensors"
    // Asked once: the import of PyTorch takes seconds.
    let isThere =
      DevelopmentData.python != nil
      && (try? runPython(["-c", "import torch, safetensors"]).status) == 0
    return .enabled(if: isThere, note)
  }()

  @Test(hasSafetensors) func `safetensors for Python reads what is written, and the reverse`()
    throws
  {
    try train(Self.cell)
    let path = try export()
    let script = """
      import json, sys
      from safetensors import safe_open
      from safetensors.torch import load_file, save_file
      tensors = load_file(sys.argv[1])
      with safe_open(sys.argv[1], framework="pt") as file:
          metadata = file.metadata()
      save_file(tensors, sys.argv[2], metadata)
      print(json.dumps({n: {"type": str(t.dtype), "shape": list(t.shape), "values": t.flatten().tolist()}
                        for n, t in tensors.items()}))
      """
    let outcome = try runPython(["-c", script, path, "\(root)/back"])
    try #require(outcome.status == 0, "\(outcome.error)")
    let read = try jsonObject(outcome.output)
    let ours = try SafeTensors(contentsOf: path)
    #expect(read.count == ours.entries.count)
    for (name, entry) in ours.entries {
      let theirs = try #require(read[name] as? [String: Any], "\(name)")
      #expect(theirs["type"] as? String == "torch.float32")
      #expect(theirs["shape"] as? [Int] == entry.shape.extents)
      // 32 bits are what the file holds; the text of JSON is not exact to the last of 64.
      let values = (theirs["values"] as? [Double])?.map { Float($0) }
      #expect(values == ours.tensor(name)?.doubles.map { Float($0) }, "\(name)")
    }
    let back = try SafeTensors(contentsOf: "\(root)/back")
    #expect(back.entries == ours.entries && back.metadata == ours.metadata)
  }

  /// Loads the exported file in PyTorch; returns its scores of `images` [N, 32, 32, 3].
  private func peerLogits(_ images: Tensor, _ layout: String) throws -> Tensor {
    let file = try export(["--layout", layout])
    let all = images.scalars
    let pixels = 32 * 32
    // [N, H, W, C] becomes [N, C, H, W].
    let turned = all.indices.map { index in
      let (image, place) = (index / (3 * pixels), index % (3 * pixels))
      return all[image * 3 * pixels + place % pixels * 3 + place / pixels]
    }
    var input = SafeTensors()
    input["images"] = .scalars(Tensor(turned, shape: [images.shape.images, 3, 32, 32]))
    try input.write(to: "\(root)/images")
    let outcome = try runPython([
      peersFolder + "load_weights.py", file, "--images", "\(root)/images", "--logits",
      "\(root)/logits", "--save", "\(root)/saved",
    ])
    try #require(outcome.status == 0, "\(outcome.error)")
    return try #require(try SafeTensors(contentsOf: "\(root)/logits").tensor("logits"))
  }

  /// Scores are of the size of 1; images the same for both sides.
  private func expectSameLogits(
    _ network: some Layer, _ layout: String, _ scores: (Tensor, ForwardPass) -> Variable
  ) throws {
    let values = try values()
    let parameters = network.parameters + network.buffers
    for parameter in parameters { parameter.value = try #require(values[parameter.name]) }
    let loader = BatchLoader(
      SyntheticImages.make(count: 12, seed: 9), batchSize: 12, generator: RandomGenerator(seed: 1))
    let images = try #require(loader.evaluationBatches.first { _ in true }).images
    let ours = scores(images, ForwardPass(.evaluation)).value
    let theirs = try peerLogits(images, layout)
    expectClose(theirs, ours, absolute: 1e-4, relative: 0)
    let spread = zip(ours.doubles, ours.doubles.dropFirst(10)).map { abs($0 - $1) }.max() ?? 0
    #expect(spread > 1e-2, "scores that hardly depend on the image show nothing")
  }

  @Test(hasSafetensors, arguments: ["pytorch", "swift"])
  func `PyTorch computes the scores of a derived cell of NAS-Bench-201`(_ layout: String) throws {
    try train(Self.cell, ["--cells", "2", "--train-images", "200"])
    let network = NASBench201Network(
      try NASBench201Genotype(parsing: Self.cell), channels: 4, cellsPerStage: 2, classes: 10,
      seed: RandomGenerator(seed: 7))
    try expectSameLogits(network, layout) { network($0, in: $1).scores }
    try expectToComeBack(["--genotype", Self.cell, "--cells", "2"])
  }

  @Test(hasSafetensors, arguments: ["pytorch", "swift"])
  func `PyTorch computes the scores of derived cells of DARTS`(_ layout: String) throws {
    try train("\(Self.cells)", ["--cells", "4", "--train-images", "200"])
    let network = DARTSNetwork(
      Self.cells, channels: 4, layers: 4, classes: 10, hasAuxiliaryHead: true,
      seed: RandomGenerator(seed: 7))
    try expectSameLogits(network, layout) { network($0, in: $1).scores }
    try expectToComeBack(["--genotype", "\(Self.cells)", "--cells", "4"])
  }

  /// What PyTorch saves, which has no metadata and counts batches, is read and has the loss of the run.
  private func expectToComeBack(_ network: [String]) throws {
    let trained = try #require(try summary("\(root)/run")["test_loss"] as? Double)
    let loss = try #require(try testLoss("\(root)/saved", network + ["--channels", "4"]))
    expectClose([loss], [trained], absolute: isDoublePrecision ? 1e-5 : 0)
  }

  @Test(hasSafetensors, arguments: ["nasbench201", "darts"])
  func `PyTorch computes the scores of a supernet`(_ space: String) throws {
    let cells = space == "darts" ? 3 : 1
    try search(["--space", space, "--cells", "\(cells)", "--no-simplify"])
    func check(_ network: some Supernet) throws {
      let values = try values()
      for alpha in network.architectureParameters {
        alpha.value = try #require(values[alpha.name])
      }
      try expectSameLogits(network, "pytorch") { network($0, SoftmaxRelaxation(), in: $1) }
    }
    let seed = RandomGenerator(seed: 7)
    if space == "darts" {
      try check(DARTSSupernet(.darts, channels: 4, layers: cells, classes: 10, seed: seed))
    } else {
      try check(
        NASBench201Supernet(
          .nasBench201, channels: 4, cellsPerStage: cells, classes: 10, seed: seed))
    }
  }

  @Test func `names that wrappers of PyTorch have made longer are read, and that is said`() throws {
    try train(Self.cell)
    let path = try export()
    let loss = try #require(try testLoss(path))
    let file = try SafeTensors(contentsOf: path)
    for (rename, words) in [
      ({ "module.\($0)" }, "module."), ({ "_orig_mod.\($0)" }, "_orig_mod."),
      ({ "module._orig_mod.\($0)" }, "module. and _orig_mod."),
      ({ $0.replacing("cells.", with: "cells._orig_mod.") }, "_orig_mod."),
      ({ "model.module.\($0)" }, "model. and module."),
      ({ "state_dict.ema.module.\($0)" }, "state_dict. and ema. and module."),
    ] as [((String) -> String, String)] {
      var other = SafeTensors(metadata: file.metadata)
      for (name, entry) in file.entries { other[rename(name)] = entry }
      other["n_averaged"] = .integers([3], shape: [])
      try other.write(to: "\(root)/renamed")
      #expect(try testLoss("\(root)/renamed") == loss, "\(words)")
      let outcome = try toponas(
        ["evaluate", "--weights", "\(root)/renamed", "--epochs", "0", "--dry-run"] + Self.images)
      #expect(
        outcome.error.contains("note     \(root)/renamed: names are read without \(words)\n"),
        "\(outcome.error)")
    }
    var twice = file
    twice["module.stem.conv.weight"] = file["stem.conv.weight"]
    try twice.write(to: "\(root)/twice")
    try expectRefusal(
      ["evaluate", "--weights", "\(root)/twice", "--epochs", "0"], 65,
      "found module.stem.conv.weight and stem.conv.weight\n")
  }

  @Test(arguments: [
    ([0x50, 0x4B, 3, 4, 0, 0, 8, 8, 0], "a zip archive"),
    ([0x80, 2, 0x7D, 0x71, 0, 0x2E, 0, 0, 0], "a pickle of Python"),
    ([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3], "a gzip archive"),
    (Array("version https://git-lfs.github.com/spec/v1".utf8), "a pointer of Git LFS"),
    (Array("<!DOCTYPE html>".utf8), "a page of the web"),
  ])
  func `weights in another form are told as what they are`(_ bytes: [UInt8], _ words: String)
    throws
  {
    let files = try TemporaryFolder()
    try files.write(bytes, to: "weights")
    let hint = words.hasSuffix("LFS") ? "git lfs pull" : "in PyTorch, safetensors.torch"
    try expectRefusal(
      ["evaluate", "--weights", "\(files.path)/weights", "--epochs", "0"], 65,
      "weights: expected weights in safetensors, found \(words)\nHint: \(hint)")
  }

  @Test func `weights that have moved before the first checkpoint are asked for`() throws {
    try train(Self.cell)
    let path = try export()
    let run = "\(root)/moved"
    let outcome = try toponas(
      ["evaluate", "--weights", path, "--epochs", "1", "--out", run] + Self.images)
    try #require(outcome.status == 0, "\(outcome.error)")
    for name in ["summary.json", "checkpoint.bin", "checkpoint.previous.bin"] {
      try? FileManager.default.removeItem(atPath: "\(run)/\(name)")
    }
    try FileManager.default.moveItem(atPath: path, toPath: "\(path).elsewhere")
    try expectRefusal(["evaluate", "--resume", run], 66, "put them back there, or begin anew with")
  }

  /// The bytes of a file whose numbers are of another type.
  private func encoded(
    _ file: SafeTensors, _ type: String, _ bytes: (Float) -> [UInt8]
  ) throws -> [UInt8] {
    var (fields, data): ([String], [UInt8]) = ([], [])
    for (name, entry) in file.entries.sorted(by: { $0.key < $1.key }) {
      let (start, shape) = (data.count, entry.shape.extents)
      data += try #require(file.tensor(name)).scalars.flatMap { bytes(Float($0)) }
      fields.append(
        #""\#(name)":{"dtype":"\#(type)","shape":\#(shape),"data_offsets":[\#(start),\#(data.count)]}"#
      )
    }
    let header = Array("{\(fields.joined(separator: ","))}".utf8)
    return withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) } + header + data
  }

  @Test func `numbers of 16 and of 64 bits are converted, and that is said`() throws {
    try train(Self.cell)
    let path = try export()
    let loss = try #require(try testLoss(path))
    let file = try SafeTensors(contentsOf: path)
    let more = ["--genotype", Self.cell, "--channels", "4"]
    for (type, tolerance, bytes) in [
      ("F64", 0, { withUnsafeBytes(of: Double($0).bitPattern.littleEndian) { Array($0) } }),
      (
        "BF16", 0.1,
        { withUnsafeBytes(of: UInt16($0.bitPattern >> 16).littleEndian) { Array($0) } }
      ),
    ] as [(String, Double, (Float) -> [UInt8])] {
      let other = "\(root)/\(type)"
      try Data(try encoded(file, type, bytes)).write(to: URL(fileURLWithPath: other))
      let converted = try #require(try testLoss(other, more))
      #expect(abs(converted - loss) <= tolerance, "\(type): \(converted) for \(loss)")
      #expect((converted == loss) == (type == "F64"))
      let outcome = try toponas(
        ["evaluate", "--weights", other, "--epochs", "0", "--out", "\(root)/\(type)-run"]
          + Self.images + more)
      let count = file.entries.count
      #expect(
        outcome.error.contains("note     \(other): \(count) tensors of \(type) converted to F32\n"),
        "\(outcome.error)")
    }
  }

  @Test(
    hasSafetensors,
    arguments: [("half", "F16", 1e-2), ("double", "F64", 0), ("bfloat16", "BF16", 1e-1)])
  func `numbers of other sizes from PyTorch are converted, and that is said`(
    _ type: String, _ name: String, _ tolerance: Double
  ) throws {
    try train(Self.cell)
    let path = try export()
    let loss = try #require(try testLoss(path))
    let script = """
      import sys
      from safetensors.torch import load_file, save_file
      save_file({n: t.\(type)() for n, t in load_file(sys.argv[1]).items()}, sys.argv[1])
      """
    #expect(try runPython(["-c", script, path]).status == 0)
    let more = ["--genotype", Self.cell, "--channels", "4"]
    let converted = try #require(try testLoss(path, more))
    #expect(abs(converted - loss) <= tolerance, "\(converted) for \(loss)")
    let outcome = try toponas(
      ["evaluate", "--weights", path, "--epochs", "0", "--dry-run"] + Self.images + more)
    #expect(
      outcome.error.contains("tensors of \(name) converted to F32\n")
        || outcome.output.contains("tensors of \(name) converted to F32\n"), "\(outcome.error)")
  }

  @Test(hasSafetensors) func `the loader tells what it cannot load`() throws {
    try search(["--cells", "1"])
    let simplified = try runPython([peersFolder + "load_weights.py", export()])
    #expect(simplified.status == 1)
    #expect(
      simplified.error.contains("cannot be loaded: PyTorch has modules for supernets of plain"))
    let file = try SafeTensors(contentsOf: export())
    var other = file
    other.metadata = [:]
    try other.write(to: "\(root)/other")
    let foreign = try runPython([peersFolder + "load_weights.py", "\(root)/other"])
    #expect(foreign.status == 1 && foreign.error.contains("it does not say that it is of toponas"))
  }
}
