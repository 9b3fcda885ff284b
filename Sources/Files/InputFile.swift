import Foundation
import SystemErrors

/// A file that is open for reading.
///
/// Of none more is read than its reader wants, whatever the system says of its size.
package final class InputFile: Sendable {
  /// The most bytes of a text, such as a configuration or a genotype.
  package static let textLimit = 1 << 24

  private let descriptor: Int32
  /// How many bytes it has; nil for a pipe or a device, which can only be read from its start to its end.
  package let count: Int?

  /// Opens a file that the user named: a pipe or a device is one too, and is waited for.
  package init(named path: String) throws(FileError) {
    do throws(SystemError) {
      let (descriptor, info) = try opened(path, O_RDONLY)
      (self.descriptor, count) = (descriptor, info.isRegular ? Int(info.st_size) : nil)
    } catch { throw .system(error) }
  }

  /// Opens a regular file, or one to which a link leads.
  package init(regular path: String) throws(FileError) {
    let (descriptor, info) = try openedRegular(path, O_RDONLY)
    (self.descriptor, count) = (descriptor, Int(info.st_size))
  }

  /// Opens a file in a folder of the program: a regular one, and no link.
  package init(own path: String) throws(FileError) {
    let (descriptor, info) = try openedRegular(path, O_RDONLY | O_NOFOLLOW)
    (self.descriptor, count) = (descriptor, Int(info.st_size))
  }

  /// Reads from a pipe that is open; a copy of the descriptor, for its owner closes it.
  package init(pipe descriptor: Int32) {
    self.descriptor = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
    count = nil
  }

  deinit { close(descriptor) }

  /// All bytes from here on, which may not be more than `limit`.
  package func bytes(limit: Int) throws(FileError) -> Data {
    guard count ?? 0 <= limit else { throw .tooLarge(limit: limit) }
    var data = Data()
    data.reserveCapacity(count ?? 0)
    while data.count <= limit {
      let piece = try next(1 << 18)
      if piece.isEmpty { return data }
      data += piece
    }
    throw .tooLarge(limit: limit)
  }

  /// As many bytes from here on, or those up to the end.
  package func next(_ count: Int) throws(FileError) -> Data {
    try filled(count) { bytes, _ in read(descriptor, bytes.baseAddress, bytes.count) }
  }

  /// As many bytes at a place, or those up to the end.
  package func bytes(at offset: Int, count: Int) throws(FileError) -> Data {
    try filled(count) { bytes, done in
      pread(descriptor, bytes.baseAddress, bytes.count, off_t(offset + done))
    }
  }

  /// The whole as text: in UTF-8, or in UTF-16 with the mark in front that tells the order of its bytes.
  package func text(limit: Int = textLimit) throws(FileError) -> String {
    let bytes = try bytes(limit: limit)
    let text =
      switch (bytes.first, bytes.dropFirst().first) {
      case (0xFF, 0xFE): Self.text(utf16: bytes.dropFirst(2)) { UInt16($1) << 8 | UInt16($0) }
      case (0xFE, 0xFF): Self.text(utf16: bytes.dropFirst(2)) { UInt16($0) << 8 | UInt16($1) }
      default:
        // Some editors put a mark in front here too.
        String(
          validating: bytes.dropFirst(bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0),
          as: UTF8.self)
      }
    guard let text else { throw .notText }
    return text
  }

  /// The text of units of two bytes, which `unit` puts together; nil if it is none.
  private static func text(utf16 bytes: Data, _ unit: (UInt8, UInt8) -> UInt16) -> String? {
    guard bytes.count.isMultiple(of: 2) else { return nil }
    let units = stride(from: bytes.startIndex, to: bytes.endIndex, by: 2).map {
      unit(bytes[$0], bytes[$0 + 1])
    }
    return String(validating: units, as: UTF16.self)
  }

  /// The text of a file in a folder of the program; nil if nothing has its name.
  package static func text(own path: String, limit: Int) throws(FileError) -> String? {
    do { return try InputFile(own: path).text(limit: limit) } catch {
      guard error.isMissing else { throw error }
      return nil
    }
  }

  /// So many bytes, for which the system is called until it has no more; it hears how many there are already.
  private func filled(
    _ count: Int, _ call: (UnsafeMutableRawBufferPointer, Int) -> Int
  ) throws(FileError) -> Data {
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: max(count, 1), alignment: 16)
    var done = 0
    do throws(SystemError) {
      while done < count {
        let rest = UnsafeMutableRawBufferPointer(rebasing: bytes[done..<count])
        let got = try completed { call(rest, done) }
        if got == 0 { break }
        done += got
      }
    } catch {
      bytes.deallocate()
      throw .system(error)
    }
    guard let start = bytes.baseAddress else { return Data() }
    return Data(
      bytesNoCopy: start, count: done, deallocator: .custom { pointer, _ in pointer.deallocate() })
  }
}
