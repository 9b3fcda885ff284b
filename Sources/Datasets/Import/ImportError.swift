import Messages

/// Why pictures were not imported: what, where, and what to do.
public enum ImportError: UserError, Equatable {
  /// The folder does not exist.
  case missingFolder(String)
  /// There is a file where the folder should be; what it is, if that is known.
  case notAFolder(String, FileKind?)
  /// A folder has too few or too many folders of classes.
  case badClassCount(folder: String, limit: Int, found: Int)
  /// The folder of a class has no picture, or none that could be converted.
  case noPicture(folder: String, reason: String?)
  /// There is something of this name already.
  case exists(String)
  /// The system refuses to create a file or a folder.
  case cannotCreate(String, reason: String)
  /// The system refuses to write.
  case cannotWrite(String, reason: String)
  /// No program that converts pictures is there, or none that works.
  case noConverter(known: [String], failures: [String])
  /// The user stopped it; nothing remains.
  case interrupted

  /// The code with which a program ends that reports it.
  public var exitCode: ExitCode {
    switch self {
    case .missingFolder, .notAFolder: .noInput
    case .badClassCount, .noPicture: .badData
    case .exists, .cannotCreate: .cannotCreate
    case .cannotWrite: .inputOutput
    case .noConverter: .failed
    case .interrupted: .interrupted
    }
  }

  /// The message for the user, with a hint on the last line.
  public var message: Message {
    switch self {
    case .missingFolder(let folder):
      """
      no folder at \(folder)
      Hint: name the folder that holds a folder of pictures for each class.
      """
    case .notAFolder(let path, let kind):
      """
      \(path): expected a folder of pictures, found \(kind?.words ?? "a file")
      Hint: \(kind?.hint ?? "name the folder that holds a folder of pictures for each class.")
      """
    case .badClassCount(let folder, let limit, let found):
      """
      \(folder): expected folders for 2 to \(limit) classes, found \(found)
      Hint: each class needs a folder of its own with its pictures; they may be in the folders train and test, or \
      train and val.
      """
    case .noPicture(let folder, let reason):
      """
      \(folder): expected pictures of a class, found none\(reason.map { " that can be converted: \($0)" as Message } ?? "")
      Hint: add some, or remove the folder.
      """
    case .exists(let path):
      """
      \(path) exists already
      Hint: remove it, or name another folder.
      """
    case .cannotCreate(let path, let reason):
      """
      cannot create \(path): \(reason)
      Hint: name a folder that you may write.
      """
    case .cannotWrite(let path, let reason):
      """
      cannot write \(path): \(reason)
      Hint: check permissions and free space.
      """
    case .noConverter(let known, let failures):
      """
      no program that converts pictures: looked for \(known.joined(separator: ", ")) in PATH\
      \(failures.map { "; \($0)" as Message }.joined())
      Hint: install ImageMagick or FFmpeg, for example by apt-get install imagemagick or brew install imagemagick.
      """
    case .interrupted:
      """
      stopped before the pictures were complete; nothing of them is kept
      Hint: the same command once more begins anew.
      """
    }
  }
}
