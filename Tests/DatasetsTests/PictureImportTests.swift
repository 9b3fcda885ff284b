import Foundation
import TestSupport
import Testing

@testable import Datasets

/// The import of pictures, by programs that are scripts of these tests; the program itself is tested with real ones.
@Suite("Import of pictures")
struct PictureImportTests {
  private let files: TemporaryFolder

  init() throws { files = try TemporaryFolder() }

  /// Writes a program of the folder `bin`, which takes no part of its picture but the first byte.
  private func addProgram(_ name: String, _ script: String) throws {
    try files.writeProgram(script, to: "bin/\(name)")
  }

  /// Prints a picture of the size that `$size` has, each byte the first one of its input.
  private let paint = """
    byte=$(head -c 1); test "$byte" != "!" || { echo "cannot read this" >&2; exit 3; }
    printf 'P6\\n%s %s\\n255\\n' $size $size
    head -c $((3 * size * size)) /dev/zero | tr '\\0' "$byte"
    """

  /// Finds the size behind `-resize` of ImageMagick.
  private var magick: String {
    "while test \"$1\" != -resize; do shift; done; size=${2%%x*}\n\(paint)"
  }

  private func find() throws -> PictureConverter {
    try PictureConverter.find(in: "/nowhere:\(files.path)/bin", scratch: files.path)
  }

  private func importPictures(
    to name: String = "out", extent: Int = 16, progress: (Int) -> Bool = { _ in true }
  ) throws -> PictureImport.Result {
    let found = try FoundPictures("\(files.path)/pictures")
    return try PictureImport(found, extent: extent, to: "\(files.path)/\(name)")
      .run(path: "\(files.path)/bin", begin: { _ in }, progress: progress)
  }

  private func write(_ byte: String, _ name: String) throws {
    try files.write(byte.utf8, to: "pictures/\(name)")
  }

  // MARK: The program

  @Test func `the first that works is taken, whatever another of its name does`() throws {
    #expect(
      throws: ImportError.noConverter(
        known: ["magick", "convert", "ffmpeg", "sips"], failures: [])
    ) { try find() }
    try addProgram("magick", "echo 'no such delegate' >&2; exit 1")
    try addProgram("convert", "echo 'convert: not the one that you think'")
    try addProgram("ffmpeg", "kill -9 $$")
    let error = #expect(throws: ImportError.self) { try find() }
    let bin = "\(files.path)/bin"
    let text = error.map { "\($0)" } ?? ""
    #expect(
      text.contains("\(bin)/magick: no such delegate; \(bin)/convert: it made no PPM picture"))
    #expect(text.contains("\(bin)/ffmpeg: it was ended by signal 9\nHint: install ImageMagick"))
    try addProgram(
      "ffmpeg",
      "while test \"$1\" != -vf; do shift; done; size=${2#scale=}; size=${size%%:*}\n\(paint)")
    let found = try find()
    #expect(found.program == .ffmpeg && found.path == "\(bin)/ffmpeg")
    try addProgram("magick", magick)
    #expect(try find().program == .magick)
    #expect(chmod("\(bin)/magick", 0o644) == 0)
    #expect(try find().program == .ffmpeg, "what may not be run is passed over")
    #expect(try files.names == ["bin"], "nothing of the trial remains")
  }

  @Test func `sips writes a bitmap, for it knows no pixmaps`() throws {
    let bitmap = Bitmap(extent: 8, pixels: (0..<192).map { UInt8($0) })
    try files.write(bitmap.encoded, to: "made.bmp")
    try addProgram("sips", "for out; do :; done; cp '\(files.path)/made.bmp' \"$out\"")
    let converter = try find()
    #expect(converter.program == .sips)
    try write("a", "x.png")
    let picture = try converter.convert(
      "\(files.path)/pictures/x.png", to: 8, scratch: "\(files.path)/scratch")
    #expect(picture == Pixmap(extent: 8, pixels: bitmap.pixels))
    #expect(try files.names == ["bin", "made.bmp", "pictures"])
  }

  @Test func `bitmaps, from the last row or the first, of 24 or 32 bits`() {
    for extent in [2, 3, 8] {
      let pixels = (0..<3 * extent * extent).map { UInt8($0) }
      let bytes = Bitmap(extent: extent, pixels: pixels).encoded
      #expect(Bitmap(decoding: bytes, extent: extent)?.pixels == pixels)
      #expect(Bitmap(decoding: bytes, extent: extent + 1) == nil)
      for count in [0, 53, bytes.count - 1] {
        #expect(Bitmap(decoding: Array(bytes.prefix(count)), extent: extent) == nil)
      }
      var topDown = bytes
      let height = withUnsafeBytes(of: Int32(-extent).littleEndian) { Array($0) }
      topDown.replaceSubrange(22..<26, with: height)
      let rows = (0..<extent).reversed().flatMap { row -> [UInt8] in
        let start = 3 * extent * row
        return Array(pixels[start..<start + 3 * extent])
      }
      #expect(Bitmap(decoding: topDown, extent: extent)?.pixels == rows)
      var wide = Array(bytes.prefix(54))
      wide[28] = 32
      for y in (0..<extent).reversed() {
        for x in 0..<extent {
          let p = 3 * (y * extent + x)
          wide += [pixels[p + 2], pixels[p + 1], pixels[p], 255]
        }
      }
      #expect(Bitmap(decoding: wide, extent: extent)?.pixels == pixels)
    }
  }

  // MARK: The folder

  @Test func `each picture becomes a pixmap in the folder of its class`() throws {
    try addProgram("magick", magick)
    for (byte, name) in [
      ("a", "cat/1.png"), ("b", "cat/%d [2].JPG"), ("c", "cat/more/1.png"), ("d", "dog/-1.gif"),
      ("e", "dog/1.ppm"), ("x", "dog/notes.txt"), ("x", "notes.md"), ("x", "dog/.hidden.png"),
    ] { try write(byte, name) }
    let found = try FoundPictures("\(files.path)/pictures")
    #expect(found.count == 5 && found.classCount == 2)
    #expect(found.others == ["notes.md", "dog/notes.txt"].map { "\(files.path)/pictures/\($0)" })
    var steps: [Int] = []
    let result = try importPictures {
      steps.append($0)
      return true
    }
    #expect(result == .init(counts: ["cat": 3, "dog": 2], failures: []))
    #expect(steps.first == 0 && steps.last == 5)
    for (byte, name) in [
      ("a", "cat/1.png.ppm"), ("b", "cat/%d [2].JPG.ppm"), ("c", "cat/more-1.png.ppm"),
      ("d", "dog/-1.gif.ppm"), ("e", "dog/1.ppm.ppm"),
    ] {
      let pixels = String(repeating: byte, count: 3 * 16 * 16)
      #expect(try files.read("out/\(name)") == Data("P6\n16 16\n255\n\(pixels)".utf8), "\(name)")
    }
    #expect(try files.names == ["bin", "out", "pictures"], "nothing else remains")
    let images = try RealImages(at: "\(files.path)/out").load()
    #expect(images.extent == 16 && images.imagesPerClass == [3, 2])
    #expect(throws: ImportError.exists("\(files.path)/out")) { try importPictures() }
    #expect(throws: ImportError.exists("\(files.path)/out")) { try importPictures(to: "out//") }
  }

  @Test func `parts stay parts`() throws {
    try addProgram("convert", magick)
    for part in ["train", "val"] {
      for name in ["cat", "dog"] { try write("a", "\(part)/\(name)/1.png") }
    }
    #expect(try importPictures(extent: 28).counts.count == 4)
    for part in DataPart.allCases {
      let images = try RealImages(at: "\(files.path)/out", part)
      #expect(images.extent == 28 && images.count == 2 && images.omissions.isEmpty)
    }
  }

  @Test func `what cannot be converted is told, and a class must have something`() throws {
    try addProgram("magick", magick)
    try write("a", "cat/1.png")
    try write("!", "cat/2.png")
    try write("b", "dog/1.png")
    // Without content on the disk.
    try write("", "cat/3.png")
    #expect(truncate("\(files.path)/pictures/cat/3.png", 1 << 40) == 0)
    let reasons = [
      "2.png: cannot read this", "3.png: it has 1099511627776 bytes, more than any picture",
    ]
    .map { "\(files.path)/pictures/cat/\($0)" }
    #expect(try importPictures() == .init(counts: ["cat": 1, "dog": 1], failures: reasons))
    try write("!", "dog/1.png")
    let error = #expect(throws: ImportError.self) { try importPictures(to: "other") }
    #expect(
      error.map { "\($0)" }?.contains("pictures/dog: expected pictures of a class, found none")
        == true)
    #expect(try files.names == ["bin", "out", "pictures"])
  }

  @Test func `whoever stops it finds nothing of it`() throws {
    try addProgram("magick", magick)
    for index in 0..<9 { for name in ["cat", "dog"] { try write("a", "\(name)/\(index).png") } }
    #expect(throws: ImportError.interrupted) { try importPictures { $0 == 0 } }
    #expect(try files.names == ["bin", "pictures"])
  }

  @Test func `what is no folder of classes`() throws {
    let pictures = "\(files.path)/pictures"
    #expect(throws: ImportError.missingFolder(pictures)) { try FoundPictures(pictures) }
    try write("a", "1.png")
    #expect(throws: ImportError.badClassCount(folder: pictures, limit: 256, found: 0)) {
      try FoundPictures(pictures)
    }
    try write("a", "cat/1.png")
    try write("a", "dog/1.txt")
    #expect(throws: ImportError.noPicture(folder: "\(pictures)/dog", reason: nil)) {
      try FoundPictures(pictures)
    }
  }
}
