import Datasets
import Foundation
import Reports
import SearchMethods
import SearchSpaces
import SystemErrors
import TensorFiles

/// What the program tells its caller.
enum ExitCode: Int32 {
  case ok = 0
  /// The run itself failed.
  case failed = 1
  /// The command line is wrong.
  case usage = 64
  /// The data are wrong.
  case badData = 65
  /// The data are not there.
  case noInput = 66
  /// An output cannot be created.
  case cannotCreate = 73
  /// Reading or writing failed half-way.
  case inputOutput = 74
  /// The user stopped the run, which is saved.
  case interrupted = 130
}

extension Error {
  /// The code that belongs to an error of the libraries.
  var exitCode: ExitCode {
    switch self {
    case let error as DatasetError:
      switch error {
      case .missingFolder, .noBatchFile, .unreadable, .noTestImages: .noInput
      default: .badData
      }
    case let error as FetchError:
      switch error {
      case .status(_, code: 404), .status(_, code: 410): .noInput
      case .network, .cutOff, .status, .noGzip: .failed
      case .wrongSize, .wrongChecksum: .badData
      case .cannotCreate, .exists: .cannotCreate
      case .cannotWrite, .cannotUnpack, .wrongContent(.unreadable): .inputOutput
      case .wrongContent: .badData
      }
    case let error as SubsetFileError:
      if case .cannotWrite = error { .inputOutput } else { .cannotCreate }
    case is DataVerificationError: .badData
    case is DataCommandError: .usage
    case let error as SearchError:
      switch error {
      case .nonFinite: .failed
      case .tooFewImages: .usage
      }
    case let error as TrainingError:
      if case .tooFewImages = error { .usage } else { .failed }
    case is SearchPlanError, is SimplifierOptionsError, is SearchedEdgeError, is CostCommandError,
      is BenchError, is NASBenchCommandError, is EvaluationPlanError, is MemoryError,
      is GenotypeCommandError, is ReportCommandError, is RunContradiction, is ExportError:
      .usage
    case let error as GenotypeInputError:
      switch error {
      case .unreadable: .noInput
      case .notOneKey, .notAGenotype: .badData
      case .noGenotypeOfRun(.unreadable(let error)): error.exitCode
      case .noGenotypeOfRun(.badConfig(let error)): error.exitCode
      case .noGenotypeOfRun(.damaged): .badData
      case .noGenotypeOfRun: .noInput
      }
    case let error as StudyError:
      switch error {
      case .unknownMethod, .badKind, .badSearch, .noSuchSearch: .usage
      case .otherSearch: .cannotCreate
      case .searchFailed, .failures: .failed
      case .interrupted: .interrupted
      }
    case let error as NASBench201TableError:
      if case .unreadable = error.problem { .noInput } else { .badData }
    case is ConsoleError: .inputOutput
    case let error as RunFolderError:
      switch error {
      case .exists, .cannotCreate, .cannotLock, .inUse: .cannotCreate
      case .cannotWrite: .inputOutput
      case .cannotRead, .notARun: .noInput
      }
    case let error as CheckpointFileError:
      switch error.problem {
      case .missing, .unreadable: .noInput
      // The folder was there when the run began.
      case .cannotWrite(let error): error.code == ENOENT ? .inputOutput : error.writingCode
      default: .badData
      }
    case is CheckpointError, is WeightsError, is SearchStateError, is RunHistoryError: .badData
    case let error as SearchConfigError: error.isUnreadable ? .noInput : .badData
    case is RunsCommandError: .noInput
    case let error as OutputFileError: error.cause.writingCode
    case let failure as RunFailure: failure.cause.exitCode
    case is RunInterruption: .interrupted
    case let error as SafeTensorsError:
      switch error.problem {
      case .unreadable: .noInput
      case .cannotWrite(let error): error.writingCode
      default: .badData
      }
    case let error as PictureFolderError:
      switch error {
      case .cannotCreate: .cannotCreate
      case .cannotWrite: .inputOutput
      }
    default: .failed
    }
  }
}

extension SystemError {
  /// The code of a file that was not written for this reason.
  fileprivate var writingCode: ExitCode { isRefusal ? .cannotCreate : .inputOutput }
}
