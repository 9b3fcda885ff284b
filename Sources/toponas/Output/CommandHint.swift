import Datasets
import Messages
import Runs

extension Error {
  /// What the libraries cannot advise, for it is a command of this program; nil is nothing.
  var commandHint: Message? {
    switch datasetError {
    case .noBatchFile(_, _, .pictures), .noPixmap(_, found: .some), .otherPixmap, .wrongDepth,
      .wrongExtent, .otherExtent, .otherTestExtent:
      return "Hint: toponas data import PICTURES --out DIR makes such a folder of any pictures."
    case .otherFile(_, _, let found) where found.isPicture:
      return "Hint: toponas data import PICTURES --out DIR makes such a folder of any pictures."
    case .noBatchFile(_, _, .otherVersion), .otherFile(_, _, .pickle), .otherFile(_, _, .html),
      .otherFile(_, _, .matlab):
      return "Hint: toponas data fetch cifar10 (or cifar100) gets the binary version."
    default: return nil
    }
  }

  /// What is wrong with images, if that is the reason.
  private var datasetError: DatasetError? {
    switch self as any Error {
    case let error as RunFailure: error.cause as? DatasetError
    case RunImagesError.moved(let cause): cause
    case let error as DataVerificationError: error.problems.first
    default: self as? DatasetError
    }
  }
}
