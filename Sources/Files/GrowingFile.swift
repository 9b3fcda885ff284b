import Foundation
import SystemErrors

/// A file of the program that grows at its end, over several processes: a regular one, and no link.
package final class GrowingFile: Sendable {
  private let descriptor: Int32

  /// Opens the file, or creates it.
  package init(_ path: String) throws(FileError) {
    descriptor = try openedRegular(path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW).descriptor
  }

  deinit { close(descriptor) }

  /// How many bytes it has.
  package var count: Int {
    var info = stat()
    return fstat(descriptor, &info) == 0 ? Int(info.st_size) : 0
  }

  /// Cuts off what is behind so many bytes.
  package func truncate(to count: Int) throws(SystemError) {
    try completed { ftruncate(descriptor, off_t(count)) }
  }

  /// Appends bytes; if not all can be written, some may be.
  package func append(_ bytes: [UInt8]) throws(SystemError) {
    try writeAll(bytes, to: descriptor)
  }

  /// Appends bytes and forces them to the disk: all, or none.
  package func appendWhole(_ bytes: [UInt8]) throws(SystemError) {
    let start = count
    do throws(SystemError) {
      try append(bytes)
      try synchronize(descriptor)
    } catch {
      try? truncate(to: start)
      throw error
    }
  }
}
