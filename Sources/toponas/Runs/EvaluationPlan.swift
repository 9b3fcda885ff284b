import CommandLineParsing
import Datasets
import Messages
import SearchMethods
import SearchSpaces
import Tensors
import TopologicalSimplification

/// Everything that determines the training of a derived cell.
struct EvaluationPlan: Codable {
  let preset: String
  let space: SearchedSpace
  let genotype: GenotypeInput
  /// The file whose weights it starts from; nil is random ones.
  let weights: String?
  /// Where the images are; nil is synthetic images.
  let data: String?
  /// What the network is built for; nil is as usual.
  var images: ImageForm?
  let trainImages: Int?
  let testImages: Int?
  let channels: Int
  let cells: Int
  private(set) var settings: TrainingSettings
  let seed: Int
  let version: String
  /// What the kernels were built for; losses agree to the last bit between equal builds.
  let build: String

  /// Reads the options over another plan, or over a preset and what `source`, the file of weights, says of its network.
  ///
  /// `remark` is told what is to be said of the genotype.
  init(
    _ options: ParsedOptions, over base: EvaluationPlan? = nil,
    weights source: WeightsSource? = nil,
    remark: (Message) -> Void = { _ in }
  ) throws {
    weights = options.text("weights") ?? base?.weights
    let text = options.text("genotype") ?? base?.genotype.text ?? source?.value(.genotype)
    guard let text else { throw EvaluationPlanError.noGenotype }
    genotype = try GenotypeInput(text, remark: remark)
    space = genotype.space
    let given = options.text("preset").flatMap { SearchPreset(rawValue: $0) }
    data = options.text("data") ?? base?.data
    images = base?.images
    guard data != nil || given == nil || given == .tiny else {
      throw SearchPlanError.needsData(preset: given?.rawValue ?? "")
    }
    let numbers = (given ?? .tiny).trainingNumbers(for: space)
    preset = given?.rawValue ?? base?.preset ?? SearchPreset.tiny.rawValue
    trainImages =
      options.integer("train-images") ?? (base == nil ? numbers.trainImages : base?.trainImages)
    testImages =
      options.integer("test-images") ?? (base == nil ? numbers.testImages : base?.testImages)
    channels =
      options.integer("channels") ?? base?.channels ?? source?.number(.channels)
      ?? numbers.channels
    cells = options.integer("cells") ?? base?.cells ?? source?.number(.cells) ?? numbers.cells
    guard space != .darts || cells >= 2 else { throw CostCommandError.tooFewCells(cells) }
    settings = try Self.settings(
      options, space, base?.settings ?? Self.standard(space, numbers, source))
    guard settings.epochs > 0 || weights != nil else { throw EvaluationPlanError.nothingToDo }
    seed = options.integer("seed") ?? base?.seed ?? 1
    version = Toponas.version
    build = kernelBuild
  }

  /// The published settings; a network whose weights are given keeps its auxiliary head, or does without.
  private static func standard(
    _ space: SearchedSpace, _ numbers: SearchPreset.TrainingNumbers, _ source: WeightsSource?
  ) -> TrainingSettings {
    switch space {
    case .nasbench201: return .nasBench201(epochs: numbers.epochs, batchSize: numbers.batch)
    case .darts:
      var settings = TrainingSettings.darts(epochs: numbers.epochs, batchSize: numbers.batch)
      if let source, !source.hasAuxiliaryHead { settings.auxiliaryWeight = nil }
      return settings
    }
  }

  private static func settings(
    _ options: ParsedOptions, _ space: SearchedSpace, _ standard: TrainingSettings
  ) throws(EvaluationPlanError) -> TrainingSettings {
    var settings = standard
    settings.epochs = options.integer("epochs") ?? settings.epochs
    settings.batchSize = options.integer("batch") ?? settings.batchSize
    switch space {
    case .nasbench201:
      for name in ["drop-path", "auxiliary"] where options.isGiven(name) {
        throw .onlyForDARTS(option: name)
      }
    case .darts:
      settings.dropPath = options.number("drop-path") ?? settings.dropPath
      if let wanted = options.flag("auxiliary") {
        settings.auxiliaryWeight = wanted ? TrainingSettings.dartsAuxiliaryWeight : nil
      }
    }
    settings.learningRate = options.number("learning-rate") ?? settings.learningRate
    settings.cutout = options.integer("cutout") ?? settings.cutout
    return settings
  }

  /// Finds the images to train on, unless nothing is trained, and those to test on, of which none is among the others.
  ///
  /// They are at `data` now.
  func findImages(
    at data: String?
  ) throws(DatasetError) -> (training: RunImages?, test: RunImages) {
    // No seed of the command line has the highest bit.
    let test = try RunImages(
      at: data, .test, wanted: testImages, seed: UInt64(seed) | 1 << 63)
    guard settings.epochs > 0 else { return (nil, test) }
    let training = try RunImages(at: data, wanted: trainImages, seed: UInt64(seed))
    guard training.form.extent == test.form.extent else {
      throw .otherTestExtent(expected: training.form.extent, found: test.form.extent)
    }
    return (training, test)
  }

  /// The plan for images of a form; the auxiliary head, which is made for the usual size, is left out of another.
  func fitted(to form: ImageForm) -> EvaluationPlan {
    var plan = self
    plan.images = form == .usual ? nil : form
    if form.extent != ImageExtent.usual { plan.settings.auxiliaryWeight = nil }
    return plan
  }

  /// What the network is built for.
  var imageForm: ImageForm { images ?? .usual }

  var seedGenerator: RandomGenerator { RandomGenerator(seed: UInt64(seed)) }

  /// The network, with random weights.
  func network(classes: Int) -> any DiscreteNetwork {
    switch genotype {
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
  var cost: NetworkCost {
    let (classes, extent) = (imageForm.classes, imageForm.extent)
    return switch genotype {
    case .nasBench201(let genotype):
      networkCost(
        of: genotype, channels: channels, cells: cells, classes: classes, imageExtent: extent)
    case .darts(let genotype):
      networkCost(
        of: genotype, channels: channels, cells: cells, classes: classes, imageExtent: extent)
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
enum EvaluationPlanError: UserError, Equatable {
  /// There is nothing to train.
  case noGenotype
  /// No epoch, and no weights that could be tested.
  case nothingToDo
  /// The benchmark trains its cells without it.
  case onlyForDARTS(option: String)
  /// The auxiliary head has no place in maps of another size.
  case noAuxiliaryHead(extent: Int)

  /// The code with which a program ends that reports it.
  var exitCode: ExitCode { .usage }

  /// The message for the user, with a hint on the last line.
  var message: Message {
    switch self {
    case .noGenotype:
      """
      --genotype is needed
      Hint: toponas evaluate --genotype runs/nasbench201-darts-simplified-seed1/genotype.json
      """
    case .nothingToDo:
      """
      --epochs 0 trains nothing, and no weights are given that could be tested
      Hint: raise --epochs, or add --weights FILE.
      """
    case .onlyForDARTS(let option):
      """
      --\(option) is for cells of DARTS; the benchmark trains cells of NAS-Bench-201 without
      Hint: leave it out.
      """
    case .noAuxiliaryHead(let extent):
      """
      --auxiliary: the published auxiliary head is made for images of 32 x 32 pixels, found \(extent) x \(extent)
      Hint: leave it out, and the training does without.
      """
    }
  }
}
