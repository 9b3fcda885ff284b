import Foundation
import SystemErrors

/// An archive that unpacks to CIFAR-10 in binary form, and how it is told from another file.
public struct CIFAR10Archive: Sendable {
  /// Where it is: HTTP or HTTPS.
  public var url: URL
  /// Its size.
  public var bytes: Int
  /// Its MD5, 32 digits.
  public var md5: String

  /// Creates a description.
  public init(url: URL, bytes: Int, md5: String) {
    (self.url, self.bytes, self.md5) = (url, bytes, md5)
  }

  /// Where the authors of the data set offer it.
  public static let officialAddress = "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"
  /// The size of the official archive.
  public static let officialBytes = 170_052_171
  /// The MD5 of the official archive.
  public static let officialMD5 = "c32a1d4ab5d03f1284b67883e8d87530"

  /// How far a fetch is.
  public enum Progress: Sendable {
    /// The batches are there already; nothing is fetched.
    case alreadyThere
    /// So many bytes of the archive are there.
    case downloading(bytes: Int)
    /// The archive is there, and its MD5 is computed.
    case checking
    /// The archive is the right one.
    case unpacking
  }

  /// Downloads the archive into `folder`, unpacks it there, checks every batch, and removes the archive.
  ///
  /// The result is the folder with the batches. It gets its name only when all of them are right; until then
  /// the archive stays, so that another call goes on with it, unless its MD5 is wrong.
  public func fetch(
    into folder: String, progress: @escaping @Sendable (Progress) -> Void
  ) throws(FetchError) -> String {
    let batches = Self.path(CIFAR10.folderName, in: folder)
    if FileManager.default.fileExists(atPath: batches) {
      do throws(DatasetError) { try Self.check(batches) } catch {
        throw .exists(batches, reason: error.cause)
      }
      progress(.alreadyThere)
      return batches
    }
    let archive = Self.path("cifar-10-binary.tar.gz.partial", in: folder)
    try Self.create(folder)
    try Download(url: url, file: archive, bytes: bytes).run { progress(.downloading(bytes: $0)) }
    progress(.checking)
    try checkDigest(of: archive)
    progress(.unpacking)
    try unpack(archive, to: batches)
    try? FileManager.default.removeItem(atPath: archive)
    return batches
  }

  private func checkDigest(of archive: String) throws(FetchError) {
    let found: String
    do throws(DatasetError) { found = try MD5(ofFile: archive).hexadecimal } catch {
      throw .wrongContent(error)
    }
    guard found == md5.lowercased() else {
      try? FileManager.default.removeItem(atPath: archive)
      throw .wrongChecksum(url, expected: md5.lowercased(), found: found)
    }
  }

  private func unpack(_ archive: String, to batches: String) throws(FetchError) {
    let unfinished = "\(batches).partial"
    try? FileManager.default.removeItem(atPath: unfinished)
    defer { try? FileManager.default.removeItem(atPath: unfinished) }
    try Self.create(unfinished)
    try Self.runTar(archive, in: unfinished)
    do throws(DatasetError) { try Self.check(unfinished) } catch { throw .wrongContent(error) }
    guard rename(unfinished, batches) == 0 else {
      throw .cannotCreate(batches, reason: String(cString: strerror(errno)))
    }
  }

  private static func runTar(_ archive: String, in folder: String) throws(FetchError) {
    let tar = Process()
    tar.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    // Without the archive's own folder and owner. From standard input, for a name with a colon is a machine to tar.
    tar.arguments = ["tar", "-x", "-z", "-o", "--strip-components", "1", "-f", "-"]
    tar.currentDirectoryURL = URL(fileURLWithPath: folder)
    tar.standardInput = FileHandle(forReadingAtPath: archive)
    tar.standardOutput = FileHandle.nullDevice
    let errors = Pipe()
    tar.standardError = errors
    do { try tar.run() } catch { throw .noTar(reason: error.reason) }
    let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    tar.waitUntilExit()
    let reason = text.trimmingCharacters(in: .whitespacesAndNewlines)
    // What env says of a program that is not there.
    if tar.terminationStatus == 127 { throw .noTar(reason: reason) }
    guard tar.terminationStatus == 0 else { throw .cannotUnpack(archive, reason: reason) }
  }

  /// That all six batches are there, of the official size and with labels from 0 to 9.
  private static func check(_ folder: String) throws(DatasetError) {
    let (batches, missing) = try CIFAR10.inspect(folder: folder, .complete)
    guard missing.isEmpty else { throw .noBatchFile(folder: folder, expected: missing) }
    if let problem = batches.lazy.compactMap(\.problem).first { throw problem }
  }

  private static func create(_ folder: String) throws(FetchError) {
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw .cannotCreate(folder, reason: error.reason)
    }
  }

  /// A path without the point for the current folder in front.
  private static func path(_ name: String, in folder: String) -> String {
    folder == "." ? name : "\(folder)/\(name)"
  }
}
