import Messages
import SearchSpaces

/// Why a search stopped.
public enum SearchError: UserError, Equatable {
  /// A loss or a gradient became infinite or not a number.
  case nonFinite(epoch: Int, step: Int, which: String)
  /// The data do not fill a single batch.
  case tooFewImages(perHalf: Int, batchSize: Int)
  /// One of two parts of the images, for training and to be held out, has fewer than it needs: a batch, or one image.
  case tooFewForParts(training: Int, heldOut: Int, batchSize: Int)
  /// The parts of the search do not fit in so few epochs.
  case tooFewEpochs(Int, needed: Int)
  /// Of so many random architectures none is within the budget, nor is a small one.
  case nothingWithinBudget(draws: Int, small: NetworkCost)

  /// The code with which a program ends that reports it.
  public var exitCode: ExitCode {
    switch self {
    case .nonFinite: .failed
    case .tooFewImages, .tooFewForParts, .tooFewEpochs, .nothingWithinBudget: .usage
    }
  }

  /// The message for the user, with a hint on the last line.
  public var message: Message {
    switch self {
    case .nonFinite(let epoch, let step, let which):
      """
      the \(which) loss or its gradient is not a finite number in epoch \(epoch), step \(step)
      Hint: the learning rate is too large for this network, or the images are damaged.
      """
    case .tooFewImages(let perHalf, let batchSize):
      """
      each half of the training images has \(perHalf) images, fewer than a batch of \(batchSize)
      Hint: take smaller batches, or more images.
      """
    case .tooFewForParts(let training, let heldOut, let batchSize):
      """
      of the images \(training) would train and \(heldOut) be held out: expected a batch of \(batchSize) or more, and one \
      or more
      Hint: take smaller batches, or more images.
      """
    case .tooFewEpochs(let found, let needed):
      """
      \(setting: "epochs") \(found): the search has parts that follow each other and needs \(needed) epochs or more
      Hint: \(setting: "epochs") \(needed) or more.
      """
    case .nothingWithinBudget(let draws, let small):
      """
      none of \(draws) random architectures is within the budget; a small one has \(small.macs) MACs and \
      \(small.parameters) parameters
      Hint: raise \(setting: "max-macs") or \(setting: "max-parameters"), or leave them out.
      """
    }
  }
}
