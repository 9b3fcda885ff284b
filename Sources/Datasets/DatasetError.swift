import Messages

/// What can be wrong with image data: what, where, expected against found, and what to do.
public enum DatasetError: UserError, Equatable {
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
  /// A file has another size than it must have.
  case wrongSize(file: String, expected: Int, found: Int)
  /// A file has another MD5 than it must have.
  case wrongChecksum(file: String, expected: String, found: String)
  /// A file is so large that it is not read.
  case tooLarge(file: String, limit: Int, found: Int)
  /// A file is no PPM image of the kind that is read.
  case badPixmap(file: String, expected: String, found: String)
  /// The folder of a class has no PPM image.
  case noPixmap(String)
  /// A folder has too few or too many classes.
  case badClassCount(folder: String, limit: Int, found: Int)
  /// A folder has too many images.
  case tooManyImages(folder: String, limit: Int, found: Int)
  /// The test images have other classes than the training images.
  case otherClasses(folder: String, expected: [String], found: [String])
  /// There are images to train on, but none to test on.
  case noTestImages(String)

  /// The message without the hint.
  var cause: String { message.lines[0].text }

  /// The code with which a program ends that reports it.
  public var exitCode: ExitCode {
    switch self {
    case .missingFolder, .noBatchFile, .unreadable, .noTestImages: .noInput
    default: .badData
    }
  }

  /// The message for the user, with a hint on the last line.
  public var message: Message {
    switch self {
    case .missingFolder(let path):
      """
      no folder at \(path)
      Hint: name the folder that holds data_batch_1.bin, as the CIFAR-10 "binary version" unpacks it, \
      or one with a folder of PPM images for each class.
      """
    case .noBatchFile(let folder, let expected):
      """
      no batch file in \(folder): expected \(expected.joined(separator: ", "))
      Hint: unpack the CIFAR-10 "binary version" (.bin files), not the Python or Matlab version; \
      of images, PPM files in a folder for each class are read.
      """
    case .unreadable(let file, let reason):
      """
      cannot read \(file): \(reason)
      Hint: it must be a file, and one that you may read.
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
    case .wrongSize(let file, let expected, let found):
      """
      \(file): expected \(expected) bytes, found \(found)
      Hint: the file is cut off, or not the official one; fetch it again.
      """
    case .wrongChecksum(let file, let expected, let found):
      """
      \(file): expected the MD5 \(expected), found \(found)
      Hint: the file is damaged, or not the official one; fetch it again.
      """
    case .tooLarge(let file, let limit, let found):
      """
      \(file): expected at most \(limit) bytes, found \(found)
      Hint: images must be \(ImageSet.extent) x \(ImageSet.extent); scale it down.
      """
    case .badPixmap(let file, let expected, let found):
      """
      \(file): expected \(expected), found \(found)
      Hint: the images must be PPM files of kind P6, \(ImageSet.extent) x \(ImageSet.extent), 8 bits a colour.
      """
    case .noPixmap(let folder):
      """
      \(folder): expected PPM images of a class, found none
      Hint: convert the images to .ppm, or remove the folder.
      """
    case .badClassCount(let folder, let limit, let found):
      """
      \(folder): expected folders for 2 to \(limit) classes, found \(found)
      Hint: each class needs a folder of its own with PPM images.
      """
    case .tooManyImages(let folder, let limit, let found):
      """
      \(folder): expected at most \(limit) images, found \(found)
      Hint: they must fit into memory; use fewer of them.
      """
    case .otherClasses(let folder, let expected, let found):
      """
      \(folder): expected the classes \(expected.joined(separator: ", ")), as in the training images, \
      found \(found.joined(separator: ", "))
      Hint: give both the same folders.
      """
    case .noTestImages(let path):
      """
      no test images at \(path)
      Hint: a training is tested on images of its own: test_batch.bin beside data_batch_1.bin, or the folders \
      train and test, each with a folder for each class.
      """
    }
  }
}
