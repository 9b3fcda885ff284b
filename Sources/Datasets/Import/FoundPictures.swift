import Files

/// The pictures in a folder that holds a folder of them for each class, or folders for training and testing that do.
public struct FoundPictures: Sendable {
  /// A picture, and where it goes.
  struct Picture: Sendable {
    let file: String
    /// The folder of its class, from the folder that is written.
    let folder: String
    /// The name of the picture in that folder.
    let name: String
  }

  /// The folders of the classes, from the folder that is written; `train/cat` where it is divided.
  let classes: [String]
  /// All pictures, those of a class one after another.
  let pictures: [Picture]
  /// Where they are.
  let root: String
  /// Files that are no pictures, by their names.
  public let others: [String]

  /// Folders below that of a class which are looked into: `cat/images/1.jpg`.
  private static let depth = 3

  /// Looks at the names of all files.
  public init(_ folder: String) throws(ImportError) {
    guard isFolder(folder) else {
      throw exists(folder) ? .notAFolder(folder, FileKind(ofFile: folder)) : .missingFolder(folder)
    }
    let parts = PictureParts(folder)
    let divided = parts.training == folder ? [] : parts.folders + parts.spare
    var (classes, pictures): ([String], [Picture]) = ([], [])
    var others = parts.unused.filter { !parts.spare.contains($0) }
    for part in divided.isEmpty ? [folder] : divided.sorted() {
      let listing = FolderListing(part)
      guard 2...ImageFolder.classLimit ~= listing.folders.count else {
        throw .badClassCount(
          folder: part, limit: ImageFolder.classLimit, found: listing.folders.count)
      }
      others += listing.names.filter { !listing.folders.contains($0) }.map { "\(part)/\($0)" }
      for name in listing.folders {
        let path = "\(part)/\(name)"
        let own = String(path.dropFirst(folder.count + 1))
        let found = Self.files(in: path)
        guard !found.pictures.isEmpty else { throw .noPicture(folder: path, reason: nil) }
        classes.append(own)
        pictures += Self.named(found.pictures, of: path, own)
        others += found.others
      }
    }
    (self.classes, self.pictures, self.others, root) = (classes, pictures, others, folder)
  }

  /// How many pictures there are.
  public var count: Int { pictures.count }
  /// How many classes they are of.
  public var classCount: Int { Set(classes.map { $0.split(separator: "/").last }).count }

  /// The files of a folder and of those in it.
  private static func files(
    in folder: String, depth: Int = depth
  ) -> (pictures: [String], others: [String]) {
    let listing = FolderListing(folder)
    let folders = Set(listing.folders)
    var (pictures, others): ([String], [String]) = ([], [])
    for name in listing.names {
      let path = "\(folder)/\(name)"
      if folders.contains(name), depth > 0 {
        let below = files(in: path, depth: depth - 1)
        pictures += below.pictures
        others += below.others
      } else if !folders.contains(name), PictureName.isPicture(name) || PictureName.isPixmap(name) {
        pictures.append(path)
      } else {
        others.append(path)
      }
    }
    return (pictures, others)
  }

  /// Pictures with names of their own, the folders between joined to them: `images/1.jpg` is `images-1.jpg.ppm`.
  private static func named(
    _ files: [String], of folder: String, _ own: String
  ) -> [Picture] {
    var names: Set<String> = []
    return files.map { file in
      let below = file.dropFirst(folder.count + 1).replacing("/", with: "-")
      var name = "\(below).ppm"
      // Some file systems do not tell letters of different case apart.
      while !names.insert(name.lowercased()).inserted { name = "-\(name)" }
      return Picture(file: file, folder: own, name: name)
    }
  }
}
