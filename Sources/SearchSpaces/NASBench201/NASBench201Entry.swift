extension SpaceEntry {
  /// NAS-Bench-201 in the list of spaces.
  public static let nasBench201 = SpaceEntry(
    .nasBench201, deriving: NASBench201Genotype.self,
    words: Words(
      genotype: "a cell of NAS-Bench-201", title: "Cell of NAS-Bench-201", cells: "N = %",
      counting: "N in each of the three stages of nasbench201", unit: " per stage",
      network: "a network of the benchmark"),
    texts: NASBench201Genotype.texts,
    isBenchmarked: true,
    searchRecipe: .nasBench201, trainingRecipe: .nasBench201,
    searchSize: PresetSizes(
      tiny: SearchSize(
        channels: 8, cells: 1, epochs: 10, batch: 32, images: 2000, alphaLearningRate: 3e-3),
      small: SearchSize(
        channels: 16, cells: 1, epochs: 20, batch: 64, images: 4000, alphaLearningRate: 1e-3),
      paper: SearchSize(
        channels: 16, cells: 5, epochs: 50, batch: 64, images: nil, alphaLearningRate: 3e-4)),
    trainingSize: PresetSizes(
      tiny: TrainingSize(
        channels: 8, cells: 1, epochs: 10, batch: 64, images: 2000, testImages: 1000),
      small: TrainingSize(
        channels: 16, cells: 1, epochs: 20, batch: 128, images: 5000, testImages: 2000),
      paper: TrainingSize(
        channels: 16, cells: 5, epochs: 200, batch: 256, images: nil, testImages: nil))
  )
}

extension SearchRecipe {
  /// That of DARTS on NAS-Bench-201 [published: D-X-Y/AutoDL-Projects].
  static let nasBench201 = SearchRecipe(weightDecay: 5e-4, isNesterov: true, movesAlphaFirst: false)
}

extension TrainingRecipe {
  /// How the benchmark trains its cells, D5 [published: D-X-Y/AutoDL-Projects].
  static let nasBench201 = TrainingRecipe(learningRate: 0.1, isNesterov: true, weightDecay: 5e-4)
}
