import Autodiff
import Datasets
import NeuralNetworks
import SearchSpaces
import Tensors
import TestSupport
import Testing

@testable import SearchMethods

/// The gradual search in a network: B-2, B-15 and B-13 in their place, and what it says of itself.
@Suite("GOLD-NAS: search")
struct GOLDNASSearchTests {
  private typealias Network = CellSupernet<GOLDNASGenotype>
  private struct Stop: Error {}

  private static let seed = RandomGenerator(seed: 1)
  private static let images = SyntheticImages.make(count: 20, seed: 1)
  /// All images but the last fifth.
  private static let trained = 16

  private func network(_ seed: RandomGenerator = Self.seed) -> Network {
    CellSupernet(
      .goldNAS(cells: 3), channels: 2, cells: 3, classes: 10, hasAuxiliaryHead: true, seed: seed)
  }

  private func search(
    _ method: GOLDNAS = GOLDNAS(), _ images: ImageSet = Self.images, epochs: Int = 1,
    batch: Int = 8, learningRate: Double = 0.01, seed: RandomGenerator = Self.seed
  ) throws -> GOLDNASSearch<Network> {
    var settings = SearchSettings(epochs: epochs, batchSize: batch)
    method.adapt(&settings)
    settings.learningRate = learningRate
    return try GOLDNASSearch(
      network(seed),
      SearchTask(images, settings, size: NetworkSize(channels: 2, cells: 3), seed: seed), method)
  }

  /// A search in which gates leave in every epoch.
  private var eager: GOLDNAS {
    GOLDNAS(rule: PruningRule(maximumShare: 0.5, passes: 8), minimumCost: 0)
  }

  // MARK: The first step

  /// Logits that are not alike, for where all shares are equal the penalty has no gradient.
  private let logits = (0..<3).map { 0.5 * sample([14, 2], $0) }

  /// Weights and gates after a step of B-2 and B-15 on the first batch, written out.
  private func stepByHand(penaltyWeight: Double, auxiliaryWeight: Double = 0.4) -> [Tensor] {
    let network = network()
    let cells = (0..<3).map { _ in GatedCell(targets: GatedChain.targets, operations: 2) }
    let (weights, alphas) = (network.parameters, network.architectureParameters)
    for (alpha, value) in zip(alphas, logits) { alpha.value = value }
    let batch = BatchLoader(
      Self.images, at: 0..<Self.trained, batchSize: 8, augmentation: .oneLevel,
      generator: Self.seed.stream("training")
    ).epoch(0)[0]
    let pass = ForwardPass(.training, differentiating: weights + alphas)
    let (scores, auxiliary) = network.allScores(batch.images, GateRelaxation(cells), in: pass)
    var loss = crossEntropy(scores, labels: batch.labels)
    if let auxiliary {
      loss = loss + Scalar(auxiliaryWeight) * crossEntropy(auxiliary, labels: batch.labels)
    }
    let gradients = pass.gradients(of: loss)
    let ofWeights = gradients.prefix(weights.count)
    let length = ofWeights.flatMap(\.doubles).reduce(0) { $0 + $1 * $1 }.squareRoot()
    let clip = Scalar(min(1, 5 / length))
    let movedWeights = zip(weights, ofWeights).map { weight, gradient in
      weight.value - 0.01 * (clip * gradient + 3e-4 * weight.value)
    }
    // The penalty does not depend on the weights, and its gradient of the gates is B-5.
    let movedGates = (0..<3).map { cell in
      logits[cell] - gradients[weights.count + cell]
        - Scalar(penaltyWeight) * GatePenalty().gradient(logits[cell], of: cells[cell])
    }
    return movedWeights + movedGates
  }

  /// Weights and gates after the first step of the search, with this weight of the penalty.
  private func firstStep(penaltyWeight: Double) throws -> [Tensor] {
    let search = try search()
    search.gradual.schedule = PenaltySchedule(
      search.gradual.schedule, weight: penaltyWeight, increment: 0)
    for (gate, value) in zip(search.gateParameters, logits) { gate.value = value }
    #expect(throws: Stop.self) { _ = try search.runUnit { _ in throw Stop() } }
    return (search.network.parameters + search.gateParameters).map(\.value)
  }

  @Test func eqB2_eqB15_theFirstStepIsTheOneWrittenOut() throws {
    let found = try firstStep(penaltyWeight: 0.3)
    expectClose(found, stepByHand(penaltyWeight: 0.3), absolute: 1e-5)
    expectClose(
      try firstStep(penaltyWeight: 0), stepByHand(penaltyWeight: 0), absolute: 1e-5)
  }

  @Test func eqB2_negative_withoutAPartOfTheLossTheStepIsAnother() throws {
    let found = try firstStep(penaltyWeight: 0.3)
    func difference(_ other: [Tensor], _ places: Range<Int>) -> Double {
      places.map { largestDifference(found[$0], other[$0]) }.max() ?? 0
    }
    let (weights, gates) = (0..<found.count - 3, found.count - 3..<found.count)
    let unpenalized = stepByHand(penaltyWeight: 0)
    #expect(difference(unpenalized, gates) > 1e-3)
    #expect(difference(unpenalized, weights) < 1e-5, "the penalty moves no weight")
    let headless = stepByHand(penaltyWeight: 0.3, auxiliaryWeight: 0)
    #expect(difference(headless, weights) > 1e-3 && difference(headless, gates) > 1e-4)
  }

  // MARK: Images

  /// The images with other pixels in one of them.
  private func images(withoutImage index: Int) -> ImageSet {
    var pixels = Self.images.pixels
    let bytes = Self.images.imageBytes
    for place in index * bytes..<(index + 1) * bytes { pixels[place] = 255 - pixels[place] }
    return ImageSet(
      pixels: pixels, labels: Self.images.labels, classNames: Self.images.classNames,
      normalization: Self.images.normalization)
  }

  @Test func `what is held out trains nothing`() throws {
    func trained(_ images: ImageSet) throws -> [String: Tensor] {
      let search = try search(eager, images)
      _ = try search.runUnit { _ in }
      return search.state.tensors
    }
    let whole = try trained(Self.images)
    for index in [Self.trained, 19] {
      #expect(try trained(images(withoutImage: index)) == whole, "image \(index)")
    }
    #expect(try trained(images(withoutImage: Self.trained - 1)) != whole)
  }

  @Test func `parts without a batch, or without an image, are reported as they are`() {
    let message = SearchError.tooFewForParts(training: 16, heldOut: 4, batchSize: 17)
    #expect(throws: message) { try search(batch: 17) }
    #expect(message.message.text.contains("16 would train and 4 be held out"))
    let few = SyntheticImages.make(count: 4, seed: 1)
    #expect(throws: SearchError.tooFewForParts(training: 4, heldOut: 0, batchSize: 2)) {
      try search(GOLDNAS(), few, batch: 2)
    }
  }

  // MARK: Costs and results

  @Test func `a cost is that of the network that is derived`() throws {
    let search = try search(eager, epochs: 3)
    var costs: [Double] = []
    try search.run { event in
      guard case .unit(let unit) = event else { return }
      costs.append(unit.cost)
      let now = try GOLDNASGenotype(parsing: unit.genotype)
      let derived = networkCost(of: now, channels: 2, cells: 3)
      expectClose(unit.cost, Double(derived.macs) / 1e6, absolute: 1e-9)
      #expect(!unit.removals.isEmpty && unit.gateCount == now.edgeCount)
      for point in unit.points {
        let derived = networkCost(
          of: try GOLDNASGenotype(parsing: point.genotype), channels: 2, cells: 3)
        expectClose(point.cost, Double(derived.macs) / 1e6, absolute: 1e-9)
      }
    }
    #expect(Set(costs).count == 3, "each of them another")
  }

  /// The weight of the penalty grows until gates leave, so that quiet epochs and others alternate.
  @Test func `the series gets no more expensive, and ends with what the gates stand for`() throws {
    let method = GOLDNAS(
      rule: PruningRule(maximumShare: 0.09, passes: 3), penaltyStart: 0.02, stableEpochs: 0,
      minimumCost: 0)
    let search = try search(method, epochs: 10, batch: 16)
    try search.run { _ in }
    let series = search.series
    #expect(series.count >= 3, "found \(series.count)")
    for (point, next) in zip(series, series.dropFirst()) {
      #expect(next.cost <= point.cost)
      #expect(zip(point.cells, next.cells).allSatisfy { Set($1).isSubset(of: $0) })
    }
    #expect(series.last == search.gradual.point)
    let costs = search.results.map { networkCost(of: $0, channels: 2, cells: 3).macs }
    #expect(costs == costs.sorted(by: >) && costs.count == series.count)
  }

  @Test func eqB13_theSearchStopsBelowTheMinimum() throws {
    let whole = try search().gradual.point.cost
    let method = GOLDNAS(rule: eager.rule, minimumCost: 0.9 * whole)
    let search = try search(method, epochs: 20, batch: 16)
    var costs: [Double] = []
    try search.run { if case .unit(let unit) = $0 { costs.append(unit.cost) } }
    #expect(search.isFinished && costs.count < 20)
    let last = try #require(costs.last)
    #expect(last < 0.9 * whole && costs.dropLast().allSatisfy { $0 >= 0.9 * whole })
    #expect(search.series.last?.cost == last)
    // Where nobody says a minimum, it is the published share of this network.
    expectClose(
      try self.search().gradual.minimumCost, whole * 240 / 779.472448, absolute: 1e-12)
  }

  // MARK: Accuracies

  /// The accuracy of the gated network on what is held out, with the gates of a genotype alone.
  private func accuracy(of genotype: String, in search: GOLDNASSearch<Network>) throws -> Double {
    let kept = try GOLDNASGenotype(parsing: genotype).connections
    let space = search.network.space
    let cells = kept.map { connections in
      var cell = GatedCell(targets: GatedChain.targets, operations: 2)
      for (edge, ends) in space.edges.enumerated() {
        for (number, operation) in space.primitives.enumerated() {
          let connection = GOLDNASGenotype.Connection(
            operation, from: ends.source, to: ends.target)
          if !connections.contains(connection) { cell.conditions[2 * edge + number] = .removed }
        }
      }
      return cell
    }
    let heldOut = BatchLoader(Self.many, at: 52..<64, batchSize: 8, generator: Self.seed)
    return evaluate(search.network, on: heldOut, GateRelaxation(cells)).accuracy
  }

  private static let many = SyntheticImages.make(count: 64, seed: 1)

  @Test func `the accuracy after gates have left is that of what is left`() throws {
    var differences = 0
    for seed in 1...4 {
      let search = try search(
        GOLDNAS(rule: PruningRule(maximumShare: 0.5, passes: 40), minimumCost: 0), Self.many,
        learningRate: 0.05, seed: RandomGenerator(seed: UInt64(seed)))
      let unit = try search.runUnit { _ in }
      #expect(try accuracy(of: unit.genotype, in: search) == unit.accuracyAfter)
      if unit.accuracyAfter != unit.accuracyBefore { differences += 1 }
    }
    #expect(differences > 0, "else one could be taken for the other")
  }
}
