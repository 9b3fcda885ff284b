import Settings

extension SpaceEntry {
  /// The topology-augmented space in the list of spaces.
  public static let stNAS = SpaceEntry(
    "st-nas",
    settings: [
      Setting(
        "edge-module", .choice(EdgeModule.named.map(\.primitive.rawValue)),
        help: "What every edge computes.",
        standard: TopologyAugmentedSpace.paper.values["edge-module"],
        standardText: TopologyAugmentedSpace.ofPresets("edge-module")),
      Setting(
        "stage-nodes", .integer(Topology.nodeRange), help: "Nodes of a stage, its input apart.",
        standard: TopologyAugmentedSpace.paper.values["stage-nodes"],
        standardText: TopologyAugmentedSpace.ofPresets("stage-nodes")),
      Setting(
        "longest-skip", .integer(Topology.nodeRange),
        help: "Nodes that an optional edge advances at most.",
        standard: TopologyAugmentedSpace.paper.values["longest-skip"],
        standardText: TopologyAugmentedSpace.ofPresets("longest-skip")),
    ],
    deriving: Topology.self,
    words: Words(
      genotype: "a topology of ST-NAS", title: "Topology of ST-NAS", cells: "% stages",
      counting: "stages of st-nas", unit: "", network: "the network of its stages"),
    texts: Topology.texts,
    searchRecipe: .nasBench201, trainingRecipe: .nasBench201,
    searchSize: PresetSizes(
      tiny: SearchSize(
        channels: 8, cells: 3, epochs: 24, batch: 32, images: 800, alphaLearningRate: 3e-3,
        spaceValues: TopologyAugmentedSpace.tiny.values),
      small: SearchSize(
        channels: 16, cells: 5, epochs: 20, batch: 64, images: 4000, alphaLearningRate: 1e-3,
        spaceValues: TopologyAugmentedSpace.small.values),
      paper: SearchSize(
        channels: 16, cells: 5, epochs: 50, batch: 64, images: nil, alphaLearningRate: 3e-4,
        spaceValues: TopologyAugmentedSpace.paper.values)),
    trainingSize: PresetSizes(
      tiny: TrainingSize(
        channels: 8, cells: 3, epochs: 10, batch: 64, images: 2000, testImages: 1000),
      small: TrainingSize(
        channels: 16, cells: 5, epochs: 20, batch: 128, images: 5000, testImages: 2000),
      paper: TrainingSize(
        channels: 16, cells: 5, epochs: 200, batch: 256, images: nil, testImages: nil)),
    counts: { TopologyAugmentedSpace(layoutOf: $0)?.counts }
  ) { size, values in
    TopologyAugmentedSpace(stages: size.cells, values).searchSpace
  }
}

extension TopologyAugmentedSpace {
  /// The layout of so many stages that was chosen; an edge advances no more nodes than there are.
  fileprivate init(stages: Int, _ values: SettingValues) {
    let nodes = values.integer("stage-nodes")
    let module = EdgeModule.named.first { $0.primitive.rawValue == values.word("edge-module") }
    self.init(
      stages: stages, lastNode: nodes, longestSkip: min(values.integer("longest-skip"), nodes),
      module: module ?? Self.paper.module)
  }

  /// How many topologies there are, and how many graphs of the same edges.
  fileprivate var counts: ArchitectureCounts {
    func row(
      _ name: String, _ key: String, _ count: KeyPath<GraphCounts, ExactCount>
    ) -> ArchitectureCounts.Row {
      .init(name, key: key, ofPart: stageCounts[keyPath: count], ofAll: inAllStages(count))
    }
    return ArchitectureCounts(
      total: topologyCount,
      words:
        "topologies: \(topologyCount) = 2^\(stages * optionalEdges), \(stages) x \(optionalEdges) optional edges, "
        + "beside \(lastNode) of the chain in each stage",
      things: "graphs", parts: ("a stage", "\(stages) stage\(stages == 1 ? "" : "s")"),
      numbers: [
        ("stages", stages), ("edges", edges.count), ("optionalEdges", optionalEdges),
      ],
      rows: [
        row("all sets of its edges", "all", \.all),
        row("with a path from input to output", "withPath", \.withPath),
        row(
          "with every node on such a path", "withEveryNodeOnAPath", \.withEveryNodeOnAPath),
        row("with the chain: the topologies", "withChain", \.withChain),
      ])
  }

  /// What chooses the layout, its stages apart.
  fileprivate var values: SettingValues {
    [
      "edge-module": .word(module.primitive.rawValue), "stage-nodes": .integer(lastNode),
      "longest-skip": .integer(longestSkip),
    ]
  }

  /// A value in words, of all presets.
  fileprivate static func ofPresets(_ name: String) -> String {
    let values = [tiny, small, paper].map { $0.values[name]?.description ?? "" }
    return Set(values).count == 1
      ? values[0]
      : zip(values, SizePreset.allCases).map { "\($0) (\($1.rawValue))" }.joined(separator: ", ")
  }
}
