import Foundation
import SystemErrors

/// A file that can be read to its end: no folder, and no pipe or device, which might never end.
enum RegularFile {
  /// The bytes of a file, which may be a link; more than `limit` are not read.
  static func read(_ path: String, limit: Int = .max) throws(DatasetError) -> Data {
    var info = stat()
    guard stat(path, &info) == 0 else {
      throw .unreadable(file: path, reason: String(cString: strerror(errno)))
    }
    guard info.st_mode & S_IFMT == S_IFREG else {
      throw .unreadable(file: path, reason: "it is no regular file")
    }
    guard info.st_size <= limit else {
      throw .tooLarge(file: path, limit: limit, found: Int(info.st_size))
    }
    do { return try Data(contentsOf: URL(fileURLWithPath: path)) } catch {
      throw .unreadable(file: path, reason: error.reason)
    }
  }

  /// Whether there is a regular file, or a link to one.
  static func exists(_ path: String) -> Bool {
    var info = stat()
    return stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFREG
  }

  /// Whether there is a folder, or a link to one.
  static func isFolder(_ path: String) -> Bool {
    var info = stat()
    return stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFDIR
  }
}
