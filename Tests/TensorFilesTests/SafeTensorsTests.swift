import Foundation
import TensorFiles
import Tensors
import TestSupport
import Testing

@Suite("safetensors files")
struct SafeTensorsTests {
  private typealias Problem = SafeTensorsError.Problem

  /// The bytes of a file with this header, whose length is told as `length`.
  private func file(_ header: String, data: Int = 0, length: UInt64? = nil) -> Data {
    let length = length ?? UInt64(header.utf8.count)
    return withUnsafeBytes(of: length.littleEndian) { Data($0) } + Data(header.utf8)
      + Data(repeating: 0, count: data)
  }

  private func problem(_ data: Data) -> Problem? {
    do throws(SafeTensorsError) {
      _ = try SafeTensors(decoding: data, from: "x")
      return nil
    } catch { return error.problem }
  }

  /// The header of one tensor.
  private func one(_ type: String, _ shape: String, _ offsets: String) -> String {
    #"{"a":{"dtype":"\#(type)","shape":\#(shape),"data_offsets":\#(offsets)}}"#
  }

  private var sample: SafeTensors {
    var file = SafeTensors(metadata: ["made by": "a \"test\"\n", "unit": "1/s"])
    file["b"] = .scalars(Tensor([1.5, -2, 0, 1e-30], shape: [2, 1, 2]))
    file["a.weight"] = .scalars(Tensor(7))
    file["labels"] = .integers([3, -1, .max], shape: [3])
    file["none"] = .scalars(.zeros([0, 4]))
    return file
  }

  @Test func `the bytes of a tiny file`() {
    var tiny = SafeTensors(metadata: ["k": "v"])
    tiny["w"] = .scalars(Tensor([1, -2], shape: [1, 2]))
    tiny["i"] = .integers([258], shape: [1])
    let header =
      #"{"__metadata__":{"k":"v"},"i":{"dtype":"I32","shape":[1],"data_offsets":[0,4]},"#
      + #""w":{"dtype":"F32","shape":[1,2],"data_offsets":[4,12]}} "#
    #expect(header.utf8.count == 136)
    #expect(
      [UInt8](tiny.encoded) == [136, 0, 0, 0, 0, 0, 0, 0] + Array(header.utf8)
        + [2, 1, 0, 0] + [0, 0, 128, 63] + [0, 0, 0, 192])
  }

  @Test func `what was written is read`() throws {
    let read = try SafeTensors(decoding: sample.encoded, from: "x")
    #expect(read.metadata == sample.metadata)
    #expect(read.entries.keys.sorted() == ["a.weight", "b", "labels", "none"])
    #expect(read["labels"] == .integers([3, -1, .max], shape: [3]))
    #expect(read.tensor("b")?.shape == [2, 1, 2] && read.tensor("none")?.shape == [0, 4])
    expectClose(read.tensor("b")?.doubles ?? [], [1.5, -2, 0, 1e-30], absolute: 0, relative: 1e-6)
    #expect(read.tensor("labels") == nil && read["c"] == nil)
    #expect(read.encoded == sample.encoded)
  }

  @Test func `a file on disk, and its errors`() throws {
    let path = NSTemporaryDirectory() + "toponas-\(UUID().uuidString).safetensors"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try sample.write(to: path)
    #expect(try SafeTensors(contentsOf: path).encoded == sample.encoded)
    let missing = #expect(throws: SafeTensorsError.self) {
      try SafeTensors(contentsOf: path + ".no")
    }
    #expect("\(try #require(missing))".hasPrefix("cannot read \(path).no: "))
    let refused = #expect(throws: SafeTensorsError.self) { try sample.write(to: "/proc/no/x") }
    #expect("\(try #require(refused))".hasPrefix("cannot write /proc/no/x: "))
  }

  @Test func `a cut-off file is refused wherever it is cut`() throws {
    let whole = sample.encoded
    for count in 0..<whole.count {
      #expect(problem(whole.prefix(count)) != nil, "\(count) of \(whole.count) bytes")
    }
    #expect(problem(Data()) == .truncated(expected: 8, found: 0))
    #expect(problem(whole.prefix(40)) == .truncated(expected: whole.count - 32, found: 40))
  }

  @Test(arguments: [0, 1, 100_000_001, UInt64(Int64.max), .max])
  func `a header length out of range`(_ length: UInt64) {
    #expect(problem(file("{}", length: length)) == .headerLength(length))
  }

  @Test(arguments: [
    "{]", "[]", " {}", "{}x", #"{"a":1}"#, #"{"a":{"dtype":"F32","shape":[1]}}"#,
    #"{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}"#,
    #"{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,4]}}"#,
    #"{"__metadata__":{"k":1}}"#,
    String(repeating: #"{"a":"#, count: 100_000),
  ])
  func `a header that is not the JSON of the format`(_ header: String) {
    let found = problem(file(header, data: 4))
    guard case .header = found else {
      Issue.record("\(header.prefix(60)): found \(String(describing: found))")
      return
    }
  }

  /// Numbers that both kinds of 16 bits hold exactly, and the ends of their ranges.
  @Test(
    arguments: [
      (
        "F16", [0x0000, 0x8000, 0x3C00, 0xC000, 0x3555, 0x7BFF, 0x0001, 0x0400, 0x83FF],
        [0, -0.0, 1, -2, 0.333251953125, 65504, 0x1p-24, 0x1p-14, -1023 * 0x1p-24]
      ),
      (
        "BF16", [0x0000, 0x8000, 0x3F80, 0xC000, 0x3EAB, 0x7F7F, 0x0001],
        [0, -0.0, 1, -2, 0.333984375, 0x1.FEp127, 0x1p-133]
      ),
    ] as [(String, [UInt16], [Double])])
  func `numbers of 16 bits`(_ type: String, _ words: [UInt16], _ values: [Double]) throws {
    let count = 2 * words.count
    var bytes = file(one(type, "[\(words.count)]", "[0,\(count)]"), data: count)
    bytes.replaceSubrange(
      bytes.count - count..<bytes.count, with: words.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] })
    let read = try #require(SafeTensors(decoding: bytes, from: "x").tensor("a"))
    #expect(read.doubles == values)
    #expect(read.scalars[1].sign == .minus)
    let infinite: [UInt16] = type == "F16" ? [0x7C00, 0xFC00, 0x7E00] : [0x7F80, 0xFF80, 0x7FC0]
    var other = file(one(type, "[3]", "[0,6]"), data: 6)
    other.replaceSubrange(
      other.count - 6..<other.count, with: infinite.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] })
    let special = try #require(SafeTensors(decoding: other, from: "x").tensor("a")).scalars
    #expect(special[0] == .infinity && special[1] == -.infinity && special[2].isNaN)
  }

  @Test(arguments: ["F8_E4M3", "I64", "f32", ""])
  func `other types`(_ type: String) {
    #expect(problem(file(one(type, "[1]", "[0,4]"), data: 4)) == .type(tensor: "a", found: type))
  }

  @Test(arguments: [
    [-1], [2, -1, -1], [Int.max, 2], [Int.max / 2], [1 << 32, 1 << 32], [Int.max, Int.max, 0],
  ])
  func `shapes that nothing can have`(_ extents: [Int]) {
    #expect(
      problem(file(one("F32", "\(extents)", "[0,4]"), data: 4)) == .shape(tensor: "a", extents))
  }

  @Test(arguments: [
    [0], [], [0, 4, 8], [4, 0], [-4, 0], [0, 8], [8, 12], [0, Int.max], [.min, 4],
  ])
  func `offsets that are no range of the data`(_ offsets: [Int]) {
    #expect(
      problem(file(one("F32", "[1]", "\(offsets)"), data: 4))
        == .offsets(tensor: "a", offsets, bytes: 4))
  }

  @Test func `a range of the wrong size`() {
    #expect(
      problem(file(one("F32", "[3]", "[0,8]"), data: 8))
        == .size(tensor: "a", expected: 12, found: 8))
    // A shape so large that it must not be allocated before it is checked.
    #expect(
      problem(file(one("F32", "[1000000000000]", "[0,8]"), data: 8))
        == .size(tensor: "a", expected: 4_000_000_000_000, found: 8))
  }

  @Test func `overlaps and gaps`() {
    func two(_ first: String, _ second: String) -> String {
      #"{"a":{"dtype":"F32","shape":[2],"data_offsets":\#(first)},"#
        + #""b":{"dtype":"I32","shape":[2],"data_offsets":\#(second)}}"#
    }
    #expect(problem(file(two("[0,8]", "[8,16]"), data: 16)) == nil)
    #expect(problem(file(two("[8,16]", "[0,8]"), data: 16)) == nil)
    #expect(
      problem(file(two("[0,8]", "[4,12]"), data: 12)) == .overlap(tensor: "b", from: 4))
    #expect(problem(file(two("[0,8]", "[12,20]"), data: 20)) == .unused(from: 8))
    #expect(problem(file(two("[4,12]", "[12,20]"), data: 20)) == .unused(from: 0))
    #expect(problem(file(two("[0,8]", "[8,16]"), data: 17)) == .unused(from: 16))
    guard case .overlap(_, from: 0) = problem(file(two("[0,8]", "[0,8]"), data: 8)) else {
      Issue.record("two tensors in the same bytes")
      return
    }
  }

  @Test func `any changed byte of a header is read or refused`() {
    let whole = sample.encoded
    let end = 8 + Int(whole[0]) + 256 * Int(whole[1])
    var (accepted, refused) = (0, 0)
    for index in 0..<end {
      for byte in [UInt8](arrayLiteral: 0, 34, 45, 57, 93, 125, 255) {
        var damaged = whole
        damaged[index] = byte
        // What is read is whole: it has as many numbers as the file has room for.
        guard let read = try? SafeTensors(decoding: damaged, from: "x") else {
          refused += 1
          continue
        }
        accepted += 1
        let bytes = read.entries.values.reduce(0) { $0 + 4 * $1.shape.count }
        #expect(bytes <= whole.count, "byte \(index) set to \(byte)")
      }
    }
    #expect(accepted > 0 && refused > accepted, "\(accepted) read, \(refused) refused")
  }

  @Test func `the message says file, place, expected against found, and a hint`() {
    do throws(SafeTensorsError) {
      _ = try SafeTensors(decoding: file(one("F32", "[3]", "[0,8]"), data: 8), from: "w.bin")
      Issue.record("a wrong size was read")
    } catch {
      #expect(
        "\(error)" == """
          w.bin: tensor a: expected 12 bytes for its type and shape, found 8
          Hint: the file is cut off, damaged or not safetensors; make it anew.
          """)
    }
  }
}
