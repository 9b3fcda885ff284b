import Foundation
import SystemErrors
import Tensors

/// Named tensors in a file that shows when a single bit of it is wrong.
///
///     offset  bytes
///          0      8  89 54 4F 50 4F 0D 0A 1A: "TOPO" among bytes that a transfer as text would change
///          8      4  the version of the format
///         12      4  bytes a scalar: 4 or 8
///         16      8  the length of the whole file
///         24    ...  the tensors in the safetensors format, with all bits of their scalars
///     at the end  4  the CRC-32 of all bytes before
///
/// All numbers are little-endian. First and last, length and check, stay where they are in every version.
public enum CheckpointFile {
  /// The version that is written, and the only one that is read.
  public static let version: UInt32 = 1
  static let signature: [UInt8] = [0x89, 0x54, 0x4F, 0x50, 0x4F, 0x0D, 0x0A, 0x1A]
  static let headerBytes = 24
  static let checkBytes = 4
  private static let scalarBytes = UInt32(MemoryLayout<Scalar>.size)

  /// Writes a file whole and for good; one of that name gets the name `previous` if there is such a name.
  public static func write(
    _ tensors: SafeTensors, to path: String, keeping previous: String? = nil
  ) throws(CheckpointFileError) {
    do {
      let file = try NewFile(path)
      try encode(tensors) { try file.write($0) }
      try file.commit(keeping: previous)
    } catch {
      throw CheckpointFileError(path, .cannotWrite((error as? SystemError) ?? SystemError(code: 0)))
    }
  }

  /// Hands over the bytes of a file one piece after the other.
  static func encode(
    _ tensors: SafeTensors, into sink: (UnsafeRawBufferPointer) throws -> Void
  ) rethrows {
    var check = CRC32()
    func put(_ bytes: UnsafeRawBufferPointer) throws {
      check.update(bytes)
      try sink(bytes)
    }
    let count = headerBytes + tensors.encodedCount(.native) + checkBytes
    try signature.withUnsafeBytes(put)
    try withUnsafeBytes(of: version.littleEndian, put)
    try withUnsafeBytes(of: scalarBytes.littleEndian, put)
    try withUnsafeBytes(of: UInt64(count).littleEndian, put)
    try tensors.encode(.native, into: put)
    try withUnsafeBytes(of: check.value.littleEndian, sink)
  }

  /// Reads a file.
  public static func read(_ path: String) throws(CheckpointFileError) -> SafeTensors {
    let data: Data
    // Mapped, so that a file of any size costs memory only for what is read.
    do { data = try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe) } catch {
      let isMissing = !FileManager.default.fileExists(atPath: path)
      throw CheckpointFileError(
        path, isMissing ? .missing : .unreadable(reason: error.reason))
    }
    do throws(CheckpointFileError.Problem) { return try decode(data) } catch {
      throw CheckpointFileError(path, error)
    }
  }

  /// Reads the bytes of a file: first whether they are sound, then what they mean.
  static func decode(_ data: Data) throws(CheckpointFileError.Problem) -> SafeTensors {
    guard data.prefix(8).elementsEqual(signature.prefix(data.count)), !data.isEmpty else {
      throw .notACheckpoint(found: Array(data.prefix(8)))
    }
    let least = headerBytes + checkBytes
    guard data.count >= least else { throw .length(expected: UInt64(least), found: data.count) }
    let length = number(in: data, at: 16, UInt64.self)
    guard length == UInt64(data.count) else { throw .length(expected: length, found: data.count) }
    let end = data.count - checkBytes
    var check = CRC32()
    data.withUnsafeBytes { check.update(UnsafeRawBufferPointer(rebasing: $0[..<end])) }
    let noted = number(in: data, at: end, UInt32.self)
    guard check.value == noted else { throw .check(expected: noted, found: check.value) }
    let version = number(in: data, at: 8, UInt32.self)
    guard version == Self.version else { throw .version(expected: Self.version, found: version) }
    let bytes = number(in: data, at: 12, UInt32.self)
    guard bytes == scalarBytes else { throw .precision(expected: scalarBytes, found: bytes) }
    let start = data.startIndex
    do throws(SafeTensorsError) {
      return try SafeTensors(decoding: data[start + headerBytes..<start + end], from: "")
    } catch { throw .tensors(error.problem) }
  }

  private static func number<Number: FixedWidthInteger & BitwiseCopyable>(
    in data: Data, at offset: Int, _: Number.Type
  ) -> Number {
    data.withUnsafeBytes {
      Number(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Number.self))
    }
  }
}
