import Autodiff
import Datasets
import NeuralNetworks
import SearchSpaces
import Tensors
import TestSupport
import Testing

@testable import DifferentiableSearch

@Suite("Search loop")
struct SearchLoopTests {
  private func loop(
    images: ImageSet = SyntheticImages.make(count: 80, seed: 1), epochs: Int = 2, batch: Int = 16,
    seed: UInt64 = 1
  ) throws -> (SearchLoop<NASBench201Supernet>, NASBench201Supernet) {
    let network = NASBench201Supernet(
      .nasBench201, channels: 2, cellsPerStage: 1, classes: 10, seed: RandomGenerator(seed: seed))
    let settings = SearchSettings(epochs: epochs, batchSize: batch, alphaLearningRate: 0.01)
    return (
      try SearchLoop(network, images, settings, seed: RandomGenerator(seed: seed)), network
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
        case .epoch(let m, let alpha):
          lines.append(
            "\(m.trainingLoss) \(m.validationLoss) \(m.validationAccuracy) \(m.genotype)")
          lines.append("\(alpha[0].scalars)")
        }
      }
    }
    return lines + network.parameters.map { "\($0.value.scalars)" }
  }

  @Test func `the same seed gives the same bytes, for any number of threads`() throws {
    let first = try trace()
    #expect(first.count > 8)
    #expect(try trace() == first)
    #expect(try trace(threads: 1) == first)
    #expect(try trace(seed: 2) != first)
  }

  @Test func `weights and alpha both move, and only by their own half`() throws {
    let (loop, network) = try loop(epochs: 1)
    let (weights, alpha) = (network.parameters.map(\.value), network.alpha.value)
    _ = try loop.run { _ in }
    #expect(zip(network.parameters, weights).allSatisfy { $0.value != $1 })
    #expect(network.alpha.value != alpha)
    #expect(loop.stepsPerEpoch == 2)
  }

  @Test func `every epoch is reported with its learning rate`() throws {
    var rates: [Double] = []
    _ = try loop(epochs: 3).0.run { event in
      if case .epoch(let metrics, _) = event {
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
    #expect(throws: SearchError.nonFiniteLoss(epoch: 1, step: 1, which: "training")) {
      try loop.run { _ in }
    }
  }

  @Test func `halves smaller than a batch are refused`() {
    #expect(throws: SearchError.tooFewImages(perHalf: 10, batchSize: 16)) {
      try loop(images: SyntheticImages.make(count: 20, seed: 1))
    }
  }

  @Test func `right answers are counted, the first of equals wins`() {
    let scores = Tensor([1, 3, 2, 5, 5, 0, 0, 0, 9], shape: [3, 3])
    #expect(correctCount(scores, [1, 0, 0]) == 2)
    #expect(correctCount(scores, [1, 1, 2]) == 2)
  }

  @Test func `evaluation covers all images and changes nothing`() throws {
    let (_, network) = try loop()
    let images = SyntheticImages.make(count: 21, seed: 3)
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
