import CommandLineParsing
import Messages
import Runs
import SearchSpaces

extension SearchedEdge {
  /// The options that choose it.
  static let options =
    spaceOptions + [
      OptionSpec(
        "stride", .integer(1...2),
        help:
          "1, or 2 for an edge of a reduction cell of \(spacesWithStride("or")) that halves the image.",
        default: "1")
    ]

  /// The options that choose a space.
  static let spaceOptions =
    [
      OptionSpec(
        "space", .choice(SpaceEntry.all.map(\.name)), help: "The search space.",
        default: SpaceEntry.all[0].name)
    ] + OptionSpec.all(SpaceOptions.settings)

  /// The names of the spaces that have edges which halve the image.
  fileprivate static func spacesWithStride(_ conjunction: String) -> String {
    SpaceEntry.names(conjunction) { $0.publishedSpace.cells.contains(where: \.isReduction) }
  }

  init(_ options: ParsedOptions) throws {
    let chosen = SearchedSpace(options.text("space").flatMap(SpaceEntry.named) ?? SpaceEntry.all[0])
    let space = chosen.entry.space(
      of: chosen.entry.searchSize(.paper).network,
      try SpaceOptions.values(options.values, of: chosen))
    let stride = options.integer("stride") ?? 1
    guard stride == 1 || space.cells.contains(where: \.isReduction) else {
      throw SearchedEdgeError.noStride(space: space.name)
    }
    self.init(space, stride: stride)
  }
}

/// Why the options choose no edge.
enum SearchedEdgeError: UserError, Equatable {
  /// No searched edge of the space halves the image.
  case noStride(space: String)

  /// The code with which a program ends that reports it.
  var exitCode: ExitCode { .usage }

  /// The message for the user, with a hint on the last line.
  var message: Message {
    switch self {
    case .noStride(let space):
      """
      --stride 2: no edge of \(space) halves the image; its stages are joined by fixed residual blocks
      Hint: leave --stride out, or add --space \(SearchedEdge.spacesWithStride("or")).
      """
    }
  }
}
