import Reports
import SearchSpaces
import Settings
import Tensors

extension EvaluationPlan: RunPlan {
  package static var kind: RunKind { .evaluate }

  package func with(_ chosen: SettingValues) throws -> EvaluationPlan {
    try EvaluationPlan(chosen, over: self)
  }

  /// The keys that a plan can have.
  package static let allKeys: Set<String> = {
    let chosen: SettingValues = [
      "genotype": .word("\(DARTSGenotype.dartsV1)"), "data": "DIR", "train-images": 1,
      "test-images": 1, "weights": "FILE",
    ]
    guard let plan = try? EvaluationPlan(chosen), let leaves = try? JSONLeaves(JSONText.line(plan))
    else { preconditionFailure("a training can have \(chosen)") }
    return Set(leaves.values.keys).union(ImageForm.keys)
  }()

  /// The words that a text can be, by its key.
  package static let words = [
    "preset": all(SizePreset.self), "space": all(SearchedSpace.self),
    "convolution": all(ConvolutionAlgorithm.self),
  ]

  /// Throws if there can be no such images, or the genotype is of another space.
  package func check() throws(SearchConfigError.Problem) {
    try images?.check()
    guard space == genotype.space else {
      throw .values(reason: "space: expected that of the genotype, \(genotype.space.rawValue)")
    }
  }
}

extension GenotypeInput: Codable {
  /// The text, as the published codes write it.
  package var text: String { genotype.description }

  /// The space that it is of.
  package var space: SearchedSpace { SearchedSpace(genotype.entry) }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    do { try self.init(parsing: text) } catch {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "\(error)")
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}
