import Settings

extension SpaceEntry {
  /// The topology-augmented space in the list of spaces.
  public static let stNAS = SpaceEntry(
    "st-nas",
    settings: [
      Setting(
        "edge-module", .choice(EdgeModule.named.map(\.primitive.rawValue)),
        help: "What every edge computes.",
        standard: .word(TopologyAugmentedSpace.tiny.module.primitive.rawValue)),
      Setting(
        "stage-nodes", .integer(Topology.nodeRange), help: "Nodes of a stage, its input apart.",
        standard: .integer(TopologyAugmentedSpace.paper.lastNode)),
      Setting(
        "longest-skip", .integer(Topology.nodeRange),
        help: "Nodes that an optional edge advances at most.",
        standard: .integer(TopologyAugmentedSpace.paper.longestSkip)),
    ],
    deriving: Topology.self,
    words: Words(
      genotype: "a topology of ST-NAS", title: "Topology of ST-NAS", cells: "% stages",
      counting: "stages of st-nas", unit: "", network: "the network of its stages"),
    searchRecipe: SearchRecipe(weightDecay: 5e-4, isNesterov: true, movesAlphaFirst: false),
    trainingRecipe: TrainingRecipe(learningRate: 0.1, isNesterov: true, weightDecay: 5e-4)
  ) { preset in
    switch preset {
    case .tiny:
      SearchSize(
        channels: 8, cells: 3, epochs: 16, batch: 32, images: 1000, alphaLearningRate: 3e-3)
    case .small:
      SearchSize(
        channels: 16, cells: 5, epochs: 20, batch: 64, images: 4000, alphaLearningRate: 1e-3)
    case .paper:
      SearchSize(
        channels: 16, cells: 5, epochs: 50, batch: 64, images: nil, alphaLearningRate: 3e-4)
    }
  } trainingSize: { preset in
    switch preset {
    case .tiny:
      TrainingSize(
        channels: 8, cells: 3, epochs: 10, batch: 64, images: 2000, testImages: 1000)
    case .small:
      TrainingSize(
        channels: 16, cells: 5, epochs: 20, batch: 128, images: 5000, testImages: 2000)
    case .paper:
      TrainingSize(
        channels: 16, cells: 5, epochs: 200, batch: 256, images: nil, testImages: nil)
    }
  } space: { size, values in
    let (nodes, skip) = (values.integer("stage-nodes"), values.integer("longest-skip"))
    let named = EdgeModule.named.first {
      $0.primitive.rawValue == values.word("edge-module")
    }
    return TopologyAugmentedSpace(
      stages: size.cells, lastNode: nodes, longestSkip: min(skip, nodes),
      module: named ?? TopologyAugmentedSpace.tiny.module
    ).searchSpace
  }
}
