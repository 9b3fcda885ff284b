import Settings
import Tensors

/// A named set of numbers for a search or a training; every number can be chosen apart.
public enum SizePreset: String, CaseIterable, Codable, Sendable {
  /// Under a minute on two cores: to see a search at work.
  case tiny
  /// Minutes: a CIFAR subset.
  case small
  /// The published settings: hours.
  case paper
}

/// What a preset fixes of a search.
public struct SearchSize: Sendable {
  /// C and the number of cells, as the macro structure counts them.
  public let network: NetworkSize
  /// Epochs.
  public var epochs: Int
  /// Images per step.
  public var batch: Int
  /// Images in all; nil is all that there are.
  public let images: Int?
  /// Learning rate of alpha: larger in short searches, where 3e-4 would hardly move it.
  public let alphaLearningRate: Double
  /// The values of the space's own settings that are not the standard ones.
  public let spaceValues: SettingValues

  /// Creates a size.
  public init(
    channels: Int, cells: Int, epochs: Int, batch: Int, images: Int?, alphaLearningRate: Double,
    spaceValues: SettingValues = [:]
  ) {
    network = NetworkSize(channels: channels, cells: cells)
    (self.epochs, self.batch, self.images) = (epochs, batch, images)
    (self.alphaLearningRate, self.spaceValues) = (alphaLearningRate, spaceValues)
  }
}

/// What a preset fixes of the training of a derived architecture; the rest is as published, whatever the size.
public struct TrainingSize: Sendable {
  /// C and the number of cells, as the macro structure counts them.
  public let network: NetworkSize
  /// Epochs.
  public let epochs: Int
  /// Images per step.
  public let batch: Int
  /// Training images; nil is all that there are.
  public let images: Int?
  /// Test images; nil is all that there are.
  public let testImages: Int?

  /// Creates a size.
  public init(
    channels: Int, cells: Int, epochs: Int, batch: Int, images: Int?, testImages: Int?
  ) {
    network = NetworkSize(channels: channels, cells: cells)
    (self.epochs, self.batch, self.images, self.testImages) = (epochs, batch, images, testImages)
  }
}

/// The sizes of all presets.
public struct PresetSizes<Size: Sendable>: Sendable {
  private let tiny: Size
  private let small: Size
  private let paper: Size

  /// Creates the sizes.
  public init(tiny: Size, small: Size, paper: Size) {
    (self.tiny, self.small, self.paper) = (tiny, small, paper)
  }

  /// The size of a preset.
  public func callAsFunction(_ preset: SizePreset) -> Size {
    switch preset {
    case .tiny: tiny
    case .small: small
    case .paper: paper
    }
  }
}

/// How the weights of a supernet are published to be trained, where spaces differ.
public struct SearchRecipe: Sendable {
  /// Weight decay of the weights.
  public let weightDecay: Double
  /// Whether the momentum has Nesterov's form.
  public let isNesterov: Bool
  /// Whether a step moves alpha first and then the weights.
  public let movesAlphaFirst: Bool

  /// Creates a recipe.
  public init(weightDecay: Double, isNesterov: Bool, movesAlphaFirst: Bool) {
    self.weightDecay = weightDecay
    self.isNesterov = isNesterov
    self.movesAlphaFirst = movesAlphaFirst
  }
}

/// How the network of a derived architecture is published to be trained.
public struct TrainingRecipe: Sendable {
  /// Learning rate in the first epoch; it falls to 0 on a cosine.
  public let learningRate: Double
  /// Whether the momentum has Nesterov's form.
  public let isNesterov: Bool
  /// Weight decay.
  public let weightDecay: Double
  /// The length to which gradients are clipped; nil leaves them as they are.
  public let gradientClip: Double?
  /// The probability of drop path that epoch / epochs approaches; nil where the training does without.
  public let dropPath: Double?
  /// The weight of the auxiliary head's loss; nil where there is no such head.
  public let auxiliaryWeight: Double?
  /// The side of the square that is cut out of each training image; 0 is none.
  public let cutout: Int

  /// Creates a recipe.
  public init(
    learningRate: Double, isNesterov: Bool, weightDecay: Double, gradientClip: Double? = nil,
    dropPath: Double? = nil, auxiliaryWeight: Double? = nil, cutout: Int = 0
  ) {
    self.learningRate = learningRate
    self.isNesterov = isNesterov
    self.weightDecay = weightDecay
    self.gradientClip = gradientClip
    self.dropPath = dropPath
    self.auxiliaryWeight = auxiliaryWeight
    self.cutout = cutout
  }
}

/// A search space as everything around it knows it: its name, its sizes, and how a supernet of it is made.
///
/// Each space declares its entry in its own folder, the texts of its genotypes among it; `SpaceEntry.all` lists them, and
/// nothing else has to know which spaces there are.
public struct SpaceEntry: Sendable {
  /// The words that describe the space to a reader.
  public struct Words: Sendable {
    /// What a genotype of it is: `a cell of NAS-Bench-201`.
    public let genotype: String
    /// The title of a picture of one: `Cell of NAS-Bench-201`.
    public let title: String
    /// What `N` cells are, `N` in its place: `N = %`, `% cells`.
    public let cells: String
    /// How cells are counted, for the help: `N in each of the three stages of nasbench201`.
    public let counting: String
    /// What a number of cells is of, with a space before: ` per stage`; empty for the whole network.
    public let unit: String
    /// The network in which its architectures are trained: `a network of the benchmark`.
    public let network: String

    /// Creates words.
    public init(
      genotype: String, title: String, cells: String, counting: String, unit: String,
      network: String
    ) {
      self.genotype = genotype
      self.title = title
      self.cells = cells
      self.counting = counting
      self.unit = unit
      self.network = network
    }
  }

  /// The name on a command line and in a configuration.
  public let name: String
  /// The settings of the space, besides the size of its network.
  public let settings: [Setting]
  /// The words that describe the space to a reader.
  public let words: Words
  /// How its genotypes are written.
  public let texts: GenotypeTexts
  /// The type of its genotypes.
  public let genotype: any SpaceGenotype.Type
  /// The fewest cells of a supernet.
  public let leastSearchedCells: Int
  /// The fewest cells of the network of a derived architecture.
  public let leastDerivedCells: Int
  /// Whether a benchmark holds the accuracies of its cells.
  public let isBenchmarked: Bool
  /// Whether an edge of its architectures can keep any number of candidates, none and several among them.
  public let keepsAnyCandidates: Bool
  /// How its supernet is trained.
  public let searchRecipe: SearchRecipe
  /// How the network of a derived architecture is trained.
  public let trainingRecipe: TrainingRecipe
  /// The size of a search of a preset.
  public let searchSize: PresetSizes<SearchSize>
  /// The size of a training of a preset.
  public let trainingSize: PresetSizes<TrainingSize>
  /// The supernet of a space that may be simplified and prepared for a method.
  public let supernet:
    @Sendable (SearchSpace, NetworkSize, _ classes: Int, RandomGenerator) -> any Supernet

  /// What is counted of a space of this entry; nil where nothing is.
  public let counts: @Sendable (SearchSpace) -> ArchitectureCounts?

  private let makeSpace: @Sendable (NetworkSize, SettingValues) -> SearchSpace

  /// Creates the entry of a space that is the same in networks of all sizes; `genotype` is the type of what is derived.
  public init<Genotype: SpaceGenotype>(
    _ space: SearchSpace, deriving genotype: Genotype.Type, words: Words,
    texts: GenotypeTexts,
    leastSearchedCells: Int = 1, leastDerivedCells: Int = 1, isBenchmarked: Bool = false,
    searchRecipe: SearchRecipe, trainingRecipe: TrainingRecipe,
    searchSize: PresetSizes<SearchSize>,
    trainingSize: PresetSizes<TrainingSize>
  ) {
    self.init(
      space.name, deriving: genotype, words: words, texts: texts,
      leastSearchedCells: leastSearchedCells,
      leastDerivedCells: leastDerivedCells, isBenchmarked: isBenchmarked,
      searchRecipe: searchRecipe, trainingRecipe: trainingRecipe, searchSize: searchSize,
      trainingSize: trainingSize, space: { _, _ in space })
  }

  /// Creates the entry of a space that depends on the size of its network, and on settings of its own.
  public init<Genotype: SpaceGenotype>(
    _ name: String, settings: [Setting] = [], deriving genotype: Genotype.Type, words: Words,
    texts: GenotypeTexts,
    leastSearchedCells: Int = 1, leastDerivedCells: Int = 1, isBenchmarked: Bool = false,
    searchRecipe: SearchRecipe, trainingRecipe: TrainingRecipe,
    searchSize: PresetSizes<SearchSize>,
    trainingSize: PresetSizes<TrainingSize>,
    counts: @escaping @Sendable (SearchSpace) -> ArchitectureCounts? = { _ in nil },
    space: @escaping @Sendable (NetworkSize, SettingValues) -> SearchSpace
  ) {
    (self.name, self.settings, makeSpace) = (name, settings, space)
    (self.words, self.texts, self.genotype) = (words, texts, genotype)
    (self.leastSearchedCells, self.leastDerivedCells) = (leastSearchedCells, leastDerivedCells)
    (self.isBenchmarked, keepsAnyCandidates) = (isBenchmarked, Genotype.holdsAnyCandidates)
    (self.searchRecipe, self.trainingRecipe) = (searchRecipe, trainingRecipe)
    (self.searchSize, self.trainingSize, self.counts) = (searchSize, trainingSize, counts)
    supernet = { space, size, classes, seed in
      CellSupernet<Genotype>(
        space, channels: size.channels, cells: size.cells, classes: classes,
        hasAuxiliaryHead: size.hasAuxiliaryHead, seed: seed)
    }
  }

  /// The space of a supernet of this size, not simplified; values that are not given are the standard ones.
  public func space(
    of size: NetworkSize, _ values: SettingValues = SettingValues()
  ) -> SearchSpace {
    let standard = SettingValues(standardsOf: settings)
    return makeSpace(size, standard.merging(values))
  }

  /// The space of the published supernet.
  public var publishedSpace: SearchSpace { space(of: searchSize(.paper).network) }

  /// The size of a network: `C = 8, N = 1`.
  public func text(_ size: NetworkSize) -> String {
    "C = \(size.channels), \(cellsText(size.cells))"
  }

  /// A number of cells as what they are: `5 cells per stage`, `3 stages`.
  public func countText(_ count: Int) -> String {
    words.unit.isEmpty ? cellsText(count) : "\(count) cells\(words.unit)"
  }

  /// A number of cells in words: `N = 1`.
  public func cellsText(_ count: Int) -> String {
    words.cells.split(separator: "%", omittingEmptySubsequences: false).joined(
      separator: "\(count)")
  }
}

extension SpaceEntry {
  /// All search spaces, in the order of the help.
  public static let all: [SpaceEntry] = [.nasBench201, .darts, .goldNAS, .stNAS]

  /// The space of this name; nil if there is none.
  public static func named(_ name: String) -> SpaceEntry? { all.first { $0.name == name } }
}
