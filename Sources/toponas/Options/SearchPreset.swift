import SearchMethods

/// Named sets of numbers; every option of the command line overrides one.
enum SearchPreset: String, CaseIterable {
  /// Under a minute on two cores: to see a search at work.
  case tiny
  /// Minutes: a CIFAR subset.
  case small
  /// The published settings of DARTS: hours.
  case paper

  /// What a preset fixes.
  struct Numbers {
    let channels: Int
    /// In each of three stages on NAS-Bench-201, in all on the DARTS space.
    let cells: Int
    var epochs: Int
    var batch: Int
    /// Training images; nil is all that there are.
    let trainImages: Int?
    /// Learning rate of alpha: larger in short searches, where 3e-4 would hardly move it.
    let alphaLearningRate: Double
  }

  /// The numbers with which `method` is run: those of DARTS, but for what the published settings say.
  func numbers(for space: SearchedSpace, _ method: MethodEntry) -> Numbers {
    var numbers = numbers(for: space)
    guard self == .paper else { return numbers }
    let published = method.published(space.rawValue)
    numbers.epochs = published.epochs ?? numbers.epochs
    numbers.batch = published.batch ?? numbers.batch
    return numbers
  }

  /// The numbers of DARTS.
  func numbers(for space: SearchedSpace) -> Numbers {
    switch (self, space) {
    case (.tiny, .nasbench201):
      Numbers(
        channels: 8, cells: 1, epochs: 10, batch: 32, trainImages: 2000, alphaLearningRate: 3e-3)
    case (.tiny, .darts):
      Numbers(
        channels: 4, cells: 3, epochs: 8, batch: 32, trainImages: 2000, alphaLearningRate: 3e-3)
    case (.small, .nasbench201):
      Numbers(
        channels: 16, cells: 1, epochs: 20, batch: 64, trainImages: 4000, alphaLearningRate: 1e-3)
    case (.small, .darts):
      Numbers(
        channels: 8, cells: 5, epochs: 10, batch: 64, trainImages: 4000, alphaLearningRate: 1e-3)
    case (.paper, .nasbench201):
      Numbers(
        channels: 16, cells: 5, epochs: 50, batch: 64, trainImages: nil, alphaLearningRate: 3e-4)
    case (.paper, .darts):
      Numbers(
        channels: 16, cells: 8, epochs: 50, batch: 64, trainImages: nil, alphaLearningRate: 3e-4)
    }
  }
}
