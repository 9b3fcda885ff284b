import Messages

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
  /// The most bytes that tensors held at one time so far, where a meter counts them; nil elsewhere.
  public let peakTensorBytes: Int?
  /// Resident memory of the process after the epoch, in bytes, without what was freed before it: the pool of tensors
  /// frees nothing.
  public let peakMemoryBytes: Int
}

/// What a training reports while it runs.
public enum TrainingEvent: Sendable {
  /// A step is done: `step` of `steps` in `epoch`, both counted from 1.
  case step(epoch: Int, step: Int, steps: Int, loss: Double)
  /// The steps of an epoch are done, and one more batch of its test begins.
  case evaluation(epoch: Int)
  /// An epoch is done.
  case epoch(TrainingMetrics)
}

/// Why a training stopped.
public enum TrainingError: UserError, Equatable {
  /// A loss or a gradient became infinite or not a number.
  case nonFinite(epoch: Int, step: Int)
  /// The loss on the test images, of weights that came from elsewhere, is infinite or not a number.
  case nonFiniteTest
  /// The images do not fill a single batch.
  case tooFewImages(Int, batchSize: Int)

  /// The code with which a program ends that reports it.
  public var exitCode: ExitCode {
    if case .tooFewImages = self { .usage } else { .failed }
  }

  /// The message for the user, with a hint on the last line.
  public var message: Message {
    switch self {
    case .nonFinite(let epoch, let step):
      """
      the training loss or its gradient is not a finite number in epoch \(epoch), step \(step)
      Hint: the learning rate is too large for this network, or the images are damaged.
      """
    case .nonFiniteTest:
      """
      the loss on the test images is not a finite number
      Hint: check the weights and the images.
      """
    case .tooFewImages(let count, let batchSize):
      """
      there are \(count) training images, fewer than a batch of \(batchSize)
      Hint: take smaller batches, or more images.
      """
    }
  }
}
