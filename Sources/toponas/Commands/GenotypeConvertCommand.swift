import CommandLineParsing
import Foundation
import Messages
import Reports
import Runs
import SearchSpaces

/// `toponas genotype convert`: a genotype in another text format.
struct GenotypeConvertCommand: Command {
  static let spec = CommandSpec(
    "genotype convert", summary: "Write a genotype in another text format.",
    discussion: """
      Formats: darts, the flat text of the official code, for cells with two operations per node; pt.darts, the same \
      with a list for each node; gold-nas, the text of the code of GOLD-NAS on one line; st-nas, the text of a topology; \
      nasbench201, the string of the benchmark; json, as in the genotype.json of a run, for all spaces. A cell of one space cannot be written in a \
      format of another.
      """,
    operand: GenotypeInput.operand,
    options: [
      OptionSpec(
        "to", .choice(GenotypeFormat.allCases.map(\.rawValue)), help: "The format.",
        isRequired: true)
    ])

  static func run(_ options: ParsedOptions, _ console: Console) throws {
    let input = try GenotypeInput(operand: options, console)
    guard let format = GenotypeFormat(rawValue: options.requiredText("to")) else { return }
    guard let text = try format.text(of: input) else {
      let isFlat = input.genotype is DARTSGenotype && format == .darts
      throw isFlat ? GenotypeCommandError.notFlat : .noSuchForm(format, input.space)
    }
    try console.print(text: text)
  }
}

/// A text that can stand for a genotype.
enum GenotypeFormat: String, CaseIterable {
  /// The string of the benchmark.
  case nasbench201
  /// The flat text of the official code of DARTS.
  case darts
  /// The text of DARTS with a list for each node.
  case nested = "pt.darts"
  /// The text of the published code of GOLD-NAS.
  case goldNAS = "gold-nas"
  /// The text of a topology of ST-NAS.
  case stNAS = "st-nas"
  /// An object with the name of the space and the text.
  case json

  /// The text; nil if the format cannot hold the cells.
  func text(of input: GenotypeInput) throws -> String? {
    switch self {
    case .nasbench201: (input.genotype as? NASBench201Genotype)?.description
    case .darts: (input.genotype as? DARTSGenotype)?.flatDescription
    case .nested: (input.genotype as? DARTSGenotype)?.nestedDescription
    case .goldNAS: (input.genotype as? GOLDNASGenotype)?.description
    case .stNAS: (input.genotype as? Topology)?.description
    case .json: try JSONText.line([input.space.rawValue: input.text])
    }
  }

  /// The space whose cells it can hold; nil for all spaces.
  var space: SpaceEntry? {
    switch self {
    case .nasbench201: .nasBench201
    case .darts, .nested: .darts
    case .goldNAS: .goldNAS
    case .stNAS: .stNAS
    case .json: nil
    }
  }

  /// The formats for cells of a space, as a list: `darts, pt.darts or json`.
  fileprivate static func names(for space: SearchedSpace) -> String {
    let names = allCases.filter { $0.space.map { $0.name == space.rawValue } ?? true }
      .map(\.rawValue)
    return "\(names.dropLast().joined(separator: ", ")) or \(names[names.count - 1])"
  }
}

/// Why a `toponas genotype` command cannot answer.
enum GenotypeCommandError: UserError, Equatable {
  /// The benchmark has no cells of the space.
  case notInBenchmark(SearchedSpace)
  /// The name of a file does not tell what to write.
  case noFormat(file: String)
  /// A format is that of another space.
  case noSuchForm(GenotypeFormat, SearchedSpace)
  /// The flat text has no place for the nodes of such cells.
  case notFlat
  /// Two genotypes of different spaces.
  case differentSpaces(SearchedSpace, SearchedSpace)

  /// The code with which a program ends that reports it.
  var exitCode: ExitCode { .usage }

  /// The message for the user, with a hint on the last line.
  var message: Message {
    switch self {
    case .notInBenchmark(let space):
      """
      --nasbench: the benchmark holds cells of NAS-Bench-201, no \(space.entry.words.genotype)
      Hint: leave it out; toponas evaluate trains \(space.entry.words.genotype).
      """
    case .noFormat(let file):
      """
      --out \(file): expected a name that ends in .svg or .dot
      Hint: or say --format svg or --format dot. Graphviz and browsers turn both into other forms.
      """
    case .noSuchForm(let format, let space):
      """
      --to \(format.rawValue): expected \(format.space?.words.genotype ?? "a genotype"), found \(space.entry.words.genotype)
      Hint: --to \(GenotypeFormat.names(for: space)); the spaces differ in nodes, inputs and operations.
      """
    case .notFlat:
      """
      --to darts: expected two operations for each node, which the flat text counts by, found another number
      Hint: --to pt.darts has a list for each node, and is read wherever a genotype is.
      """
    case .differentSpaces(let a, let b):
      """
      A and B: expected genotypes of one space, found \(a.entry.words.genotype) and \(b.entry.words.genotype)
      Hint: toponas genotype explain shows each of them.
      """
    }
  }
}
