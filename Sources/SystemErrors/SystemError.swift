import Foundation
import Messages

/// Why the system refused something.
public struct SystemError: Error, Equatable, CustomStringConvertible {
  /// The error number.
  public let code: Int32

  /// Creates the error of a number.
  public init(code: Int32) { self.code = code }

  /// The error of the system that an error of Foundation was made from, if there is one.
  package init?(under error: any Error) {
    let error = error as NSError
    if error.domain == NSPOSIXErrorDomain {
      self.init(code: Int32(truncatingIfNeeded: error.code))
    } else if let inner = error.userInfo[NSUnderlyingErrorKey] as? any Error {
      self.init(under: inner)
    } else {
      return nil
    }
  }

  /// The error of the system call that just failed.
  package static var last: SystemError { SystemError(code: errno) }

  /// Whether this place cannot be written at all, now or later.
  public var isRefusal: Bool {
    [EACCES, EPERM, EROFS, ENOENT, ENOTDIR, EISDIR, ENAMETOOLONG, ELOOP, ENXIO].contains(code)
  }

  /// Whether there is nothing of that name.
  public var isMissing: Bool { code == ENOENT }
  /// The exit code of a file that was not written for this reason.
  public var writingCode: ExitCode { isRefusal ? .cannotCreate : .inputOutput }

  /// In the words of the system.
  public var description: String { String(cString: strerror(code)) }
}

extension Error {
  /// Why a call of Foundation failed: in the words of the system, where Foundation has but a number.
  package var reason: String {
    if let error = SystemError(under: self) { return error.description }
    let isNoText: [CocoaError.Code] = [.fileReadCorruptFile, .fileReadInapplicableStringEncoding]
    return (self as? CocoaError).map { isNoText.contains($0.code) } ?? false
      ? "expected text in UTF-8" : localizedDescription
  }
}
