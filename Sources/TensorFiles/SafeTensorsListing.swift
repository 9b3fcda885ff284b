import Files
import Foundation
import Tensors

/// What a safetensors file holds, tensors of types that are not read here included; one is read when it is asked for.
public struct SafeTensorsListing: Sendable {
  /// What the header says of one tensor.
  public struct Item: Equatable, Sendable {
    /// As the header spells it: `F32`.
    public let type: String
    /// The extents of the axes.
    public let extents: [Int]

    /// Whether the tensor can be read as scalars.
    public var isOfScalars: Bool {
      SafeTensors.NumberType(rawValue: type).map { $0 != .I32 } ?? false
    }
  }

  /// The file.
  public let file: String
  /// Remarks of whoever wrote it.
  public let metadata: [String: String]
  /// The tensors by name.
  public let items: [String: Item]
  private let header: SafeTensorsHeader
  private let body: FileBytes

  /// Reads the header of a file, which stays open, or the whole of a pipe.
  public init(contentsOf file: String) throws(SafeTensorsError) {
    try self.init(SafeTensors.bytes(of: file), from: file)
  }

  /// Reads the header of the bytes of a file, whose name is for the messages.
  public init(decoding data: Data, from file: String) throws(SafeTensorsError) {
    try self.init(FileBytes(data), from: file)
  }

  private init(_ bytes: FileBytes, from file: String) throws(SafeTensorsError) {
    self.file = file
    do throws(SafeTensorsError.Problem) {
      (header, body) = try SafeTensors.parts(of: bytes)
      for (name, tensor) in header.tensors { try tensor.checkOffsets(name, bytes: body.count) }
      try SafeTensors.checkCover(header.ordered, bytes: body.count)
    } catch { throw SafeTensorsError(file, error) }
    metadata = header.metadata
    items = header.tensors.mapValues { Item(type: $0.type, extents: $0.extents) }
  }

  /// Reads one of the tensors, whose type must be F16, BF16, F32 or F64.
  public func tensor(_ name: String) throws(SafeTensorsError) -> Tensor {
    do throws(SafeTensorsError.Problem) {
      guard let tensor = header.tensors[name] else { throw .absent(tensor: name) }
      try tensor.check(name, bytes: body.count)
      guard case .scalars(let scalars) = try tensor.entry(name, body) else {
        throw .type(tensor: name, found: tensor.type)
      }
      return scalars
    } catch { throw SafeTensorsError(file, error) }
  }
}
