/// The cyclic redundancy check of 32 bits that zip and PNG use (IEEE 802.3, reflected).
///
/// It finds every error within 32 bits in a row, so every changed byte, and of others all but one in 2^32.
///
///     CRC32(of: Array("123456789".utf8)).value  // 0xCBF43926
public struct CRC32: Sendable {
  private var state: UInt32 = .max
  /// For each byte what is left of it, divided by the polynomial.
  private let table: [UInt32]

  /// Starts a check of no bytes yet.
  public init() {
    table = (0..<256).map { byte in
      (0..<8).reduce(UInt32(byte)) { rest, _ in rest >> 1 ^ (rest & 1 == 1 ? 0xEDB8_8320 : 0) }
    }
  }

  /// The check of some bytes.
  public init(of bytes: [UInt8]) {
    self.init()
    bytes.withUnsafeBytes { update($0) }
  }

  /// Goes on with more bytes.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    state = table.withUnsafeBufferPointer { table in
      bytes.reduce(state) { $0 >> 8 ^ table[Int(($0 ^ UInt32($1)) & 255)] }
    }
  }

  /// The check of all bytes so far.
  public var value: UInt32 { ~state }
}
