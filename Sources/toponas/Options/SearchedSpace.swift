import CommandLineParsing
import SearchMethods
import SearchSpaces
import TopologicalSimplification

/// The spaces that can be searched.
enum SearchedSpace: String, CaseIterable, Codable {
  case nasbench201
  case darts

  /// The space, not simplified.
  var space: SearchSpace {
    switch self {
    case .nasbench201: .nasBench201
    case .darts: .darts
    }
  }

  /// The options that choose it, and how it is simplified.
  static let options =
    [
      OptionSpec(
        "space", .choice(allCases.map(\.rawValue)), help: "The search space.",
        default: "nasbench201"),
      OptionSpec(
        "simplify", .flag,
        help: "Simplify the supernet's topology before the search, or search it as it is.",
        default: "--simplify"),
    ] + SimplifierOptions.options

  /// The published settings of DARTS on it.
  func settings(epochs: Int, batch: Int, alphaLearningRate: Double) -> SearchSettings {
    switch self {
    case .nasbench201:
      SearchSettings(epochs: epochs, batchSize: batch, alphaLearningRate: alphaLearningRate)
    case .darts: .darts(epochs: epochs, batchSize: batch, alphaLearningRate: alphaLearningRate)
    }
  }
}

/// A derived architecture whose network has a size that can be told.
protocol SizedArchitecture: DerivedArchitecture {
  /// The size of the network in which it is trained from scratch, for images of a form.
  func size(for images: ImageForm) -> NetworkCost
  /// What that network is.
  static func network(for images: ImageForm) -> String
}

/// A supernet whose derived architectures have such a size.
protocol SizedSupernet: Supernet where Genotype: SizedArchitecture {}

extension CellSupernet: SizedSupernet where Genotype: SizedArchitecture {}

extension Supernet {
  /// The numbers that are trained, apart from alpha.
  var weightCount: Int { parameters.reduce(0) { $0 + $1.value.shape.count } }
  /// The numbers in alpha.
  var logitCount: Int { architectureParameters.reduce(0) { $0 + $1.value.shape.count } }
}

extension NASBench201Genotype: SizedArchitecture {
  func size(for images: ImageForm) -> NetworkCost {
    networkCost(of: self, classes: images.classes, imageExtent: images.extent)
  }

  static func network(for images: ImageForm) -> String {
    "a network of the benchmark (C = 16, N = 5\(images.remark))"
  }
}

extension DARTSGenotype: SizedArchitecture {
  func size(for images: ImageForm) -> NetworkCost {
    networkCost(of: self, classes: images.classes, imageExtent: images.extent)
  }

  static func network(for images: ImageForm) -> String {
    "the evaluation network of DARTS (C = 36, 20 cells\(images.remark))"
  }
}
