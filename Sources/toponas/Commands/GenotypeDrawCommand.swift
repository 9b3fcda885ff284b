import CommandLineParsing
import Files
import Reports
import Runs
import SearchSpaces

/// `toponas genotype draw`: a picture of derived cells.
struct GenotypeDrawCommand: Command {
  /// The forms of a picture.
  private enum Format: String, CaseIterable {
    case svg
    case dot
  }

  static let spec = CommandSpec(
    "genotype draw", summary: "Draw a derived cell, from left to right.",
    discussion: """
      Writes an SVG for a browser, or a graph for Graphviz (dot). Every edge bears the name and the colour of its \
      operation; edges without an operation are faint and dashed. For DARTS both cells are drawn, for GOLD-NAS \
      all of the network.
      """,
    operand: GenotypeInput.operand,
    options: [
      OptionSpec(
        "out", .text(placeholder: "FILE"), help: "The file; one of that name is replaced.",
        default: "standard output"),
      OptionSpec(
        "format", .choice(Format.allCases.map(\.rawValue)), help: "The form of the picture.",
        default: "as the name of the file ends; svg for standard output"),
      OptionSpec(
        "title", .text(placeholder: "TEXT"), help: "What stands above it.", default: "the space"),
    ])

  static func run(_ options: ParsedOptions, _ console: Console) throws {
    let input = try GenotypeInput(operand: options, console)
    let out = options.text("out")
    let text = try picture(of: input, try format(options), options.text("title"))
    guard let out else { return try console.print(text: String(text.dropLast())) }
    _ = try PictureFolder(PathParts(out).folder)
    try OutputFile(path: out).write(text)
    try console.print("wrote \(out)")
  }

  private static func format(_ options: ParsedOptions) throws(GenotypeCommandError) -> Format {
    if let given = options.text("format").flatMap(Format.init) { return given }
    guard let out = options.text("out") else { return .svg }
    guard let format = Format(rawValue: PathParts(out).ending) else {
      throw .noFormat(file: out)
    }
    return format
  }

  private static func picture(
    of input: GenotypeInput, _ format: Format, _ title: String?
  ) throws -> String {
    let cost = try GenotypeCost(input)
    let title = title ?? input.title
    switch format {
    case .svg: return CellSVG(title, caption: cost.caption, input.genotype).svg
    case .dot: return CellDOT.text(input.genotype, name: title)
    }
  }
}

extension GenotypeInput {
  /// A genotype without an option's name before it.
  static let operand = option(placeholder: "GENOTYPE", isRequired: true)

  /// The genotype of the operand.
  init(operand options: ParsedOptions, _ console: Console) throws(GenotypeInputError) {
    try self.init(options.requiredText("genotype"), label: "GENOTYPE", remark: console.error)
  }

  /// The title of the picture.
  var title: String {
    genotype.entry.words.title
  }
}

extension GenotypeCost {
  /// The network and its size in one line.
  var caption: String {
    """
    \(decimals(Double(parameters) / 1e6, 2)) M parameters, \(decimals(Double(macs) / 1e6, 2)) M MACs as a \
    network of \(networkText)
    """
  }
}
