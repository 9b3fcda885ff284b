import Autodiff
import Datasets
import NeuralNetworks
import Tensors
import TestSupport
import Testing

@testable import SearchMethods
@testable import SearchSpaces

@Suite("Training of discrete networks")
struct TrainingLoopTests {
  private static let seed = RandomGenerator(seed: 1)

  private func nasBench201(channels: Int = 2) throws -> NASBench201Network {
    NASBench201Network(
      try NASBench201Genotype(
        parsing:
          "|nor_conv_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|skip_connect~0|none~1|avg_pool_3x3~2|"
      ), channels: channels, cellsPerStage: 1, classes: 10, seed: Self.seed)
  }

  private func darts() -> DARTSNetwork {
    DARTSNetwork(
      .dartsV2, channels: 2, layers: 3, classes: 10, hasAuxiliaryHead: true, seed: Self.seed)
  }

  /// All epochs' metrics, and the losses of all steps.
  private func train(
    _ network: any DiscreteNetwork, _ settings: TrainingSettings, images: Int = 40,
    seed: RandomGenerator = seed
  ) throws -> (epochs: [TrainingMetrics], losses: [Double]) {
    let loop = try TrainingLoop(
      network, SyntheticImages.make(count: images, seed: 1),
      test: SyntheticImages.make(count: 30, seed: 2), settings, seed: seed)
    var (epochs, losses): ([TrainingMetrics], [Double]) = ([], [])
    try loop.run { event in
      switch event {
      case .step(_, _, _, let loss): losses.append(loss)
      case .evaluation: break
      case .epoch(let metrics): epochs.append(metrics)
      }
    }
    return (epochs, losses)
  }

  @Test func `a small network learns the synthetic images`() throws {
    let cell = NASBench201Genotype([
      .norConv3x3, .norConv3x3, .norConv3x3, .skipConnect, .norConv3x3, .norConv1x1,
    ])
    let network = NASBench201Network(
      cell, channels: 6, cellsPerStage: 1, classes: 10, seed: Self.seed)
    let trained = try train(
      network, .init(SpaceEntry.nasBench201.trainingRecipe, epochs: 6, batchSize: 20), images: 400)
    #expect(trained.epochs.count == 6 && trained.losses.count == 6 * 20)
    let (first, last) = (trained.epochs[0], trained.epochs[5])
    #expect(last.trainingLoss < 0.7 * first.trainingLoss)
    #expect(last.testAccuracy > 0.4, "chance is 0.1")
  }

  @Test func `seed and epoch determine everything, whatever the threads`() throws {
    let settings = TrainingSettings(SpaceEntry.darts.trainingRecipe, epochs: 2, batchSize: 20)
    func trace(_ threads: Int, seed: UInt64 = 1) throws -> [Double] {
      try Threads.$limit.withValue(threads) {
        let result = try train(darts(), settings, seed: RandomGenerator(seed: seed))
        return result.losses + result.epochs.flatMap { [$0.testLoss, $0.testAccuracy] }
      }
    }
    let first = try trace(1)
    #expect(try trace(2) == first)
    #expect(try trace(1, seed: 2) != first)
  }

  @Test func `learning rate and drop path follow the published schedules`() throws {
    let epochs = try train(
      darts(), .init(SpaceEntry.darts.trainingRecipe, epochs: 4, batchSize: 20)
    ).epochs
    expectClose(epochs.map(\.dropPath), [0, 0.05, 0.1, 0.15])
    expectClose(
      epochs.map(\.learningRate),
      [0.025, 0.0125 * (1 + 0.5.squareRoot()), 0.0125, 0.0125 * (1 - 0.5.squareRoot())])
    let benchmark = try train(
      nasBench201(), .init(SpaceEntry.nasBench201.trainingRecipe, epochs: 2, batchSize: 20)
    ).epochs
    #expect(benchmark.map(\.learningRate) == [0.1, 0.05] && benchmark[1].dropPath == 0)
  }

  @Test func `drop path is used, from the second epoch on`() throws {
    func losses(_ dropPath: Double) throws -> [Double] {
      var settings = TrainingSettings(SpaceEntry.darts.trainingRecipe, epochs: 2, batchSize: 20)
      settings.dropPath = dropPath
      return try train(darts(), settings).losses
    }
    let (with, without) = (try losses(0.5), try losses(0))
    #expect(with[..<2] == without[..<2] && with[2] != without[2])
  }

  @Test func `every step drops other paths`() throws {
    var settings = TrainingSettings(SpaceEntry.darts.trainingRecipe, epochs: 3, batchSize: 10)
    settings.dropPath = 0.5
    let network = NotingNetwork(darts())
    let steps = try train(network, settings).losses.count / 3
    #expect(steps == 4 && network.masks.count == 3 * steps)
    #expect(network.masks[..<steps].allSatisfy { $0.allSatisfy { $0 == 1 } }, "the first epoch")
    #expect(Set(network.masks[steps...]).count == 2 * steps)
  }

  @Test func `the loss of the auxiliary head counts with its weight`() throws {
    func firstLoss(_ weight: Double?) throws -> Double {
      var settings = TrainingSettings(SpaceEntry.darts.trainingRecipe, epochs: 1, batchSize: 20)
      settings.auxiliaryWeight = weight
      return try train(darts(), settings).losses[0]
    }
    let (none, once, twice) = (try firstLoss(nil), try firstLoss(0.4), try firstLoss(0.8))
    #expect(once > none + 0.4, "the head's cross entropy is about log 10 at the start")
    expectClose([twice - once], [once - none], absolute: 1e-5)
  }

  @Test func `gradients are clipped where the settings say so`() throws {
    var settings = TrainingSettings(SpaceEntry.nasBench201.trainingRecipe, epochs: 1, batchSize: 20)
    settings.weightDecay = 0
    settings.gradientClip = 0
    let network = try nasBench201()
    let before = network.parameters.map(\.value)
    _ = try train(network, settings)
    #expect(network.parameters.map(\.value) == before)
    settings.gradientClip = nil
    _ = try train(network, settings)
    #expect(network.parameters.map(\.value) != before)
  }

  @Test func `cutout changes the images`() throws {
    var settings = TrainingSettings(SpaceEntry.nasBench201.trainingRecipe, epochs: 1, batchSize: 20)
    let without = try train(nasBench201(), settings).losses[0]
    settings.cutout = 16
    #expect(try train(nasBench201(), settings).losses[0] != without)
  }

  @Test func `what cannot be trained is told`() throws {
    #expect(throws: TrainingError.tooFewImages(40, batchSize: 41)) {
      try train(
        nasBench201(), .init(SpaceEntry.nasBench201.trainingRecipe, epochs: 1, batchSize: 41))
    }
    var settings = TrainingSettings(SpaceEntry.nasBench201.trainingRecipe, epochs: 2, batchSize: 20)
    settings.learningRate = 1e38
    #expect(throws: TrainingError.self) { try train(nasBench201(), settings) }
  }
}

/// A network that notes which of 64 images each drop path that it gets would drop first.
private final class NotingNetwork: DiscreteNetwork {
  private let network: DARTSNetwork
  /// The factors of the images.
  private(set) var masks: [[Scalar]] = []

  init(_ network: DARTSNetwork) { self.network = network }

  var parameters: [Parameter] { network.parameters }
  var buffers: [Parameter] { network.buffers }

  func setDropPath(_ dropPath: DropPath) {
    var copy = dropPath
    let ones = Variable.constant(Tensor(repeating: 1, shape: [64, 1, 1, 1]))
    masks.append(Array(copy(ones, in: ForwardPass(.training)).value.scalars))
    network.setDropPath(dropPath)
  }

  func callAsFunction(
    _ images: Tensor, in pass: ForwardPass
  ) -> (scores: Variable, auxiliaryScores: Variable?) {
    network(images, in: pass)
  }
}
