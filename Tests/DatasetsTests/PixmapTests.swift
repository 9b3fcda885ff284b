import Foundation
import Tensors
import TestSupport
import Testing

@testable import Datasets

@Suite("Pixmaps")
struct PixmapTests {
  private let pixels = (0..<3072).map { UInt8(truncatingIfNeeded: $0 &* 31) }

  private func decode(_ header: String, _ pixels: [UInt8]) throws(DatasetError) -> Pixmap {
    try Pixmap(decoding: Array(header.utf8) + pixels, file: "x.ppm")
  }

  private func failure(_ header: String, _ count: Int) -> DatasetError? {
    do throws(DatasetError) {
      _ = try decode(header, [UInt8](repeating: 7, count: count))
      return nil
    } catch { return error }
  }

  @Test(
    arguments: [
      "P6\n32 32\n255\n", "P6 32 32 255 ", "P6\n# made by hand\n32 # wide\n32\n#\n255\n",
      "P6\t032\r\n0032\u{B}255\u{C}",
    ])
  func `headers that say the same`(_ header: String) throws {
    #expect(try decode(header, pixels) == Pixmap(extent: 32, pixels: pixels))
  }

  @Test func `pixels may look like white space and comments`() throws {
    let blank = [UInt8](repeating: UInt8(ascii: "\n"), count: 3072)
    #expect(try decode("P6\n32 32\n255\n", blank).pixels == blank)
    let signs = [UInt8](repeating: UInt8(ascii: "#"), count: 3072)
    #expect(try decode("P6\n32 32\n255\n", signs).pixels == signs)
  }

  @Test func `a grey picture has three equal colours`() throws {
    let grey = Array(pixels.prefix(1024))
    let picture = try decode("P5\n32 32\n255\n", grey)
    #expect(picture.extent == 32 && picture.pixels == grey.flatMap { [$0, $0, $0] })
    #expect(failure("P5\n32 32\n255\n", 3072) != nil)
  }

  @Test(arguments: [8, 16, 28, 48, 64, 256]) func `sizes that can be halved twice`(
    _ extent: Int
  ) throws {
    let pixels = [UInt8](repeating: 3, count: 3 * extent * extent)
    #expect(try decode("P6 \(extent) \(extent) 255 ", pixels).extent == extent)
  }

  @Test(arguments: [(4, 4), (30, 30), (31, 31), (260, 260), (48, 32), (0, 0), (1_000_000, 32)])
  func `other sizes`(_ width: Int, _ height: Int) {
    let error = failure("P6 \(width) \(height) 255 ", 9)
    #expect(error == .wrongExtent(file: "x.ppm", width: width, height: height))
    let text = error.map { "\($0)" } ?? ""
    #expect(text.contains("a multiple of 4 from 8 to 256, found \(width) x \(height) pixels"))
    #expect(text.contains("the networks halve an image twice"))
  }

  @Test(arguments: [
    ("P1", "which is text"), ("P2", "which is text"), ("P3", "which is text"),
    ("P4", "which is black and white alone"), ("P7", "which has a header of another form"),
    ("PF", "which has numbers of 32 bits"), ("Pf", "which has numbers of 32 bits"),
  ])
  func `relatives are told as what they are`(_ kind: String, _ words: String) {
    let error = failure("\(kind)\n32 32\n255\n", 20_000)
    #expect(error == .otherPixmap(file: "x.ppm", kind: kind))
    #expect(error?.description.contains("found \(kind), \(words)\nHint: convert it") == true)
  }

  @Test func `text and 16 bits are told as what they are`() throws {
    let deep = failure("P6\n32 32\n65535\n", 6144)
    #expect(deep == .wrongDepth(file: "x.ppm", found: 65_535))
    #expect(deep?.description.contains("found 65535: 16 bits a colour\nHint: convert it") == true)
    #expect(failure("P6\n32 32\n127\n", 3072) == .wrongDepth(file: "x.ppm", found: 127))
    // From a file, which is longer than any picture that is read.
    let folder = try TemporaryFolder()
    let text = "P3\n512 512\n255\n" + String(repeating: "100 ", count: 3 * 512 * 512)
    try folder.write(text.utf8, to: "x.ppm")
    let file = "\(folder.path)/x.ppm"
    #expect(throws: DatasetError.otherPixmap(file: file, kind: "P3")) { try Pixmap(file: file) }
  }

  @Test func `a picture of another kind by the name of a pixmap`() {
    let png = String(decoding: Array("PNG".utf8), as: UTF8.self)
    do throws(DatasetError) {
      _ = try Pixmap(
        decoding: [0x89] + Array(png.utf8) + [UInt8](repeating: 0, count: 90), file: "x")
      Issue.record("a PNG picture was read")
    } catch {
      #expect(error == .otherFile(file: "x", expected: "a PPM or PGM picture", found: .png))
    }
  }

  @Test(
    arguments: [
      ("", 0, "the signature P6 or P5 at byte 0", "the end of the file"),
      ("P8\n32 32\n", 3072, "the signature P6 or P5 at byte 0", "'P8'"),
      ("P632 32 255\n", 3072, "white space at byte 2", "'32'"),
      ("P6\n32 -32\n255\n", 3072, "the height at byte 6", "'-32'"),
      ("P6\n99999999999999999999999999 32\n255\n", 3072, "the width at byte 3", "'99999999'"),
      ("P6\n32 32\n255", 0, "white space at byte 12", "the end of the file"),
      ("P6\n32 32\n# no end", 0, "the largest value at byte 17", "the end of the file"),
      ("P6\n\u{1}", 0, "the width at byte 3", "the byte 1"),
      ("P6\n32 32\n255\n", 3071, "3072 bytes of pixels after the header", "3071"),
      ("P6\n32 32\n255\n", 3073, "3072 bytes of pixels after the header", "3073"),
      ("P6\n32 32\n255\r\n", 3072, "3072 bytes of pixels after the header", "3073"),
      (
        "P6\n#" + String(repeating: "x", count: 1100), 0, "the width at byte 1024",
        "no end of the header"
      ),
    ])
  func `what is wrong, and where`(
    _ header: String, _ count: Int, _ expected: String, _ found: String
  ) {
    #expect(
      failure(header, count) == .badPixmap(file: "x.ppm", expected: expected, found: found))
  }

  @Test func `of a file far too large nothing but the header is read`() throws {
    let folder = try TemporaryFolder()
    try folder.write("P6 32 32 255\n".utf8, to: "x.ppm")
    // Without content on the disk, and far larger than the memory.
    #expect(truncate("\(folder.path)/x.ppm", 1 << 43) == 0)
    let error = #expect(throws: DatasetError.self) { try Pixmap(file: "\(folder.path)/x.ppm") }
    #expect(
      error
        == .badPixmap(
          file: "\(folder.path)/x.ppm", expected: "3072 bytes of pixels after the header",
          found: "\((1 << 43) - 13)"))
  }

  @Test func `a pipe is not waited for`() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/x.ppm"
    #expect(mkfifo(path, 0o600) == 0)
    #expect(throws: DatasetError.unreadable(file: path, reason: "it is no regular file")) {
      try Pixmap(file: path)
    }
  }

  @Test func `ten thousand random damages give an image or an error`() {
    var generator = RandomGenerator(seed: 11)
    let whole = Array("P6\n# c\n32 32\n255\n".utf8) + pixels
    var refused = 0
    for _ in 0..<10_000 {
      var damaged = whole
      for _ in 0...generator.integer(below: 3) {
        let isHeader = generator.integer(below: 2) == 0
        damaged[generator.integer(below: isHeader ? 17 : whole.count)] =
          UInt8(truncatingIfNeeded: generator.next())
      }
      if generator.integer(below: 4) == 0 {
        damaged.removeLast(generator.integer(below: whole.count))
      }
      do throws(DatasetError) {
        let image = try Pixmap(decoding: damaged, file: "x")
        #expect(image.extent == 32 && image.pixels == Array(damaged.suffix(3072)))
      } catch {
        refused += 1
        switch error {
        case .badPixmap(file: "x", _, _), .otherPixmap(file: "x", _), .wrongDepth(file: "x", _),
          .wrongExtent(file: "x", _, _), .otherFile(file: "x", _, _):
          break
        default: Issue.record("\(error)")
        }
      }
    }
    #expect(refused > 5000 && refused < 10_000, "\(refused)")
  }
}
