import Autodiff
import Datasets
import NeuralNetworks
import SearchSpaces
import Tensors
import TestSupport
import Testing

@testable import SearchMethods

@Suite("Search loop")
struct BilevelSearchTests {
  private func loop(
    images: ImageSet = SmallImages.make(count: 80, seed: 1), epochs: Int = 2, batch: Int = 16,
    seed: UInt64 = 1
  ) throws -> (BilevelSearch<NASBench201Supernet>, NASBench201Supernet) {
    let network = NASBench201Supernet(
      .nasBench201, channels: 2, cellsPerStage: 1, classes: 10, seed: RandomGenerator(seed: seed))
    let settings = SearchSettings(epochs: epochs, batchSize: batch, alphaLearningRate: 0.01)
    return (
      try BilevelSearch(network, images, settings, seed: RandomGenerator(seed: seed)), network
    )
  }

  /// Everything a run reports that does not depend on time.
  private func trace(threads: Int? = nil, seed: UInt64 = 1) throws -> [String] {
    let (loop, network) = try loop(seed: seed)
    var lines: [String] = []
    try Threads.$limit.withValue(threads) {
      _ = try loop.run { event in
        switch event {
        case .step(let epoch, let step, _, let loss): lines.append("\(epoch) \(step) \(loss)")
        case .evaluation: break
        case .unit(let m):
          lines.append(
            "\(m.trainingLoss) \(m.validationLoss) \(m.validationAccuracy) \(m.genotype)")
          lines.append("\(network.alpha.value.scalars)")
        }
      }
    }
    return lines + network.parameters.map { "\($0.value.scalars)" }
  }

  @Test func `the same seed gives the same bytes, for any number of threads`() throws {
    let first = try trace()
    #expect(first.count > 8)
    #expect(try trace() == first)
    for threads in [1, 2, 3, 8] { #expect(try trace(threads: threads) == first) }
    #expect(try trace(seed: 2) != first)
  }

  /// Weights and alpha after a single step, on halves with the given seeds.
  private func afterOneStep(first: UInt64, second: UInt64) throws -> (
    weights: [Tensor], alpha: Tensor
  ) {
    let (a, b) = (
      SmallImages.make(count: 16, seed: first), SmallImages.make(count: 16, seed: second)
    )
    let images = ImageSet(
      pixels: a.pixels + b.pixels, labels: a.labels + b.labels, classNames: a.classNames,
      normalization: a.normalization, extent: a.extent)
    let (loop, network) = try loop(images: images, epochs: 1)
    #expect(loop.stepsPerEpoch == 1)
    _ = try loop.run { _ in }
    return (network.parameters.map(\.value), network.alpha.value)
  }

  @Test func eqD1_4_weightsMoveByTheFirstHalfAloneThenAlphaByTheSecond() throws {
    let reference = try afterOneStep(first: 1, second: 2)
    let otherSecond = try afterOneStep(first: 1, second: 3)
    #expect(otherSecond.weights == reference.weights, "weights never see the second half")
    #expect(otherSecond.alpha != reference.alpha)
    let otherFirst = try afterOneStep(first: 3, second: 2)
    #expect(otherFirst.weights != reference.weights)
    #expect(otherFirst.alpha != reference.alpha, "alpha steps on the weights that just moved")
  }

  @Test func `a step is that of the published optimizers`() throws {
    let images = SmallImages.make(count: 32, seed: 1)
    let reference = NASBench201Supernet(
      .nasBench201, channels: 2, cellsPerStage: 1, classes: 10, seed: RandomGenerator(seed: 1))
    let settings = SearchSettings(epochs: 1, batchSize: 16)
    let loop = try BilevelSearch(reference, images, settings, seed: RandomGenerator(seed: 1))
    _ = try loop.run { _ in }
    // The same by hand: D5, with the numbers written out.
    let network = NASBench201Supernet(
      .nasBench201, channels: 2, cellsPerStage: 1, classes: 10, seed: RandomGenerator(seed: 1))
    let (first, second) = images.halves()
    func batch(_ half: ImageSet, _ name: String) -> Batch {
      BatchLoader(
        half, batchSize: 16, augmentation: .standard,
        generator: RandomGenerator(seed: 1).stream(name)
      ).epoch(0)[0]
    }
    var sgd = SGD(learningRate: 0.025, momentum: 0.9, weightDecay: 5e-4, isNesterov: true)
    var gradients = lossAndGradients(
      of: network, batch(first, "training"), SoftmaxRelaxation(),
      differentiating: network.parameters
    ).gradients
    clipByGlobalNorm(&gradients, to: 5)
    sgd.step(network.parameters, gradients)
    var adam = Adam(learningRate: 3e-4, betas: (0.5, 0.999), weightDecay: 1e-3)
    adam.step(
      [network.alpha],
      lossAndGradients(
        of: network, batch(second, "validation"), SoftmaxRelaxation(),
        differentiating: [network.alpha]
      ).gradients)
    #expect(network.parameters.map(\.value) == reference.parameters.map(\.value))
    #expect(network.alpha.value == reference.alpha.value)
    #expect(settings.minimumLearningRate == 0.001)
  }

  /// D1: alpha first, then the weights, on weights that alpha has not seen move.
  @Test func `on the DARTS space alpha moves first`() throws {
    let images = SmallImages.make(count: 16, seed: 1)
    func make() -> DARTSSupernet {
      DARTSSupernet(.darts, channels: 2, layers: 3, classes: 10, seed: RandomGenerator(seed: 1))
    }
    let (searched, byHand) = (make(), make())
    let settings = SearchSettings(SpaceEntry.darts.searchRecipe, epochs: 1, batchSize: 8)
    #expect(settings.weightDecay == 3e-4 && !settings.isNesterov)
    let loop = try BilevelSearch(searched, images, settings, seed: RandomGenerator(seed: 1))
    _ = try loop.run { _ in }
    let validation = BatchLoader(
      images.halves().1, batchSize: 8, augmentation: .standard,
      generator: RandomGenerator(seed: 1).stream("validation"))
    var adam = Adam(learningRate: 3e-4, betas: (0.5, 0.999), weightDecay: 1e-3)
    adam.step(
      byHand.alphas,
      lossAndGradients(
        of: byHand, validation.epoch(0)[0], SoftmaxRelaxation(), differentiating: byHand.alphas
      ).gradients)
    #expect(byHand.alphas.map(\.value) == searched.alphas.map(\.value))
  }

  @Test func `what the report throws ends the search`() throws {
    struct Stop: Error {}
    let (loop, _) = try loop(epochs: 5)
    var steps = 0
    #expect(throws: Stop.self) {
      try loop.run { event in
        if case .unit = event { throw Stop() }
        if case .step = event { steps += 1 }
      }
    }
    #expect(steps == loop.stepsPerEpoch)
  }

  @Test func `every epoch is reported with its learning rate`() throws {
    var rates: [Double] = []
    _ = try loop(epochs: 3).0.run { event in
      if case .unit(let metrics) = event {
        rates.append(metrics.learningRate)
        #expect(metrics.epoch == rates.count)
        #expect(metrics.seconds > 0 && metrics.peakMemoryBytes > 1_000_000)
      }
    }
    expectClose(rates, [0.025, 0.019, 0.007])
  }

  @Test func `a loss that is no number stops the search and says where`() throws {
    let (loop, network) = try loop()
    network.parameters[0].value[0] = .nan
    #expect(throws: SearchError.nonFinite(epoch: 1, step: 1, which: "training")) {
      try loop.run { _ in }
    }
  }

  @Test func `halves smaller than a batch are refused`() {
    #expect(throws: SearchError.tooFewImages(perHalf: 10, batchSize: 16)) {
      try loop(images: SmallImages.make(count: 20, seed: 1))
    }
  }

  @Test func `right answers are counted, the first of equals wins`() {
    let scores = Tensor([1, 3, 2, 5, 5, 0, 0, 0, 9], shape: [3, 3])
    #expect(correctCount(scores, [1, 0, 0]) == 2)
    #expect(correctCount(scores, [1, 1, 2]) == 2)
  }

  @Test func `evaluation covers all images and changes nothing`() throws {
    let (_, network) = try loop()
    let images = SmallImages.make(count: 21, seed: 3)
    let loader = { (batch: Int) in
      BatchLoader(images, batchSize: batch, generator: RandomGenerator(seed: 1))
    }
    let before = network.buffers.map(\.value)
    let whole = evaluate(network, on: loader(21), SoftmaxRelaxation())
    let pieces = evaluate(network, on: loader(8), SoftmaxRelaxation())
    expectClose(pieces.loss, whole.loss)
    #expect(pieces.accuracy == whole.accuracy)
    #expect(network.buffers.map(\.value) == before)
  }
}
