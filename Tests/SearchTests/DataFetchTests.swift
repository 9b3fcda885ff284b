import Datasets
import Foundation
import TestSupport
import Testing

/// `toponas data fetch` as a process, from a server of this machine.
@Suite("toponas data fetch", .serialized)
struct DataFetchTests {
  static let names = (1...5).map { "data_batch_\($0).bin" } + ["test_batch.bin"]
  static let partial = "cifar-10-binary.tar.gz.partial"

  /// An archive with batches of the right size, all zeros, and 200,000 bytes that no compression makes fewer.
  static let archive: Data = (try? packed(names)) ?? Data()

  /// Files of zeros and of so many bytes, by their names, in the folder that an archive has.
  private static func packed(
    _ names: [String], bytes: Int = 30_730_000, in folder: String = "cifar-10-batches-bin"
  ) throws -> Data {
    try packed(Dictionary(uniqueKeysWithValues: names.map { ($0, bytes) }), in: folder)
  }

  private static func packed(_ sizes: [String: Int], in folder: String) throws -> Data {
    let files = try TemporaryFolder()
    var generator = SystemRandomNumberGenerator()
    let noise = (0..<25_000).flatMap { _ in
      withUnsafeBytes(of: generator.next() as UInt64) { Array($0) }
    }
    try files.write(noise, to: "\(folder)/noise")
    for (name, bytes) in sizes {
      try files.write([], to: "\(folder)/\(name)")
      truncate("\(files.path)/\(folder)/\(name)", bytes)
    }
    return try tar([folder], in: files)
  }

  /// An archive of what a folder holds.
  private static func tar(_ names: [String], in folder: TemporaryFolder) throws -> Data {
    let tar = Process()
    tar.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    tar.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    tar.arguments = ["tar", "-czf", "packed.tar.gz"] + names
    try tar.run()
    tar.waitUntilExit()
    return try folder.read("packed.tar.gz")
  }

  /// Fetches what is expected to be `file`.
  private func fetch(
    _ file: Data, _ url: String, into files: TemporaryFolder, md5: String? = nil,
    set: String = "cifar10"
  ) throws -> ProgramOutcome {
    let process = toponasProcess()
    // Nothing may stand between the program and the server.
    process.environment = ProcessInfo.processInfo.environment.filter {
      !$0.key.lowercased().hasSuffix("_proxy")
    }
    return try outcome(
      of: process,
      [
        "data", "fetch", set, "--url", url, "--out", files.path, "--size", "\(file.count)",
        "--md5", md5 ?? MD5(of: file).hexadecimal,
      ])
  }

  private func expectBatches(_ files: TemporaryFolder) throws {
    for name in Self.names {
      #expect(try files.read("cifar-10-batches-bin/\(name)").count == 30_730_000)
    }
    let left = try files.names
    #expect(left == ["cifar-10-batches-bin"])
    let batches = try FileManager.default.contentsOfDirectory(
      atPath: "\(files.path)/cifar-10-batches-bin")
    #expect(batches.sorted() == Self.names.sorted(), "and no noise")
  }

  @Test func `a download through a redirect, and nothing the second time`() throws {
    let (archive, files) = (Self.archive, try TemporaryFolder())
    try #require(archive.count > 200_000)
    let server = try LoopbackServer { request in
      request.path == "/there"
        ? LoopbackServer.whole(archive)
        : LoopbackServer.answer("302 Found", ["Location: /there", "Content-Length: 0"])
    }
    defer { server.stop() }
    let first = try fetch(archive, server.url(), into: files)
    #expect(first.status == 0, "\(first.error)")
    #expect(
      first.output.contains("search --preset small --data=\(files.path)/cifar-10-batches-bin"))
    try expectBatches(files)
    #expect(server.requests.map(\.path) == ["/cifar.tar.gz", "/there"])

    let second = try fetch(archive, server.url(), into: files)
    #expect(second.status == 0 && second.output == first.output)
    #expect(server.requests.count == 2)

    truncate("\(files.path)/cifar-10-batches-bin/data_batch_4.bin", 3073)
    let third = try fetch(archive, server.url(), into: files)
    #expect(third.status == 73)
    #expect(third.error.contains("data_batch_4.bin: expected 30730000 bytes, found 3073"))
    #expect(server.requests.count == 2)
  }

  @Test func `a cut connection, and the rest of it, redirected`() throws {
    let (archive, files) = (Self.archive, try TemporaryFolder())
    let server = try LoopbackServer { request in
      guard request.path == "/there" else {
        return LoopbackServer.answer("307 Elsewhere", ["Location: /there", "Content-Length: 0"])
      }
      return request.start.map { LoopbackServer.rest(of: archive, from: $0) }
        ?? LoopbackServer.whole(archive, cutAfter: 100_000)
    }
    defer { server.stop() }
    let first = try fetch(archive, server.url(), into: files)
    #expect(first.status == 1)
    #expect(
      first.error.contains("goes on after the 100000 bytes that are there."), "\(first.error)")
    #expect(try files.read(Self.partial) == archive.prefix(100_000))
    #expect(!files.has("cifar-10-batches-bin"))

    let second = try fetch(archive, server.url(), into: files)
    #expect(second.status == 0, "\(second.error)")
    #expect(server.requests.map(\.start) == [nil, nil, 100_000, 100_000])
    try expectBatches(files)
  }

  @Test func `CIFAR-100 has files and a folder of its own`() throws {
    let files = try TemporaryFolder()
    let sizes = ["train.bin": 50_000 * 3074, "test.bin": 10_000 * 3074]
    let archive = try Self.packed(sizes, in: "cifar-100-binary")
    let server = try LoopbackServer { _ in LoopbackServer.whole(archive) }
    defer { server.stop() }
    let first = try fetch(archive, server.url(), into: files, set: "cifar100")
    #expect(first.status == 0, "\(first.error)")
    #expect(first.output.contains("search --preset small --data=\(files.path)/cifar-100-binary"))
    #expect(try files.names == ["cifar-100-binary"])
    for (name, bytes) in sizes {
      #expect(try files.read("cifar-100-binary/\(name)").count == bytes)
    }
    #expect(try fetch(archive, server.url(), into: files, set: "cifar100").status == 0)
    #expect(server.requests.count == 1, "nothing the second time")
    // The archive of one data set is not taken for the other.
    let other = try fetch(archive, server.url(), into: files)
    #expect(
      other.status == 65 && other.error.contains("expected data_batch_1.bin"), "\(other.error)")
  }

  enum Refusal: CaseIterable {
    /// The whole file, as if no range had been asked for.
    case ignores
    /// A part, but another one.
    case startsElsewhere
    /// No such range.
    case refuses
  }

  @Test(arguments: Refusal.allCases)
  func `a server that cannot go on begins anew`(_ refusal: Refusal) throws {
    let (archive, files) = (Self.archive, try TemporaryFolder())
    try files.write([UInt8](repeating: 1, count: 150_000), to: Self.partial)
    let server = try LoopbackServer { request in
      guard request.start != nil else { return LoopbackServer.whole(archive) }
      return switch refusal {
      case .ignores: LoopbackServer.whole(archive)
      case .startsElsewhere: LoopbackServer.rest(of: archive, from: 10)
      case .refuses: LoopbackServer.answer("416 Not Satisfiable", ["Content-Length: 0"])
      }
    }
    defer { server.stop() }
    let outcome = try fetch(archive, server.url(), into: files)
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(server.requests.map(\.start) == [150_000] + (refusal == .ignores ? [] : [nil]))
    try expectBatches(files)
  }

  @Test func `more than the file can have is fetched anew`() throws {
    let (archive, files) = (Self.archive, try TemporaryFolder())
    try files.write([UInt8](repeating: 1, count: archive.count + 1), to: Self.partial)
    let server = try LoopbackServer { _ in LoopbackServer.whole(archive) }
    defer { server.stop() }
    #expect(try fetch(archive, server.url(), into: files).status == 0)
    #expect(server.requests.map(\.start) == [nil])
  }

  @Test func `another checksum removes what was fetched`() throws {
    let (archive, files) = (Self.archive, try TemporaryFolder())
    let server = try LoopbackServer { _ in LoopbackServer.whole(archive) }
    defer { server.stop() }
    let wrong = String(repeating: "0a", count: 16)
    let outcome = try fetch(archive, server.url(), into: files, md5: wrong)
    #expect(outcome.status == 65)
    #expect(
      outcome.error.contains("expected the MD5 \(wrong), found \(MD5(of: archive).hexadecimal)"))
    #expect(try files.names.isEmpty)
  }

  @Test(arguments: [(404, 66), (410, 66), (403, 1), (503, 1)])
  func `a refusal keeps what was there`(_ code: Int, _ status: Int32) throws {
    let files = try TemporaryFolder()
    try files.write([1, 2, 3], to: Self.partial)
    let server = try LoopbackServer { _ in
      LoopbackServer.answer("\(code) No", ["Content-Length: 5"], Data("sorry".utf8))
    }
    defer { server.stop() }
    let outcome = try fetch(Data(count: 9), server.url(), into: files)
    #expect(outcome.status == status)
    #expect(outcome.error.contains("found the HTTP status \(code)"), "\(outcome.error)")
    #expect(try files.read(Self.partial) == Data([1, 2, 3]))
  }

  @Test(arguments: [true, false])
  func `another size is told at once, or when there is more`(_ isAnnounced: Bool) throws {
    let files = try TemporaryFolder()
    let body = Data(repeating: 5, count: 3_000_000)
    let server = try LoopbackServer { _ in
      LoopbackServer.answer(
        "200 OK", isAnnounced ? ["Content-Length: \(body.count)"] : [], body)
    }
    defer { server.stop() }
    let outcome = try fetch(Data(count: 1_000_000), server.url(), into: files)
    #expect(outcome.status == 65)
    #expect(outcome.error.contains("expected a file of 1000000 bytes, found "), "\(outcome.error)")
    #expect(try isAnnounced ? files.names.isEmpty : files.read(Self.partial).count <= 1_000_000)
  }

  @Test func `a shorter file without a length was cut off`() throws {
    let files = try TemporaryFolder()
    let server = try LoopbackServer { _ in
      LoopbackServer.answer("200 OK", [], Data(repeating: 5, count: 700))
    }
    defer { server.stop() }
    let outcome = try fetch(Data(count: 1000), server.url(), into: files)
    #expect(outcome.status == 1)
    #expect(outcome.error.contains("expected 1000 bytes, found 700"), "\(outcome.error)")
    #expect(try files.read(Self.partial).count == 700)
  }

  @Test func `no server`() throws {
    let files = try TemporaryFolder()
    let server = try LoopbackServer { _ in Data() }
    let silent = try fetch(Data(count: 9), server.url(), into: files)
    #expect(silent.status == 1)
    server.stop()
    usleep(100_000)
    let none = try fetch(Data(count: 9), server.url(), into: files)
    #expect(none.status == 1)
    #expect(none.error.contains("error: cannot fetch \(server.url()): "), "\(none.error)")
    #expect(none.error.contains("Hint: check the address and the connection."))
    #expect(try files.names.isEmpty)
  }

  @Test func `what is no archive stays, and what unpacks to something else`() throws {
    let files = try TemporaryFolder()
    let text = Data("This is no archive.".utf8)
    let few = try Self.packed(["data_batch_1.bin"])
    let short = try Self.packed(Self.names, bytes: 3073)
    for (archive, status, message) in [
      (text, 74 as Int32, "cannot unpack \(files.path)/\(Self.partial): "),
      (few, 65, "expected data_batch_2.bin, data_batch_3.bin"),
      (short, 65, "data_batch_1.bin: expected 30730000 bytes, found 3073"),
    ] {
      let server = try LoopbackServer { _ in LoopbackServer.whole(archive) }
      defer { server.stop() }
      try? FileManager.default.removeItem(atPath: "\(files.path)/\(Self.partial)")
      let outcome = try fetch(archive, server.url(), into: files)
      #expect(outcome.status == status)
      #expect(outcome.error.contains(message), "\(outcome.error)")
      #expect(try files.names == [Self.partial])
      #expect(try files.read(Self.partial) == archive)
    }
  }

  /// An archive with a checksum of the user's own can hold anything.
  @Test func `of an archive nothing but the batches is taken`() throws {
    let (files, made) = (try TemporaryFolder(), try TemporaryFolder())
    try made.write(Array("secret".utf8), to: "secret")
    // Of the user, who may have more of that name.
    try files.write([1], to: "cifar-10-batches-bin.partial/mine")
    let folder = "\(made.path)/a/b"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    symlink("\(made.path)/secret", "\(folder)/\(Self.names[0])")
    try made.write(Array("other".utf8), to: "a/other")
    let linked = try Self.tar(["a"], in: made)
    try FileManager.default.removeItem(atPath: "\(folder)/\(Self.names[0])")
    try made.write([], to: "a/b/\(Self.names[0])")
    truncate("\(folder)/\(Self.names[0])", 30_730_000 + 1)
    let large = try Self.tar(["a"], in: made)
    for name in Self.names {
      try made.write([], to: "a/b/\(name)")
      truncate("\(folder)/\(name)", 30_730_000)
    }
    let good = try Self.tar(["a"], in: made)
    for (archive, status, message) in [
      (linked, 65 as Int32, "expected data_batch_1.bin"),
      (large, 65, "data_batch_1.bin: expected 30730000 bytes, found 30730001"),
      (good, 0, ""),
    ] {
      let server = try LoopbackServer { _ in LoopbackServer.whole(archive) }
      defer { server.stop() }
      try? FileManager.default.removeItem(atPath: "\(files.path)/\(Self.partial)")
      let outcome = try fetch(archive, server.url(), into: files)
      #expect(outcome.status == status, "\(outcome.error)")
      #expect(message.isEmpty || outcome.error.contains(message), "\(outcome.error)")
      #expect(try files.read("cifar-10-batches-bin.partial/mine") == Data([1]))
    }
    #expect(try files.names == ["cifar-10-batches-bin", "cifar-10-batches-bin.partial"])
    let batches = try FileManager.default.contentsOfDirectory(
      atPath: "\(files.path)/cifar-10-batches-bin")
    #expect(batches.sorted() == Self.names.sorted())
  }

  @Test(
    arguments: [
      (["data", "fetch"], 64, "cifar10|cifar100 is needed"),
      (["data", "fetch", "mnist"], 64, "expected cifar10 or cifar100, found mnist"),
      (["data", "fetch", "cifar10", "--url", "ftp://a/b"], 64, "--url: expected an address"),
      (["data", "fetch", "cifar10", "--url", "http:b"], 64, "--url: expected an address"),
      (["data", "fetch", "cifar10", "--md5", "c32a"], 64, "--md5: expected 32 hexadecimal"),
      (["data", "fetch", "cifar10", "--size", "0"], 64, "--size: expected a whole number"),
      (
        ["data", "fetch", "cifar10", "--url", "http://127.0.0.1:1/", "--out", "/proc/version/x"],
        73, "cannot create /proc/version/x"
      ),
    ])
  func `wrong input gets one message and its code`(
    _ arguments: [String], _ status: Int32, _ message: String
  ) throws {
    let outcome = try toponas(arguments)
    #expect(outcome.status == status)
    #expect(outcome.error.contains("error: "))
    #expect(outcome.error.contains(message), "\(outcome.error)")
    #expect(outcome.output.isEmpty)
  }
}
