import Foundation
import SystemErrors
import TestSupport
import Testing

@testable import Files

/// Reading no more than is wanted, of files and of pipes.
@Suite("Input files")
struct InputFileTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func path(_ name: String) -> String { "\(folder.path)/\(name)" }

  /// A pipe with a name that gets these bytes, piece by piece, and then ends.
  private func pipe(_ name: String, _ bytes: [UInt8], piece: Int) -> String {
    let path = path(name)
    mkfifo(path, 0o600)
    Thread.detachNewThread {
      let descriptor = open(path, O_WRONLY)
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = rest.prefix(piece).withUnsafeBytes {
          write(descriptor, $0.baseAddress, $0.count)
        }
        guard count > 0 else { break }
        rest = rest.dropFirst(count)
      }
      close(descriptor)
    }
    return path
  }

  private func failure(_ read: () throws(FileError) -> Void) -> FileError? {
    do { try read() } catch { return error }
    return nil
  }

  @Test(arguments: [0, 1, 1000, 1 << 18, 600_000])
  func `a file and a pipe are read alike`(_ count: Int) throws {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    try folder.write(bytes, to: "x")
    #expect(try InputFile(named: path("x")).bytes(limit: count) == Data(bytes))
    #expect(try InputFile(own: path("x")).bytes(limit: count) == Data(bytes))
    let pipe = pipe("p", bytes, piece: 999)
    #expect(try InputFile(named: pipe).bytes(limit: count) == Data(bytes))
  }

  @Test func `of what is too large nothing is read, of an endless stream no more than the limit`()
    throws
  {
    signal(SIGPIPE, SIG_IGN)
    try folder.write([], to: "sparse")
    truncate(path("sparse"), 1 << 36)
    let limit = 100_000
    let tooLarge = FileError.tooLarge(limit: limit)
    #expect(
      failure { () throws(FileError) in _ = try InputFile(own: path("sparse")).text(limit: limit) }
        == tooLarge)
    #expect(
      failure { () throws(FileError) in _ = try InputFile(named: "/dev/zero").text(limit: limit) }
        == tooLarge)
    let pipe = pipe("p", Array(repeating: 65, count: limit + 1), piece: 1 << 16)
    #expect(
      failure { () throws(FileError) in _ = try InputFile(named: pipe).text(limit: limit) }
        == tooLarge)
    #expect(tooLarge.description == "expected at most 100000 bytes, found more")
  }

  @Test func `text in UTF-8, without the mark in front`() throws {
    try folder.write(Array("\u{FEFF}\u{E9}\r\n".utf8), to: "marked")
    #expect(try InputFile(named: path("marked")).text() == "\u{E9}\r\n")
    try folder.write([0x61, 0xFF], to: "binary")
    #expect(
      failure { () throws(FileError) in _ = try InputFile(named: path("binary")).text() }
        == .notText)
  }

  @Test func `text in UTF-16, with the mark in front`() throws {
    let text = "{\"a\": \"\u{E9}\u{1F600}\"}\r\n"
    let units = [0xFEFF] + Array(text.utf16)
    let (low, high) = (units.map { UInt8($0 & 0xFF) }, units.map { UInt8($0 >> 8) })
    try folder.write(zip(low, high).flatMap { [$0, $1] }, to: "little")
    try folder.write(zip(high, low).flatMap { [$0, $1] }, to: "big")
    for name in ["little", "big"] { #expect(try InputFile(named: path(name)).text() == text) }
    try folder.write([0xFF, 0xFE], to: "empty")
    #expect(try InputFile(named: path("empty")).text() == "")
    // Half a unit, half of a pair of units, the halves of a pair in turn.
    for bytes in [
      [0xFF, 0xFE, 0x61], [0xFF, 0xFE, 0x3D, 0xD8], [0xFE, 0xFF, 0xDE, 0, 0xD8, 0x3D],
    ] {
      try folder.write(bytes.map { UInt8($0) }, to: "binary")
      #expect(
        failure { () throws(FileError) in _ = try InputFile(named: path("binary")).text() }
          == .notText)
    }
  }

  @Test func `files of a run are regular, and no links`() throws {
    try folder.write([1], to: "x")
    symlink("x", path("link"))
    mkfifo(path("pipe"), 0o600)
    mkdir(path("folder"), 0o700)
    for (name, expected) in [
      ("link", FileError.link), ("pipe", .notRegular),
      ("folder", .system(SystemError(code: EISDIR))),
      ("no", .system(SystemError(code: ENOENT))),
    ] {
      #expect(failure { () throws(FileError) in _ = try InputFile(own: path(name)) } == expected)
    }
    #expect(
      failure { () throws(FileError) in _ = try InputFile(regular: path("pipe")) } == .notRegular)
    #expect(try InputFile(regular: path("link")).bytes(limit: 1) == Data([1]))
    #expect(try InputFile.text(own: path("no"), limit: 1) == nil)
  }

  @Test func `parts of a file and of bytes in memory`() throws {
    let bytes = (0..<100).map { UInt8($0) }
    try folder.write(bytes, to: "x")
    let inFile = try FileBytes(InputFile(own: path("x")), limit: 0)
    for whole in [inFile, FileBytes(Data(bytes)), FileBytes(Data([7, 7] + bytes).dropFirst(2))] {
      #expect(try whole.count == 100 && whole.read() == Data(bytes))
      let part = whole[10..<90]
      #expect(try part[5..<8].read() == Data([15, 16, 17]) && part[80..<80].read().isEmpty)
    }
    truncate(path("x"), 12)
    #expect(try inFile[10..<90].read() == Data([10, 11]))
    let pipe = pipe("p", bytes, piece: 33)
    let inPipe = try FileBytes(InputFile(named: pipe), limit: 100)
    #expect(try inPipe[98..<100].read() == Data([98, 99]))
  }
}
