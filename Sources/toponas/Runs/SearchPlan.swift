import CommandLineParsing
import Datasets
import Messages
import Reports
import SearchMethods
import SearchSpaces
import Tensors
import TopologicalSimplification

/// Everything that determines a search: the preset with the options of the command line over it.
///
/// The only place where search methods and topological simplification meet.
struct SearchPlan: Codable {
  let preset: String
  let method: MethodPlan
  let space: SearchedSpace
  let isSimplified: Bool
  /// How it is simplified; nil if it is not.
  let simplification: Simplification?
  /// Where the images are; nil is synthetic images.
  let data: String?
  /// What the network is built for; nil is as usual.
  var images: ImageForm?
  let trainImages: Int?
  let channels: Int
  let cells: Int
  let settings: SearchSettings
  let seed: Int
  let version: String

  /// What the kernels were built for; losses agree to the last bit between equal builds.
  let build: String

  /// Reads the options over another plan, or over a preset: `standard` where none is given.
  init(
    _ options: ParsedOptions, over base: SearchPlan? = nil, standard: SearchPreset = .tiny
  ) throws {
    let given = options.text("preset").flatMap { SearchPreset(rawValue: $0) }
    space = options.text("space").flatMap(SearchedSpace.init) ?? base?.space ?? .nasbench201
    preset = given?.rawValue ?? base?.preset ?? standard.rawValue
    method = try MethodPlan(options, over: base?.method)
    if let base, preset != base.preset { throw SearchPlanError.startsElsewhere("preset") }
    if let base, space != base.space { throw SearchPlanError.startsElsewhere("space") }
    if let base, method.name != base.method.name {
      throw SearchPlanError.startsElsewhere("method")
    }
    seed = options.integer("seed") ?? base?.seed ?? 1
    isSimplified = options.flag("simplify") ?? base?.isSimplified ?? true
    if !isSimplified, let name = SimplifierOptions.given(options) {
      throw SearchPlanError.simplifiesNothing(option: name)
    }
    simplification =
      isSimplified
      ? Simplification(
        try SimplifierOptions.simplifier(options, over: base?.simplifier ?? Simplifier())) : nil
    data = options.text("data") ?? base?.data
    images = base?.images
    guard data != nil || given == nil || given == .tiny else {
      throw SearchPlanError.needsData(preset: preset)
    }
    let numbers = (given ?? standard).numbers(for: space, method.entry)
    trainImages =
      options.integer("train-images") ?? (base == nil ? numbers.trainImages : base?.trainImages)
    channels = options.integer("channels") ?? base?.channels ?? numbers.channels
    cells = options.integer("cells") ?? base?.cells ?? numbers.cells
    guard space != .darts || cells >= 3 else { throw SearchPlanError.tooFewCells(cells) }
    let searchMethod = method.method(seed: RandomGenerator(seed: UInt64(seed)))
    let parts = searchMethod.prepare(space.space).nodeForm.channelDivisor
    guard channels.isMultiple(of: parts) else {
      throw SearchPlanError.unequalParts(channels: channels, parts: parts)
    }
    settings = try Self.settings(
      options, base?.settings, searchMethod,
      space.settings(
        epochs: numbers.epochs, batch: numbers.batch, alphaLearningRate: numbers.alphaLearningRate))
    version = Toponas.version
    build = kernelBuild
  }

  /// What simplifies the space before the search, if anything does.
  var simplifier: Simplifier? { simplification?.simplifier }

  /// The settings of `base`, or `standard` as the method changes them, with the options over them.
  private static func settings(
    _ options: ParsedOptions, _ base: SearchSettings?, _ method: any SearchMethod,
    _ standard: SearchSettings
  ) throws(SearchPlanError) -> SearchSettings {
    var settings = base ?? standard
    settings.epochs = options.integer("epochs") ?? settings.epochs
    settings.batchSize = options.integer("batch") ?? settings.batchSize
    if base == nil { method.adapt(&settings) }
    settings.frozenEpochs = options.integer("warm-up-epochs") ?? settings.frozenEpochs
    guard settings.frozenEpochs < settings.epochs else {
      throw .alphaNeverMoves(frozen: settings.frozenEpochs, epochs: settings.epochs)
    }
    return settings
  }

  /// Finds the images to search on, which are at `data` now.
  func findImages(at data: String?) throws(DatasetError) -> RunImages {
    try RunImages(at: data, wanted: trainImages, seed: UInt64(seed))
  }

  /// The plan for images of a form.
  func fitted(to form: ImageForm) -> SearchPlan {
    var plan = self
    plan.images = form == .usual ? nil : form
    return plan
  }

  /// What the network is built for.
  var imageForm: ImageForm { images ?? .usual }

  /// The table in which derived cells are looked up, if the user named one; no part of the plan.
  func benchmark(_ options: ParsedOptions) throws -> NASBench201Table? {
    guard let file = options.text("nasbench") else { return nil }
    guard space == .nasbench201 else { throw SearchPlanError.notInBenchmark(space) }
    return try NASBench201Table(file: file)
  }

  var seedGenerator: RandomGenerator { RandomGenerator(seed: UInt64(seed)) }

  /// The method with its numbers.
  var searchMethod: any SearchMethod { method.method(seed: seedGenerator) }

  /// The space as it is searched: simplified, if it is to be, and prepared for the method.
  var searchSpace: SearchSpace {
    searchMethod.prepare(simplifier?.simplify(space.space) ?? space.space)
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

  /// The size of the supernet: `C = 8, N = 1`.
  var sizeText: String {
    space == .nasbench201 ? "C = \(channels), N = \(cells)" : "C = \(channels), \(cells) cells"
  }

  /// A name for the run folder; a number is added to one that is taken.
  var defaultFolder: String {
    "runs/\(space.rawValue)-\(method.name)-\(isSimplified ? "simplified" : "plain")-seed\(seed)"
  }

  /// The command that does the same with the other kind of space.
  var counterpartCommand: String { Self.command(words(isSimplified: !isSimplified)) }

  /// The command that does the same again; `config` is a file that holds the plan.
  ///
  /// It names every setting, unless some came from another file and have no options.
  func repeatCommand(config: String) -> String {
    let words =
      words(isSimplified: isSimplified)
      + (simplifier.map { SimplifierOptions.words($0) } ?? [])
    guard case .run(_, let options) = Toponas.spec.parse(words),
      let plan = try? SearchPlan(options), plan.fitted(to: imageForm).leaves == leaves
    else { return Self.command(["search", "--config=\(config)"]) }
    return Self.command(words)
  }

  /// Its settings by their paths, without what only says which program ran.
  var leaves: [String: String] {
    let leaves = (try? JSONLeaves(JSONText.line(self)))?.values ?? [:]
    return leaves.filter { !["version", "build"].contains($0.key) }
  }

  private func words(isSimplified: Bool) -> [String] {
    var words = ["search", isSimplified ? "--simplify" : "--no-simplify"]
    if space != .nasbench201 { words += ["--space", space.rawValue] }
    words += method.words + warmUpWords + ["--preset", preset]
    if let data { words.append("--data=\(data)") }
    if let trainImages { words += ["--train-images", "\(trainImages)"] }
    words += ["--channels", "\(channels)", "--cells", "\(cells)"]
    words += ["--epochs", "\(settings.epochs)", "--batch", "\(settings.batchSize)"]
    return words + ["--seed", "\(seed)"]
  }

  private static func command(_ words: [String]) -> String {
    ([program] + words.map(shellWord)).joined(separator: " ")
  }

  /// The option for the frozen epochs, where the method has others by itself.
  private var warmUpWords: [String] {
    var own = settings
    own.frozenEpochs = 0
    searchMethod.adapt(&own)
    return own.frozenEpochs == settings.frozenEpochs
      ? [] : ["--warm-up-epochs", "\(settings.frozenEpochs)"]
  }

  /// How the user called this program, as far as that can be known.
  static var program: String {
    let path = CommandLine.arguments[0]
    return path.contains(".build/") ? "swift run -c release toponas" : shellWord(path)
  }
}

/// A simplifier as `config.json` holds it.
struct Simplification: Codable {
  let variant: Grouping.Variant
  let joinsPools: Bool
  /// Nil is none.
  let floating: FloatingModuleSharing?
  let kernelNormalization: KernelNormalization
  let mergesAlways: Bool
  let weights: NestedWeights

  init(_ simplifier: Simplifier) {
    variant = simplifier.grouping.variant
    joinsPools = simplifier.grouping.joinsPools
    floating = simplifier.floating
    kernelNormalization = simplifier.normalization
    mergesAlways = simplifier.merging == .always
    weights = simplifier.weights
  }

  /// The simplifier.
  var simplifier: Simplifier {
    Simplifier(
      grouping: Grouping(variant, joinsPools: joinsPools), floating: floating,
      normalization: kernelNormalization, merging: mergesAlways ? .always : .whereItPays,
      weights: weights)
  }
}

/// Why the options do not make a search.
enum SearchPlanError: UserError, Equatable {
  /// A preset for real images was given none.
  case needsData(preset: String)
  /// All cells of so small a network would halve the image.
  case tooFewCells(Int)
  /// An option belongs to another method.
  case foreignOption(String, of: String, method: String)
  /// The channels cannot be cut into parts.
  case unequalParts(channels: Int, parts: Int)
  /// No epoch is left for alpha.
  case alphaNeverMoves(frozen: Int, epochs: Int)
  /// An option says how to simplify, another one not to.
  case simplifiesNothing(option: String)
  /// An option chooses other numbers to start from than those of a configuration.
  case startsElsewhere(String)
  /// A table of NAS-Bench-201 was given for the cells of another space.
  case notInBenchmark(SearchedSpace)

  /// The code with which a program ends that reports it.
  var exitCode: ExitCode { .usage }

  /// The message for the user, with a hint on the last line.
  var message: Message {
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
      --\(option) is an option of \(owner), but the method is \(method)
      Hint: add --method \(owner), or leave --\(option) out.
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
    case .startsElsewhere(let option):
      """
      --\(option) is another one than in the configuration to start from
      Hint: leave it out, or begin without --config.
      """
    case .notInBenchmark(let space):
      """
      --nasbench: the benchmark holds cells of nasbench201, none of --space \(space.rawValue)
      Hint: leave it out, or search --space nasbench201.
      """
    }
  }
}
