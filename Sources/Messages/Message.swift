/// A text for the user, in which every value that is put into it is escaped and cut.
///
///     let message: Message = "no folder at \(path)"
///
/// The text that stands in the source may have lines; a value is always a part of one line. Messages, and the errors
/// that have one, are put in as they are.
public struct Message: ExpressibleByStringInterpolation, Equatable, Sendable,
  CustomStringConvertible
{
  /// The text, in one or several lines.
  public let text: String

  /// Takes a text that stands in the source.
  public init(stringLiteral text: String) { self.text = text }

  /// Takes a text with values.
  public init(stringInterpolation parts: Interpolation) { text = parts.text }

  /// Takes a text as it is, for example one that the program has composed itself.
  public init(verbatim text: String) { self.text = text }

  /// The text.
  public var description: String { text }

  /// Its lines.
  public var lines: [Message] {
    text.split(separator: "\n", omittingEmptySubsequences: false).map {
      Message(verbatim: String($0))
    }
  }

  /// Two messages, one after the other.
  public static func + (a: Message, b: Message) -> Message { Message(verbatim: a.text + b.text) }

  /// A text that is being put together.
  public struct Interpolation: StringInterpolationProtocol {
    fileprivate var text = ""

    /// Begins with nothing.
    public init(literalCapacity: Int, interpolationCount: Int) {}

    /// Adds what stands in the source.
    public mutating func appendLiteral(_ literal: String) { text += literal }

    /// Adds a value: what it says of itself, escaped and cut; messages as they are.
    public mutating func appendInterpolation(_ value: some Any) {
      switch value {
      case let message as Message: text += message.text
      case let error as any UserError: text += error.message.text
      default: text += shown("\(value)")
      }
    }

    /// Adds a text as it is, for example a command to be copied.
    public mutating func appendInterpolation(verbatim value: String) { text += value }
  }
}

extension Sequence where Element == Message {
  /// All of them, with `separator` between.
  public func joined(separator: Message = "") -> Message {
    Message(verbatim: map(\.text).joined(separator: separator.text))
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
