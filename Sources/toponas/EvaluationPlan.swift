import CommandLineParsing
import Datasets
import DifferentiableSearch
import SearchSpaces
import Tensors
import TopologicalSimplification

/// Everything that determines the training of a derived cell.
struct EvaluationPlan: Encodable {
  private enum CodingKeys: CodingKey {
    case preset, space, genotype, data, trainImages, testImages, channels, cells, settings
    case seed, version, build
  }

  let cell: GenotypeInput
  let preset: String
  let space: SearchedSpace
  let genotype: String
  /// Where the images are; nil is synthetic images.
  let data: String?
  let trainImages: Int?
  let testImages: Int?
  let channels: Int
  let cells: Int
  let settings: TrainingSettings
  let seed: Int
  let version: String
  /// What the kernels were built for; losses agree to the last bit between equal builds.
  let build: String

  init(_ options: ParsedOptions) throws {
    cell = try GenotypeInput(options.requiredText("genotype"))
    (space, genotype) =
      switch cell {
      case .nasBench201(let cell): (.nasbench201, cell.description)
      case .darts(let cells): (.darts, cells.description)
      }
    let given = options.text("preset").flatMap { SearchPreset(rawValue: $0) }
    data = options.text("data")
    guard data != nil || given == nil || given == .tiny else {
      throw SearchPlanError.needsData(preset: given?.rawValue ?? "")
    }
    let preset = given ?? .tiny
    let numbers = preset.trainingNumbers(for: space)
    self.preset = preset.rawValue
    trainImages = options.integer("train-images") ?? numbers.trainImages
    testImages = options.integer("test-images") ?? numbers.testImages
    channels = options.integer("channels") ?? numbers.channels
    cells = options.integer("cells") ?? numbers.cells
    guard space != .darts || cells >= 2 else { throw CostCommandError.tooFewCells(cells) }
    settings = try Self.settings(options, space, numbers)
    seed = options.integer("seed") ?? 1
    version = Toponas.version
    build = kernelBuild
  }

  private static func settings(
    _ options: ParsedOptions, _ space: SearchedSpace, _ numbers: SearchPreset.TrainingNumbers
  ) throws(EvaluationPlanError) -> TrainingSettings {
    let epochs = options.integer("epochs") ?? numbers.epochs
    let batch = options.integer("batch") ?? numbers.batch
    var settings: TrainingSettings
    switch space {
    case .nasbench201:
      for name in ["drop-path", "auxiliary"] where options.isGiven(name) {
        throw .onlyForDARTS(option: name)
      }
      settings = .nasBench201(epochs: epochs, batchSize: batch)
    case .darts:
      settings = .darts(epochs: epochs, batchSize: batch)
      settings.dropPath = options.number("drop-path") ?? settings.dropPath
      if options.flag("auxiliary") == false { settings.auxiliaryWeight = nil }
    }
    settings.learningRate = options.number("learning-rate") ?? settings.learningRate
    settings.cutout = options.integer("cutout") ?? settings.cutout
    return settings
  }

  /// The images to train on, and those to test on, of which none is among the others.
  func loadImages() throws -> (training: ImageSet, test: ImageSet) {
    guard let data else {
      // No seed of the command line has the highest bit.
      return (
        SyntheticImages.make(count: trainImages ?? 0, seed: UInt64(seed)),
        SyntheticImages.make(count: testImages ?? 0, seed: UInt64(seed) | 1 << 63)
      )
    }
    return (
      try RealImages.load(from: data, count: trainImages),
      try RealImages.load(from: data, part: .test, count: testImages)
    )
  }

  var seedGenerator: RandomGenerator { RandomGenerator(seed: UInt64(seed)) }

  /// The network with random weights.
  func network(classes: Int) -> any DiscreteNetwork {
    switch cell {
    case .nasBench201(let genotype):
      NASBench201Network(
        genotype, channels: channels, cellsPerStage: cells, classes: classes, seed: seedGenerator)
    case .darts(let genotype):
      DARTSNetwork(
        genotype, channels: channels, layers: cells, classes: classes,
        hasAuxiliaryHead: settings.auxiliaryWeight != nil, seed: seedGenerator)
    }
  }

  /// What the network costs; the auxiliary head, which runs in training only, is not counted.
  func cost(classes: Int) -> NetworkCost {
    switch cell {
    case .nasBench201(let genotype):
      networkCost(of: genotype, channels: channels, cellsPerStage: cells, classes: classes)
    case .darts(let genotype):
      networkCost(of: genotype, channels: channels, layers: cells, classes: classes)
    }
  }

  /// The size of the network: `C = 8, N = 1`.
  var sizeText: String {
    space == .nasbench201 ? "C = \(channels), N = \(cells)" : "C = \(channels), \(cells) cells"
  }

  /// A name for the run folder; a number is added to one that is taken.
  var defaultFolder: String { "runs/\(space.rawValue)-evaluation-seed\(seed)" }
}

/// Why the options make no training.
enum EvaluationPlanError: Error, Equatable, CustomStringConvertible {
  /// The benchmark trains its cells without it.
  case onlyForDARTS(option: String)

  /// The message for the user, with a hint on the last line.
  var description: String {
    switch self {
    case .onlyForDARTS(let option):
      """
      --\(option) is for cells of DARTS; the benchmark trains cells of NAS-Bench-201 without
      Hint: leave it out.
      """
    }
  }
}
