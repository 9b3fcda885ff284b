import Files
import Foundation

/// A file that can be read to its end: no folder, and no device, which might never end.
enum RegularFile {
  /// The bytes of a file, which may be a link, or a pipe where the user may name one; more than `limit` are not read.
  static func read(
    _ path: String, limit: Int = .max, orPipe: Bool = false
  ) throws(DatasetError) -> Data {
    var size: Int?
    do throws(FileError) {
      let file = try orPipe ? InputFile(named: path) : InputFile(regular: path)
      size = file.count
      return try file.bytes(limit: limit)
    } catch {
      guard case .tooLarge = error else { throw .unreadable(file: path, reason: "\(error)") }
      throw .tooLarge(file: path, limit: limit, found: size ?? limit + 1)
    }
  }
}
