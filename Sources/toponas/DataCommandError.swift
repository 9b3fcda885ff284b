/// Why a `toponas data` command has nothing to do.
enum DataCommandError: Error, Equatable, CustomStringConvertible {
  /// What must be given was not.
  case missing(String, example: String)

  /// The message for the user, with a hint on the last line.
  var description: String {
    switch self {
    case .missing(let name, let example):
      """
      \(name) is needed
      Hint: \(example)
      """
    }
  }
}
