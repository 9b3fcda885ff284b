import Foundation
import TestSupport
import Testing

/// `toponas data import` as a process.
@Suite("toponas data import", .serialized)
struct DataImportTests {
  /// Runs the program with another `PATH`.
  private func toponas(_ arguments: [String], path: String) throws -> ProgramOutcome {
    let process = toponasProcess()
    var environment = ProcessInfo.processInfo.environment
    environment["PATH"] = path
    process.environment = environment
    return try outcome(of: process, ["data", "import"] + arguments)
  }

  /// A bitmap of two shades, left and right.
  private func bitmap(_ shades: [UInt8], extent: Int = 40) -> [UInt8] {
    let little = { (number: Int) in (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } }
    let rows = (0..<extent).flatMap { _ in
      (0..<3 * extent).map { shades[$0 < 3 * extent / 2 ? 0 : 1] }
    }
    return [0x42, 0x4D] + little(54 + rows.count) + little(0) + little(54) + little(40)
      + little(extent) + little(extent) + [1, 0, 24, 0] + little(0) + little(rows.count)
      + little(2835) + little(2835) + little(0) + little(0) + rows
  }

  private func pictures(in files: TemporaryFolder) throws {
    for (label, name) in ["land", "sea"].enumerated() {
      for index in 0..<12 {
        let shade = UInt8(20 + 90 * label + index)
        try files.write(bitmap([shade, shade + 100]), to: "pictures/\(name)/\(index).bmp")
      }
    }
  }

  private static let programs: [String] = {
    let folders = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":") ?? []
    return ["magick", "convert", "ffmpeg", "sips"].filter { name in
      folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(name)") }
        && tellsItsVersion(name)
    }
  }()

  /// Whether a program is what its name says: some machines have others of the same name.
  private static func tellsItsVersion(_ program: String) -> Bool {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    let option = program == "sips" ? "--version" : "-version"
    return (try? outcome(of: process, [program, option]))?.status == 0
  }

  @Test(
    .enabled(if: !programs.isEmpty, "none of magick, convert, ffmpeg and sips works here"),
    arguments: programs)
  func `a program of this machine makes pictures that are searched`(_ program: String) throws {
    let files = try TemporaryFolder()
    try pictures(in: files)
    try files.write([1], to: "pictures/sea/notes.txt")
    // This one alone.
    let folders = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":") ?? []
    try FileManager.default.createDirectory(
      atPath: "\(files.path)/bin", withIntermediateDirectories: true)
    for folder in folders.reversed() where access("\(folder)/\(program)", X_OK) == 0 {
      unlink("\(files.path)/bin/\(program)")
      symlink("\(folder)/\(program)", "\(files.path)/bin/\(program)")
    }
    let outcome = try toponas(
      ["\(files.path)/pictures", "--out", "\(files.path)/made", "--size", "16"],
      path: "\(files.path)/bin:\(files.path)/bin/more")
    try #require(outcome.status == 0, "\(outcome.error)")
    #expect(
      outcome.error.contains("24 pictures to 16 x 16 pixels, by \(files.path)/bin/\(program)"))
    #expect(outcome.error.contains("left out: \(files.path)/pictures/sea/notes.txt"))
    #expect(
      outcome.output.hasPrefix("images  \(files.path)/made: 24 pictures of 2 classes, 16 x 16"))
    let picture = Array(try files.read("made/sea/3.bmp.ppm"))
    #expect(picture.starts(with: Array("P6\n16 16\n255\n".utf8)) && picture.count == 13 + 768)
    let row = picture[13..<13 + 48]
    #expect(row.prefix(12).allSatisfy { abs(Int($0) - 113) <= 2 }, "\(row)")
    #expect(row.suffix(12).allSatisfy { abs(Int($0) - 213) <= 2 }, "\(row)")
    let search = try TestSupport.toponas([
      "search", "--quiet", "--data", "\(files.path)/made", "--channels", "2", "--cells", "1",
      "--epochs", "1", "--train-images", "24", "--batch", "8", "--out", "\(files.path)/run",
    ])
    #expect(search.status == 0, "\(search.error)")
    #expect(search.output.contains("(C = 16, N = 5, 2 classes, 16 x 16)"))
  }

  @Test func `where no program is there, or none works, that is said`() throws {
    let files = try TemporaryFolder()
    try pictures(in: files)
    let words = ["\(files.path)/pictures", "--out", "\(files.path)/made"]
    let none = try toponas(words, path: "/nowhere")
    #expect(none.status == 1)
    #expect(
      none.error.hasPrefix(
        "error: no program that converts pictures: looked for magick, convert, ffmpeg, sips in PATH"
          + "\nHint: install ImageMagick or FFmpeg"))
    try files.writeProgram("echo 'not today' >&2; exit 1", to: "bin/magick")
    let broken = try toponas(words, path: "\(files.path)/bin")
    #expect(broken.status == 1)
    #expect(broken.error.contains("in PATH; \(files.path)/bin/magick: not today\nHint: "))
    #expect(try files.names == ["bin", "pictures"])
  }

  @Test(arguments: [
    ([], 64, "PICTURES is needed"), (["x"], 64, "--out is needed"),
    (["x", "--out", "y", "--size", "30"], 64, "--size: expected a multiple of 4 from 8 to 256"),
    (["x", "--out", "y", "--size", "4"], 64, "--size: expected a whole number from 8 to 256"),
    (["/nowhere", "--out", "y"], 66, "no folder at /nowhere"),
    (["/etc/hosts", "--out", "y"], 66, "/etc/hosts: expected a folder of pictures, found a file"),
  ])
  func `wrong input gets one message and its code`(
    _ arguments: [String], _ status: Int32, _ message: String
  ) throws {
    try expectRefusal(["data", "import"] + arguments, status, message)
  }

  @Test func `nothing is written over, and one letter is a name`() throws {
    let files = try TemporaryFolder()
    try pictures(in: files)
    try files.writeProgram("printf 'P6 8 8 255 '; head -c 192 /dev/zero", to: "bin/magick")
    let process = toponasProcess()
    process.currentDirectoryURL = URL(fileURLWithPath: files.path)
    process.environment = ["PATH": "\(files.path)/bin:/usr/bin:/bin"]
    let words = ["data", "import", "pictures", "--size", "8", "--quiet", "--out", "c"]
    let outcome = try outcome(of: process, words)
    #expect(outcome.status == 0 && outcome.error == "", "\(outcome.error)")
    #expect(try files.names == ["bin", "c", "pictures"])
    try expectRefusal(
      ["data", "import", "\(files.path)/pictures", "--out", "\(files.path)/c"], 73,
      "c exists already")
    try expectRefusal(
      ["data", "import", "\(files.path)/pictures", "--out", "/proc/version/x"], 73,
      "cannot create /proc/version")
  }
}
