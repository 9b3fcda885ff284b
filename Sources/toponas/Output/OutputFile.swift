import Files
import Foundation
import Messages
import SystemErrors

/// The file that the user named with `--out`, or with another option.
struct OutputFile {
  let path: String
  var option = "--out"

  /// Writes it whole, or not at all.
  func write(_ text: String) throws(OutputFileError) {
    do { try NewFile.write(Array(text.utf8), to: path, .named) } catch {
      throw OutputFileError(path: path, option: option, cause: error)
    }
  }
}

/// Why an output was not written.
struct OutputFileError: UserError, Equatable {
  let path: String
  let option: String
  let cause: SystemError

  /// The code with which a program ends that reports it.
  var exitCode: ExitCode { cause.writingCode }

  /// The message for the user, with a hint on the last line.
  var message: Message {
    """
    cannot write \(path): \(cause)
    Hint: \(cause.isRefusal ? "name a file in a folder that you may write with \(option)" : "check the free space").
    """
  }
}
