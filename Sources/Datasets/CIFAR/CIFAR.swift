/// A data set of the CIFAR family in its official binary form.
///
/// A file is a sequence of records without header: the label, then 1,024 red, 1,024 green and 1,024 blue bytes, each
/// plane 32 x 32 in row-major order. The label of CIFAR-10 is one byte, the class. That of CIFAR-100 is two: one of 20
/// coarse classes, which is not used, and one of 100 fine classes.
public struct CIFAR: Hashable, Sendable {
  /// A file of records, as the official archive has it.
  public struct File: Hashable, Sendable {
    /// The name by which it is found.
    public let name: String
    /// The part of the data set that the file holds.
    public let part: DataPart
    /// The number of records in the file.
    public let records: Int
    /// The MD5 of the file, 32 digits.
    let md5: String
  }

  /// The archive in which the authors offer the data set.
  public struct OfficialArchive: Hashable, Sendable {
    /// The name of the archive, and of the file in which a part of it is kept.
    let name: String
    /// The size of the archive in bytes.
    public let bytes: Int
    /// The MD5 of the archive, 32 digits.
    public let md5: String
    /// The address of the archive.
    public var address: String { "https://www.cs.toronto.edu/~kriz/\(name)" }
  }

  /// As its authors call it.
  public let name: String
  /// What is fetched.
  public let archive: OfficialArchive
  /// The folder that the official archive unpacks to.
  public let folderName: String
  /// The classes in the order of their labels.
  public let classNames: [String]
  /// How bytes become network inputs.
  public let normalization: ColorNormalization
  /// The coarse classes, whose labels stand before those of the classes; 0 is none.
  let coarseClasses: Int
  /// The files of the official archive, in the order in which they are read.
  public let files: [File]

  /// Rows and columns of every image.
  static let extent = 32
  /// Bytes of the pixels of one image.
  static let imageBytes = 3 * extent * extent

  /// Bytes of the label of a record; the last of them is the class.
  var labelBytes: Int { coarseClasses > 0 ? 2 : 1 }
  /// Bytes of one record.
  public var recordBytes: Int { labelBytes + Self.imageBytes }

  /// Both data sets.
  public static let all = [ten, hundred]

  /// CIFAR-10: 10 classes, in five batches of 10,000 images and one to test on.
  public static let ten = CIFAR(
    name: "CIFAR-10",
    archive: OfficialArchive(
      name: "cifar-10-binary.tar.gz", bytes: 170_052_171, md5: "c32a1d4ab5d03f1284b67883e8d87530"),
    folderName: "cifar-10-batches-bin",
    classNames: [
      "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
    ], normalization: .cifar10, coarseClasses: 0,
    files: [
      "5dd7e06a14cb22eb9f671a540d1b7c25", "5ea93a67294ea407fff1d09f752e9692",
      "942cd6a4bcdd0dd3c604fbe906cb4421", "ae636b3ba5c66a11e91e8cb52e771fcb",
      "53f37980c15c3d472c316c40844f3f0d",
    ].enumerated().map {
      File(name: "data_batch_\($0 + 1).bin", part: .training, records: 10_000, md5: $1)
    } + [
      File(
        name: "test_batch.bin", part: .test, records: 10_000,
        md5: "803d5f7f4d78ea53de84dbe85f74fb6d")
    ])

  /// CIFAR-100: 100 classes, in one file of 50,000 images and one to test on.
  public static let hundred = CIFAR(
    name: "CIFAR-100",
    archive: OfficialArchive(
      name: "cifar-100-binary.tar.gz", bytes: 168_513_733, md5: "03b5dce01913d631647c71ecec9e9cb8"),
    folderName: "cifar-100-binary", classNames: fineClassNames,
    normalization: .cifar100, coarseClasses: 20,
    files: [
      File(
        name: "train.bin", part: .training, records: 50_000,
        md5: "6172c7755cfe09b2fe270c85cebc1b15"),
      File(
        name: "test.bin", part: .test, records: 10_000,
        md5: "4499cfba6c016c1be1438163640a0898"),
    ])

  /// The names of the files of a part, or of all parts.
  func names(of part: DataPart? = nil) -> [String] {
    files.filter { part == nil || $0.part == part }.map(\.name)
  }

  /// The official file of a name; nil if there is none.
  func file(named name: String) -> File? { files.first { $0.name == name } }

  /// The data set whose records a file has, by its name or else by its size; nil if they are of neither.
  static func holding(bytes: Int, named name: String) -> CIFAR? {
    let possible = all.filter { bytes.isMultiple(of: $0.recordBytes) }
    return possible.first { $0.file(named: name) != nil } ?? possible.first
  }
}
