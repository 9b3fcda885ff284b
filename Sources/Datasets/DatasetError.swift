/// What can be wrong with image data: what, where, expected against found, and what to do.
public enum DatasetError: Error, Equatable, CustomStringConvertible {
  /// The folder does not exist, or is a file.
  case missingFolder(String)
  /// The folder has none of the expected files.
  case noBatchFile(folder: String, expected: [String])
  /// A file could not be read.
  case unreadable(file: String, reason: String)
  /// A file does not consist of whole records.
  case brokenRecord(file: String, bytes: Int, recordBytes: Int)
  /// A label is not a class.
  case badLabel(file: String, record: Int, label: Int, classes: Int)
  /// A subset asks for more than there is.
  case tooFewImages(requested: Int, available: Int, perClass: [Int])

  /// The message for the user, with a hint on the last line.
  public var description: String {
    switch self {
    case .missingFolder(let path):
      """
      no folder at \(path)
      Hint: name the folder that holds data_batch_1.bin, as the CIFAR-10 "binary version" unpacks it.
      """
    case .noBatchFile(let folder, let expected):
      """
      no batch file in \(folder): expected \(expected.joined(separator: ", "))
      Hint: unpack the CIFAR-10 "binary version" (.bin files), not the Python or Matlab version.
      """
    case .unreadable(let file, let reason):
      """
      cannot read \(file): \(reason)
      Hint: check the permissions of the file.
      """
    case .brokenRecord(let file, 0, let recordBytes):
      """
      \(file): expected records of \(recordBytes) bytes, found an empty file
      Hint: fetch it again.
      """
    case .brokenRecord(let file, let bytes, let recordBytes):
      """
      \(file): expected records of \(recordBytes) bytes, found \(bytes) bytes: \
      the last record breaks off, it starts at byte offset \(bytes / recordBytes * recordBytes)
      Hint: the file is cut off or not CIFAR-10 in binary form; fetch it again.
      """
    case .badLabel(let file, let record, let label, let classes):
      """
      \(file): record \(record) has label \(label), expected 0 to \(classes - 1)
      Hint: the file is damaged or not CIFAR-10 in binary form; fetch it again.
      """
    case .tooFewImages(let requested, let available, let perClass):
      """
      \(requested) images wanted, evenly from all classes, found \(available) \
      (\(perClass.map(String.init).joined(separator: ", ")) a class)
      Hint: ask for at most \((perClass.min() ?? 0) * perClass.count) images, or add batch files.
      """
    }
  }
}
