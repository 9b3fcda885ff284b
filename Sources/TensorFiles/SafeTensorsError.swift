import Messages
import SystemErrors

/// What is wrong with a file of tensors: what, where, expected against found, and what to do.
public struct SafeTensorsError: UserError, Equatable {
  /// What is wrong.
  public enum Problem: Error, Equatable, Sendable {
    /// The system refuses to read the file.
    case unreadable(reason: String)
    /// The system refuses to write the file.
    case cannotWrite(SystemError)
    /// The file ends within its header.
    case truncated(expected: Int, found: Int)
    /// No header has this length.
    case headerLength(UInt64)
    /// The header is not the JSON that it should be.
    case header(reason: String)
    /// There is no tensor of this name.
    case absent(tensor: String)
    /// A type that is not read.
    case type(tensor: String, found: String)
    /// An extent is negative, or there are more numbers than can be counted.
    case shape(tensor: String, [Int])
    /// The offsets are no range within the bytes after the header.
    case offsets(tensor: String, [Int], bytes: Int)
    /// The range of bytes is not what type and shape need.
    case size(tensor: String, expected: Int, found: Int)
    /// Bytes of a tensor belong to another one too.
    case overlap(tensor: String, from: Int)
    /// Bytes after the header belong to no tensor.
    case unused(from: Int)
  }

  /// The file.
  public let file: String
  /// What is wrong with it.
  public let problem: Problem

  init(_ file: String, _ problem: Problem) {
    self.file = file
    self.problem = problem
  }

  /// The code with which a program ends that reports it.
  public var exitCode: ExitCode {
    switch problem {
    case .unreadable: .noInput
    case .cannotWrite(let error): error.writingCode
    default: .badData
    }
  }

  /// The message for the user, with a hint on the last line.
  public var message: Message { "\(what)\nHint: \(hint)" }

  /// What is wrong, in one line.
  var what: Message {
    switch problem {
    case .unreadable(let reason): "cannot read \(file): \(reason)"
    case .cannotWrite(let error): "cannot write \(file): \(error)"
    default: "\(file): \(damage)"
    }
  }

  private var hint: Message {
    switch problem {
    case .unreadable: "check the name and the permissions of the file."
    case .cannotWrite(let error):
      error.isRefusal ? "name a file in a folder that you may write." : "check the free space."
    default: "the file is cut off, damaged or not safetensors; make it anew."
    }
  }

  private var damage: Message {
    switch problem {
    case .unreadable(let reason): "\(reason)"
    case .cannotWrite(let error): "\(error)"
    case .truncated(let expected, let found):
      "expected at least \(expected) bytes up to the end of the header, found \(found)"
    case .headerLength(let length):
      "expected a header of 2 to \(SafeTensors.headerLimit) bytes, found a length of \(length)"
    case .header(let reason): "the header is not the expected JSON: \(reason)"
    case .absent(let tensor): "expected a tensor \(tensor), found none"
    case .type(let tensor, let found):
      "tensor \(tensor): expected the type F16, BF16, F32, F64 or I32, found \(found)"
    case .shape(let tensor, let extents):
      "tensor \(tensor): expected extents from 0 with a product that can be counted, found \(extents)"
    case .offsets(let tensor, let offsets, let bytes):
      "tensor \(tensor): expected a beginning and an end within \(bytes) bytes of data, found \(offsets)"
    case .size(let tensor, let expected, let found):
      "tensor \(tensor): expected \(expected) bytes for its type and shape, found \(found)"
    case .overlap(let tensor, let offset):
      "tensor \(tensor): its bytes from offset \(offset) on belong to another tensor too"
    case .unused(let offset):
      "the bytes of data from offset \(offset) on belong to no tensor"
    }
  }
}
