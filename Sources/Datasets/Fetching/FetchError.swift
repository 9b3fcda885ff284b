import Foundation
import Messages

/// Why a data set could not be fetched: what, where, expected against found, and what to do.
public enum FetchError: UserError, Equatable {
  /// The server could not be reached, or the connection broke; the bytes that are there stay.
  case network(URL, reason: String, kept: Int)
  /// The connection ended before the file did.
  case cutOff(URL, expected: Int, found: Int)
  /// The server refuses.
  case status(URL, code: Int)
  /// What the server has is another file.
  case wrongSize(URL, expected: Int, found: Int)
  /// What was fetched is damaged, or another file.
  case wrongChecksum(URL, expected: String, found: String)
  /// The system refuses to create a file or a folder.
  case cannotCreate(String, reason: String)
  /// The system refuses to write.
  case cannotWrite(String, reason: String)
  /// There is a folder of this name already, and it is not what would be fetched.
  case exists(String, reason: String)
  /// The program `gzip` cannot be started.
  case noGzip(reason: String)
  /// The archive is damaged or another file, or what it holds cannot be written.
  case cannotUnpack(String, reason: String)
  /// The archive holds something else.
  case wrongContent(DatasetError)

  /// The code with which a program ends that reports it.
  public var exitCode: ExitCode {
    switch self {
    case .status(_, code: 404), .status(_, code: 410): .noInput
    case .network, .cutOff, .status, .noGzip: .failed
    case .wrongSize, .wrongChecksum: .badData
    case .cannotCreate, .exists: .cannotCreate
    case .cannotWrite, .cannotUnpack, .wrongContent(.unreadable): .inputOutput
    case .wrongContent: .badData
    }
  }

  /// The message for the user, with a hint on the last line.
  public var message: Message {
    switch self {
    case .network(let url, let reason, let kept):
      """
      cannot fetch \(url): \(reason)
      Hint: \(kept > 0
        ? "the same command once more goes on after the \(kept) bytes that are there"
        : "check the address and the connection").
      """
    case .cutOff(let url, let expected, let found):
      """
      \(url): expected \(expected) bytes, found \(found) when the connection ended
      Hint: the same command once more goes on where it ended.
      """
    case .status(let url, let code):
      """
      \(url): expected the file, found the HTTP status \(code)
      Hint: \(code >= 500 ? "try it later, or name a mirror" : "name a mirror").
      """
    case .wrongSize(let url, let expected, let found):
      """
      \(url): expected a file of \(expected) bytes, found \(found) or more
      Hint: it is another file; the size and the MD5 of a mirror's own archive can be given.
      """
    case .wrongChecksum(let url, let expected, let found):
      """
      \(url): expected the MD5 \(expected), found \(found)
      Hint: what was fetched is removed; the same command once more fetches all of it.
      """
    case .cannotCreate(let path, let reason):
      """
      cannot create \(path): \(reason)
      Hint: name a folder that you may write.
      """
    case .cannotWrite(let path, let reason):
      """
      cannot write \(path): \(reason)
      Hint: check permissions and free space; the same command once more goes on where it ended.
      """
    case .exists(let path, let reason):
      """
      \(path) exists already, and is not complete: \(reason)
      Hint: remove it, or name another folder.
      """
    case .noGzip(let reason):
      """
      cannot start gzip: \(reason)
      Hint: install it; the same command once more unpacks what is there.
      """
    case .cannotUnpack(let archive, let reason):
      """
      cannot unpack \(archive): \(reason)
      Hint: check free space, and the archive; the same command once more unpacks what is there.
      """
    case .wrongContent(let error): error.message
    }
  }
}
