import Files
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

  /// Writes a file atomically and durably; an older file is renamed to `previous`, or replaced if that is nil.
  ///
  /// Only if `isWanted` is still true when all is written does the file get its name: that may take a while.
  public static func write(
    _ tensors: SafeTensors, to path: String, keeping previous: String? = nil,
    if isWanted: () -> Bool = { true }
  ) throws(CheckpointFileError) {
    do {
      let file = try NewFile(path)
      try encode(tensors) { try file.write($0) }
      guard isWanted() else { throw SystemError(code: ECANCELED) }
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

  /// Reads a file, which must be a regular one and no link.
  ///
  /// Memory is taken for its tensors alone, after its length and its check have shown that it is sound.
  public static func read(_ path: String) throws(CheckpointFileError) -> SafeTensors {
    let bytes: FileBytes
    do { bytes = try FileBytes(InputFile(own: path), limit: 0) } catch {
      throw CheckpointFileError(path, error.isMissing ? .missing : .unreadable(reason: "\(error)"))
    }
    do throws(CheckpointFileError.Problem) { return try decode(bytes) } catch {
      throw CheckpointFileError(path, error)
    }
  }

  /// Reads the bytes of a file in memory.
  static func decode(_ data: Data) throws(CheckpointFileError.Problem) -> SafeTensors {
    try decode(FileBytes(data))
  }

  /// Reads the bytes of a file: first whether they are sound, then what they mean.
  private static func decode(
    _ bytes: FileBytes
  ) throws(CheckpointFileError.Problem) -> SafeTensors {
    let least = headerBytes + checkBytes
    let header = try part(of: bytes, 0..<min(bytes.count, headerBytes))
    guard header.prefix(8).elementsEqual(signature.prefix(header.count)), !header.isEmpty else {
      throw .notACheckpoint(found: Array(header.prefix(8)))
    }
    guard bytes.count >= least else { throw .length(expected: UInt64(least), found: bytes.count) }
    let length = number(in: header, at: 16, UInt64.self)
    guard length == UInt64(bytes.count) else { throw .length(expected: length, found: bytes.count) }
    let limit = Int(clamping: ProcessInfo.processInfo.physicalMemory)
    guard bytes.count <= limit else {
      throw .unreadable(reason: "\(FileError.tooLarge(limit: limit))")
    }
    let end = bytes.count - checkBytes
    let noted = number(in: try part(of: bytes, end..<bytes.count), at: 0, UInt32.self)
    let found = try check(of: bytes[0..<end])
    guard found == noted else { throw .check(expected: noted, found: found) }
    let version = number(in: header, at: 8, UInt32.self)
    guard version == Self.version else { throw .version(expected: Self.version, found: version) }
    let width = number(in: header, at: 12, UInt32.self)
    guard width == scalarBytes else { throw .precision(expected: scalarBytes, found: width) }
    do throws(SafeTensorsError.Problem) {
      return try SafeTensors(decoding: bytes[headerBytes..<end])
    } catch { throw .tensors(error) }
  }

  /// The CRC-32, of which a piece at a time is in memory.
  private static func check(of bytes: FileBytes) throws(CheckpointFileError.Problem) -> UInt32 {
    let pieceBytes = 1 << 20
    var check = CRC32()
    for start in stride(from: 0, to: bytes.count, by: pieceBytes) {
      let piece = try part(of: bytes, start..<min(start + pieceBytes, bytes.count))
      piece.withUnsafeBytes { check.update($0) }
    }
    return check.value
  }

  private static func part(
    of bytes: FileBytes, _ range: Range<Int>
  ) throws(CheckpointFileError.Problem) -> Data {
    let data: Data
    do { data = try bytes[range].read() } catch { throw .unreadable(reason: "\(error)") }
    guard data.count == range.count else {
      throw .length(expected: UInt64(bytes.count), found: range.lowerBound + data.count)
    }
    return data
  }

  private static func number<Number: FixedWidthInteger & BitwiseCopyable>(
    in data: Data, at offset: Int, _: Number.Type
  ) -> Number {
    data.withUnsafeBytes {
      Number(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Number.self))
    }
  }
}
