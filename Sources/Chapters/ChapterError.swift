/// Why a chapter cannot be read; lines are counted from 1.
public enum ChapterError: Error, Equatable, CustomStringConvertible {
  /// A block that is opened is never closed.
  case endless(chapter: String, line: Int)
  /// A block of Swift says something about itself that means nothing.
  case unknownKind(String, chapter: String, line: Int)

  /// The line that is wrong.
  public var line: Int {
    switch self {
    case .endless(_, let line), .unknownKind(_, _, let line): line
    }
  }

  /// What is wrong, without the place.
  public var reason: String {
    switch self {
    case .endless: "the block that begins here has no end"
    case .unknownKind(let info, _, _):
      """
      '\(info)' is no kind of block; known are \
      \(Cell.SwiftMode.allCases.map(\.rawValue).joined(separator: ", "))
      """
    }
  }

  /// What is wrong and where, in the form of a compiler.
  public var description: String {
    switch self {
    case .endless(let chapter, let line), .unknownKind(_, let chapter, let line):
      "\(chapter).md:\(line): error: \(reason)"
    }
  }
}
