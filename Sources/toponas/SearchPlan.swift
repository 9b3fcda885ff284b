import CommandLineParsing
import Datasets
import DifferentiableSearch
import Tensors

/// Everything that determines a search: the preset with the options of the command line over it.
struct SearchPlan: Codable {
  let preset: String
  let space: String
  let isSimplified: Bool
  /// The CIFAR-10 folder; nil is synthetic images.
  let data: String?
  let trainImages: Int?
  let channels: Int
  let cells: Int
  let settings: SearchSettings
  let seed: Int
  let version: String

  init(_ options: ParsedOptions) {
    let preset = options.text("preset").flatMap { SearchPreset(rawValue: $0) } ?? .tiny
    let numbers = preset.numbers
    self.preset = preset.rawValue
    space = options.text("space") ?? "nasbench201"
    isSimplified = options.flag("simplify") ?? true
    data = options.text("data")
    trainImages = options.integer("train-images") ?? numbers.trainImages
    channels = options.integer("channels") ?? numbers.channels
    cells = options.integer("cells") ?? numbers.cells
    settings = SearchSettings(
      epochs: options.integer("epochs") ?? numbers.epochs,
      batchSize: options.integer("batch") ?? numbers.batch,
      alphaLearningRate: numbers.alphaLearningRate)
    seed = options.integer("seed") ?? 1
    version = Toponas.version
  }

  /// Images that a synthetic data set has if no number is given.
  private static let syntheticCount = 10_000

  func loadImages() throws -> ImageSet {
    guard let data else {
      return SyntheticImages.make(
        count: trainImages ?? Self.syntheticCount, seed: UInt64(seed))
    }
    let images = try CIFAR10.load(folder: data)
    return try trainImages.map { try images.balancedSubset($0) } ?? images
  }

  var seedGenerator: RandomGenerator { RandomGenerator(seed: UInt64(seed)) }

  /// A name for the run folder that tells runs apart.
  var defaultFolder: String {
    "runs/\(space)-darts-\(isSimplified ? "simplified" : "plain")-seed\(seed)"
  }

  /// The command that does the same with the other kind of space.
  var counterpartCommand: String {
    var words = ["toponas search", isSimplified ? "--no-simplify" : "--simplify"]
    words.append("--preset \(preset)")
    if let data { words.append("--data \(data.contains(" ") ? "'\(data)'" : data)") }
    if let trainImages { words.append("--train-images \(trainImages)") }
    words.append("--channels \(channels) --cells \(cells)")
    words.append("--epochs \(settings.epochs) --batch \(settings.batchSize) --seed \(seed)")
    return words.joined(separator: " ")
  }
}
