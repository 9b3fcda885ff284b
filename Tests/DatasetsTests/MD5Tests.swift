import Datasets
import Foundation
import TestSupport
import Testing

@Suite("MD5")
struct MD5Tests {
  /// The test suite of RFC 1321.
  @Test(
    arguments: [
      ("", "d41d8cd98f00b204e9800998ecf8427e"),
      ("a", "0cc175b9c0f1b6a831c399e269772661"),
      ("abc", "900150983cd24fb0d6963f7d28e17f72"),
      ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
      ("abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"),
      (
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
        "d174ab98d277d9f5a5611c2c9f419d9f"
      ),
      (
        "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
        "57edf4a22be3c955ac49da2e2107b67a"
      ),
    ])
  func `the vectors of the publication`(_ text: String, _ digest: String) {
    #expect(MD5(of: Array(text.utf8)).hexadecimal == digest)
  }

  /// Lengths around a block, where the padding needs a second one.
  @Test(
    arguments: [
      (55, "ef1772b6dff9a122358552954ad0df65"), (56, "3b0c8ac703f828b04c6c197006d17218"),
      (63, "b06521f39153d618550606be297466d5"), (64, "014842d480b571495a4a0363793f7367"),
      (65, "c743a45e0d2e6a95cb859adae0248435"), (119, "8a7bd0732ed6a28ce75f6dabc90e1613"),
      (120, "5f61c0ccad4cac44c75ff505e1f1e537"),
    ])
  func `the padding of every length`(_ count: Int, _ digest: String) {
    #expect(MD5(of: [UInt8](repeating: UInt8(ascii: "a"), count: count)).hexadecimal == digest)
  }

  @Test func `pieces of any length give the digest of the whole`() {
    let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 167) }
    let whole = MD5(of: bytes).hexadecimal
    for length in [1, 3, 63, 64, 65, 127, 128, 999] {
      var digest = MD5()
      for start in stride(from: 0, to: bytes.count, by: length) {
        bytes[start..<min(start + length, bytes.count)].withUnsafeBytes { digest.update($0) }
        _ = digest.hexadecimal  // which ends nothing
      }
      #expect(digest.hexadecimal == whole, "pieces of \(length)")
    }
  }

  @Test func `a file, and one that is not there`() throws {
    let folder = try TemporaryFolder()
    let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
    try folder.write(bytes, to: "file")
    #expect(try MD5(ofFile: "\(folder.path)/file").hexadecimal == MD5(of: bytes).hexadecimal)
    #expect(throws: DatasetError.self) { try MD5(ofFile: "\(folder.path)/none") }
  }
}
