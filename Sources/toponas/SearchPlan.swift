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
    case preset, method, space, isSimplified, simplification, data, trainImages, channels, cells
    case settings, seed, version, build
  }

  /// What simplifies the space before the search, if anything does.
  let simplifier: Simplifier?
  let preset: String
  let method: MethodPlan
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
    seed = options.integer("seed") ?? 1
    method = try MethodPlan(options, seed: RandomGenerator(seed: UInt64(seed)))
    let numbers = preset.numbers(for: space, method.name)
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
    let parts = method.method.edgeForm.channelDivisor
    guard channels.isMultiple(of: parts) else {
      throw SearchPlanError.unequalParts(channels: channels, parts: parts)
    }
    var settings = space.settings(
      epochs: options.integer("epochs") ?? numbers.epochs,
      batch: options.integer("batch") ?? numbers.batch,
      alphaLearningRate: numbers.alphaLearningRate)
    method.method.adapt(&settings)
    settings.frozenEpochs = options.integer("warm-up-epochs") ?? settings.frozenEpochs
    guard settings.frozenEpochs < settings.epochs else {
      throw SearchPlanError.alphaNeverMoves(
        frozen: settings.frozenEpochs, epochs: settings.epochs)
    }
    self.settings = settings
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

  var seedGenerator: RandomGenerator { RandomGenerator(seed: UInt64(seed)) }

  /// The space as it is searched: simplified, if it is to be, with edges of the form that the method asks for.
  var searchSpace: SearchSpace {
    (simplifier?.simplify(space.space) ?? space.space).with(method.method.edgeForm)
  }

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
    "runs/\(space.rawValue)-\(method.name.rawValue)-\(isSimplified ? "simplified" : "plain")-seed\(seed)"
  }

  /// The command that does the same with the other kind of space.
  var counterpartCommand: String {
    var words = [Self.program, "search", isSimplified ? "--no-simplify" : "--simplify"]
    if space != .nasbench201 { words += ["--space", space.rawValue] }
    words += method.words + ["--preset", preset]
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
  /// An option belongs to another method.
  case foreignOption(String, of: SearchedMethod, method: SearchedMethod)
  /// The channels cannot be cut into parts.
  case unequalParts(channels: Int, parts: Int)
  /// No epoch is left for alpha.
  case alphaNeverMoves(frozen: Int, epochs: Int)
  /// An option says how to simplify, another one not to.
  case simplifiesNothing(option: String)

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
    case .foreignOption(let option, let owner, let method):
      """
      --\(option) is an option of \(owner.rawValue), but the method is \(method.rawValue)
      Hint: add --method \(owner.rawValue), or leave --\(option) out.
      """
    case .unequalParts(let channels, let parts):
      """
      --channels \(channels): expected a multiple of \(parts), for pc-darts takes one in \(parts) channels
      Hint: --channels \((channels / parts + 1) * parts), or another --partial-channels.
      """
    case .alphaNeverMoves(let frozen, let epochs):
      """
      --warm-up-epochs \(frozen): expected fewer than the \(counted(epochs, "epoch")) of the search, or alpha never moves
      Hint: lower --warm-up-epochs, or raise --epochs.
      """
    case .simplifiesNothing(let option):
      """
      --\(option) says how to simplify, but --no-simplify was given
      Hint: leave one of them out.
      """
    }
  }
}
