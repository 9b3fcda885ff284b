import CommandLineParsing
import Reports
import SearchSpaces

extension EvaluationPlan: RunPlan {
  static var command: CommandSpec { EvaluateCommand.spec }

  static func read(_ options: ParsedOptions, over plan: EvaluationPlan) throws -> EvaluationPlan {
    try EvaluationPlan(options, over: plan)
  }

  /// The keys that a plan can have.
  static let allKeys: Set<String> = {
    let words = [
      "evaluate", "--genotype=\(DARTSGenotype.dartsV1)", "--data=DIR", "--train-images=1",
      "--test-images=1",
    ]
    guard case .run(_, let options) = Toponas.spec.parse(words),
      let plan = try? EvaluationPlan(options), let leaves = try? JSONLeaves(JSONText.line(plan))
    else { preconditionFailure("evaluate takes \(words)") }
    // To be given on a command line, a file of weights would have to exist.
    return Set(leaves.values.keys).union(["weights"]).union(ImageForm.keys)
  }()

  /// The words that a text can be, by its key.
  static let words = ["preset": all(SearchPreset.self), "space": all(SearchedSpace.self)]

  /// Throws if the values do not fit each other, or an option.
  func check() throws(SearchConfigError.Problem) {
    try images?.check()
    let whole = [
      ("train-images", trainImages), ("test-images", testImages), ("channels", channels),
      ("cells", cells), ("seed", seed), ("epochs", settings.epochs), ("batch", settings.batchSize),
      ("cutout", settings.cutout),
    ].compactMap { name, number in number.map { (name, Double($0)) } }
    try Self.checkRanges(
      of: whole + [("learning-rate", settings.learningRate), ("drop-path", settings.dropPath)])
    guard space == genotype.space else {
      throw .values(reason: "space: expected that of the genotype, \(genotype.space.rawValue)")
    }
    guard space != .darts || cells >= 2 else {
      throw .values(reason: "cells: expected 2 or more for darts, found \(cells)")
    }
  }
}

extension GenotypeInput: Codable {
  /// The text, as the published codes write it.
  var text: String {
    switch self {
    case .nasBench201(let cell): cell.description
    case .darts(let cells): cells.description
    }
  }

  /// The space that it is of.
  var space: SearchedSpace {
    switch self {
    case .nasBench201: .nasbench201
    case .darts: .darts
    }
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    do { try self.init(parsing: text) } catch {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "\(error)")
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}
