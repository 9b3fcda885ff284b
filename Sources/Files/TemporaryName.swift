import Foundation

/// Names of files and folders that are not whole yet, beside those that they are going to replace.
enum TemporaryName {
  private static let (start, end) = (".toponas-", ".partial")

  /// A name in a folder that nothing has.
  static func make(in folder: String) -> String {
    "\(folder)/\(start)\(getpid())-\(UInt32.random(in: 0 ... .max))\(end)"
  }

  /// Removes what processes that were killed have left in a folder.
  static func removeLeftovers(in folder: String) {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
      guard name.hasPrefix(start), name.hasSuffix(end),
        let process = Int32(name.dropFirst(start.count).prefix { $0 != "-" }), process > 0
      else { continue }
      let path = "\(folder)/\(name)"
      // One that works on another machine, or in a container, has the lock.
      if kill(process, 0) != 0, errno == ESRCH, !isLocked(path) {
        try? FileManager.default.removeItem(atPath: path)
      }
    }
  }

  private static func isLocked(_ path: String) -> Bool {
    let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return flock(descriptor, LOCK_SH | LOCK_NB) != 0
  }
}
