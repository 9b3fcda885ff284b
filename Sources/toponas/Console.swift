import Foundation

/// Where the program writes: results to standard output, progress and errors to standard error.
struct Console {
  /// Whether progress is wanted.
  var isQuiet = false
  private let isTerminal = isatty(STDERR_FILENO) == 1

  /// Characters a line.
  var width: Int {
    let columns = ProcessInfo.processInfo.environment["COLUMNS"].flatMap { Int($0) }
    return min(100, max(40, columns ?? 80))
  }

  /// Writes a result.
  func print(_ text: String) { write(text + "\n", to: .standardOutput) }

  /// Writes an error.
  func error(_ text: String) { write(text + "\n", to: .standardError) }

  /// Writes a line of progress that stays.
  func progress(_ line: String) {
    guard !isQuiet else { return }
    write((isTerminal ? "\r\u{1B}[K" : "") + line + "\n", to: .standardError)
  }

  /// Writes a line of progress that the next one replaces; on a terminal only.
  func status(_ line: String) {
    guard !isQuiet, isTerminal else { return }
    write("\r\u{1B}[K" + line.prefix(width - 1), to: .standardError)
  }

  private func write(_ text: String, to file: FileHandle) {
    // Nobody left to read, as in `toponas help | head -1`, is no failure.
    try? file.write(contentsOf: Data(text.utf8))
  }
}
