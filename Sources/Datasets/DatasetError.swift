import Messages

/// What can be wrong with image data: what, where, expected against found, and what to do.
public enum DatasetError: UserError, Equatable {
  /// The folder does not exist.
  case missingFolder(String)
  /// There is a file where a folder should be.
  case notAFolder(String)
  /// The folder has none of the expected files.
  case noBatchFile(folder: String, expected: [String], FolderContent)
  /// The folder has files of more than one data set.
  case twoDataSets(String)
  /// A file could not be read.
  case unreadable(file: String, reason: String)
  /// A file is of another kind.
  case otherFile(file: String, expected: String, found: FileKind)
  /// A file has the name of one data set and the size of another.
  case otherSet(file: String, expected: CIFAR, found: CIFAR)
  /// A file does not consist of whole records.
  case brokenRecord(file: String, bytes: Int, recordBytes: Int)
  /// A label is not a class.
  case badLabel(file: String, record: Int, label: Int, classes: Int, set: String)
  /// A subset asks for more than there is.
  case tooFewImages(requested: Int, available: Int, perClass: [Int])
  /// A file has another size than it must have.
  case wrongSize(file: String, expected: Int, found: Int)
  /// A file has another MD5 than it must have.
  case wrongChecksum(file: String, expected: String, found: String)
  /// A file is no PPM or PGM picture of the kind that is read.
  case badPixmap(file: String, expected: String, found: String)
  /// A picture is of a kind of its family that is not read; its signature.
  case otherPixmap(file: String, kind: String)
  /// The values of a picture do not end at 255.
  case wrongDepth(file: String, found: Int)
  /// A picture is not square, or cannot be halved twice.
  case wrongExtent(file: String, width: Int, height: Int)
  /// A picture has another size than the first one.
  case otherExtent(file: String, expected: Int, of: String, found: Int)
  /// The folder of a class has no picture that is read; perhaps another file.
  case noPixmap(String, found: String?)
  /// A folder has too few or too many classes.
  case badClassCount(folder: String, limit: Int, found: Int)
  /// A folder has too many images.
  case tooManyImages(folder: String, limit: Int, found: Int)
  /// The test images have other classes than the training images.
  case otherClasses(folder: String, expected: [String], found: [String])
  /// The test images are of another size than the training images.
  case otherTestExtent(expected: Int, found: Int)
  /// There are images to test on, but none to train on.
  case noTrainingImages(String)
  /// There are images to train on, but none to test on.
  case noTestImages(String)

  /// The message without the hint.
  var cause: String { message.lines[0].text }

  /// The code with which a program ends that reports it.
  public var exitCode: ExitCode {
    switch self {
    case .missingFolder, .notAFolder, .noBatchFile, .unreadable, .noTrainingImages, .noTestImages:
      .noInput
    default: .badData
    }
  }

  /// The message for the user, with a hint on the last line.
  public var message: Message {
    switch self {
    case .missingFolder(let path):
      """
      no folder at \(path)
      Hint: name the folder that holds data_batch_1.bin or train.bin, as the "binary version" of CIFAR-10 or \
      CIFAR-100 unpacks it, or one with a folder of PPM or PGM pictures for each class.
      """
    case .notAFolder(let path):
      """
      \(path): expected a folder of images, found a file
      Hint: name the folder in which it is.
      """
    case .noBatchFile(let folder, let expected, let content):
      """
      no batch file in \(folder): expected \(expected.joined(separator: ", "))
      Hint: \(content.hint)
      """
    case .twoDataSets(let folder):
      """
      \(folder): expected the files of one data set, found those of CIFAR-10 and of CIFAR-100
      Hint: name the folder of one of them, or move the files apart.
      """
    case .unreadable(let file, let reason):
      """
      cannot read \(file): \(reason)
      Hint: it must be a file, and one that you may read.
      """
    case .otherFile(let file, let expected, let found):
      """
      \(file): expected \(expected), found \(found.words)
      Hint: \(found.hint)
      """
    case .otherSet(let file, let expected, let found):
      """
      \(file): expected records of \(expected.name), \(expected.recordBytes) bytes each, found as many bytes as \
      records of \(found.name) have, \(found.recordBytes) each
      Hint: the files of \(found.name) are called \(found.names().joined(separator: ", ")).
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
      Hint: the file is cut off, or not in the binary form of CIFAR; fetch it again.
      """
    case .badLabel(let file, let record, let label, let classes, let set):
      """
      \(file): record \(record) has label \(label), expected 0 to \(classes - 1)
      Hint: the file is damaged, or not \(set) in binary form; fetch it again.
      """
    case .tooFewImages(let requested, let available, let perClass):
      """
      \(requested) images wanted, evenly from all classes, found \(available) (\(Self.counts(perClass)))
      Hint: ask for at most \((perClass.min() ?? 0) * perClass.count) images, or add others.
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
    case .badPixmap(let file, let expected, let found):
      """
      \(file): expected \(expected), found \(found)
      Hint: pictures must be PPM or PGM files of kind P6 or P5, 8 bits a colour; make the file anew.
      """
    case .otherPixmap(let file, let kind):
      """
      \(file): expected a picture in binary form, P6 or P5, found \(kind), \(Self.words(kind))
      Hint: convert it, for example by magick in.ppm -depth 8 out.ppm.
      """
    case .wrongDepth(let file, let found):
      """
      \(file): expected 255 as the largest value, found \(found)\(found > 255 ? ": 16 bits a colour" : "")
      Hint: convert it to 8 bits a colour, for example by magick in.ppm -depth 8 out.ppm.
      """
    case .wrongExtent(let file, let width, let height):
      """
      \(file): expected as many rows as columns, \(ImageExtent.words), found \(width) x \(height) pixels
      Hint: the networks halve an image twice; bring all pictures to one such size, for example 32 x 32.
      """
    case .otherExtent(let file, let expected, let first, let found):
      """
      \(file): expected \(expected) x \(expected) pixels, as \(first) has, found \(found) x \(found)
      Hint: bring all pictures to one size.
      """
    case .noPixmap(let folder, let found):
      """
      \(folder): expected PPM or PGM pictures of a class, found \(found.map { "\($0) and the like" as Message } ?? "none")
      Hint: \(found == nil ? "add some" : "convert them to .ppm, in this folder itself"), or remove the folder.
      """
    case .badClassCount(let folder, let limit, let found):
      """
      \(folder): expected folders for 2 to \(limit) classes, found \(found)
      Hint: each class needs a folder of its own with PPM or PGM pictures.
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
    case .otherTestExtent(let expected, let found):
      """
      expected test images of \(expected) x \(expected) pixels, as the training images have, found \(found) x \(found)
      Hint: bring all pictures to one size.
      """
    case .noTrainingImages(let path):
      """
      no training images at \(path)
      Hint: they belong into a folder train beside the one with test images, with a folder for each class.
      """
    case .noTestImages(let path):
      """
      no test images at \(path)
      Hint: a training is tested on images of its own: test_batch.bin beside data_batch_1.bin, test.bin beside \
      train.bin, or the folders train and test (or val), each with a folder for each class.
      """
    }
  }

  /// What a kind of the family of PPM is.
  private static func words(_ kind: String) -> String {
    switch kind {
    case "P1", "P2", "P3": "which is text"
    case "P4": "which is black and white alone"
    case "P7": "which has a header of another form"
    default: "which has numbers of 32 bits"
    }
  }

  /// How many images each class has, as few words as that takes.
  private static func counts(_ perClass: [Int]) -> String {
    guard perClass.count > 16, let least = perClass.min(), let most = perClass.max() else {
      return "\(perClass.map(String.init).joined(separator: ", ")) a class"
    }
    return "\(least) to \(most) in each of \(perClass.count) classes"
  }
}

extension FolderContent {
  /// What to do with it where images are expected.
  fileprivate var hint: Message {
    switch self {
    case .archive(let path): "unpack \(path) with tar -xf, and name the folder that comes out."
    case .otherVersion(let path):
      "\(path) belongs to the Python or Matlab version of CIFAR; take the \"binary version\", whose files end in .bin."
    case .pictures(let example):
      "pictures such as \(example) must be converted to PPM, in a folder for each class."
    case .strayPixmaps(let example):
      "name the folder that has a folder for each class; pictures such as \(example) are not there."
    case .other:
      """
      unpack the "binary version" of CIFAR-10 or CIFAR-100 (.bin files); of pictures, PPM and PGM files in a folder \
      for each class are read.
      """
    }
  }
}
