import Foundation
import SystemErrors

/// Why a file is not read, or not written on: what follows `cannot read FILE: `.
package enum FileError: Error, Equatable, CustomStringConvertible {
  /// The system refuses.
  case system(SystemError)
  /// The path is a pipe or a device where a file is needed.
  case notRegular
  /// The path is a link, and a file of a run is none.
  case link
  /// The file has more bytes than are read.
  case tooLarge(limit: Int)
  /// The bytes of the file are not text.
  case notText

  /// Whether nothing has this name.
  package var isMissing: Bool { self == .system(SystemError(code: ENOENT)) }

  /// The reason in words.
  package var description: String {
    switch self {
    case .system(let error): error.description
    case .notRegular: "it is no regular file"
    case .link: "it is a symbolic link, and files of a run are none"
    case .tooLarge(let limit): "expected at most \(limit) bytes, found more"
    case .notText: "expected text in UTF-8"
    }
  }
}
