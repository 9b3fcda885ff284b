import Files
import Foundation

/// An archive that unpacks to a CIFAR data set in binary form, with what identifies it.
public struct CIFARArchive: Sendable {
  /// The data set.
  public let set: CIFAR
  /// The address of the archive: HTTP or HTTPS.
  public var url: URL
  /// The size of the archive in bytes.
  public var bytes: Int
  /// The MD5 of the archive, 32 digits.
  public var md5: String

  /// Creates a description.
  public init(of set: CIFAR, url: URL, bytes: Int, md5: String) {
    (self.set, self.url, self.bytes, self.md5) = (set, url, bytes, md5)
  }

  /// How far a fetch is.
  public enum Progress: Sendable {
    /// The files are there already; nothing is fetched.
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
    let batches = Self.path(set.folderName, in: folder)
    if exists(batches) {
      do throws(DatasetError) { try check(batches) } catch {
        throw .exists(batches, reason: error.cause)
      }
      progress(.alreadyThere)
      return batches
    }
    let archive = Self.path("\(set.archive.name).partial", in: folder)
    try Self.create(folder)
    try Download(url: url, file: archive, bytes: bytes).run { progress(.downloading(bytes: $0)) }
    progress(.checking)
    try checkDigest(of: archive)
    progress(.unpacking)
    try unpack(archive, to: batches)
    try? removeFile(archive)
    return batches
  }

  private func checkDigest(of archive: String) throws(FetchError) {
    let found: String
    do throws(DatasetError) { found = try MD5(ofFile: archive).hexadecimal } catch {
      throw .wrongContent(error)
    }
    guard found == md5.lowercased() else {
      try? removeFile(archive)
      throw .wrongChecksum(url, expected: md5.lowercased(), found: found)
    }
  }

  private func unpack(_ archive: String, to batches: String) throws(FetchError) {
    let folder: NewFolder
    do { folder = try NewFolder(batches) } catch {
      throw .cannotCreate(batches, reason: "\(error)")
    }
    let sizes = set.files.map { ($0.name, $0.records * set.recordBytes) }
    try PackedFiles(archive: archive, sizes: Dictionary(uniqueKeysWithValues: sizes))
      .unpack(into: folder.temporary)
    do throws(DatasetError) { try check(folder.temporary) } catch {
      throw .wrongContent(error)
    }
    do { try folder.commit() } catch { throw .cannotCreate(batches, reason: "\(error)") }
  }

  /// Checks that all files of the data set are there, of the official size and with labels of classes.
  private func check(_ folder: String) throws(DatasetError) {
    let found = try CIFARFolder(folder)
    let missing = found.set == set ? found.missing() : set.names()
    guard missing.isEmpty else { throw .noBatchFile(folder: folder, expected: missing, .other) }
    if let problem = try found.inspect(.complete).lazy.compactMap(\.problem).first { throw problem }
  }

  private static func create(_ folder: String) throws(FetchError) {
    do { try createFolder(folder) } catch { throw .cannotCreate(folder, reason: "\(error)") }
  }

  /// A path without the point for the current folder in front.
  private static func path(_ name: String, in folder: String) -> String {
    folder == "." ? name : "\(folder)/\(name)"
  }
}
