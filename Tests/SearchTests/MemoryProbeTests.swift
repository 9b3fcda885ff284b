import Datasets
import SearchMethods
import SearchSpaces
import Tensors
import Testing
import TopologicalSimplification

/// The predicted memory of a search against what its tensors held.
@Suite("Predicted peak memory")
struct MemoryProbeTests {
  private static let methods = methodsForTwoChannels
  private static let spaces = [SearchSpace.nasBench201, .darts].flatMap {
    [$0, Simplifier().simplify($0)]
  }

  private func network(_ space: SearchSpace, _ channels: Int, _ cells: Int) -> any Supernet {
    let seed = RandomGenerator(seed: 3)
    return space.inputCount == 2
      ? DARTSSupernet(space, channels: channels, layers: cells, classes: 10, seed: seed)
      : NASBench201Supernet(
        space, channels: channels, cellsPerStage: cells, classes: 10, seed: seed)
  }

  /// What tensors held at most in an epoch of a search.
  private func measured(
    _ space: SearchSpace, _ method: any SearchMethod, channels: Int, cells: Int, batch: Int,
    steps: Int = 3
  ) throws -> Int {
    func search(_ network: some Supernet) throws {
      var settings = SearchSettings(epochs: 1, batchSize: batch)
      method.adapt(&settings)
      let loop = try BilevelSearch(
        network, SyntheticImages.make(count: 2 * steps * batch, seed: 1), settings,
        method: method, seed: RandomGenerator(seed: 1))
      _ = try loop.run { _ in }
    }
    let meter = StorageMeter()
    try StorageMeter.$current.withValue(meter) {
      try search(network(method.prepare(space), channels, cells))
    }
    return meter.peakBytes
  }

  @Test(arguments: methods.indices, spaces.indices)
  func `every method on every space takes what was predicted`(_ method: Int, _ space: Int) throws {
    let (method, space) = (Self.methods[method], Self.spaces[space])
    let isSampled = method is GDAS
    let cells = space.inputCount == 2 ? 3 : 1
    let measured = try measured(
      space, method, channels: 2, cells: cells, batch: 15, steps: isSampled ? 16 : 2)
    let predicted = predictedPeakBytes(
      of: space, channels: 2, cells: cells, batch: 15, method: method)
    let ratio = Double(predicted) / Double(measured)
    let tolerance = isSampled ? 0.15 : 0.05
    #expect(abs(ratio - 1) < tolerance, "\(predicted) bytes, measured \(measured)")
  }

  /// The searches that do not alternate, with few steps besides those of the supernet.
  private static let otherSearches = MethodEntry.all.map { entry in
    let values = entry.standardValues.merging([
      "burn-in": 1, "sample-interval": 1, "weight-samples": 2, "calibration-batches": 1,
      "population": 2, "parents": 2, "mutants": 1, "crossovers": 1, "generations": 1,
      "samples-per-epoch": 1,
    ])
    return entry.make(values, RandomGenerator(seed: 1))
  }.filter { !($0 is any SearchMethod) }

  @Test(arguments: otherSearches.indices, [false, true])
  func `a search that does not alternate takes what was predicted`(
    _ algorithm: Int, _ isSimplified: Bool
  ) throws {
    let algorithm = Self.otherSearches[algorithm]
    let plain = algorithm is GOLDNAS ? SearchSpace.goldNAS(cells: 3) : .nasBench201
    let space = algorithm.prepare(isSimplified ? Simplifier().simplify(plain) : plain)
    let size = NetworkSize(
      channels: 2, cells: plain.inputCount == 2 ? 3 : 1,
      hasAuxiliaryHead: algorithm.usesAuxiliaryHead)
    let seed = RandomGenerator(seed: 3)
    func network(_ space: SearchSpace) -> CellSupernet<CellGenotype> {
      CellSupernet(
        space, channels: size.channels, cells: size.cells, classes: 10,
        hasAuxiliaryHead: size.hasAuxiliaryHead, seed: seed)
    }
    var settings = SearchSettings(epochs: 2, batchSize: 24)
    algorithm.adapt(&settings)
    let meter = StorageMeter()
    try StorageMeter.$current.withValue(meter) {
      let task = SearchTask(
        SyntheticImages.make(count: 96, seed: 1), settings, size: size, seed: seed
      ) { network($0) }
      func run(_ search: some Search) throws { try search.run { _ in } }
      try run(algorithm.search(network(space), task))
    }
    let predicted = predictedPeakBytes(
      of: isSimplified ? Simplifier().simplify(plain) : plain, channels: size.channels,
      cells: size.cells, batch: 24, method: algorithm)
    let ratio = Double(predicted) / Double(meter.peakBytes)
    #expect(0.85...1.15 ~= ratio, "\(predicted) bytes, measured \(meter.peakBytes)")
  }

  /// Channels 11 and 22 make weights that look like maps of 11 images; 65 images are rounded up by the pool.
  @Test(arguments: [(4, 65), (11, 16), (22, 13), (16, 12), (4, 5), (32, 1), (64, 3)])
  func `any number of channels and images`(_ channels: Int, _ batch: Int) throws {
    let measured = try measured(
      .nasBench201, DARTS(), channels: channels, cells: 1, batch: batch, steps: 2)
    let predicted = predictedPeakBytes(
      of: .nasBench201, channels: channels, cells: 1, batch: batch)
    let ratio = Double(predicted) / Double(measured)
    #expect(abs(ratio - 1) < 0.05, "\(predicted) bytes, measured \(measured)")
  }

  @Test func `a search is the same after a measurement`() throws {
    func losses() throws -> [Double] {
      var losses: [Double] = []
      let network = NASBench201Supernet(
        .nasBench201, channels: 2, cellsPerStage: 1, classes: 10, seed: RandomGenerator(seed: 1))
      let loop = try BilevelSearch(
        network, SyntheticImages.make(count: 64, seed: 1),
        SearchSettings(epochs: 1, batchSize: 16), seed: RandomGenerator(seed: 1))
      _ = try loop.run {
        guard case .step(_, _, _, let loss) = $0 else { return }
        losses.append(loss)
        if losses.count == 1 {
          _ = predictedPeakBytes(of: .nasBench201, channels: 2, cells: 1, batch: 16)
        }
      }
      return losses
    }
    let meter = StorageMeter()
    let probed = try StorageMeter.$current.withValue(meter) {
      _ = predictedPeakBytes(of: .nasBench201, channels: 2, cells: 1, batch: 16)
      #expect(meter.peakBytes == 0, "the tensors of a measurement are not those of a search")
      return try losses()
    }
    let alone = try losses()
    #expect(probed.count == 2 && probed == alone)
    #expect(meter.peakBytes > 0)
  }

  @Test func `what is larger than the limit is not measured`() {
    let limit = 1 << 30
    let bound = predictedPeakBytes(
      of: .darts, channels: 16, cells: 3, batch: 1 << 20, limit: limit)
    #expect(bound > limit)
    let tiny = predictedPeakBytes(
      of: .nasBench201, channels: 16, cells: 1, batch: 32, limit: 1 << 20)
    let whole = predictedPeakBytes(of: .nasBench201, channels: 16, cells: 1, batch: 32)
    #expect(1 << 20 < tiny && tiny <= whole)
  }

  @Test func `no simplification raises the memory`() {
    for space in [SearchSpace.nasBench201, .darts] {
      let plain = predictedPeakBytes(of: space, channels: 4, cells: 3, batch: 32)
      for variant in Grouping.Variant.allCases {
        let simplified = Simplifier(grouping: Grouping(variant)).simplify(space)
        #expect(
          predictedPeakBytes(of: simplified, channels: 4, cells: 3, batch: 32) < plain)
      }
    }
  }
}
