import Foundation
import SystemErrors

/// A file that comes into being whole, or not at all, whatever stops the process or the machine.
///
/// It is written under another name, forced to the disk, and only then gets its own name. Without `commit`
/// nothing remains of it. Only a device or a pipe is written as it stands: a file in its place would break it.
package final class NewFile {
  private let path: String
  /// Its name until it is whole; nil if it is a device or a pipe.
  private let temporary: String?
  private let descriptor: Int32
  private var isCommitted = false

  /// Begins the file; what is left of an earlier attempt is overwritten.
  init(_ path: String) throws(SystemError) {
    self.path = path
    temporary = Self.isStream(path) ? nil : "\(path).partial"
    let mode = temporary == nil ? 0 : O_CREAT | O_TRUNC
    descriptor = open(temporary ?? path, O_WRONLY | O_CLOEXEC | mode, 0o644)
    guard descriptor >= 0 else { throw SystemError.last }
  }

  /// Writes a file whole; where a link is, that to which it leads.
  package static func write(_ data: Data, to path: String) throws(SystemError) {
    let target = realpath(path, nil)
    defer { free(target) }
    let file = try NewFile(target.map { String(cString: $0) } ?? path)
    do { try data.withUnsafeBytes { try file.write($0) } } catch {
      throw (error as? SystemError) ?? SystemError(code: EIO)
    }
    try file.commit(keeping: nil)
  }

  private static func isStream(_ path: String) -> Bool {
    var info = stat()
    return stat(path, &info) == 0 && ![S_IFREG, S_IFDIR].contains(info.st_mode & S_IFMT)
  }

  deinit {
    guard descriptor >= 0 else { return }
    close(descriptor)
    if !isCommitted, let temporary { unlink(temporary) }
  }

  /// Appends bytes.
  func write(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
    var rest = bytes
    while let base = rest.baseAddress, !rest.isEmpty {
      #if canImport(Darwin)
        let count = Darwin.write(descriptor, base, rest.count)
      #else
        let count = Glibc.write(descriptor, base, rest.count)
      #endif
      if count >= 0 {
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
      } else if errno != EINTR {
        throw SystemError.last
      }
    }
  }

  /// Gives the file its name; a file that has it now gets the name `previous`, if there is one, or goes.
  func commit(keeping previous: String?) throws(SystemError) {
    guard let temporary else { return }
    guard synchronize(descriptor) == 0 else { throw SystemError.last }
    if let previous, rename(path, previous) != 0, errno != ENOENT { throw SystemError.last }
    guard rename(temporary, path) == 0 else { throw SystemError.last }
    isCommitted = true
    synchronizeFolder()
  }

  /// Forces the new names to the disk, where the system can do that.
  private func synchronizeFolder() {
    let folder = open((path as NSString).deletingLastPathComponent, O_RDONLY | O_CLOEXEC)
    guard folder >= 0 else { return }
    _ = synchronize(folder)
    close(folder)
  }

  private func synchronize(_ descriptor: Int32) -> Int32 {
    #if canImport(Darwin)
      // fsync stops at the cache of the drive there.
      if fcntl(descriptor, F_FULLFSYNC) == 0 { return 0 }
    #endif
    return fsync(descriptor)
  }
}
