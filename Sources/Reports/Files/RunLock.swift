import Files
import Foundation

/// The right of one process to write into a run folder.
///
/// The system takes it back when the process ends, in whatever way.
public final class RunLock: Sendable {
  private static let name = ".lock"
  private let descriptor: Int32

  /// Takes the lock of `folder`, which no other process may have.
  public init(_ folder: RunFolder) throws(RunFolderError) {
    let file = "\(folder.path)/\(Self.name)"
    do { descriptor = try openedRegular(file, O_RDWR | O_CREAT | O_NOFOLLOW).descriptor } catch {
      throw .cannotLock(folder.path, reason: "\(error)")
    }
    var attempts = 1
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      let error = errno
      guard error == EWOULDBLOCK || error == EINTR else {
        throw .cannotLock(folder.path, reason: String(cString: strerror(error)))
      }
      // `isHeld` takes the lock for a moment: who only looks must not keep a search from starting.
      guard attempts < 4 else { throw .inUse(folder.path) }
      attempts += 1
      usleep(50_000)
    }
  }

  deinit {
    // A child that is just being started has the file open for a moment.
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }

  /// Whether a process, this one included, has the lock of `folder` now.
  public static func isHeld(_ folder: RunFolder) -> Bool {
    let file = "\(folder.path)/\(name)"
    guard let descriptor = try? openedRegular(file, O_RDONLY | O_NOFOLLOW).descriptor else {
      return false
    }
    defer { close(descriptor) }
    return flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
  }
}
