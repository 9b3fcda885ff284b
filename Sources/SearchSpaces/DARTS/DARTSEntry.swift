extension SpaceEntry {
  /// The space of DARTS in the list of spaces.
  public static let darts = SpaceEntry(
    .darts, deriving: DARTSGenotype.self,
    words: Words(
      genotype: "cells of DARTS", title: "Cells of DARTS", cells: "% cells",
      counting: "all of darts", unit: "",
      network: "the evaluation network of DARTS"),
    texts: DARTSGenotype.texts,
    leastSearchedCells: 3, leastDerivedCells: 2,
    searchRecipe: .darts, trainingRecipe: .darts,
    searchSize: PresetSizes(
      tiny: SearchSize(
        channels: 4, cells: 3, epochs: 8, batch: 32, images: 2000, alphaLearningRate: 3e-3),
      small: SearchSize(
        channels: 8, cells: 5, epochs: 10, batch: 64, images: 4000, alphaLearningRate: 1e-3),
      paper: SearchSize(
        channels: 16, cells: 8, epochs: 50, batch: 64, images: nil, alphaLearningRate: 3e-4)),
    trainingSize: PresetSizes(
      tiny: TrainingSize(
        channels: 4, cells: 3, epochs: 10, batch: 64, images: 2000, testImages: 1000),
      small: TrainingSize(
        channels: 8, cells: 6, epochs: 20, batch: 96, images: 5000, testImages: 2000),
      paper: TrainingSize(
        channels: 36, cells: 20, epochs: 600, batch: 96, images: nil, testImages: nil))
  )
}

extension SearchRecipe {
  /// The recipe of DARTS on its own space [published: quark0/darts], also for the space of GOLD-NAS.
  static let darts = SearchRecipe(weightDecay: 3e-4, isNesterov: false, movesAlphaFirst: true)
}

extension TrainingRecipe {
  /// The recipe of the cells of DARTS [published: quark0/darts], which GOLD-NAS takes for its own.
  static let darts = TrainingRecipe(
    learningRate: 0.025, isNesterov: false, weightDecay: 3e-4, gradientClip: 5, dropPath: 0.2,
    auxiliaryWeight: 0.4, cutout: 16)
}
