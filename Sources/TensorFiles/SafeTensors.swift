import Files
import Foundation
import SystemErrors
import Tensors

/// Named tensors as one file in the safetensors format, which PyTorch, NumPy and others read and write.
///
///     8 bytes  the length of the header, little-endian
///     header   {"name":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},...}, spaces to a multiple of 8
///     data     the scalars of all tensors, row-major, little-endian, without gaps
///
/// The tensors stand in the order of their names, so that equal contents are equal bytes. A file holds
/// 32 bits a scalar (F32), whatever `Scalar` is, or all bits of it (F32 or F64), and whole numbers as I32. Scalars of 16
/// bits (F16, BF16) are read too.
///
/// A file keeps the layout of this project: feature maps [N, H, W, C] and kernels [O, kH, kW, I]. PyTorch's are
/// [N, C, H, W] and [O, I, kH, kW]: there, `permute(0, 3, 1, 2)` makes one from the other.
public struct SafeTensors: Equatable, Sendable {
  /// What stands under a name.
  public enum Entry: Equatable, Sendable {
    /// F32 or F64.
    case scalars(Tensor)
    /// I32, row-major.
    case integers([Int32], shape: Shape)
  }

  /// How many bits of a scalar are written.
  public enum Precision: Sendable {
    /// 32, as other programs expect it.
    case single
    /// All of them: what is read is what was written, bit for bit.
    case native
  }

  /// The most bytes a header may have, as in the reference implementation.
  public static let headerLimit = 100_000_000
  /// The key of the metadata in the header; no tensor has this name.
  static let metadataKey = "__metadata__"

  /// The tensors by name.
  public private(set) var entries: [String: Entry] = [:]
  /// Remarks of whoever wrote the file.
  public var metadata: [String: String]

  /// Creates a set without tensors.
  public init(metadata: [String: String] = [:]) { self.metadata = metadata }

  /// The entry of a name; nil is none.
  public subscript(name: String) -> Entry? {
    get { entries[name] }
    set {
      precondition(name != Self.metadataKey, "no tensor can have the name \(name)")
      entries[name] = newValue
    }
  }

  /// The tensor of a name; nil if there is none, or whole numbers.
  public func tensor(_ name: String) -> Tensor? {
    if case .scalars(let tensor) = entries[name] { tensor } else { nil }
  }

  // MARK: Writing

  /// The bytes of the file.
  public var encoded: Data {
    var data = Data()
    encode { data.append(contentsOf: $0) }
    return data
  }

  /// How many bytes the file has.
  public func encodedCount(_ precision: Precision = .single) -> Int {
    8 + header(precision).utf8.count
      + entries.values.reduce(0) { $0 + $1.shape.count * $1.type(precision).bytes }
  }

  /// Hands over the bytes of the file one piece after the other; no more than one tensor is copied at a time.
  public func encode(
    _ precision: Precision = .single, into sink: (UnsafeRawBufferPointer) throws -> Void
  ) rethrows {
    let header = Array(header(precision).utf8)
    try withUnsafeBytes(of: UInt64(header.count).littleEndian, sink)
    try header.withUnsafeBytes(sink)
    for (_, entry) in ordered { try entry.withBytes(precision, sink) }
  }

  private var ordered: [(key: String, value: Entry)] { entries.sorted { $0.key < $1.key } }

  private func header(_ precision: Precision) -> String {
    var (fields, end) = ([String](), 0)
    if !metadata.isEmpty { fields.append("\(quoted(Self.metadataKey)):\(metadataText)") }
    for (name, entry) in ordered {
      let (type, begin) = (entry.type(precision), end)
      end += entry.shape.count * type.bytes
      let shape = entry.shape.extents.map(String.init).joined(separator: ",")
      fields.append(
        #"\#(quoted(name)):{"dtype":"\#(type)","shape":[\#(shape)],"#
          + #""data_offsets":[\#(begin),\#(end)]}"#)
    }
    let header = "{\(fields.joined(separator: ","))}"
    return header + String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
  }

  /// Writes the file whole: readers see the old bytes or the new ones, never a part.
  public func write(to file: String) throws(SafeTensorsError) {
    do {
      let new = try NewFile(file, .named)
      try encode { try new.write($0) }
      try new.commit()
    } catch {
      throw SafeTensorsError(file, .cannotWrite((error as? SystemError) ?? SystemError(code: EIO)))
    }
  }

  private var metadataText: String {
    let pairs = metadata.sorted { $0.key < $1.key }.map { "\(quoted($0)):\(quoted($1))" }
    return "{\(pairs.joined(separator: ","))}"
  }
}

extension SafeTensors.Entry {
  /// The extents of the axes.
  public var shape: Shape {
    switch self {
    case .scalars(let tensor): tensor.shape
    case .integers(_, let shape): shape
    }
  }

  fileprivate func type(_ precision: SafeTensors.Precision) -> SafeTensors.NumberType {
    switch self {
    case .scalars: precision == .native && Scalar.self == Double.self ? .F64 : .F32
    case .integers: .I32
    }
  }

  /// The numbers as they lie in the file.
  fileprivate func withBytes(
    _ precision: SafeTensors.Precision, _ body: (UnsafeRawBufferPointer) throws -> Void
  ) rethrows {
    switch self {
    case .integers(let numbers, _): try numbers.map(\.littleEndian).withUnsafeBytes(body)
    case .scalars(let tensor):
      if type(precision) == .F64 {
        let words = tensor.withScalars { $0.map { Double($0).bitPattern.littleEndian } }
        try words.withUnsafeBytes(body)
      } else {
        let words = tensor.withScalars { $0.map { Float($0).bitPattern.littleEndian } }
        try words.withUnsafeBytes(body)
      }
    }
  }
}

extension SafeTensors {
  /// The types of numbers that a file can hold, as its header spells them.
  enum NumberType: String, CaseIterable {
    case F16, BF16, F32, F64, I32

    /// Bytes a number.
    var bytes: Int {
      switch self {
      case .F16, .BF16: 2
      case .F32, .I32: 4
      case .F64: 8
      }
    }
  }
}

/// A text as a JSON string.
private func quoted(_ text: String) -> String {
  let escaped = text.unicodeScalars.map { scalar in
    switch scalar {
    case "\"", "\\": "\\\(scalar)"
    case "\0"..<" ":
      "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
    default: String(scalar)
    }
  }
  return "\"\(escaped.joined())\""
}
