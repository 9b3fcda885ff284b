import Files
import Foundation
import SystemErrors

/// The right of one process to write into a run folder.
///
/// The folder itself is locked, so that the right goes with it wherever it is moved, and the file `.lock` in it, for
/// file systems on which a folder cannot be locked. The system takes both back when the process ends, in whatever way.
final class RunLock: Sendable {
  private static let name = ".lock"
  private let directory: Int32
  private let file: Int32
  /// Whether this file system locks folders.
  private let locksFolder: Bool

  /// Takes the lock of `folder`, which no other process may have.
  init(_ folder: RunFolder) throws(RunFolderError) {
    let path = folder.path
    let (directory, file): (Int32, Int32)
    do throws(SystemError) {
      directory = try completed { open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
      file = try Self.openedFile(in: directory)
    } catch { throw .cannotLock(path, reason: "\(error)") }
    (self.directory, self.file) = (directory, file)
    let answer = Self.lock(directory)
    locksFolder = answer == 0
    guard answer != EWOULDBLOCK else { throw .inUse(path) }
    switch Self.lock(file) {
    case 0: break
    case EWOULDBLOCK: throw .inUse(path)
    case let error: throw .cannotLock(path, reason: String(cString: strerror(error)))
    }
    // Opened before, locked after another process has removed it.
    guard leads(from: path) else { throw .inUse(path) }
  }

  deinit {
    // A child that is just being started has the files open for a moment.
    for descriptor in [file, directory] {
      flock(descriptor, LOCK_UN)
      close(descriptor)
    }
  }

  /// Whether `path` leads to the folder that is locked, in which no other process can have a lock.
  func leads(from path: String) -> Bool {
    var (found, own) = (stat(), stat())
    guard stat(path, &found) == 0 else {
      // Whatever else blocks the path, such as permissions, is reported by the next write.
      return ![ENOENT, ENOTDIR, ELOOP].contains(errno)
    }
    guard fstat(directory, &own) == 0, found.isSame(as: own) else { return false }
    if locksFolder { return true }
    return fstatat(directory, Self.name, &found, AT_SYMLINK_NOFOLLOW) == 0
      && fstat(file, &own) == 0 && found.isSame(as: own)
  }

  /// Opens the file in a folder, which is closed if that fails.
  ///
  /// Relative to the folder that is locked: the path may lead elsewhere in the next moment.
  private static func openedFile(in folder: Int32) throws(SystemError) -> Int32 {
    do throws(SystemError) {
      return try completed {
        openat(folder, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0o644)
      }
    } catch {
      close(folder)
      throw error
    }
  }

  /// Locks a file; returns 0, or why not.
  private static func lock(_ descriptor: Int32) -> Int32 {
    for _ in 1...4 {
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return 0 }
      guard errno == EWOULDBLOCK || errno == EINTR else { return errno }
      // `isHeld` takes the lock for a moment: a caller that only looks must not keep a search from starting.
      usleep(50_000)
    }
    return EWOULDBLOCK
  }

  /// Whether a process, this one included, has the lock of `folder` now.
  static func isHeld(_ folder: RunFolder) -> Bool {
    isLocked(open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC))
      || isLocked(
        open("\(folder.path)/\(name)", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC))
  }

  private static func isLocked(_ descriptor: Int32) -> Bool {
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
  }
}

extension RunFolder {
  /// Whether a process, this one included, works on the run now.
  public var isInUse: Bool { RunLock.isHeld(self) }
}

extension stat {
  /// Whether both are the same file, whatever its names.
  fileprivate func isSame(as other: stat) -> Bool {
    st_dev == other.st_dev && st_ino == other.st_ino
  }
}
