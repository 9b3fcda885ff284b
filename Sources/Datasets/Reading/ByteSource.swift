import Files
import Foundation

/// Bytes that are read piece by piece, so that no more of a file is in memory than is wanted.
struct ByteSource: Sendable {
  /// The file, for messages.
  let name: String
  private let bytes: FileBytes

  /// Opens a regular file, or one to which a link leads.
  init(file path: String) throws(DatasetError) {
    name = path
    do { bytes = try FileBytes(InputFile(regular: path), limit: .max) } catch {
      throw .unreadable(file: path, reason: "\(error)")
    }
  }

  /// Opens a file that the user named; of a pipe all bytes are read at once, and `limit` at most.
  init(named path: String, limit: Int) throws(DatasetError) {
    name = path
    do { bytes = try FileBytes(InputFile(named: path), limit: limit) } catch {
      throw .unreadable(file: path, reason: "\(error)")
    }
  }

  /// Takes bytes that are in memory; the name is only for messages.
  init(_ bytes: [UInt8], name: String) { (self.name, self.bytes) = (name, FileBytes(Data(bytes))) }

  /// How many bytes there are.
  var count: Int { bytes.count }

  /// The bytes at some places.
  func bytes(_ places: Range<Int>) throws(DatasetError) -> [UInt8] {
    let found: Data
    do { found = try bytes[places].read() } catch {
      throw .unreadable(file: name, reason: "\(error)")
    }
    guard found.count == places.count else {
      throw .unreadable(file: name, reason: "it became shorter while it was read")
    }
    return [UInt8](found)
  }

  /// As many of the first bytes as there are, and no more than `limit`.
  func prefix(_ limit: Int) throws(DatasetError) -> [UInt8] { try bytes(0..<min(limit, count)) }
}
