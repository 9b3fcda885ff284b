import Datasets
import Foundation
import Messages
import Tensors

/// What a command will need of the machine's memory, told before any of it is taken.
struct MemoryDemand {
  /// Bytes that tensors are predicted to hold at one time, or fewer.
  let tensors: Int
  /// Images that are held, in bytes.
  let images: Int

  /// A demand of tensors, and of so many images beside them; a search holds each of these twice, whole and in halves.
  init(tensors: Int, images count: Int) {
    self.tensors = tensors
    images = 2 * count * ImageSet.imageBytes
  }

  /// Throws if this machine has not so much.
  func check(available: UInt64 = ProcessInfo.processInfo.physicalMemory) throws(MemoryError) {
    guard UInt64(tensors + images) <= available else {
      throw MemoryError(demand: tensors + images, available: Int(available))
    }
  }
}

/// The options ask for more memory than there is.
struct MemoryError: UserError, Equatable {
  let demand: Int
  let available: Int

  /// The message for the user, with a hint on the last line.
  var message: Message {
    """
    this needs \(mebibytes(demand)) of memory or more, and this machine has \(mebibytes(available))
    Hint: lower --batch, --channels, --cells, or the number of images or steps.
    """
  }
}

extension SearchPlan {
  /// What a search will need: the prediction for its space, and the images as far as their number is known.
  var memoryDemand: MemoryDemand {
    MemoryDemand(tensors: predictedBytes(of: searchSpace), images: trainImages ?? 0)
  }
}

extension EvaluationPlan {
  /// What a training will need at least: weights, momentum and gradients, and the results of the cells of the first
  /// stage, which the backward pass reads.
  var memoryDemand: MemoryDemand {
    let cellsOfStage = space == .darts ? max(1, cells / 3) : cells
    let maps = cellsOfStage * settings.batchSize * channels * ImageSet.extent * ImageSet.extent
    let scalars = 3 * cost(classes: 2).parameters + maps
    return MemoryDemand(
      tensors: scalars * MemoryLayout<Scalar>.size, images: (trainImages ?? 0) + (testImages ?? 0))
  }
}
