import Files
import Foundation

/// What a folder holds in which no images were found.
public enum FolderContent: Equatable, Sendable {
  /// An archive that is not unpacked.
  case archive(String)
  /// A data set in the form of another program.
  case otherVersion(String)
  /// Pictures that must be converted first.
  case pictures(example: String)
  /// Pictures that could be read, but are in no folder of a class.
  case strayPixmaps(example: String)
  /// Anything else.
  case other

  private static let archiveEndings = [
    ".tar.gz", ".tgz", ".tar", ".zip", ".tar.bz2", ".tar.xz", ".7z",
  ]
  private static let otherVersions: Set = [
    "data_batch_1", "test_batch", "batches.meta", "batches.meta.mat", "data_batch_1.mat",
    "cifar-10-batches-py", "cifar-10-batches-mat", "cifar-100-python", "cifar-100-matlab",
    "train.mat", "test.mat",
  ]
  /// All of them, for each by itself can be anything.
  private static let pythonOfHundred: Set = ["train", "test", "meta"]

  /// Looks at the names in a folder, and in the folders in it.
  init(of folder: String) {
    let names = FolderListing(folder).names
    if let name = names.first(where: Self.otherVersions.contains) {
      self = .otherVersion("\(folder)/\(name)")
    } else if Self.pythonOfHundred.isSubset(of: names) {
      self = .otherVersion("\(folder)/meta")
    } else if let picture = Self.file(in: folder, depth: 2, PictureName.isPicture) {
      self = .pictures(example: picture)
    } else if let picture = Self.file(in: folder, depth: 3, PictureName.isPixmap) {
      self = .strayPixmaps(example: picture)
    } else if let name = names.first(where: { name in
      Self.archiveEndings.contains(where: name.lowercased().hasSuffix)
    }) {
      self = .archive("\(folder)/\(name)")
    } else {
      self = .other
    }
  }

  /// A file of such a name in a folder, or in the folders in it.
  private static func file(
    in folder: String, depth: Int, _ isOne: (String) -> Bool
  ) -> String? {
    let listing = FolderListing(folder)
    if let name = listing.names.first(where: isOne) { return "\(folder)/\(name)" }
    guard depth > 0 else { return nil }
    for name in listing.folders {
      if let file = file(in: "\(folder)/\(name)", depth: depth - 1, isOne) { return file }
    }
    return nil
  }
}

/// The names in a folder, sorted, without those that begin with a point, and without what macOS puts into archives.
struct FolderListing {
  private let folder: String
  let names: [String]

  /// Lists a folder; one that cannot be read is empty.
  init(_ folder: String) {
    self.folder = folder
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    self.names = names.filter { !$0.hasPrefix(".") && $0 != "__MACOSX" }.sorted()
  }

  /// The names of folders.
  var folders: [String] { names.filter { isFolder("\(folder)/\($0)") } }
}

/// What the ending of a name says of a picture.
enum PictureName {
  private static let endings: Set = [
    "png", "jpg", "jpeg", "jpe", "jfif", "gif", "bmp", "webp", "tif", "tiff", "heic", "heif",
    "avif", "tga", "jp2",
  ]
  private static let pixmaps: Set = ["ppm", "pgm", "pnm"]

  /// Whether it is one that must be converted before it can be read.
  static func isPicture(_ name: String) -> Bool { endings.contains(ending(of: name)) }

  /// Whether it is one that is read.
  static func isPixmap(_ name: String) -> Bool { pixmaps.contains(ending(of: name)) }

  private static func ending(of name: String) -> String {
    guard let point = name.lastIndex(of: ".") else { return "" }
    return name[name.index(after: point)...].lowercased()
  }
}
