import SearchSpaces
import Tensors
import TopologicalSimplification

/// The measured operations as `toponas nonlinearity --json` prints them.
struct NonlinearitySummary: Encodable {
  let space: String
  let stride: Int
  let images: Int
  let height: Int
  let width: Int
  let channels: Int
  let mode: String
  let seed: Int
  let operations: [Operation]
  let pairs: [Pair]
  let nonlinearShare: Double
  let meanAdditivity: Double
  let meanHomogeneity: Double
  /// Files that were written.
  let files: [String]

  /// A candidate.
  struct Operation: Encodable {
    let name: String
    let modules: [String]
    let linearity: String
    /// The first module that keeps convolutions from being merged; nil if there is none.
    let obstacle: String?
    /// Its place in `modules`, from 0.
    let obstacleIndex: Int?
    let additivity: Double
    let homogeneity: Double
    let affinity: Double
  }

  /// Two candidates whose kernels can be merged.
  struct Pair: Encodable {
    let operations: [String]
    /// In evaluation mode that where all batch norms have the same statistics.
    let mixingError: Double
    /// In evaluation mode the error where each batch norm has statistics of its own.
    let ownStatisticsError: Double?
  }

  init(_ report: NonlinearityReport, files: [String]) {
    (space, stride) = (report.edge.space.name, report.edge.stride)
    (images, height, width) = (report.shape.images, report.shape.height, report.shape.width)
    (channels, mode, seed) = (report.shape.channels, report.modeName, report.seed)
    operations = report.operations.map {
      Operation(
        name: $0.primitive.rawValue, modules: $0.path.modules.map(\.signature),
        linearity: $0.linearity.description, obstacle: $0.obstacle?.module.signature,
        obstacleIndex: $0.obstacle?.index, additivity: $0.measured.additivity,
        homogeneity: $0.measured.homogeneity, affinity: $0.measured.affinity)
    }
    pairs = report.pairs.map {
      Pair(
        operations: [$0.first.rawValue, $0.second.rawValue], mixingError: $0.mixingError,
        ownStatisticsError: $0.ownStatisticsError)
    }
    nonlinearShare = Double(report.nonlinearCount) / Double(report.operations.count)
    meanAdditivity = report.mean(\.additivity)
    meanHomogeneity = report.mean(\.homogeneity)
    self.files = files
  }
}
