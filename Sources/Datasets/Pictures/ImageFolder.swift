/// A folder that holds a folder of pictures for each class.
///
/// The names of the folders are the classes, sorted by name, and so are the pictures of each class: PPM and PGM files,
/// all of one size. A folder that holds nothing but folders for training and for testing has the classes of each part
/// in them. What begins with a point is not looked at; other files are left out, which `omissions` tells.
public struct ImageFolder: Sendable {
  /// The classes in the order of their labels.
  public let classNames: [String]
  /// Rows and columns of all pictures.
  public let extent: Int
  /// What is in the folder and is not read.
  public let omissions: [Omission]
  private let root: String
  /// The files of each class.
  private let files: [[String]]

  /// As many classes as a label of one byte can tell apart.
  static let classLimit = 256

  /// Whether `folder` is of this kind: one of its folders holds a picture that is read.
  public static func isOne(_ folder: String) -> Bool {
    PictureParts(folder).folders.contains { part in
      FolderListing(part).folders.contains { !ClassFolder("\(part)/\($0)").pictures.isEmpty }
    }
  }

  /// Lists the pictures of a part, of which none but the first is looked at.
  public init(_ folder: String, _ part: DataPart = .training) throws(DatasetError) {
    let parts = PictureParts(folder)
    guard let root = parts.folder(of: part) else {
      throw part == .test ? .noTestImages(folder) : .noTrainingImages(folder)
    }
    classNames = try Self.classNames(in: root)
    if part == .test, let training = parts.training {
      let expected = try Self.classNames(in: training)
      guard classNames == expected else {
        throw .otherClasses(folder: root, expected: expected, found: classNames)
      }
    }
    let classes = classNames.map { ClassFolder("\(root)/\($0)") }
    if let empty = classes.first(where: { $0.pictures.isEmpty }) {
      throw .noPixmap(empty.path, found: empty.others.first)
    }
    (self.root, files) = (root, classes.map(\.pictures))
    omissions = Self.omissions(root, classes, unused: part == .training ? parts.unused : [])
    extent = try PixmapHeader(ByteSource(file: classes[0].pictures[0])).extent
  }

  /// The parts of a folder that have pictures.
  public static func parts(of folder: String) -> [DataPart] {
    let parts = PictureParts(folder)
    return DataPart.allCases.filter { parts.folder(of: $0) != nil }
  }

  /// How many pictures there are.
  public var count: Int { files.reduce(0) { $0 + $1.count } }

  /// Reads all pictures, or `count` of them: the first of each class, evenly many of each.
  public func load(_ count: Int? = nil) throws(DatasetError) -> ImageSet {
    let chosen = try count.map { count throws(DatasetError) in try evenly(count) } ?? files
    let images = chosen.reduce(0) { $0 + $1.count }
    guard images <= ImageSet.countLimit else {
      throw .tooManyImages(folder: root, limit: ImageSet.countLimit, found: images)
    }
    var (pixels, labels): ([UInt8], [UInt8]) = ([], [])
    pixels.reserveCapacity(images * 3 * extent * extent)
    for file in Self.mixed(chosen) {
      pixels += try picture(file.path).pixels
      labels.append(UInt8(file.label))
    }
    return ImageSet(
      pixels: pixels, labels: labels, classNames: classNames, normalization: .centered,
      extent: extent)
  }

  /// Reads every picture, and keeps none; how many each class has.
  public func check() throws(DatasetError) -> [Int] {
    for file in files.joined() { _ = try picture(file) }
    return files.map(\.count)
  }

  /// A picture of the size of the first one.
  private func picture(_ file: String) throws(DatasetError) -> Pixmap {
    let picture = try Pixmap(file: file)
    guard picture.extent == extent else {
      throw .otherExtent(file: file, expected: extent, of: files[0][0], found: picture.extent)
    }
    return picture
  }

  /// The first files of each class, `count` in all.
  private func evenly(_ count: Int) throws(DatasetError) -> [[String]] {
    let shares = EvenChoice.shares(of: count, among: files.count)
    guard zip(files, shares).allSatisfy({ $0.count >= $1 }) else {
      throw .tooFewImages(
        requested: count, available: self.count, perClass: files.map(\.count))
    }
    return zip(files, shares).map { Array($0.prefix($1)) }
  }

  /// All files, each with its class, in an order in which every stretch has each class in its proportion.
  ///
  /// For a search takes the first half of the images for the weights, and the rest for alpha.
  static func mixed(_ files: [[String]]) -> [(path: String, label: Int)] {
    let places = files.enumerated().flatMap { label, files in
      files.enumerated().map { index, path in
        (place: (Double(index) + 0.5) / Double(files.count), path: path, label: label)
      }
    }
    return places.sorted { ($0.place, $0.label) < ($1.place, $1.label) }.map { ($0.path, $0.label) }
  }

  private static func classNames(in folder: String) throws(DatasetError) -> [String] {
    let names = FolderListing(folder).folders
    guard 2...classLimit ~= names.count else {
      throw .badClassCount(folder: folder, limit: classLimit, found: names.count)
    }
    return names
  }

  private static func omissions(
    _ root: String, _ classes: [ClassFolder], unused: [String]
  ) -> [Omission] {
    let listing = FolderListing(root)
    let loose = listing.names.filter { !listing.folders.contains($0) }.map { "\(root)/\($0)" }
    let others = loose + classes.flatMap(\.others)
    let files = others.first.map { Omission.notPixmaps(count: others.count, example: $0) }
    return [files].compactMap { $0 } + unused.map(Omission.unusedPart)
  }
}

/// What the folder of one class holds.
private struct ClassFolder {
  let path: String
  /// The pictures that are read.
  let pictures: [String]
  /// Everything else.
  let others: [String]

  init(_ path: String) {
    self.path = path
    let names = FolderListing(path).names
    pictures = names.filter(PictureName.isPixmap).map { "\(path)/\($0)" }
    others = names.filter { !PictureName.isPixmap($0) }.map { "\(path)/\($0)" }
  }
}
