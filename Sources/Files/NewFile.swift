import Foundation
import SystemErrors

/// A file that comes into being whole, or not at all, whatever stops the process or the machine.
///
/// It is written under another name, forced to the disk, and only then gets its own name. Without `commit`
/// nothing remains of it.
package final class NewFile {
  /// What may have the name already, and what becomes of it.
  package enum Place {
    /// A name in a folder of the program: what has it is replaced, and no link is followed.
    case own
    /// A name that the user gave: what has it is replaced, where a link is that to which it leads. Only a device or
    /// a pipe is written as it stands: a file in its place would break it.
    case named
    /// A name that nothing may have.
    case free
  }

  /// Small pieces are written together.
  private static let bufferBytes = 1 << 20

  private let path: String
  private let place: Place
  /// Its name until it is whole; nil if it is a device or a pipe.
  private let temporary: String?
  /// Negative when it is closed.
  private var descriptor: Int32
  private var buffer: [UInt8] = []
  private var isCommitted = false

  /// Begins the file.
  package init(_ path: String, _ place: Place = .own) throws(SystemError) {
    self.place = place
    self.path = place == .named ? realPath(path) ?? path : path
    if place == .named, Self.isStream(path) {
      temporary = nil
      descriptor = try completed { open(path, O_WRONLY | O_CLOEXEC) }
      return
    }
    let old = status(self.path, followingLinks: false)
    if let old, old.isFolder { throw SystemError(code: EISDIR) }
    if place == .free, old != nil { throw SystemError(code: EEXIST) }
    let folder = PathParts(self.path).folder
    TemporaryName.removeLeftovers(in: folder)
    let temporary = TemporaryName.make(in: folder)
    descriptor = try completed {
      open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o644)
    }
    self.temporary = temporary
    // Nobody may take it for one that is left over.
    _ = flock(descriptor, LOCK_EX | LOCK_NB)
    if let old, old.isRegular { _ = fchmod(descriptor, old.st_mode & 0o777) }
  }

  /// Writes a file whole.
  package static func write(
    _ bytes: some ContiguousBytes, to path: String, _ place: Place = .own
  ) throws(SystemError) {
    let file = try NewFile(path, place)
    try bytes.withUnsafeBytes { bytes in
      Result { () throws(SystemError) in try file.write(bytes) }
    }.get()
    try file.commit()
  }

  private static func isStream(_ path: String) -> Bool {
    status(path, followingLinks: true).map { !$0.isRegular && !$0.isFolder } ?? false
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
    if !isCommitted, let temporary { unlink(temporary) }
  }

  /// Appends bytes.
  package func write(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
    if buffer.count + bytes.count > Self.bufferBytes { try flush() }
    if bytes.count > Self.bufferBytes { return try writeAll(bytes, to: descriptor) }
    buffer += bytes
  }

  private func flush() throws(SystemError) {
    try writeAll(buffer, to: descriptor)
    buffer = []
  }

  /// Gives the file its name; a file that has it now gets the name `previous`, if there is one, or goes.
  package func commit(keeping previous: String? = nil) throws(SystemError) {
    try flush()
    if temporary != nil { try synchronize(descriptor) }
    // Also where it fails, the descriptor is free for other files.
    let closing = descriptor
    descriptor = -1
    try closeFile(closing)
    guard let temporary else { return }
    let isKept = try previous.map { name throws(SystemError) in try keep(as: name) } ?? false
    do throws(SystemError) {
      try place == .free ? takeFreeName(temporary) : replace(temporary)
    } catch {
      // What was there is there again.
      if isKept, let previous { rename(previous, path) }
      throw error
    }
    isCommitted = true
    try synchronizeFolder()
  }

  /// Gives the file that is there another name; whether there is one.
  private func keep(as previous: String) throws(SystemError) -> Bool {
    do throws(SystemError) { try completed { rename(path, previous) } } catch {
      guard error.code == ENOENT else { throw error }
      return false
    }
    return true
  }

  private func replace(_ temporary: String) throws(SystemError) {
    try completed { rename(temporary, path) }
  }

  /// A new link to the file, which the system refuses where the name is taken.
  private func takeFreeName(_ temporary: String) throws(SystemError) {
    do throws(SystemError) {
      try completed { link(temporary, path) }
      unlink(temporary)
    } catch {
      guard error.code != EEXIST, !exists(path) else { throw SystemError(code: EEXIST) }
      // A disk without links.
      try replace(temporary)
    }
  }

  /// Forces the new names to the disk, where the system can do that.
  private func synchronizeFolder() throws(SystemError) {
    let folder = open(PathParts(path).folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { return }
    defer { close(folder) }
    do { try synchronize(folder) } catch {
      if error.code == EIO { throw error }
    }
  }
}
