import CommandLineParsing
import Messages
import SearchSpaces

/// One edge of a search space, as the commands that look at edges choose it.
struct SearchedEdge {
  let space: SearchSpace
  let stride: Int
  let operation: MixedOperation

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

  /// The first edge of the kind of cells that has this stride there.
  init(_ space: SearchSpace, stride: Int = 1) {
    (self.space, self.stride) = (space, stride)
    let cell = space.cells.first { $0.isReduction == (stride > 1) } ?? space.cells[0]
    operation = cell.operations[0]
  }

  /// The candidates, each with its path.
  var candidates: [(primitive: Primitive, path: Path)] {
    guard case .choice(let branches) = operation.path else { return [] }
    return zip(space.primitives, branches).map { ($0, $1.path) }
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
