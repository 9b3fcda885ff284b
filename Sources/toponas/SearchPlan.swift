import CommandLineParsing
import Datasets
import DifferentiableSearch
import SearchSpaces
import Tensors
import TopologicalSimplification

/// Everything that determines a search: the preset with the options of the command line over it.
///
/// The only place where search methods and topological simplification meet.
struct SearchPlan: Encodable {
  private enum CodingKeys: CodingKey {
    case preset, space, isSimplified, simplification, data, trainImages, channels, cells, settings
    case seed, version, build
  }

  /// What simplifies the space before the search, if anything does.
  let simplifier: Simplifier?
  let preset: String
  let space: SearchedSpace
  let isSimplified: Bool
  /// How it is simplified; nil if it is not.
  let simplification: Simplification?
  /// The CIFAR-10 folder; nil is synthetic images.
  let data: String?
  let trainImages: Int?
  let channels: Int
  let cells: Int
  let settings: SearchSettings
  let seed: Int
  let version: String

  /// What the kernels were built for; losses agree to the last bit between equal builds.
  let build: String

  /// Reads the options; `standard` is the preset where none is given.
  init(_ options: ParsedOptions, standard: SearchPreset = .tiny) throws {
    let given = options.text("preset").flatMap { SearchPreset(rawValue: $0) }
    let preset = given ?? standard
    space = options.text("space").flatMap(SearchedSpace.init) ?? .nasbench201
    let numbers = preset.numbers(for: space)
    self.preset = preset.rawValue
    isSimplified = options.flag("simplify") ?? true
    if !isSimplified, let name = SimplifierOptions.given(options) {
      throw SearchPlanError.simplifiesNothing(option: name)
    }
    simplifier = isSimplified ? try SimplifierOptions.simplifier(options) : nil
    simplification = simplifier.map(Simplification.init)
    data = options.text("data")
    guard data != nil || given == nil || given == .tiny else {
      throw SearchPlanError.needsData(preset: preset.rawValue)
    }
    trainImages = options.integer("train-images") ?? numbers.trainImages
    channels = options.integer("channels") ?? numbers.channels
    cells = options.integer("cells") ?? numbers.cells
    guard space != .darts || cells >= 3 else { throw SearchPlanError.tooFewCells(cells) }
    settings = space.settings(
      epochs: options.integer("epochs") ?? numbers.epochs,
      batch: options.integer("batch") ?? numbers.batch,
      alphaLearningRate: numbers.alphaLearningRate)
    seed = options.integer("seed") ?? 1
    version = Toponas.version
    build = kernelBuild
  }

  func loadImages() throws -> ImageSet {
    guard let data else {
      return SyntheticImages.make(count: trainImages ?? 0, seed: UInt64(seed))
    }
    let images = try CIFAR10.load(folder: data)
    return try trainImages.map { try images.balancedSubset($0) } ?? images
  }

  /// The table in which derived cells are looked up, if the user named one; no part of the plan.
  func benchmark(_ options: ParsedOptions) throws -> NASBench201Table? {
    guard let file = options.text("nasbench") else { return nil }
    guard space == .nasbench201 else { throw SearchPlanError.notInBenchmark(space) }
    return try NASBench201Table(file: file)
  }

  var seedGenerator: RandomGenerator { RandomGenerator(seed: UInt64(seed)) }

  /// The space as it is searched: simplified, if it is to be.
  var searchSpace: SearchSpace { simplifier?.simplify(space.space) ?? space.space }

  /// The network that holds all its cells.
  func supernet(classes: Int) -> any SizedSupernet {
    switch space {
    case .nasbench201:
      NASBench201Supernet(
        searchSpace, channels: channels, cellsPerStage: cells, classes: classes,
        seed: seedGenerator)
    case .darts:
      DARTSSupernet(
        searchSpace, channels: channels, layers: cells, classes: classes, seed: seedGenerator)
    }
  }

  /// The bytes that tensors will hold at the peak of a step on `space`.
  func predictedBytes(of space: SearchSpace) -> Int {
    predictedPeakBytes(of: space, channels: channels, cells: cells, batch: settings.batchSize)
  }

  /// The size of the supernet: `C = 8, N = 1`.
  var sizeText: String {
    space == .nasbench201 ? "C = \(channels), N = \(cells)" : "C = \(channels), \(cells) cells"
  }

  /// A name for the run folder; a number is added to one that is taken.
  var defaultFolder: String {
    "runs/\(space.rawValue)-darts-\(isSimplified ? "simplified" : "plain")-seed\(seed)"
  }

  /// The command that does the same with the other kind of space.
  var counterpartCommand: String {
    var words = [Self.program, "search", isSimplified ? "--no-simplify" : "--simplify"]
    if space != .nasbench201 { words += ["--space", space.rawValue] }
    words += ["--preset", preset]
    if let data { words.append("--data='\(data.replacing("'", with: #"'\''"#))'") }
    if let trainImages { words += ["--train-images", "\(trainImages)"] }
    words += ["--channels", "\(channels)", "--cells", "\(cells)"]
    words += ["--epochs", "\(settings.epochs)", "--batch", "\(settings.batchSize)"]
    return (words + ["--seed", "\(seed)"]).joined(separator: " ")
  }

  /// How the user called this program, as far as that can be known.
  private static var program: String {
    let path = CommandLine.arguments[0]
    return path.contains(".build/") ? "swift run -c release toponas" : path
  }
}

/// A simplifier in words, as `config.json` holds it.
struct Simplification: Encodable {
  let variant: String
  let joinsPools: Bool
  let floating: String
  let kernelNormalization: String
  let mergesAlways: Bool
  let weights: String

  init(_ simplifier: Simplifier) {
    variant = simplifier.grouping.variant.rawValue
    joinsPools = simplifier.grouping.joinsPools
    floating = simplifier.floating?.rawValue ?? "none"
    kernelNormalization = simplifier.normalization.rawValue
    mergesAlways = simplifier.merging == .always
    weights = simplifier.weights.rawValue
  }
}

/// Why the options do not make a search.
enum SearchPlanError: Error, Equatable, CustomStringConvertible {
  /// A preset for real images was given none.
  case needsData(preset: String)
  /// All cells of so small a network would halve the image.
  case tooFewCells(Int)
  /// An option says how to simplify, another one not to.
  case simplifiesNothing(option: String)
  /// A table of NAS-Bench-201 was given for the cells of another space.
  case notInBenchmark(SearchedSpace)

  /// The message for the user, with a hint on the last line.
  var description: String {
    switch self {
    case .needsData(let preset):
      """
      --preset \(preset) is for real images and needs --data DIR
      Hint: without --preset the search runs on synthetic images.
      """
    case .tooFewCells(let cells):
      """
      --cells \(cells): a network of the DARTS space has two reduction cells and at least one normal cell
      Hint: --cells 3 or more.
      """
    case .simplifiesNothing(let option):
      """
      --\(option) says how to simplify, but --no-simplify was given
      Hint: leave one of them out.
      """
    case .notInBenchmark(let space):
      """
      --nasbench: the benchmark holds cells of nasbench201, none of --space \(space.rawValue)
      Hint: leave it out, or search --space nasbench201.
      """
    }
  }
}
