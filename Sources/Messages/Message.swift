/// A text for the user, in which every value that is put into it is escaped and cut.
///
///     let message: Message = "no folder at \(path)"
///
/// The text that stands in the source may have lines; a value is always a part of one line. Messages, and the errors
/// that have one, are put in as they are.
///
/// A library does not know how its settings are named where the message is shown. So it marks a name,
/// `\(setting: "channels")`, and the program that shows the message says how names are written: a command line puts
/// dashes in front of them.
public struct Message: ExpressibleByStringInterpolation, Equatable, Sendable,
  CustomStringConvertible
{
  /// The text with a mark before each name of a setting; no value can hold the mark, for control characters are escaped.
  fileprivate let marked: String
  fileprivate static let mark = "\u{1}"

  /// The text, in one or several lines, with the names of settings as they are.
  public var text: String { text(namingSettings: "") }

  /// The text with a prefix before each name of a setting, for example the two dashes of a command line.
  public func text(namingSettings prefix: String) -> String {
    marked.contains(Self.mark)
      ? marked.split(separator: Self.mark, omittingEmptySubsequences: false).joined(
        separator: prefix) : marked
  }

  private init(marked: String) { self.marked = marked }

  /// Takes a text that stands in the source.
  public init(stringLiteral text: String) { marked = text }

  /// Takes a text with values.
  public init(stringInterpolation parts: Interpolation) { marked = parts.marked }

  /// Takes a text as it is, for example one that the program has composed itself.
  public init(verbatim text: String) { marked = text.filter { $0 != "\u{1}" } }

  /// The text.
  public var description: String { text }

  /// The lines of the message.
  public var lines: [Message] {
    marked.split(separator: "\n", omittingEmptySubsequences: false).map {
      Message(marked: String($0))
    }
  }

  /// Two messages, one after the other.
  public static func + (a: Message, b: Message) -> Message { Message(marked: a.marked + b.marked) }

  /// A text that is being put together.
  public struct Interpolation: StringInterpolationProtocol {
    fileprivate var marked = ""

    /// Begins with nothing.
    public init(literalCapacity: Int, interpolationCount: Int) {}

    /// Adds what stands in the source.
    public mutating func appendLiteral(_ literal: String) { marked += literal }

    /// Adds a value: what it says of itself, escaped and cut; messages as they are.
    public mutating func appendInterpolation(_ value: some Any) {
      switch value {
      case let message as Message: marked += message.marked
      case let error as any UserError: marked += error.message.marked
      default: marked += shown("\(value)")
      }
    }

    /// Adds a text as it is, for example a command to be copied.
    public mutating func appendInterpolation(verbatim value: String) {
      marked += Message(verbatim: value).marked
    }

    /// Adds the name of a setting, `batch`, which the program that shows the message may write in its own way.
    public mutating func appendInterpolation(setting name: String) { marked += Message.mark + name }
  }
}

extension Sequence where Element == Message {
  /// All of them, with `separator` between.
  public func joined(separator: Message = "") -> Message {
    reduce(nil as Message?) { joined, next in joined.map { $0 + separator + next } ?? next } ?? ""
  }
}

/// An error that is reported to the user: what is wrong, where, and on the last line a hint.
public protocol UserError: Error, CustomStringConvertible {
  /// What is reported.
  var message: Message { get }
  /// The code with which a program ends that reports it.
  var exitCode: ExitCode { get }
}

extension UserError {
  /// The text of the message.
  public var description: String { message.text }
}
