import Files
import Foundation

/// The digest of 128 bits of RFC 1321, fed in pieces: it finds damage, and keeps out no forger.
///
///     var digest = MD5()
///     Array("abc".utf8).withUnsafeBytes { digest.update($0) }
///     digest.hexadecimal  // 900150983cd24fb0d6963f7d28e17f72
public struct MD5: Sendable {
  private static let blockBytes = 64
  /// The rotations of the four rounds, each four times in turn.
  private static let rotations: [[UInt32]] = [
    [7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21],
  ]

  private var state = SIMD4<UInt32>(0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476)
  /// Bytes that fill no block yet.
  private var rest: [UInt8] = []
  private var byteCount: UInt64 = 0
  /// For each of the 64 steps what is added: 2^32 |sin i|, i from 1, without its fraction.
  private let sines: [UInt32]

  /// Starts a digest of no bytes yet.
  public init() { sines = (1...64).map { UInt32(abs(sin(Double($0))) * 0x1p32) } }

  /// The digest of some bytes.
  public init(of bytes: some ContiguousBytes) {
    self.init()
    bytes.withUnsafeBytes { update($0) }
  }

  /// The digest of a file, which is read in pieces.
  public init(ofFile path: String) throws(DatasetError) {
    self.init()
    do {
      let file = try InputFile(regular: path)
      for start in stride(from: 0, to: file.count ?? 0, by: 1 << 20) {
        try file.bytes(at: start, count: 1 << 20).withUnsafeBytes { update($0) }
      }
    } catch {
      throw .unreadable(file: path, reason: "\(error)")
    }
  }

  /// Goes on with more bytes.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    byteCount &+= UInt64(bytes.count)
    var bytes = bytes[...]
    if !rest.isEmpty {
      let filling = bytes.prefix(Self.blockBytes - rest.count)
      rest += filling
      bytes = bytes.dropFirst(filling.count)
      guard rest.count == Self.blockBytes else { return }
      rest.withUnsafeBytes { state = next($0) }
      rest = []
    }
    while bytes.count >= Self.blockBytes {
      state = next(UnsafeRawBufferPointer(rebasing: bytes.prefix(Self.blockBytes)))
      bytes = bytes.dropFirst(Self.blockBytes)
    }
    rest += bytes
  }

  /// The digest of all bytes so far, 32 digits.
  public var hexadecimal: String {
    var closed = self
    let padding = (2 * Self.blockBytes - 8 - rest.count - 1) % Self.blockBytes
    let end = [0x80] + [UInt8](repeating: 0, count: padding)
    end.withUnsafeBytes { closed.update($0) }
    withUnsafeBytes(of: (8 &* byteCount).littleEndian) { closed.update($0) }
    return (0..<16).map { index in
      let byte = closed.state[index / 4] >> (8 * UInt32(index % 4)) & 255
      return (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
  }

  /// The state after one more block of 64 bytes.
  private func next(_ block: UnsafeRawBufferPointer) -> SIMD4<UInt32> {
    var (a, b, c, d) = (state[0], state[1], state[2], state[3])
    for round in 0..<4 {
      for step in 0..<16 {
        let i = 16 * round + step
        let (mixed, word) =
          switch round {
          case 0: (b & c | ~b & d, step)
          case 1: (d & b | ~d & c, (5 * i + 1) % 16)
          case 2: (b ^ c ^ d, (3 * i + 5) % 16)
          default: (c ^ (b | ~d), 7 * i % 16)
          }
        let input = block.loadUnaligned(fromByteOffset: 4 * word, as: UInt32.self)
        let sum = a &+ mixed &+ sines[i] &+ UInt32(littleEndian: input)
        let rotation = Self.rotations[round][step % 4]
        (a, d, c, b) = (d, c, b, b &+ (sum << rotation | sum >> (32 - rotation)))
      }
    }
    return state &+ SIMD4(a, b, c, d)
  }
}
