import Foundation
import Reports
import Testing

@Suite("Run folder")
struct RunFolderTests {
  private let root = NSTemporaryDirectory() + "toponas-run-\(UUID().uuidString)"

  private func read(_ path: String) throws -> String {
    try String(contentsOfFile: path, encoding: .utf8)
  }

  @Test func `files are written whole and lines appended`() throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    let folder = try RunFolder(creating: "\(root)/a/b")
    try folder.write("one", to: "x.txt")
    try folder.write("two", to: "x.txt")
    #expect(try read("\(folder.path)/x.txt") == "two")
    for number in 1...3 { try folder.append(lines: ["\(number)"], to: "lines.txt") }
    #expect(try read("\(folder.path)/lines.txt") == "1\n2\n3\n")
    try folder.write(json: ["b": 1, "a": 2], to: "x.json")
    #expect(try read("\(folder.path)/x.json") == "{\n  \"a\" : 2,\n  \"b\" : 1\n}\n")
    try folder.append(json: ["b": "x/y", "a": "z"], to: "x.jsonl")
    #expect(try read("\(folder.path)/x.jsonl") == "{\"a\":\"z\",\"b\":\"x/y\"}\n")
  }

  @Test func `a folder in use is left alone, a free name is found`() throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    #expect(RunFolder.freePath(root) == root)
    let folder = try RunFolder(creating: root)
    _ = try RunFolder(creating: root)  // still empty
    try folder.write("x", to: "x.txt")
    #expect(throws: RunFolderError.exists(root)) { try RunFolder(creating: root) }
    #expect(RunFolder.freePath(root) == "\(root)-2")
    #expect(try read("\(root)/x.txt") == "x")
  }

  @Test func `a file in the way is told`() throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    try Data("x".utf8).write(to: URL(fileURLWithPath: root))
    #expect(throws: RunFolderError.exists(root)) { try RunFolder(creating: root) }
    #expect {
      try RunFolder(creating: "\(root)/below")
    } throws: { error in
      guard case .cannotCreate(let path, _)? = error as? RunFolderError else { return false }
      return path == "\(root)/below"
    }
  }

  @Test func `a number that JSON has not is told, not fatal`() throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    let folder = try RunFolder(creating: root)
    #expect {
      try folder.write(json: ["loss": Double.nan], to: "x.json")
    } throws: { error in
      guard case .cannotWrite("x.json", _)? = error as? RunFolderError else { return false }
      return true
    }
  }

  @Test func `a folder that went away is told`() throws {
    let folder = try RunFolder(creating: root)
    try FileManager.default.removeItem(atPath: root)
    #expect {
      try folder.append(lines: ["x"], to: "x.txt")
    } throws: { error in
      guard case .cannotWrite(let file, _)? = error as? RunFolderError else { return false }
      return file == "\(root)/x.txt"
    }
  }

  @Test func `lines that were written to their ends`() throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    let folder = try RunFolder(creating: root)
    #expect(try folder.lines(of: "x.txt").isEmpty && folder.text(of: "x.txt") == nil)
    try folder.write("a\n\nb\nc", to: "x.txt")
    #expect(try folder.lines(of: "x.txt") == ["a", "", "b"])
    try folder.remove("x.txt")
    try folder.remove("x.txt")
    #expect(!folder.has("x.txt"))
    #expect(throws: RunFolderError.notARun(root)) { try RunFolder(opening: root) }
    try folder.write("{}", to: "config.json")
    #expect(try RunFolder(opening: root).path == root)
  }

  @Test func `one lock at a time, and looking at it does no harm`() throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    let folder = try RunFolder(creating: root)
    #expect(!folder.isInUse)
    do {
      let locked = try folder.locked()
      #expect(folder.isInUse && folder.isInUse && locked.isInUse)
      #expect(throws: RunFolderError.inUse(root)) { try folder.locked() }
      // The folder is locked, whatever becomes of the file.
      try FileManager.default.removeItem(atPath: "\(root)/.lock")
      #expect(folder.isInUse)
      #expect(throws: RunFolderError.inUse(root)) { try folder.locked() }
      try locked.write("x", to: "x.txt")
    }
    #expect(!folder.isInUse)
    _ = try folder.locked()
    try folder.remove(".lock")
    try FileManager.default.createDirectory(
      atPath: "\(root)/.lock", withIntermediateDirectories: false)
    let refused = #expect(throws: RunFolderError.self) { try folder.locked() }
    #expect("\(try #require(refused))".hasPrefix("cannot lock the run folder \(root): "))
  }

  @Test func `a folder that was moved, removed or replaced is not written into`() throws {
    let files = FileManager.default
    defer { for path in [root, "\(root)-old"] { try? files.removeItem(atPath: path) } }
    for change in ["moved", "removed", "replaced", "linked"] {
      for path in [root, "\(root)-old"] { try? files.removeItem(atPath: path) }
      let folder = try RunFolder(claiming: root)
      try folder.append(lines: ["a"], to: "a.txt")
      if change == "removed" {
        try files.removeItem(atPath: root)
      } else {
        try files.moveItem(atPath: root, toPath: "\(root)-old")
      }
      if change == "replaced" {
        _ = try RunFolder(claiming: root)
        try Data("b\n".utf8).write(to: URL(fileURLWithPath: "\(root)/a.txt"))
      }
      if change == "linked" {
        // The same folder on another way.
        try files.createSymbolicLink(atPath: root, withDestinationPath: "\(root)-old")
        try folder.append(lines: ["b"], to: "a.txt")
        continue
      }
      let writes: [() throws -> Void] = [
        { try folder.checkOwnership() },
        { try folder.write("c", to: "a.txt") },
        { try folder.append(lines: ["c"], to: "a.txt") },
        { try folder.remove("a.txt") },
      ]
      for write in writes { #expect(throws: RunFolderError.lost(root)) { try write() } }
      #expect(files.fileExists(atPath: root) == (change == "replaced"))
      if change == "replaced" { #expect(try read("\(root)/a.txt") == "b\n") }
      if change != "removed" { #expect(try read("\(root)-old/a.txt") == "a\n") }
    }
  }

  @Test func `a claimed folder holds nothing of another run`() throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    let first = try RunFolder(claimingFreePathLike: "\(root)/run")
    let second = try RunFolder(claimingFreePathLike: "\(root)/run")
    #expect([first.path, second.path] == ["\(root)/run", "\(root)/run-2"])
    #expect(throws: RunFolderError.inUse(first.path)) { try RunFolder(claiming: first.path) }
    // An empty folder, and one that only a killed search has left, are free.
    try FileManager.default.createDirectory(
      atPath: "\(root)/empty", withIntermediateDirectories: false)
    for _ in 1...2 { _ = try RunFolder(claiming: "\(root)/empty") }
    try first.write("x", to: "x.txt")
    #expect(throws: RunFolderError.exists(first.path)) { try RunFolder(creating: first.path) }
  }

  @Test func `JSON in snake case, there and back`() throws {
    struct Value: Codable, Equatable {
      let aNumber: Double
      let beta1: Int?
    }
    let numbers: [Double] = [
      0.1, 1e-300, 1 / 3, -0.0, .leastNonzeroMagnitude, 1.797693134862315e308,
    ]
    for number in numbers {
      let value = Value(aNumber: number, beta1: 1)
      let line = try JSONText.line(value)
      #expect(line.hasPrefix("{\"a_number\":"))
      let read: Value = try JSONText.decode(from: line)
      #expect(read == value && read.aNumber.bitPattern == number.bitPattern, "\(line)")
    }
  }
}
