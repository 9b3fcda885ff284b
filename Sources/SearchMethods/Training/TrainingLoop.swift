import Autodiff
import Datasets
import NeuralNetworks
import SearchSpaces
import Tensors

/// Trains a discrete network, and tests it after every epoch.
public final class TrainingLoop {
  let network: any DiscreteNetwork
  let settings: TrainingSettings
  private let training: BatchLoader
  private let test: BatchLoader
  private let seed: RandomGenerator
  var optimizer: SGD
  /// How far the training is.
  public internal(set) var progress = SearchProgress()

  /// Prepares to train on `images`, cropped, flipped and cut anew in every epoch; without epochs none are needed.
  public init(
    _ network: any DiscreteNetwork, _ images: ImageSet, test: ImageSet,
    _ settings: TrainingSettings,
    seed: RandomGenerator
  ) throws(TrainingError) {
    guard settings.epochs == 0 || images.count >= settings.batchSize else {
      throw .tooFewImages(images.count, batchSize: settings.batchSize)
    }
    self.network = network
    self.settings = settings
    self.seed = seed
    var augmentation = Augmentation.standard
    augmentation.cutout = settings.cutout
    training = BatchLoader(
      images, batchSize: settings.batchSize, augmentation: augmentation,
      generator: seed.stream("training"))
    self.test = BatchLoader(test, batchSize: settings.batchSize, generator: seed.stream("test"))
    optimizer = SGD(
      learningRate: settings.learningRate, momentum: settings.momentum,
      weightDecay: settings.weightDecay, isNesterov: settings.isNesterov)
  }

  /// Steps per epoch.
  public var stepsPerEpoch: Int { training.batchesPerEpoch }

  /// Runs the epochs that are left; what `report` throws ends the training.
  ///
  /// Whenever `report` is called, `state` is what the training can go on from.
  public func run(_ report: (TrainingEvent) throws -> Void) throws {
    while progress.units < settings.epochs {
      let metrics = try runEpoch(progress.units, report)
      progress = SearchProgress(units: metrics.epoch)
      try report(.epoch(metrics))
    }
  }

  /// Loss and share of right answers on the test images now; what `beforeBatch` throws ends it.
  public func test(
    beforeBatch: () throws -> Void = {}
  ) rethrows -> (loss: Double, accuracy: Double) {
    try evaluate(on: test) {
      try beforeBatch()
      return network($0, in: ForwardPass(.evaluation)).scores.value
    }
  }

  private func runEpoch(
    _ epoch: Int, _ report: (TrainingEvent) throws -> Void
  ) throws -> TrainingMetrics {
    let clock = ContinuousClock()
    let (start, secondsBefore) = (clock.now, progress.stepSeconds.reduce(0, +))
    let (learningRate, dropPath) = settings.rates(inEpoch: epoch)
    optimizer.learningRate = learningRate
    let batches = training.epoch(epoch)
    for index in progress.steps..<stepsPerEpoch {
      let begin = clock.now
      // Drawn anew in each step, so that a training can go on from any of them.
      network.setDropPath(
        DropPath(probability: dropPath, generator: seed.stream("drop path", epoch, index)))
      let result = step(batches[index])
      guard result.loss.isFinite, result.length.isFinite else {
        throw TrainingError.nonFinite(epoch: epoch + 1, step: index + 1)
      }
      progress.add((result.loss, result.correct), seconds: (clock.now - begin).seconds)
      try report(
        .step(epoch: epoch + 1, step: index + 1, steps: stepsPerEpoch, loss: result.loss))
    }
    let tested = try test { try report(.evaluation(epoch: epoch + 1)) }
    guard tested.loss.isFinite else {
      throw TrainingError.nonFinite(epoch: epoch + 1, step: stepsPerEpoch)
    }
    return TrainingMetrics(
      epoch: epoch + 1, learningRate: optimizer.learningRate, dropPath: dropPath,
      trainingLoss: progress.lossSum / Double(stepsPerEpoch),
      trainingAccuracy: Double(progress.correct) / Double(stepsPerEpoch * settings.batchSize),
      testLoss: tested.loss, testAccuracy: tested.accuracy,
      seconds: secondsBefore + (clock.now - start).seconds,
      secondsPerStep: progress.stepSeconds.sorted()[stepsPerEpoch / 2],
      peakTensorBytes: StorageMeter.current?.peakBytes,
      peakMemoryBytes: ProcessMemory.residentBytes)
  }

  /// One step on a batch: loss and right answers before it, and the length of the gradients.
  private func step(_ batch: Batch) -> (loss: Double, correct: Int, length: Double) {
    let parameters = network.parameters
    let pass = ForwardPass(.training, differentiating: parameters)
    let output = network(batch.images, in: pass)
    var loss = crossEntropy(output.scores, labels: batch.labels)
    if let weight = settings.auxiliaryWeight, let scores = output.auxiliaryScores {
      loss = loss + Scalar(weight) * crossEntropy(scores, labels: batch.labels)
    }
    let (value, correct) = (Double(loss.item), correctCount(output.scores.value, batch.labels))
    var gradients = pass.gradients(of: loss)
    let length = clipByGlobalNorm(&gradients, to: settings.gradientClip ?? .infinity)
    optimizer.step(parameters, gradients)
    return (value, correct, length)
  }
}

extension TrainingLoop: ResumableLoop {
  /// The state now; it shares the memory of the tensors until they change.
  public var state: SearchState {
    var state = SearchState(progress: progress)
    state.put("value", changing.map(\.value), of: changing)
    state.put("velocity", optimizer.velocities, of: network.parameters)
    return state
  }

  /// Puts the training where `state` was taken; if it throws, nothing has changed.
  ///
  /// Network, settings, images and seed must be those of the training from which it was taken.
  public func restore(_ state: SearchState) throws(SearchStateError) {
    try state.checkProgress(
      epochs: settings.epochs, stepsPerEpoch: stepsPerEpoch, batchSize: settings.batchSize)
    var rest = state
    let values = try rest.take("value", of: changing)
    let velocities = try rest.take(
      "velocity", of: state.progress.hasBegun ? network.parameters : [])
    try rest.checkAllTaken()
    for (parameter, value) in zip(changing, values) { parameter.value = value }
    optimizer.velocities = velocities
    progress = state.progress
  }

  private var changing: [Parameter] { network.parameters + network.buffers }
}
