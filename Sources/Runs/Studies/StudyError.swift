import Messages

/// Why a study cannot be made.
package enum StudyError: UserError, Equatable {
  /// No search method has this name.
  case unknownMethod(String, expected: [String])
  /// A part of `--also` is wrong.
  case badKind(String, reason: String)
  /// `--cell` is beyond the last one.
  case noSuchSearch(Int, count: Int)
  /// The folder of a search holds another one.
  case otherSearch(String, difference: String)
  /// A search ended with an error.
  case searchFailed(String, String, String)
  /// Some searches ended with an error.
  case failures(Int, of: Int)
  /// The user, or the system, stopped the study.
  case interrupted

  /// The code with which a program ends that reports it.
  package var exitCode: ExitCode {
    switch self {
    case .unknownMethod, .badKind, .noSuchSearch: .usage
    case .otherSearch: .cannotCreate
    case .searchFailed, .failures: .failed
    case .interrupted: .interrupted
    }
  }

  /// The message for the user, with a hint on the last line.
  package var message: Message {
    switch self {
    case .unknownMethod(let name, let expected):
      """
      \(setting: "methods"): expected some of \(expected.joined(separator: ", ")), found '\(name)'
      Hint: for example \(setting: "methods") \(expected.prefix(2).joined(separator: ",")).
      """
    case .badKind(let text, let reason):
      """
      \(setting: "also") '\(text)': \(reason)
      Hint: for example \(setting: "also") 'P=\(setting: "variant") P; KN-0=\(setting: "kernel-norm") 0'.
      """
    case .noSuchSearch(let number, let count):
      """
      \(setting: "cell") \(number): this study has the searches 1 to \(count)
      Hint: \(setting: "list") shows them.
      """
    case .otherSearch(let folder, let difference):
      """
      \(folder) holds a search with other settings: \(difference)
      Hint: name another folder with \(setting: "out"), or repeat the options of the first call; nothing there was changed.
      """
    case .searchFailed(let name, let ending, let message):
      """
      \(name) failed with \(ending)\(Self.quoted(message))
      """
    case .failures(let count, let all):
      """
      \(count) of \(all) searches failed
      Hint: the messages are above; the same call runs them again.
      """
    case .interrupted:
      """
      interrupted
      Hint: the same call runs what is not finished.
      """
    }
  }

  /// What a process wrote at its end, below the line that tells of it.
  private static func quoted(_ text: String) -> Message {
    let lines = text.split(separator: "\n").suffix(20).map { "\($0)" as Message }
    return lines.isEmpty ? "" : ":\n" + lines.joined(separator: "\n")
  }
}
