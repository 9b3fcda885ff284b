import Autodiff
import Datasets
import NeuralNetworks
import SearchSpaces
import Tensors

/// What happened in one epoch of the training of a discrete network.
///
/// Losses are mean cross entropies; accuracies are shares in [0, 1].
public struct TrainingMetrics: Codable, Sendable {
  /// The epoch, counted from 1.
  public let epoch: Int
  /// Learning rate.
  public let learningRate: Double
  /// How likely an image lost an operation.
  public let dropPath: Double
  /// Mean loss of the steps, with that of the auxiliary head.
  public let trainingLoss: Double
  /// Accuracy in the steps, on augmented images.
  public let trainingAccuracy: Double
  /// Loss on the test images after the epoch.
  public let testLoss: Double
  /// Accuracy on the test images after the epoch.
  public let testAccuracy: Double
  /// Wall time of the epoch, in seconds.
  public let seconds: Double
  /// Median wall time of a step, in seconds.
  public let secondsPerStep: Double
  /// Most memory of the process so far, in bytes.
  public let peakMemoryBytes: Int
}

/// What a training reports while it runs.
public enum TrainingEvent: Sendable {
  /// A step is done: `step` of `steps` in `epoch`, both counted from 1.
  case step(epoch: Int, step: Int, steps: Int, loss: Double)
  /// An epoch is done.
  case epoch(TrainingMetrics)
}

/// Why a training stopped.
public enum TrainingError: Error, Equatable, CustomStringConvertible {
  /// A loss or a gradient became infinite or not a number.
  case nonFinite(epoch: Int, step: Int)
  /// The images do not fill a single batch.
  case tooFewImages(Int, batchSize: Int)

  /// The message for the user, with a hint on the last line.
  public var description: String {
    switch self {
    case .nonFinite(let epoch, let step):
      """
      the training loss or its gradient is not a finite number in epoch \(epoch), step \(step)
      Hint: lower the learning rate, or check the images.
      """
    case .tooFewImages(let count, let batchSize):
      """
      there are \(count) training images, fewer than a batch of \(batchSize)
      Hint: lower --batch, or raise --train-images.
      """
    }
  }
}

/// Trains a discrete network from its start, and tests it after every epoch.
public final class TrainingLoop {
  private let network: any DiscreteNetwork
  private let settings: TrainingSettings
  private let training: BatchLoader
  private let test: BatchLoader
  private let seed: RandomGenerator
  private var optimizer: SGD

  /// Prepares to train on `images`, cropped, flipped and cut anew in every epoch.
  public init(
    _ network: any DiscreteNetwork, _ images: ImageSet, test: ImageSet,
    _ settings: TrainingSettings,
    seed: RandomGenerator
  ) throws(TrainingError) {
    guard images.count >= settings.batchSize else {
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

  /// Steps an epoch.
  public var stepsPerEpoch: Int { training.batchesPerEpoch }

  /// Runs all epochs; what `report` throws ends the training.
  public func run(_ report: (TrainingEvent) throws -> Void) throws {
    for epoch in 0..<settings.epochs { try report(.epoch(try runEpoch(epoch, report))) }
  }

  private func runEpoch(
    _ epoch: Int, _ report: (TrainingEvent) throws -> Void
  ) throws -> TrainingMetrics {
    let clock = ContinuousClock()
    let start = clock.now
    optimizer.learningRate = cosineLearningRate(
      epoch: epoch, of: settings.epochs, from: settings.learningRate, to: 0)
    let dropPath = settings.dropPath * Double(epoch) / Double(settings.epochs)
    network.setDropPath(DropPath(probability: dropPath, generator: seed.stream("drop path", epoch)))
    let batches = training.epoch(epoch)
    var (loss, correct, durations) = (0.0, 0, [Double]())
    for index in 0..<stepsPerEpoch {
      let begin = clock.now
      let result = step(batches[index])
      guard result.loss.isFinite, result.length.isFinite else {
        throw TrainingError.nonFinite(epoch: epoch + 1, step: index + 1)
      }
      durations.append((clock.now - begin).seconds)
      loss += result.loss
      correct += result.correct
      try report(
        .step(epoch: epoch + 1, step: index + 1, steps: stepsPerEpoch, loss: result.loss))
    }
    let tested = evaluate(network, on: test)
    guard tested.loss.isFinite else {
      throw TrainingError.nonFinite(epoch: epoch + 1, step: stepsPerEpoch)
    }
    return TrainingMetrics(
      epoch: epoch + 1, learningRate: optimizer.learningRate, dropPath: dropPath,
      trainingLoss: loss / Double(stepsPerEpoch),
      trainingAccuracy: Double(correct) / Double(stepsPerEpoch * settings.batchSize),
      testLoss: tested.loss, testAccuracy: tested.accuracy, seconds: (clock.now - start).seconds,
      secondsPerStep: durations.sorted()[durations.count / 2],
      peakMemoryBytes: ProcessMemory.peakBytes)
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

/// Loss and share of right answers of a discrete network on all images of a loader, in evaluation mode.
public func evaluate(
  _ network: any DiscreteNetwork, on loader: BatchLoader
) -> (loss: Double, accuracy: Double) {
  evaluate(on: loader) { network($0, in: ForwardPass(.evaluation)).scores.value }
}
