import Foundation

/// A file that comes into being whole, or not at all, whatever stops the process or the machine.
///
/// It is written under another name, forced to the disk, and only then gets its own name. Without `commit`
/// nothing remains of it.
final class NewFile {
  private let path: String
  private let descriptor: Int32
  private var isCommitted = false

  private var temporary: String { "\(path).partial" }

  /// Begins the file; what is left of an earlier attempt is overwritten.
  init(_ path: String) throws(SystemError) {
    self.path = path
    descriptor = open("\(path).partial", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw SystemError.last }
  }

  deinit {
    guard descriptor >= 0 else { return }
    close(descriptor)
    if !isCommitted { unlink(temporary) }
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

/// Why the system refused something.
public struct SystemError: Error, Equatable, CustomStringConvertible {
  /// The error number.
  public let code: Int32

  /// Creates the error of a number.
  public init(code: Int32) { self.code = code }

  /// The error of the system call that just failed.
  static var last: SystemError { SystemError(code: errno) }

  /// Whether this place cannot be written at all, now or later.
  public var isRefusal: Bool { [EACCES, EPERM, EROFS].contains(code) }

  /// In the words of the system.
  public var description: String { String(cString: strerror(code)) }
}
