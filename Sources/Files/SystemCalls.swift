import Foundation
import SystemErrors

/// Calls the system again as long as a signal interrupts it.
@discardableResult
package func completed<Answer: SignedInteger>(_ call: () -> Answer) throws(SystemError) -> Answer {
  while true {
    let answer = call()
    if answer >= 0 { return answer }
    guard errno == EINTR else { throw .last }
  }
}

/// Writes all bytes, however few of them the system takes at a time.
package func writeAll(
  _ bytes: UnsafeRawBufferPointer, to descriptor: Int32
) throws(SystemError) {
  var rest = bytes
  while let base = rest.baseAddress, !rest.isEmpty {
    do throws(SystemError) {
      let count = try completed { write(descriptor, base, rest.count) }
      guard count > 0 else { throw SystemError(code: EIO) }
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
    } catch {
      guard error.code == EAGAIN else { throw error }
      // Who shares the stream has asked that no call should wait.
      var stream = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      try completed { poll(&stream, 1, -1) }
    }
  }
}

/// Writes all bytes of an array.
package func writeAll(_ bytes: [UInt8], to descriptor: Int32) throws(SystemError) {
  try bytes.withUnsafeBytes { bytes in
    Result { () throws(SystemError) in try writeAll(bytes, to: descriptor) }
  }.get()
}

/// Opens a file that is no folder, and asks what it is.
func opened(_ path: String, _ mode: Int32) throws(SystemError) -> (descriptor: Int32, info: stat) {
  let descriptor = try completed { open(path, mode | O_CLOEXEC, 0o644) }
  var info = stat()
  do throws(SystemError) {
    try completed { fstat(descriptor, &info) }
    if info.isFolder { throw SystemError(code: EISDIR) }
  } catch {
    close(descriptor)
    throw error
  }
  return (descriptor, info)
}

/// Opens a regular file, and waits for nothing, whatever has this name.
func openedRegular(
  _ path: String, _ mode: Int32
) throws(FileError) -> (descriptor: Int32, info: stat) {
  do throws(SystemError) {
    let file = try opened(path, mode | O_NONBLOCK)
    if file.info.isRegular { return file }
    close(file.descriptor)
  } catch {
    // A pipe without a reader, or a socket, is not even opened.
    guard error.code == ENXIO else {
      throw error.code == ELOOP && mode & O_NOFOLLOW != 0 ? .link : .system(error)
    }
  }
  throw .notRegular
}

/// Closes a file; an interrupt closes it too.
func closeFile(_ descriptor: Int32) throws(SystemError) {
  guard close(descriptor) == 0 || errno == EINTR else { throw .last }
}

/// Forces a file to the disk.
func synchronize(_ descriptor: Int32) throws(SystemError) {
  #if canImport(Darwin)
    // fsync stops at the cache of the drive there.
    if fcntl(descriptor, F_FULLFSYNC) == 0 { return }
  #endif
  try completed { fsync(descriptor) }
}

/// What the system knows of a file, or of the link that has this name; nil if there is none.
func status(_ path: String, followingLinks: Bool) -> stat? {
  var info = stat()
  return (followingLinks ? stat(path, &info) : lstat(path, &info)) == 0 ? info : nil
}

extension stat {
  /// Whether it is a file with bytes of its own: no folder, link, pipe or device.
  var isRegular: Bool { st_mode & S_IFMT == S_IFREG }
  /// Whether it is a folder.
  var isFolder: Bool { st_mode & S_IFMT == S_IFDIR }
}

/// Whether anything has this name, be it a link that leads nowhere.
package func exists(_ path: String) -> Bool { status(path, followingLinks: false) != nil }

/// Whether there is a regular file, or a link to one.
package func isRegularFile(_ path: String) -> Bool {
  status(path, followingLinks: true)?.isRegular ?? false
}

/// Whether there is a folder, or a link to one.
package func isFolder(_ path: String) -> Bool {
  status(path, followingLinks: true)?.isFolder ?? false
}

/// The path from the root, without links and points; nil if nothing is there.
package func realPath(_ path: String) -> String? {
  guard let real = realpath(path, nil) else { return nil }
  defer { free(real) }
  return String(cString: real)
}
