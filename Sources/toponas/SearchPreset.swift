/// Named sets of numbers; every option of the command line overrides one.
enum SearchPreset: String, CaseIterable {
  /// Under a minute on two cores: to see a search at work.
  case tiny
  /// Minutes: a CIFAR subset at the width of the benchmark.
  case small
  /// The setting of DARTS on NAS-Bench-201: hours.
  case paper

  /// What a preset fixes.
  struct Numbers {
    let channels: Int
    let cells: Int
    let epochs: Int
    let batch: Int
    /// Training images; nil is all that there are.
    let trainImages: Int?
    /// Learning rate of alpha: larger in short searches, where 3e-4 would hardly move it.
    let alphaLearningRate: Double
  }

  var numbers: Numbers {
    switch self {
    case .tiny:
      Numbers(
        channels: 8, cells: 1, epochs: 10, batch: 32, trainImages: 2000, alphaLearningRate: 3e-3)
    case .small:
      Numbers(
        channels: 16, cells: 1, epochs: 20, batch: 64, trainImages: 4000, alphaLearningRate: 1e-3)
    case .paper:
      Numbers(
        channels: 16, cells: 5, epochs: 50, batch: 64, trainImages: nil, alphaLearningRate: 3e-4)
    }
  }
}
