import Files
import Foundation
import Messages
import SystemErrors

/// A folder for pictures and the like, which may exist; files of the same name are replaced.
public struct PictureFolder: Sendable {
  /// The path of the folder.
  public let path: String

  /// Creates the folder, with those above it, if it does not exist.
  public init(_ path: String) throws(PictureFolderError) {
    do { try createFolder(path) } catch { throw .cannotCreate(path, reason: "\(error)") }
    self.path = path
  }

  /// Writes a file whole, and returns its path.
  @discardableResult
  public func write(_ text: String, to name: String) throws(PictureFolderError) -> String {
    let file = "\(path)/\(name)"
    do { try NewFile.write(Array(text.utf8), to: file) } catch {
      throw .cannotWrite(file, reason: "\(error)")
    }
    return file
  }
}

/// Why pictures cannot be written.
public enum PictureFolderError: UserError, Equatable {
  /// The system refuses to create the folder.
  case cannotCreate(String, reason: String)
  /// The system refuses to write a file.
  case cannotWrite(String, reason: String)

  /// The code with which a program ends that reports it.
  public var exitCode: ExitCode {
    switch self {
    case .cannotCreate: .cannotCreate
    case .cannotWrite: .inputOutput
    }
  }

  /// The message for the user, with a hint on the last line.
  public var message: Message {
    switch self {
    case .cannotCreate(let path, let reason):
      """
      cannot create the folder \(path): \(reason)
      Hint: name a folder that you may write.
      """
    case .cannotWrite(let file, let reason):
      """
      cannot write \(file): \(reason)
      Hint: check permissions and free space.
      """
    }
  }
}
