import CommandLineParsing
import Messages
import Runs
import SearchSpaces

extension SearchedEdge {
  /// The options that choose it.
  static let options = [
    OptionSpec(
      "space", .choice(SpaceEntry.all.map(\.name)), help: "The search space.",
      default: SpaceEntry.all[0].name),
    OptionSpec(
      "stride", .integer(1...2),
      help: "1, or 2 for an edge of the reduction cell of darts that halves the image.",
      default: "1"),
  ]

  init(_ options: ParsedOptions) throws(SearchedEdgeError) {
    let space = (options.text("space").flatMap(SpaceEntry.named) ?? SpaceEntry.all[0]).space
    let stride = options.integer("stride") ?? 1
    guard stride == 1 || space.cells.contains(where: \.isReduction) else {
      throw .noStride(space: space.name)
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
      Hint: leave --stride out, or add --space darts.
      """
    }
  }
}
