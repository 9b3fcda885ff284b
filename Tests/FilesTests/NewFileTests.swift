import Foundation
import SystemErrors
import TestSupport
import Testing

@testable import Files

/// Writing beside what is there already.
@Suite("New files")
struct NewFileTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func path(_ name: String) -> String { "\(folder.path)/\(name)" }

  private func write(
    _ text: String, to name: String, _ place: NewFile.Place = .own
  ) throws(SystemError) {
    try NewFile.write(Array(text.utf8), to: path(name), place)
  }

  private func text(_ name: String) throws -> String {
    String(decoding: try folder.read(name), as: UTF8.self)
  }

  @Test(arguments: [0, 1, 1 << 20, (1 << 20) + 1, 3_000_000])
  func `pieces of any size make one file`(_ count: Int) throws {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let file = try NewFile(path("x"))
    var rest = bytes[...]
    for size in [1, 7, 1 << 20, 1000, 1 << 21] {
      try rest.prefix(size).withUnsafeBytes { try file.write($0) }
      rest = rest.dropFirst(size)
    }
    #expect(!folder.has("x"))
    try file.commit()
    #expect(try folder.read("x") == Data(bytes.dropLast(rest.count)))
    #expect(try folder.names == ["x"])
  }

  @Test func `without its end nothing is left, and what was there stays`() throws {
    try write("old", to: "x")
    do {
      let file = try NewFile(path("x"))
      try Array("new".utf8).withUnsafeBytes { try file.write($0) }
      #expect(try folder.names.count == 2)
    }
    #expect(try folder.names == ["x"] && text("x") == "old")
  }

  @Test func `the file before gets another name, and the mode stays`() throws {
    try write("1", to: "x")
    chmod(path("x"), 0o600)
    for number in 2...3 {
      let file = try NewFile(path("x"))
      try Array("\(number)".utf8).withUnsafeBytes { try file.write($0) }
      try file.commit(keeping: path("previous"))
    }
    #expect(try text("x") == "3" && text("previous") == "2")
    #expect(try folder.names == ["previous", "x"])
    let mode = try FileManager.default.attributesOfItem(atPath: path("x"))[.posixPermissions]
    #expect(mode as? Int == 0o600)
  }

  @Test func `where the new file cannot have its name, the old one has it again`() throws {
    try write("old", to: "x")
    let file = try NewFile(path("x"))
    // A folder with content cannot be replaced.
    try folder.write([], to: "previous/x")
    #expect(throws: SystemError.self) { try file.commit(keeping: path("previous")) }
    #expect(try text("x") == "old")
  }

  @Test func `a link is replaced in a folder of the program, and followed where the user named it`()
    throws
  {
    try write("outside", to: "outside")
    for link in ["own", "named"] { symlink("outside", path(link)) }
    symlink("nowhere", path("dangling"))
    try write("1", to: "own")
    #expect(try text("outside") == "outside" && text("own") == "1")
    try write("2", to: "named", .named)
    #expect(try text("outside") == "2" && text("own") == "1")
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: path("named")) == "outside")
    try write("3", to: "dangling", .named)
    #expect(try text("dangling") == "3" && !folder.has("nowhere"))
  }

  @Test func `a pipe in a folder of the program is replaced, and not waited for`() throws {
    mkfifo(path("x"), 0o600)
    try write("1", to: "x")
    #expect(isRegularFile(path("x")))
  }

  @Test func `what must be free is never replaced`() throws {
    try write("1", to: "x", .free)
    #expect(throws: SystemError(code: EEXIST)) { try write("2", to: "x", .free) }
    // Also if it comes while the file is written.
    let file = try NewFile(path("y"), .free)
    try write("first", to: "y")
    #expect(throws: SystemError(code: EEXIST)) { try file.commit() }
    #expect(try text("x") == "1" && text("y") == "first")
  }

  @Test(arguments: [
    "a", "-x", "\u{E9}", "a b\nc", "'\"$HOME%20", String(repeating: "x", count: 255),
  ])
  func `any name that the system takes`(_ name: String) throws {
    for place in [NewFile.Place.own, .named] {
      try write("1", to: name, place)
      #expect(try text(name) == "1")
    }
    #expect(try folder.names.count == 1)
  }

  @Test func `what cannot be a file is told in the words of the system`() throws {
    try folder.write([1], to: "file")
    for (name, code) in [
      ("", EISDIR), (".", EISDIR), ("no/x", ENOENT), ("file/x", ENOTDIR), ("new/", ENOTDIR),
      (String(repeating: "x", count: 256), ENAMETOOLONG),
    ] {
      for place in [NewFile.Place.own, .named, .free] {
        let error = #expect(throws: SystemError.self) { try write("1", to: name, place) }
        #expect(error?.code == code || name == "new/", "\(name): \(error?.description ?? "")")
      }
    }
    for path in ["", "/", "..", "."] {
      #expect(throws: SystemError.self) { try NewFile.write([1] as [UInt8], to: path) }
    }
    #expect(try folder.names == ["file"])
  }

  @Test func `what a killed process left goes with the next file`() throws {
    let ended = Process()
    ended.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    ended.arguments = ["true"]
    try ended.run()
    waitForEnd(ended)
    let number = ended.processIdentifier
    try folder.write([1], to: "keep/me")
    try folder.write([1], to: ".toponas-\(number)-1.partial")
    try folder.write([1], to: ".toponas-\(number)-2.partial/inside")
    symlink("keep", path(".toponas-\(number)-3.partial"))
    // Of a process that works, of a name alone, and of one that nobody has made here.
    let others = [".toponas-\(getpid())-1.partial", ".toponas-x.partial", "x.partial"]
    for name in others { try folder.write([1], to: name) }
    // One of another machine has the lock.
    try folder.write([1], to: ".toponas-\(number)-4.partial")
    let lock = open(path(".toponas-\(number)-4.partial"), O_RDONLY | O_CLOEXEC)
    #expect(flock(lock, LOCK_EX) == 0)
    try write("1", to: "x")
    #expect(
      try folder.names == ([".toponas-\(number)-4.partial", "keep", "x"] + others).sorted())
    flock(lock, LOCK_UN)
    close(lock)
    try write("2", to: "x")
    #expect(try folder.names == (["keep", "x"] + others).sorted() && folder.has("keep/me"))
  }

  // MARK: Others

  @Test func `lines are appended whole, to regular files alone`() throws {
    try folder.write([], to: "outside")
    symlink("outside", path("link"))
    mkfifo(path("pipe"), 0o600)
    try GrowingFile(path("x")).appendWhole(Array("1\n".utf8))
    try GrowingFile(path("x")).appendWhole(Array("2\n".utf8))
    #expect(try text("x") == "1\n2\n")
    #expect(throws: FileError.link) { try GrowingFile(path("link")) }
    #expect(throws: FileError.notRegular) { try GrowingFile(path("pipe")) }
    #expect(throws: FileError.notRegular) { try GrowingFile("/dev/null") }
    #expect(try folder.read("outside").isEmpty)
  }

  @Test func `folders with those above them`() throws {
    try createFolder(path("a/b/c"))
    try createFolder(path("a/b/c/"))
    try createFolder(path("a/./d/../e"))
    #expect(folder.has("a/b/c") && folder.has("a/e"))
    #expect(throws: SystemError(code: EEXIST)) { try createNewFolder(path("a/b")) }
    try folder.write([], to: "file")
    #expect(throws: SystemError(code: EEXIST)) { try createFolder(path("file")) }
    #expect(throws: SystemError(code: ENOTDIR)) { try createFolder(path("file/x/y")) }
    #expect(throws: SystemError(code: ENOENT)) { try createFolder("") }
    try createFolder("/")
    try createFolder(".")
  }

  @Test func `a new folder has its name when it is whole`() throws {
    do {
      let new = try NewFolder(path("data"))
      try NewFile.write([1] as [UInt8], to: "\(new.temporary)/x")
      #expect(!folder.has("data"))
      try new.commit()
    }
    #expect(folder.has("data/x"))
    do {
      let new = try NewFolder(path("other"))
      try NewFile.write([2] as [UInt8], to: "\(new.temporary)/x")
      #expect(try folder.names.count == 2)
      withExtendedLifetime(new) {}
    }
    #expect(try folder.names == ["data"])
  }
}
