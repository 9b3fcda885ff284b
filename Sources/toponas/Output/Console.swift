import Files
import Foundation
import Messages
import Reports
import Runs

/// Where the program writes: results to standard output, progress and errors to standard error.
struct Console {
  /// Whether progress is not wanted.
  var isQuiet = false
  private let isTerminal = isatty(STDERR_FILENO) == 1

  /// Characters per line: the variable `COLUMNS`, or the terminal's width, or 80.
  var width: Int {
    let columns = ProcessInfo.processInfo.environment["COLUMNS"].flatMap { Int($0) }
    return min(100, max(40, columns ?? terminalWidth ?? 80))
  }

  private var terminalWidth: Int? {
    var size = winsize()
    let result = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size)
    return result == 0 && size.ws_col > 0 ? Int(size.ws_col) : nil
  }

  /// Writes a result; throws if it is lost.
  func print(_ message: Message) throws(ConsoleError) { try print(text: message.commandLineText) }

  /// Writes a result that is a text of its own, such as a table; throws if it is lost.
  func print(text: String) throws(ConsoleError) {
    do { try writeAll(Array((text + "\n").utf8), to: STDOUT_FILENO) } catch {
      // Nobody left to read, as in `toponas help | head -1`, is no failure.
      if error.code != EPIPE { throw .cannotWrite(reason: "\(error)") }
    }
  }

  /// Writes a result as one JSON object, keys sorted and in snake case.
  func print(json value: some Encodable) throws {
    try print(text: JSONText.pretty(value))
  }

  /// Writes an error.
  func error(_ message: Message) { write(message.commandLineText) }

  /// Writes a line of progress that stays.
  func progress(_ line: Message) { progress(text: line.text) }

  /// Writes lines of progress that the program has composed itself.
  func progress(text: String) {
    if !isQuiet { write(text) }
  }

  /// Writes a line of progress that the next one replaces; on a terminal only.
  func status(_ line: Message) {
    guard !isQuiet, isTerminal else { return }
    try? writeAll(Array((clearing + line.text.prefix(width - 1)).utf8), to: STDERR_FILENO)
  }

  /// Back to the start of a line that may hold a status.
  private var clearing: String { isTerminal ? "\r\u{1B}[K" : "" }

  private func write(_ text: String) {
    try? writeAll(Array((clearing + text + "\n").utf8), to: STDERR_FILENO)
  }
}

/// Why a result did not reach its reader.
enum ConsoleError: UserError, Equatable {
  /// The system refuses to write.
  case cannotWrite(reason: String)

  /// The code with which a program ends that reports it.
  var exitCode: ExitCode { .inputOutput }

  /// The message for the user, with a hint on the last line.
  var message: Message {
    switch self {
    case .cannotWrite(let reason):
      """
      cannot write to standard output: \(reason)
      Hint: check where the output goes; what a run folder holds is complete as far as it was written.
      """
    }
  }
}

extension Message {
  /// The text with the names of settings as options.
  fileprivate var commandLineText: String { text(namingSettings: "--") }
}

extension Console: RunOutput {
  /// Writes a result.
  func result(_ message: Message) throws { try print(message) }
  /// Writes a result that is a text of its own.
  func result(text: String) throws { try print(text: text) }
  /// From now on an interrupt only asks for an end.
  func willRun() { Interruption.watch() }
  /// Whether the user, or the system, has asked for an end.
  var wantsStop: Bool { Interruption.isRequested }
}
