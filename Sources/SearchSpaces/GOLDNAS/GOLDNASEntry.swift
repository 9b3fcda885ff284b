import Settings

extension SpaceEntry {
  /// The space of GOLD-NAS in the list of spaces; its cells are trained as those of DARTS, B.3 [published:
  /// sunsmarterjie/GOLD_NAS].
  public static let goldNAS = SpaceEntry(
    "gold-nas",
    settings: [
      Setting(
        "candidates", .choice(GOLDNASCandidates.allCases.map(\.rawValue)),
        help:
          "The operations of every edge: own are skip_connect and sep_conv_3x3, darts are all of DARTS but none.",
        standard: .word(GOLDNASCandidates.own.rawValue))
    ],
    deriving: GOLDNASGenotype.self,
    words: Words(
      genotype: "cells of GOLD-NAS", title: "Cells of GOLD-NAS", cells: "% cells",
      counting: "all of gold-nas, each with an architecture of its own", unit: "",
      network: "the chain of its cells"),
    texts: GOLDNASGenotype.texts,
    leastSearchedCells: 3, leastDerivedCells: 2,
    searchRecipe: .darts, trainingRecipe: .darts,
    searchSize: PresetSizes(
      tiny: SearchSize(
        channels: 4, cells: 5, epochs: 8, batch: 32, images: 1000, alphaLearningRate: 3e-3),
      small: SearchSize(
        channels: 8, cells: 8, epochs: 15, batch: 64, images: 4000, alphaLearningRate: 1e-3),
      paper: SearchSize(
        channels: 36, cells: 14, epochs: 50, batch: 96, images: nil, alphaLearningRate: 3e-4)),
    trainingSize: PresetSizes(
      tiny: TrainingSize(
        channels: 4, cells: 5, epochs: 10, batch: 64, images: 2000, testImages: 1000),
      small: TrainingSize(
        channels: 8, cells: 8, epochs: 20, batch: 96, images: 5000, testImages: 2000),
      paper: TrainingSize(
        channels: 36, cells: 14, epochs: 600, batch: 96, images: nil, testImages: nil))
  ) { size, values in
    .goldNAS(
      cells: size.cells,
      candidates: GOLDNASCandidates(rawValue: values.word("candidates")) ?? .own)
  }
}
