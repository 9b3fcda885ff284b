import CommandLineParsing
import Foundation
import Messages
import Reports
import Runs
import SearchSpaces

/// `toponas genotype convert`: writes a genotype in another text format.
struct GenotypeConvertCommand: Command {
  static let spec = CommandSpec(
    "genotype convert", summary: "Write a genotype in another text format.",
    discussion: """
      Formats: \(formats.map { "\($0.name), \($0.summary)" }.joined(separator: "; ")); json, as in the genotype.json of \
      a run, for all spaces. A cell of one space cannot be written in a format of another.
      """,
    operand: GenotypeInput.operand,
    options: [
      OptionSpec(
        "to", .choice(formats.map(\.name) + [WrittenGenotype.json]), help: "The format.",
        isRequired: true)
    ])

  /// The formats of all spaces.
  private static let formats = SpaceEntry.all.flatMap(\.texts.formats)

  static func run(_ options: ParsedOptions, _ console: Console) throws {
    let input = try GenotypeInput(operand: options, console)
    let format = options.requiredText("to")
    guard let found = try input.written().first(where: { $0.format == format }) else {
      throw refusal(of: format, input.space)
    }
    try console.print(text: found.text)
  }

  /// Why a genotype of a space is not written in a format.
  private static func refusal(of format: String, _ space: SearchedSpace) -> GenotypeCommandError {
    if let own = space.entry.texts.formats.first(where: { $0.name == format }),
      let limit = own.limit
    {
      return .beyondFormat(format, limit)
    }
    let owner = SpaceEntry.all.first { $0.texts.formats.contains { $0.name == format } }
    return .noSuchForm(format, of: SearchedSpace(owner ?? space.entry), space)
  }
}

/// A genotype in one of the formats that can hold it.
struct WrittenGenotype {
  /// The name of the format.
  let format: String
  let text: String

  /// The name of the format for all spaces: an object with the name of the space and the text.
  static let json = "json"
}

extension GenotypeInput {
  /// The genotype in every format that can hold it: those of its space, and JSON.
  func written() throws -> [WrittenGenotype] {
    let own = space.entry.texts.formats.compactMap { format in
      format.text(of: genotype).map { WrittenGenotype(format: format.name, text: $0) }
    }
    let json = try JSONText.line([space.rawValue: text])
    return own + [WrittenGenotype(format: WrittenGenotype.json, text: json)]
  }
}

/// Why a `toponas genotype` command cannot answer.
enum GenotypeCommandError: UserError, Equatable {
  /// The benchmark has no cells of the space.
  case notInBenchmark(SearchedSpace)
  /// The name of a file does not tell what to write.
  case noFormat(file: String)
  /// A format is that of another space.
  case noSuchForm(String, of: SearchedSpace, SearchedSpace)
  /// A format has no place for such a genotype.
  case beyondFormat(String, GenotypeFormat.Limit)
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
    case .noSuchForm(let format, let owner, let space):
      """
      --to \(format): expected \(owner.entry.words.genotype), found \(space.entry.words.genotype)
      Hint: --to \(list(space.entry.texts.formats.map(\.name) + [WrittenGenotype.json], "or")); \
      the spaces differ in nodes, inputs and operations.
      """
    case .beyondFormat(let format, let limit):
      """
      --to \(format): expected \(limit.expected), found \(limit.found)
      Hint: --to \(limit.other) \(limit.reason).
      """
    case .differentSpaces(let a, let b):
      """
      A and B: expected genotypes of one space, found \(a.entry.words.genotype) and \(b.entry.words.genotype)
      Hint: toponas genotype explain shows each of them.
      """
    }
  }
}
