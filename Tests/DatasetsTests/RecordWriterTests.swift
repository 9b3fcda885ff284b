import Datasets
import Foundation
import Testing

@Suite("Records of CIFAR-10, written")
struct RecordWriterTests {
  @Test func `what is written is read again`() throws {
    let images = SyntheticImages.make(count: 13, seed: 3)
    let bytes = CIFAR10.encode(images)
    #expect(bytes.count == 13 * 3073)
    let read = try CIFAR10.decode(bytes, file: "x")
    #expect(read.labels == images.labels && read.pixels == images.pixels)
  }

  @Test func `planes of red, green and blue behind the label`() {
    let pixels = Array(repeating: [UInt8](1...3), count: 1024).flatMap { $0 }
    let bytes = CIFAR10.encode(
      ImageSet(
        pixels: pixels, labels: [7], classNames: CIFAR10.classNames, normalization: .cifar10))
    let expected: [UInt8] =
      [7] + (1...3).flatMap { [UInt8](repeating: $0, count: 1024) }
    #expect(Array(bytes) == expected)
  }
}
