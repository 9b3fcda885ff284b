import Messages

/// One thing wrong with a command line.
public enum UsageError: UserError, Equatable, Sendable {
  /// No command has this name.
  case unknownCommand(String, nearest: String?)
  /// A group of commands was named alone.
  case missingMember(of: String, expected: [String])
  /// A group has no command of this name.
  case unknownMember(of: String, String, nearest: String?, expected: [String])
  /// The command has no option of this name.
  case unknownOption(String, nearest: String?)
  /// An option that takes a value stands at the end, or in front of another option.
  case missingValue(option: String, expected: String)
  /// What the command cannot do without was not given.
  case missing(String)
  /// An option's value is not of its kind, or outside its range.
  case badValue(option: String, found: String, expected: String)
  /// A flag was given a value.
  case unwantedValue(option: String, found: String)
  /// A word that belongs to no option.
  case unexpectedArgument(String)

  /// The code with which a program ends that reports it.
  public var exitCode: ExitCode { .usage }

  /// The message, one line.
  public var message: Message {
    switch self {
    case .unknownCommand(let name, let nearest):
      "unknown command '\(name)'\(Self.suggestion(nearest))"
    case .missingMember(let group, let expected):
      "\(group) must be followed by one of \(expected.joined(separator: ", "))"
    case .unknownMember(let group, let name, let nearest, let expected):
      "\(group): expected one of \(expected.joined(separator: ", ")), found '\(name)'"
        + Self.suggestion(nearest.map { "\(group) \($0)" })
    case .unknownOption(let name, let nearest):
      "unknown option '\(name)'\(Self.suggestion(nearest))"
    case .missingValue(let option, let expected):
      "\(option) needs a value: \(expected)"
    case .missing(let label):
      "\(label) is needed"
    case .badValue(let option, let found, let expected):
      "\(option): expected \(expected), found '\(found)'"
    case .unwantedValue(let option, let found):
      "\(option) takes no value, found '\(found)'"
    case .unexpectedArgument(let word):
      "unexpected argument '\(word)'"
    }
  }

  /// The option whose value is wrong or missing.
  var option: String? {
    switch self {
    case .missingValue(let option, _), .badValue(let option, _, _): option
    default: nil
    }
  }

  private static func suggestion(_ nearest: String?) -> Message {
    nearest.map { ". Did you mean '\($0)'?" } ?? ""
  }
}
