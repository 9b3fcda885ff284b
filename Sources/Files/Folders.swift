import Foundation
import SystemErrors

/// Creates a folder, with those above it, if it is not there.
package func createFolder(_ path: String) throws(SystemError) {
  do { try createNewFolder(path) } catch {
    guard error.code == EEXIST, isFolder(path) else { throw error }
  }
}

/// Creates a folder, with those above it; throws if anything has its name.
package func createNewFolder(_ path: String) throws(SystemError) {
  do throws(SystemError) { try completed { mkdir(path, 0o777) } } catch {
    let parent = PathParts(path).folder
    guard error.code == ENOENT, !path.isEmpty, parent != path else { throw error }
    try createFolder(parent)
    try completed { mkdir(path, 0o777) }
  }
}

/// Removes a file, or the link that has this name, if there is one.
package func removeFile(_ path: String) throws(SystemError) {
  do throws(SystemError) { try completed { unlink(path) } } catch {
    guard error.code == ENOENT else { throw error }
  }
}

/// Writes a file that is not there yet, in a folder that no one else knows; it is not forced to the disk.
package func writeNewFile(_ bytes: [UInt8], to path: String) throws(FileError) {
  let file = try openedRegular(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW).descriptor
  do throws(SystemError) { try writeAll(bytes, to: file) } catch {
    close(file)
    throw .system(error)
  }
  // A disk that is far away may tell only now that it is full.
  do { try closeFile(file) } catch { throw .system(error) }
}

/// A folder that comes into being with all that is to be in it, or not at all.
package final class NewFolder {
  /// The path of the folder until it is complete.
  package let temporary: String
  private let path: String
  private let descriptor: Int32

  /// Begins the folder.
  package init(_ path: String) throws(SystemError) {
    self.path = path
    let parent = PathParts(path).folder
    TemporaryName.removeLeftovers(in: parent)
    temporary = TemporaryName.make(in: parent)
    try createNewFolder(temporary)
    descriptor = open(temporary, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    // Nobody may take it for one that is left over.
    _ = flock(descriptor, LOCK_EX | LOCK_NB)
  }

  deinit {
    close(descriptor)
    try? FileManager.default.removeItem(atPath: temporary)
  }

  /// Gives the folder its name.
  package func commit() throws(SystemError) { try completed { rename(temporary, path) } }
}
