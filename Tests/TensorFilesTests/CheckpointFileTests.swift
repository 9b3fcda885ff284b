import Foundation
import SystemErrors
import Tensors
import Testing

@testable import TensorFiles

@Suite("Checkpoint files")
struct CheckpointFileTests {
  private typealias Problem = CheckpointFileError.Problem

  /// A small set of tensors with all the numbers that a text would lose.
  private var sample: SafeTensors {
    var file = SafeTensors(metadata: ["progress": #"{"epochs":3}"#])
    file["odd"] = .scalars(
      Tensor(
        [
          0, -0.0, .leastNonzeroMagnitude, .greatestFiniteMagnitude, .infinity, .nan,
          Scalar(nan: 5, signaling: false), 1 / 3,
        ], shape: [2, 1, 4]))
    file["weight"] = .scalars(Tensor((0..<30).map { Scalar($0) * 0.1 }, shape: [5, 6]))
    file["labels"] = .integers([1, -1, .max], shape: [3])
    return file
  }

  private func bytes(_ tensors: SafeTensors) -> Data {
    var data = Data()
    CheckpointFile.encode(tensors) { data.append(contentsOf: $0) }
    return data
  }

  private func problem(_ data: Data) -> Problem? {
    do throws(Problem) {
      _ = try CheckpointFile.decode(data)
      return nil
    } catch { return error }
  }

  /// The file with the check that fits its bytes.
  private func sealed(_ data: Data) -> Data {
    let body = data.dropLast(4)
    return body + withUnsafeBytes(of: CRC32(of: Array(body)).value.littleEndian) { Data($0) }
  }

  private func bits(_ tensors: SafeTensors) -> [String: [UInt64]] {
    tensors.entries.mapValues { entry in
      switch entry {
      case .scalars(let tensor): tensor.scalars.map { UInt64($0.bitPattern) }
      case .integers(let numbers, _): numbers.map { UInt64(UInt32(bitPattern: $0)) }
      }
    }
  }

  // MARK: The check

  @Test func `the known values of the CRC`() {
    #expect(CRC32(of: Array("123456789".utf8)).value == 0xCBF4_3926)
    #expect(CRC32(of: []).value == 0)
    #expect(CRC32(of: [0, 0, 0, 0]).value == 0x2144_DF1C)
    #expect(CRC32(of: Array(repeating: 255, count: 32)).value == 0xFF6C_AB0B)
  }

  @Test func `the CRC of pieces is that of the whole`() {
    var check = CRC32()
    for piece in ["12345", "", "6789"] { Array(piece.utf8).withUnsafeBytes { check.update($0) } }
    #expect(check.value == 0xCBF4_3926)
  }

  // MARK: Round trips

  @Test func `what was written is read, bit for bit`() throws {
    let data = bytes(sample)
    let read = try CheckpointFile.decode(data)
    #expect(bits(read) == bits(sample) && read.metadata == sample.metadata)
    #expect(read.entries.mapValues(\.shape) == sample.entries.mapValues(\.shape))
    #expect(bytes(read) == data)
    #expect(data.count == 24 + sample.encodedCount(.native) + 4)
    #expect(sample.encodedCount() == sample.encoded.count)
  }

  @Test func `a file on disk keeps the one before`() throws {
    let root = NSTemporaryDirectory() + "toponas-checkpoint-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: root) }
    let (path, previous) = ("\(root)/c.bin", "\(root)/p.bin")
    // Whoever made the folder knows no name that would lead a checkpoint out of it.
    let outside = URL(fileURLWithPath: "\(root)/outside")
    try Data([7]).write(to: outside)
    symlink("outside", "\(path).partial")
    symlink("outside", path)
    for number in 1...3 {
      try CheckpointFile.write(
        SafeTensors(metadata: ["number": "\(number)"]), to: path, keeping: previous)
    }
    #expect(try CheckpointFile.read(path).metadata == ["number": "3"])
    #expect(try CheckpointFile.read(previous).metadata == ["number": "2"])
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: root).sorted() == [
        "c.bin", "c.bin.partial", "outside", "p.bin",
      ])
    #expect(try Data(contentsOf: outside) == Data([7]))
    let missing = #expect(throws: CheckpointFileError.self) {
      try CheckpointFile.read("\(root)/no.bin")
    }
    #expect(missing?.problem == .missing)
    let refused = #expect(throws: CheckpointFileError.self) {
      try CheckpointFile.write(sample, to: "\(root)/no/c.bin")
    }
    #expect(refused?.problem == .cannotWrite(SystemError(code: ENOENT)))
  }

  // MARK: Damage

  @Test func `every changed byte and every changed bit is found`() {
    let whole = bytes(sample)
    for index in whole.indices {
      for change in [1, 2, 4, 8, 16, 32, 64, 128, 255] as [UInt8] {
        var damaged = whole
        damaged[index] ^= change
        #expect(problem(damaged) != nil, "byte \(index) of \(whole.count)")
      }
    }
  }

  @Test func `a file cut off anywhere, and one with more behind it`() {
    let whole = bytes(sample)
    for count in 0..<whole.count {
      let found = problem(whole.prefix(count))
      if count >= 28 {
        #expect(found == .length(expected: UInt64(whole.count), found: count))
      } else {
        #expect(
          found == (count == 0 ? .notACheckpoint(found: []) : .length(expected: 28, found: count)))
      }
    }
    #expect(
      problem(whole + Data([0])) == .length(expected: UInt64(whole.count), found: whole.count + 1))
  }

  @Test func `other files, versions and precisions`() {
    let whole = bytes(sample)
    #expect(problem(Data("{}".utf8)) == .notACheckpoint(found: [0x7B, 0x7D]))
    #expect(problem(sample.encoded) == .notACheckpoint(found: Array(sample.encoded.prefix(8))))
    var other = whole
    other[8] = 2
    #expect(problem(sealed(other)) == .version(expected: 1, found: 2))
    let size = UInt32(MemoryLayout<Scalar>.size)
    other = whole
    other[12] = UInt8(12 - size)
    #expect(problem(sealed(other)) == .precision(expected: size, found: 12 - size))
    other = whole
    other[24] = 255
    guard case .tensors = problem(sealed(other)) else {
      Issue.record("a header of the wrong length was read")
      return
    }
  }

  /// With a check that fits, so that what lies behind it is reached too.
  @Test func `ten thousand random damages`() {
    var generator = RandomGenerator(seed: 7)
    let whole = bytes(sample)
    let (header, body) = (24..<24 + 8 + 256, 24..<whole.count - 4)
    var refused = 0
    for round in 0..<10_000 {
      var damaged = whole
      for _ in 0...generator.integer(below: 4) {
        let range = generator.integer(below: 2) == 0 ? header : body
        let index = range.lowerBound + generator.integer(below: range.count)
        damaged[index] = UInt8(truncatingIfNeeded: generator.next())
      }
      if generator.integer(below: 4) == 0 {
        damaged = damaged.prefix(28 + generator.integer(below: whole.count - 28))
        let count = UInt64(damaged.count).littleEndian
        withUnsafeBytes(of: count) { damaged.replaceSubrange(16..<24, with: $0) }
      }
      // Every second one keeps its wrong check.
      guard let read = try? CheckpointFile.decode(round % 2 == 0 ? sealed(damaged) : damaged)
      else {
        refused += 1
        continue
      }
      let size = read.entries.values.reduce(0) { $0 + 4 * $1.shape.count }
      #expect(round % 2 == 0 || damaged == whole, "round \(round)")
      #expect(size <= whole.count, "round \(round)")
    }
    #expect(refused > 5000 && refused < 10_000, "\(refused)")
  }

  @Test func `the message says file, expected against found, and a hint`() {
    let error = CheckpointFileError(
      "runs/a/checkpoint.bin", .check(expected: 0xAB, found: 0xCBF4_3926))
    #expect(
      "\(error)" == """
        runs/a/checkpoint.bin: expected bytes with the CRC-32 000000AB, found CBF43926
        Hint: the file is cut off or damaged; restore it from a copy.
        """)
    #expect(
      CheckpointFileError("c", .notACheckpoint(found: [0, 255])).what
        == "c: expected a checkpoint, which begins with the bytes 89 54 4F 50 4F 0D 0A 1A, found 00 FF"
    )
  }
}
