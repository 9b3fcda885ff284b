extension SearchPreset {
  /// What a preset fixes of the training of a derived cell; the rest is as published, whatever the size.
  struct TrainingNumbers {
    let channels: Int
    /// In each of three stages on NAS-Bench-201, in all on the DARTS space.
    let cells: Int
    let epochs: Int
    let batch: Int
    /// Training images; nil is all that there are.
    let trainImages: Int?
    /// Test images; nil is all that there are.
    let testImages: Int?
  }

  func trainingNumbers(for space: SearchedSpace) -> TrainingNumbers {
    switch (self, space) {
    case (.tiny, .nasbench201):
      TrainingNumbers(
        channels: 8, cells: 1, epochs: 10, batch: 64, trainImages: 2000, testImages: 1000)
    case (.tiny, .darts):
      TrainingNumbers(
        channels: 4, cells: 3, epochs: 10, batch: 64, trainImages: 2000, testImages: 1000)
    case (.small, .nasbench201):
      TrainingNumbers(
        channels: 16, cells: 1, epochs: 20, batch: 128, trainImages: 5000, testImages: 2000)
    case (.small, .darts):
      TrainingNumbers(
        channels: 8, cells: 6, epochs: 20, batch: 96, trainImages: 5000, testImages: 2000)
    case (.paper, .nasbench201):
      TrainingNumbers(
        channels: 16, cells: 5, epochs: 200, batch: 256, trainImages: nil, testImages: nil)
    case (.paper, .darts):
      TrainingNumbers(
        channels: 36, cells: 20, epochs: 600, batch: 96, trainImages: nil, testImages: nil)
    }
  }

  /// A number of all presets for the help: `8 (tiny), 16 (small), 16 (paper)`; that of darts behind a slash if it
  /// differs.
  static func list(_ text: (SearchPreset, SearchedSpace) -> String) -> String {
    allCases.map { preset in
      let values = SearchedSpace.allCases.map { text(preset, $0) }
      let both = values[0] == values[1] ? values[0] : values.joined(separator: "/")
      return "\(both) (\(preset.rawValue))"
    }.joined(separator: ", ")
  }
}
