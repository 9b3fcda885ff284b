import Messages
import SystemErrors

/// What is wrong with a checkpoint's file: what, expected against found, and what to do.
public struct CheckpointFileError: UserError, Equatable {
  /// What is wrong.
  public enum Problem: Error, Equatable, Sendable {
    /// There is no such file.
    case missing
    /// The system refuses to read the file.
    case unreadable(reason: String)
    /// The system refuses to write the file.
    case cannotWrite(SystemError)
    /// The first bytes are those of another kind of file.
    case notACheckpoint(found: [UInt8])
    /// The file is shorter or longer than it was.
    case length(expected: UInt64, found: Int)
    /// The CRC-32 that the file notes is not that of its bytes.
    case check(expected: UInt32, found: UInt32)
    /// The file is sound, and of a version that this program does not know.
    case version(expected: UInt32, found: UInt32)
    /// The file holds scalars of another size, in bytes.
    case precision(expected: UInt32, found: UInt32)
    /// The file is sound, and its tensors are not in the safetensors format.
    case tensors(SafeTensorsError.Problem)
  }

  /// The file.
  public let file: String
  /// What is wrong with it.
  public let problem: Problem

  init(_ file: String, _ problem: Problem) {
    self.file = file
    self.problem = problem
  }

  /// The error that there is no such file.
  public init(missing file: String) { self.init(file, .missing) }

  /// The code with which a program ends that reports it.
  public var exitCode: ExitCode {
    switch problem {
    case .missing, .unreadable: .noInput
    // The folder was there when the run began.
    case .cannotWrite(let error): error.isMissing ? .inputOutput : error.writingCode
    default: .badData
    }
  }

  /// The message for the user, with a hint on the last line.
  public var message: Message { "\(what)\nHint: \(hint)" }

  /// What is wrong, in one line.
  public var what: Message {
    switch problem {
    case .missing: "no checkpoint \(file)"
    case .unreadable(let reason): "cannot read \(file): \(reason)"
    case .cannotWrite(let error): "cannot write \(file): \(error)"
    case .notACheckpoint(let found):
      "\(file): expected a checkpoint, which begins with the bytes \(hex(CheckpointFile.signature)), "
        + "found \(found.isEmpty ? "an empty file" : hex(found))"
    case .length(let expected, let found):
      "\(file): expected \(expected) bytes, found \(found)"
    case .check(let expected, let found):
      "\(file): expected bytes with the CRC-32 \(hex(expected)), found \(hex(found))"
    case .version(let expected, let found):
      "\(file): expected a checkpoint of version \(expected), found version \(found)"
    case .precision(let expected, let found):
      "\(file): expected \(expected) bytes a scalar, found \(found)"
    case .tensors(let problem):
      SafeTensorsError(file, problem).what
    }
  }

  private var hint: Message {
    switch problem {
    case .missing: "the run ended before it saved, or this is no run; begin anew in another folder."
    case .unreadable: "it must be a file, and one that you may read."
    case .cannotWrite: "check permissions and free space; what was saved before is kept."
    case .notACheckpoint: "it is a file of another kind, or its start is damaged."
    case .length, .check, .tensors: "the file is cut off or damaged; restore it from a copy."
    case .version: "go on with the version of the program that began the run."
    case .precision:
      "go on with a build of the other precision (swift build --traits DoublePrecision, or without)."
    }
  }
}

private func hex(_ bytes: [UInt8]) -> String {
  bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }
    .joined(separator: " ")
}

private func hex(_ number: UInt32) -> String {
  let digits = String(number, radix: 16, uppercase: true)
  return String(repeating: "0", count: 8 - digits.count) + digits
}
