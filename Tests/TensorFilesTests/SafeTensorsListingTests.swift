import Foundation
import TensorFiles
import Tensors
import Testing

@Suite("Listings of safetensors files")
struct SafeTensorsListingTests {
  /// A file with a tensor of 32 bits a number, one of 16 and one of whole numbers of 64 bits.
  private func file(offsets: [[Int]] = [[0, 8], [8, 12], [12, 20]], data: Int = 20) -> Data {
    let header =
      #"{"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[2],"data_offsets":\#(offsets[0])},"#
      + #""b":{"dtype":"BF16","shape":[1,2],"data_offsets":\#(offsets[1])},"#
      + #""c":{"dtype":"I64","shape":[],"data_offsets":\#(offsets[2])}}"#
    return withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) }
      + Data(header.utf8) + Data([0, 0, 128, 63, 0, 0, 0, 192]) + Data(count: data - 8)
  }

  private func problem(_ body: () throws(SafeTensorsError) -> Void) -> SafeTensorsError.Problem? {
    do throws(SafeTensorsError) { try body() } catch { return error.problem }
    return nil
  }

  @Test func `tensors of any type are listed, and those of known types read`() throws {
    let listing = try SafeTensorsListing(decoding: file(), from: "x")
    #expect(listing.metadata == ["k": "v"] && listing.file == "x")
    #expect(listing.items.mapValues(\.type) == ["a": "F32", "b": "BF16", "c": "I64"])
    #expect(listing.items["b"]?.extents == [1, 2] && listing.items["c"]?.extents == [])
    #expect(try listing.tensor("a") == Tensor([1, -2], shape: [2]))
    #expect(try listing.tensor("b") == Tensor([0, 0], shape: [1, 2]))
    #expect(listing.items.mapValues(\.isOfScalars) == ["a": true, "b": true, "c": false])
    #expect(
      problem { () throws(SafeTensorsError) in _ = try listing.tensor("c") }
        == .type(tensor: "c", found: "I64"))
    #expect(
      problem { () throws(SafeTensorsError) in _ = try listing.tensor("d") }
        == .absent(tensor: "d"))
  }

  @Test(arguments: [
    ([[0, 8], [8, 12], [12, 21]], 20), ([[0, 8], [4, 12], [12, 20]], 20),
    ([[0, 8], [8, 12], [16, 20]], 20), ([[0, 8], [8, 12], [12, 20]], 24),
    ([[0], [8, 12], [12, 20]], 20), ([[-8, 0], [0, 12], [12, 20]], 20),
  ])
  func `places that are not those of all bytes are refused`(_ offsets: [[Int]], _ data: Int) {
    let bytes = file(offsets: offsets, data: data)
    let found = problem { () throws(SafeTensorsError) in
      _ = try SafeTensorsListing(decoding: bytes, from: "x")
    }
    #expect(found != nil)
  }

  @Test func `a tensor of fewer bytes than its shape needs is not read`() throws {
    let bytes = file(offsets: [[0, 4], [4, 12], [12, 20]])
    let listing = try SafeTensorsListing(decoding: bytes, from: "x")
    #expect(
      problem { () throws(SafeTensorsError) in _ = try listing.tensor("a") }
        == .size(tensor: "a", expected: 8, found: 4))
  }

  @Test func `a file that is not there`() {
    let found = problem { () throws(SafeTensorsError) in
      _ = try SafeTensorsListing(contentsOf: "/nowhere.safetensors")
    }
    guard case .unreadable = found else {
      Issue.record("found \(String(describing: found))")
      return
    }
  }
}
