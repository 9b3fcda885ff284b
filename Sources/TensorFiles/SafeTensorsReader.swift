import Files
import Foundation
import Tensors

extension SafeTensors {
  /// The most bytes that are read of a pipe, 1 GiB; of a file only the tensors that are wanted are.
  public static let pipeLimit = 1 << 30

  /// Reads a file, or a pipe.
  public init(contentsOf file: String) throws(SafeTensorsError) {
    let bytes = try Self.bytes(of: file)
    do throws(SafeTensorsError.Problem) { try self.init(decoding: bytes) } catch {
      throw SafeTensorsError(file, error)
    }
  }

  static func bytes(of file: String) throws(SafeTensorsError) -> FileBytes {
    do { return try FileBytes(InputFile(named: file), limit: pipeLimit) } catch {
      throw SafeTensorsError(file, .unreadable(reason: "\(error)"))
    }
  }

  /// Reads the bytes of a file, whose name is for the messages.
  ///
  /// Strict: every byte after the header belongs to exactly one tensor, and every tensor has the bytes that its
  /// type and shape need. What is allocated never exceeds a small multiple of the bytes that are there.
  public init(decoding data: Data, from file: String) throws(SafeTensorsError) {
    do throws(SafeTensorsError.Problem) { try self.init(decoding: FileBytes(data)) } catch {
      throw SafeTensorsError(file, error)
    }
  }

  /// Reads the bytes of a file.
  init(decoding bytes: FileBytes) throws(SafeTensorsError.Problem) {
    let (header, body) = try Self.parts(of: bytes)
    self.init(metadata: header.metadata)
    let tensors = header.ordered
    for (name, tensor) in tensors { try tensor.check(name, bytes: body.count) }
    try Self.checkCover(tensors, bytes: body.count)
    for (name, tensor) in tensors { self[name] = try tensor.entry(name, body) }
  }

  /// The header, and the bytes after it.
  static func parts(
    of bytes: FileBytes
  ) throws(SafeTensorsError.Problem) -> (SafeTensorsHeader, FileBytes) {
    guard bytes.count >= 8 else { throw .truncated(expected: 8, found: bytes.count) }
    let length = try part(of: bytes, 0..<8).withUnsafeBytes {
      UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self))
    }
    guard length >= 2 && length <= headerLimit else { throw .headerLength(length) }
    let end = 8 + Int(length)
    guard bytes.count >= end else { throw .truncated(expected: end, found: bytes.count) }
    let text = try part(of: bytes, 8..<end)
    guard text.first == UInt8(ascii: "{") else { throw .header(reason: "it does not begin with {") }
    do {
      return (
        try JSONDecoder().decode(SafeTensorsHeader.self, from: text), bytes[end..<bytes.count]
      )
    } catch { throw .header(reason: reason(error)) }
  }

  /// Some of the bytes; throws if the file has become shorter.
  static func part(
    of bytes: FileBytes, _ range: Range<Int>
  ) throws(SafeTensorsError.Problem) -> Data {
    let data: Data
    do { data = try bytes[range].read() } catch { throw .unreadable(reason: "\(error)") }
    guard data.count == range.count else {
      throw .truncated(expected: range.upperBound, found: range.lowerBound + data.count)
    }
    return data
  }

  /// Checks that the tensors, in the order of their places, follow each other from the first byte to the last.
  static func checkCover(
    _ tensors: [(key: String, value: SafeTensorsHeader.Tensor)], bytes: Int
  ) throws(SafeTensorsError.Problem) {
    var end = 0
    for (name, tensor) in tensors {
      guard tensor.offsets[0] == end else {
        throw tensor.offsets[0] < end
          ? .overlap(tensor: name, from: tensor.offsets[0]) : .unused(from: end)
      }
      end = tensor.offsets[1]
    }
    guard end == bytes else { throw .unused(from: end) }
  }

  private static func reason(_ error: any Error) -> String {
    switch error as? DecodingError {
    case .dataCorrupted(let context), .keyNotFound(_, let context),
      .typeMismatch(_, let context), .valueNotFound(_, let context):
      let place = context.codingPath.map(\.stringValue).joined(separator: ".")
      return (place.isEmpty ? "" : "\(place): ") + context.debugDescription
    default: return "\(error)"
    }
  }
}

/// The header as JSON has it.
struct SafeTensorsHeader: Decodable {
  /// What the header says of one tensor.
  struct Tensor: Decodable {
    let type: String
    let extents: [Int]
    /// Where its bytes begin and end, counted from the end of the header.
    let offsets: [Int]

    enum CodingKeys: String, CodingKey {
      case type = "dtype"
      case extents = "shape"
      case offsets = "data_offsets"
    }
  }

  private struct Name: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  private(set) var metadata: [String: String] = [:]
  private(set) var tensors: [String: Tensor] = [:]

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Name.self)
    for name in container.allKeys {
      if name.stringValue == SafeTensors.metadataKey {
        metadata = try container.decode([String: String].self, forKey: name)
      } else {
        tensors[name.stringValue] = try container.decode(Tensor.self, forKey: name)
      }
    }
  }
}

extension SafeTensorsHeader {
  /// The tensors in the order of their places in the file.
  var ordered: [(key: String, value: Tensor)] {
    tensors.sorted { $0.value.order < $1.value.order }
  }
}

extension SafeTensorsHeader.Tensor {
  /// Where it stands among the others; one without bytes before the one that begins at its place.
  var order: (Int, Int) { (offsets.first ?? 0, offsets.last ?? 0) }

  /// Checks what can be told without the others; `bytes` are those of all tensors.
  func check(_ name: String, bytes: Int) throws(SafeTensorsError.Problem) {
    guard let number = SafeTensors.NumberType(rawValue: type) else {
      throw .type(tensor: name, found: type)
    }
    try checkOffsets(name, bytes: bytes)
    var needed = number.bytes
    for extent in extents {
      let (product, overflows) = needed.multipliedReportingOverflow(by: extent)
      guard extent >= 0, !overflows else { throw .shape(tensor: name, extents) }
      needed = product
    }
    guard needed == offsets[1] - offsets[0] else {
      throw .size(tensor: name, expected: needed, found: offsets[1] - offsets[0])
    }
  }

  /// Checks that its place is a range of the `bytes` of all tensors.
  func checkOffsets(_ name: String, bytes: Int) throws(SafeTensorsError.Problem) {
    guard offsets.count == 2, 0 <= offsets[0], offsets[0] <= offsets[1], offsets[1] <= bytes
    else { throw .offsets(tensor: name, offsets, bytes: bytes) }
  }

  /// The numbers, out of the bytes of all tensors; to be called after `check`.
  func entry(
    _ name: String, _ body: FileBytes
  ) throws(SafeTensorsError.Problem) -> SafeTensors.Entry {
    let shape = Shape(extents)
    let bytes = try SafeTensors.part(of: body, offsets[0]..<offsets[1])
    switch SafeTensors.NumberType(rawValue: type) {
    case .F16:
      let scalars = words(shape.count, UInt16.self, bytes).map { Scalar(Float(halfBits: $0)) }
      return .scalars(Tensor(scalars, shape: shape))
    case .BF16:
      let scalars = words(shape.count, UInt16.self, bytes).map {
        Scalar(Float(bitPattern: UInt32($0) << 16))
      }
      return .scalars(Tensor(scalars, shape: shape))
    case .F64:
      let scalars = words(shape.count, UInt64.self, bytes).map { Scalar(Double(bitPattern: $0)) }
      return .scalars(Tensor(scalars, shape: shape))
    case .F32:
      let scalars = words(shape.count, UInt32.self, bytes).map { Scalar(Float(bitPattern: $0)) }
      return .scalars(Tensor(scalars, shape: shape))
    case .I32:
      return .integers(
        words(shape.count, UInt32.self, bytes).map { Int32(bitPattern: $0) }, shape: shape)
    case nil: throw .type(tensor: name, found: type)
    }
  }

  private func words<Word: FixedWidthInteger & BitwiseCopyable>(
    _ count: Int, _: Word.Type, _ bytes: Data
  ) -> [Word] {
    bytes.withUnsafeBytes { bytes in
      (0..<count).map { index in
        Word(
          littleEndian: bytes.loadUnaligned(
            fromByteOffset: MemoryLayout<Word>.size * index, as: Word.self))
      }
    }
  }
}

extension Float {
  /// The number that 16 bits stand for in IEEE 754, which no Swift type does on every machine.
  init(halfBits bits: UInt16) {
    let sign = UInt32(bits >> 15) << 31
    let (exponent, fraction) = (UInt32(bits >> 10) & 31, UInt32(bits) & 0x3FF)
    switch exponent {
    case 0:
      let magnitude = Float(fraction) * 0x1p-24
      self = sign == 0 ? magnitude : -magnitude
    case 31: self.init(bitPattern: sign | 0x7F80_0000 | fraction << 13)
    default: self.init(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
  }
}
