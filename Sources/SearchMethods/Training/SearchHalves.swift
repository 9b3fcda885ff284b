import Datasets
import Tensors

/// The images of a search in two halves, the first to train weights and the second to train alpha.
public struct SearchHalves: Sendable {
  /// Batches for the weights.
  public let training: BatchLoader
  /// Batches for alpha.
  public let validation: BatchLoader

  /// Cuts `images` in halves and these into batches, augmented by crop and flip.
  public init(
    _ images: ImageSet, batchSize: Int, seed: RandomGenerator
  ) throws(SearchError) {
    // Of the same memory.
    let middle = images.count / 2
    guard middle >= batchSize else {
      throw .tooFewImages(perHalf: middle, batchSize: batchSize)
    }
    (trainingCount, validationCount) = (middle, images.count - middle)
    training = BatchLoader(
      images, at: 0..<middle, batchSize: batchSize, augmentation: .standard,
      generator: seed.stream("training"))
    validation = BatchLoader(
      images, at: middle..<images.count, batchSize: batchSize, augmentation: .standard,
      generator: seed.stream("validation"))
  }

  /// Images for the weights.
  public let trainingCount: Int
  /// Images for alpha.
  public let validationCount: Int

  /// Steps per epoch: each takes one batch of either half.
  public var stepsPerEpoch: Int { min(training.batchesPerEpoch, validation.batchesPerEpoch) }
}
