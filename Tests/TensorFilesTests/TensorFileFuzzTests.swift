import Foundation
import Tensors
import TestSupport
import Testing

@testable import TensorFiles

/// Damaged files of tensors.
@Suite("Fuzzing of files of tensors")
struct TensorFileFuzzTests {
  private let sample: SafeTensors = {
    var file = SafeTensors(metadata: ["progress": #"{"epochs":3,"steps":0}"#])
    file["stem.weight"] = .scalars(Tensor((0..<6).map { Scalar($0) * 0.5 }, shape: [2, 1, 3]))
    file["labels"] = .integers([1, -1, .max], shape: [3])
    file["none"] = .scalars(.zeros([0, 4]))
    return file
  }()

  /// Nothing is made up: the tensors have no more scalars than the file has room for, and are written again.
  private func check(_ read: SafeTensors, of bytes: [UInt8]) throws {
    let size = read.entries.values.reduce(0) { $0 + 4 * $1.shape.count }
    try FuzzFailure.unless(size <= bytes.count, "\(size) bytes of tensors")
    let again = read.encoded
    let reread = try SafeTensors(decoding: again, from: "again")
    try FuzzFailure.unless(reread.encoded == again, "another file when written again")
  }

  @Test func `fuzz: safetensors`() {
    fuzz([[UInt8](sample.encoded)], rounds: 100_000, refusing: SafeTensorsError.self) { bytes in
      try check(try SafeTensors(decoding: Data(bytes), from: "x"), of: bytes)
    }
  }

  /// Half of them with length and check that fit, so that what lies behind these is reached too.
  @Test func `fuzz: checkpoints`() {
    var data = Data()
    CheckpointFile.encode(sample) { data.append(contentsOf: $0) }
    fuzz([[UInt8](data)], rounds: 100_000, refusing: CheckpointFileError.Problem.self) { bytes in
      let input = bytes.count.isMultiple(of: 2) ? sealed(bytes) : Data(bytes)
      try check(try CheckpointFile.decode(input), of: bytes)
    }
  }

  private func sealed(_ bytes: [UInt8]) -> Data {
    guard bytes.count >= 28 else { return Data(bytes) }
    var body = Data(bytes.dropLast(4))
    withUnsafeBytes(of: UInt64(bytes.count).littleEndian) {
      body.replaceSubrange(16..<24, with: $0)
    }
    return body + withUnsafeBytes(of: CRC32(of: Array(body)).value.littleEndian) { Data($0) }
  }
}
