import Foundation
import Tensors

/// Named tensors as one file in the safetensors format, which PyTorch, NumPy and others read and write.
///
///     8 bytes  the length of the header, little-endian
///     header   {"name":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},...}, spaces to a multiple of 8
///     data     the scalars of all tensors, row-major, little-endian, without gaps
///
/// The tensors stand in the order of their names, so that equal contents are equal bytes. A file holds
/// 32 bits a scalar (F32), whatever `Scalar` is, and whole numbers as I32.
///
/// A file keeps the layout of this project: feature maps [N, H, W, C] and kernels [O, kH, kW, I]. PyTorch's are
/// [N, C, H, W] and [O, I, kH, kW]: there, `permute(0, 3, 1, 2)` makes one from the other.
public struct SafeTensors: Equatable, Sendable {
  /// What stands under a name.
  public enum Entry: Equatable, Sendable {
    /// F32.
    case scalars(Tensor)
    /// I32, row-major.
    case integers([Int32], shape: Shape)
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
    var (fields, data) = ([String](), Data())
    if !metadata.isEmpty { fields.append("\(quoted(Self.metadataKey)):\(metadataText)") }
    for (name, entry) in entries.sorted(by: { $0.key < $1.key }) {
      let begin = data.count
      entry.words.withUnsafeBytes { data.append(contentsOf: $0) }
      let shape = entry.shape.extents.map(String.init).joined(separator: ",")
      fields.append(
        #"\#(quoted(name)):{"dtype":"\#(entry.type)","shape":[\#(shape)],"#
          + #""data_offsets":[\#(begin),\#(data.count)]}"#)
    }
    var header = "{\(fields.joined(separator: ","))}"
    header += String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
    let length = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) }
    return length + Data(header.utf8) + data
  }

  /// Writes the file whole: readers see the old bytes or the new ones, never a part.
  public func write(to file: String) throws(SafeTensorsError) {
    do { try encoded.write(to: URL(fileURLWithPath: file), options: .atomic) } catch {
      throw SafeTensorsError(file, .cannotWrite(reason: error.localizedDescription))
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

  /// The type as the header spells it.
  fileprivate var type: String {
    switch self {
    case .scalars: "F32"
    case .integers: "I32"
    }
  }

  /// The numbers as they lie in the file: 4 bytes each, so that all of them are aligned.
  fileprivate var words: [UInt32] {
    switch self {
    case .scalars(let tensor):
      tensor.withScalars { $0.map { Float($0).bitPattern.littleEndian } }
    case .integers(let numbers, _): numbers.map { UInt32(bitPattern: $0).littleEndian }
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
