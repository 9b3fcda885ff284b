import Files

/// Images that the user has, found in any of the forms that are read, but not read yet.
///
/// A folder with files of CIFAR-10 or CIFAR-100, one file or pipe of such records, or a folder with a folder of pictures
/// for each class; what is there tells which.
public struct RealImages: Sendable {
  private enum Form {
    case records(CIFARRecords)
    case pictures(ImageFolder)
  }

  private let form: Form
  /// What belongs to the images and is not there, or is there and not read.
  public let omissions: [Omission]

  /// Finds the images of a part at `path`.
  public init(at path: String, _ part: DataPart = .training) throws(DatasetError) {
    if !CIFARFolder.isOne(path), ImageFolder.isOne(path) {
      let folder = try ImageFolder(path, part)
      (form, omissions) = (.pictures(folder), folder.omissions)
    } else if !isFolder(path), exists(path) {
      guard part == .training else { throw Self.noTestImages(path) }
      (form, omissions) = (.records(try Self.records(in: path)), [])
    } else {
      let folder = try CIFARFolder(path)
      form = .records(try folder.records(part))
      let missing = folder.missing(part)
      omissions = missing.isEmpty ? [] : [.missing(folder: folder.path, missing)]
    }
  }

  /// What is said of a file in which test images are looked for.
  private static func noTestImages(_ file: String) -> DatasetError {
    FileKind(ofFile: file).map { .otherFile(file: file, expected: "a folder of images", found: $0) }
      ?? .noTestImages(file)
  }

  /// As many bytes of a pipe as are held in memory, 256 MiB: more than either data set has.
  private static let pipeLimit = 1 << 28

  /// A file whose name says nothing is of the data set whose records fill it.
  private static func records(in file: String) throws(DatasetError) -> CIFARRecords {
    let source = try ByteSource(named: file, limit: pipeLimit)
    let name = file.split(separator: "/").last.map(String.init) ?? file
    return try CIFARRecords(CIFAR.holding(bytes: source.count, named: name) ?? .ten, [source])
  }

  /// Rows and columns of every image.
  public var extent: Int {
    switch form {
    case .records: CIFAR.extent
    case .pictures(let folder): folder.extent
    }
  }

  /// The classes in the order of their labels.
  public var classNames: [String] {
    switch form {
    case .records(let records): records.set.classNames
    case .pictures(let folder): folder.classNames
    }
  }

  /// How many images there are.
  public var count: Int {
    switch form {
    case .records(let records): records.labels.count
    case .pictures(let folder): folder.count
    }
  }

  /// Reads all images, or `count` of them: the first of each class, evenly many of each.
  public func load(_ count: Int? = nil) throws(DatasetError) -> ImageSet {
    switch form {
    case .pictures(let folder): return try folder.load(count)
    case .records(let records):
      guard let count else { return try records.images() }
      return try records.images(
        at: EvenChoice.places(count, of: records.labels, classes: records.set.classNames.count))
    }
  }
}
