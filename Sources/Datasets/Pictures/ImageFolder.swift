import Files
import Foundation

/// Reader of a folder that holds a folder of PPM files for each class.
///
/// The names of the folders are the classes, sorted by name, and so are the files of each class. Other files,
/// and what begins with a point, are left out. A folder that holds nothing but the folders `train` and `test`
/// has the classes of each part in them.
public enum ImageFolder {
  /// As many classes as a label of one byte can tell apart.
  static let classLimit = 256

  /// Whether `folder` is of this kind: one of its folders holds a PPM file.
  public static func isOne(_ folder: String) -> Bool {
    subfolders(of: part(.training, of: folder) ?? folder).contains { !pixmaps(in: $0).isEmpty }
  }

  /// Whether `folder` is divided into `train` and `test`.
  public static func isDivided(_ folder: String) -> Bool {
    names(in: folder).filter { isFolder("\(folder)/\($0)") } == ["test", "train"]
  }

  /// Reads the images of `part`, or `count` of them: the first of each class, evenly many a class.
  public static func load(
    folder: String, part: DataPart = .training, count: Int? = nil
  ) throws(DatasetError) -> ImageSet {
    guard let root = self.part(part, of: folder) else { throw .noTestImages(folder) }
    let classes = try classNames(in: root)
    if part == .test, let training = self.part(.training, of: folder) {
      let expected = try classNames(in: training)
      guard classes == expected else {
        throw .otherClasses(folder: root, expected: expected, found: classes)
      }
    }
    var files = classes.map { pixmaps(in: "\(root)/\($0)") }
    if let empty = files.firstIndex(where: \.isEmpty) {
      throw .noPixmap("\(root)/\(classes[empty])")
    }
    if let count { files = try evenly(count, of: files) }
    let images = files.reduce(0) { $0 + $1.count }
    guard images <= ImageSet.countLimit else {
      throw .tooManyImages(folder: root, limit: ImageSet.countLimit, found: images)
    }
    return try read(mixed(files), classes)
  }

  private static func read(
    _ files: [(path: String, label: Int)], _ classes: [String]
  ) throws(DatasetError) -> ImageSet {
    var pixels: [UInt8] = []
    pixels.reserveCapacity(files.count * ImageSet.imageBytes)
    for file in files { pixels += try Pixmap.read(file: file.path) }
    return ImageSet(
      pixels: pixels, labels: files.map { UInt8($0.label) }, classNames: classes,
      normalization: .centered)
  }

  /// The first files of each class, `count` in all.
  private static func evenly(
    _ count: Int, of files: [[String]]
  ) throws(DatasetError) -> [[String]] {
    let shares = ImageSet.evenShares(of: count, among: files.count)
    guard zip(files, shares).allSatisfy({ $0.count >= $1 }) else {
      throw .tooFewImages(
        requested: count, available: files.reduce(0) { $0 + $1.count },
        perClass: files.map(\.count))
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

  // MARK: Names

  /// Where the classes of a part are; nil if there are no test images.
  private static func part(_ part: DataPart, of folder: String) -> String? {
    if isDivided(folder) { return "\(folder)/\(part == .training ? "train" : "test")" }
    return part == .training ? folder : nil
  }

  private static func classNames(in folder: String) throws(DatasetError) -> [String] {
    let names = names(in: folder).filter { isFolder("\(folder)/\($0)") }
    guard 2...classLimit ~= names.count else {
      throw .badClassCount(folder: folder, limit: classLimit, found: names.count)
    }
    return names
  }

  private static func subfolders(of folder: String) -> [String] {
    names(in: folder).map { "\(folder)/\($0)" }.filter(isFolder)
  }

  /// The PPM files of one class.
  private static func pixmaps(in folder: String) -> [String] {
    names(in: folder).filter { $0.lowercased().hasSuffix(".ppm") }.map { "\(folder)/\($0)" }
  }

  private static func names(in folder: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { !$0.hasPrefix(".") }.sorted()
  }
}
