import Files

/// A folder that holds files of one of the CIFAR data sets; their names tell of which.
public struct CIFARFolder: Sendable {
  /// The data set.
  public let set: CIFAR
  /// Where the files are.
  public let path: String
  /// The files that are there, in the order in which they are read.
  public let files: [CIFAR.File]

  /// Looks in a folder, and then in the one of its subfolders that an official archive unpacks to.
  public init(_ folder: String) throws(DatasetError) {
    guard isFolder(folder) else { throw Self.noFolder(folder) }
    let own = CIFAR.all.compactMap { Self($0, in: folder) }
    let below = CIFAR.all.compactMap { Self($0, in: "\(folder)/\($0.folderName)") }
    guard let found = (own + below).first else {
      throw .noBatchFile(
        folder: folder, expected: CIFAR.all.flatMap { $0.names() }, FolderContent(of: folder))
    }
    guard (own.isEmpty ? below : own).count == 1 else { throw .twoDataSets(folder) }
    self = found
  }

  /// What is said of a path at which no folder is.
  private static func noFolder(_ path: String) -> DatasetError {
    guard exists(path) else { return .missingFolder(path) }
    let kind = FileKind(ofFile: path)
    return kind.map { .otherFile(file: path, expected: "a folder of images", found: $0) }
      ?? .notAFolder(path)
  }

  private init?(_ set: CIFAR, in folder: String) {
    (self.set, path) = (set, folder)
    files = set.files.filter { exists("\(folder)/\($0.name)") }
    if files.isEmpty { return nil }
  }

  /// Whether a folder, or such a subfolder of it, has any of the files.
  public static func isOne(_ folder: String) -> Bool {
    CIFAR.all.contains { set in
      Self(set, in: folder) != nil || Self(set, in: "\(folder)/\(set.folderName)") != nil
    }
  }

  /// The names of the files of a part, or of all parts, that are not there.
  public func missing(_ part: DataPart? = nil) -> [String] {
    set.names(of: part).filter { name in !files.contains { $0.name == name } }
  }

  /// The records of the files of a part.
  public func records(_ part: DataPart) throws(DatasetError) -> CIFARRecords {
    let own = files.filter { $0.part == part }
    guard !own.isEmpty else {
      throw .noBatchFile(folder: path, expected: set.names(of: part), .other)
    }
    return try CIFARRecords(set, files: own.map { "\(path)/\($0.name)" })
  }
}
