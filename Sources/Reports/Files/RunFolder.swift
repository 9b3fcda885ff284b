import Files
import Foundation
import Messages
import SystemErrors

/// The folder that holds everything about one run.
public struct RunFolder: Sendable {
  /// The path of the folder.
  public let path: String
  /// The right to write into it; nil in a process that only looks.
  private var lock: RunLock?

  /// Creates the folder, with those above it; it must not exist, or be empty.
  public init(creating path: String) throws(RunFolderError) {
    // Fails if the folder exists: of two runs that want it, one gets it.
    do { try createNewFolder(path) } catch {
      guard exists(path) else { throw .cannotCreate(path, reason: "\(error)") }
      guard Self.isFree(path) else { throw .exists(path) }
    }
    self.path = path
  }

  /// Whether a run may have this folder: it does not exist, or holds nothing.
  ///
  /// The lock of a search that was killed at once is nothing that could be lost.
  public static func isFree(_ path: String) -> Bool {
    guard exists(path) else { return true }
    let content = try? FileManager.default.contentsOfDirectory(atPath: path)
    return content?.allSatisfy { $0.hasPrefix(".") } ?? false
  }

  /// Takes the folder as it is; it is created, with those above it, if it does not exist.
  public init(creatingIfNeeded path: String) throws(RunFolderError) {
    do { try createFolder(path) } catch { throw .cannotCreate(path, reason: "\(error)") }
    self.path = path
  }

  /// Opens the folder of a run that was begun: it has a `config.json`.
  public init(opening path: String) throws(RunFolderError) {
    guard exists("\(path)/config.json") else { throw .notARun(path) }
    self.path = path
  }

  /// The same folder, into which this process alone may write while the value lives.
  ///
  /// Before each write it makes sure that the folder is still its own.
  public func locked() throws(RunFolderError) -> RunFolder {
    var folder = self
    folder.lock = try RunLock(self)
    return folder
  }

  /// Creates and locks the folder of a new run; nothing of another one may be in it.
  public init(claiming path: String) throws(RunFolderError) {
    self = try RunFolder(creating: path).locked()
    // Two processes can find the same empty folder: who had the lock before may have written.
    guard Self.isFree(path) else { throw .exists(path) }
  }

  /// Creates and locks the folder of a new run at the first free path among `base`, `base-2`, `base-3` and so on.
  public init(claimingFreePathLike base: String) throws(RunFolderError) {
    while true {
      do throws(RunFolderError) {
        self = try RunFolder(claiming: Self.freePath(base))
        return
      } catch {
        // Another process was quicker, and the next path is free.
        switch error {
        case .exists, .inUse: continue
        default: throw error
        }
      }
    }
  }

  /// Throws if this process has locked the folder, and the path leads to another one now, or nowhere.
  public func checkOwnership() throws(RunFolderError) {
    guard lock?.leads(from: path) ?? true else { throw .lost(path) }
  }

  /// The first path that does not exist among `base`, `base-2`, `base-3` and so on.
  public static func freePath(_ base: String) -> String {
    var (path, number) = (base, 1)
    while exists(path) {
      number += 1
      path = "\(base)-\(number)"
    }
    return path
  }

  /// Writes a file whole: readers see the old text or the new one, never a part.
  public func write(_ text: String, to name: String) throws(RunFolderError) {
    let file = "\(path)/\(name)"
    try checkOwnership()
    do { try NewFile.write(Array(text.utf8), to: file) } catch { throw failure(file, error) }
  }

  /// Writes a value as JSON with sorted keys, in snake case.
  public func write(json value: some Encodable, to name: String) throws(RunFolderError) {
    try write(encoded(name) { try JSONText.pretty(value) } + "\n", to: name)
  }

  /// Whether there is a file of this name.
  public func has(_ name: String) -> Bool { exists("\(path)/\(name)") }

  /// The names of the tables in the folder, without `.csv`, sorted.
  public var tableNames: [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    return names.filter { $0.hasSuffix(".csv") }.map { String($0.dropLast(4)) }.sorted()
  }

  /// The most bytes of a file that are read: a line for each of 100,000 epochs and each edge.
  private static let textLimit = 1 << 29

  /// The text of a file, which must be a regular one and no link; nil if there is none.
  public func text(of name: String) throws(RunFolderError) -> String? {
    let file = "\(path)/\(name)"
    do { return try InputFile.text(own: file, limit: Self.textLimit) } catch {
      throw error == .notText ? .notText(file) : .cannotRead(file, reason: "\(error)")
    }
  }

  /// The lines of a file that were written to their ends; none if there is no file.
  public func lines(of name: String) throws(RunFolderError) -> [String] {
    let text = try text(of: name) ?? ""
    // An editor of another system may have put CR LF, which is one character.
    let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
    return lines.dropLast().map(String.init)
  }

  /// Removes a file, if there is one.
  public func remove(_ name: String) throws(RunFolderError) {
    let file = "\(path)/\(name)"
    try checkOwnership()
    do { try removeFile(file) } catch { throw failure(file, error) }
  }

  /// Appends lines to a file, which is created if need be, and forces them to the disk: all, or none.
  public func append(lines: [String], to name: String) throws(RunFolderError) {
    let file = "\(path)/\(name)"
    try checkOwnership()
    // A checkpoint that follows is on the disk too: none may be ahead of the records.
    do {
      try GrowingFile(file).appendWhole(lines.flatMap { Array("\($0)\n".utf8) })
    } catch { throw failure(file, error) }
  }

  /// Why a file cannot be written.
  private func failure(_ file: String, _ error: any Error) -> RunFolderError {
    let isMissing = (error as? SystemError)?.isMissing ?? (error as? FileError)?.isMissing ?? false
    return isMissing && lock != nil ? .lost(path) : .cannotWrite(file, reason: "\(error)")
  }

  /// Appends a value as one line of JSON with sorted keys, in snake case.
  public func append(json value: some Encodable, to name: String) throws(RunFolderError) {
    try append(lines: [encoded(name) { try JSONText.line(value) }], to: name)
  }

  /// A value as JSON; `name` is only for the message.
  private func encoded(_ name: String, _ text: () throws -> String) throws(RunFolderError) -> String
  {
    do { return try text() } catch {
      throw .cannotWrite(name, reason: "the value is no JSON: \(error)")
    }
  }
}

/// Why a run folder cannot be used.
public enum RunFolderError: UserError, Equatable {
  /// There is something at that place already.
  case exists(String)
  /// The system refuses to create it.
  case cannotCreate(String, reason: String)
  /// The system refuses to write a file.
  case cannotWrite(String, reason: String)
  /// The system refuses to read a file.
  case cannotRead(String, reason: String)
  /// The bytes of a file are no text.
  case notText(String)
  /// There is no run at that place.
  case notARun(String)
  /// The system refuses to lock the folder.
  case cannotLock(String, reason: String)
  /// Another process works in the folder.
  case inUse(String)
  /// The folder is no longer where this process has locked it.
  case lost(String)

  /// The code with which a program ends that reports it.
  public var exitCode: ExitCode {
    switch self {
    case .exists, .cannotCreate, .cannotLock, .inUse: .cannotCreate
    case .cannotWrite, .lost: .inputOutput
    case .cannotRead, .notARun: .noInput
    case .notText: .badData
    }
  }

  /// The message for the user, with a hint on the last line.
  public var message: Message {
    switch self {
    case .exists(let path):
      """
      \(path) exists already and is not empty
      Hint: name another folder; nothing there was changed.
      """
    case .cannotCreate(let path, let reason):
      """
      cannot create the run folder \(path): \(reason)
      Hint: name a folder that you may write.
      """
    case .cannotWrite(let file, let reason):
      """
      cannot write \(file): \(reason)
      Hint: check permissions and free space; what was written before is kept.
      """
    case .cannotRead(let file, let reason):
      """
      cannot read \(file): \(reason)
      Hint: it must be a file, and one that you may read.
      """
    case .notText(let file):
      """
      \(file): expected text in UTF-8, found other bytes
      Hint: the file was changed or damaged; restore it from a copy.
      """
    case .notARun(let path):
      """
      no run at \(path): it has no config.json
      Hint: toponas runs lists the runs.
      """
    case .cannotLock(let path, let reason):
      """
      cannot lock the run folder \(path): \(reason)
      Hint: a run goes on only where you may write; copy it to such a place.
      """
    case .inUse(let path):
      """
      another process works on \(path)
      Hint: wait for it, or end it: it saves when it gets Ctrl-C.
      """
    case .lost(let path):
      """
      \(path) is no longer the folder of this run: it was moved, removed or replaced
      Hint: if it was moved, the run goes on from its last checkpoint there; nothing was written at the old place.
      """
    }
  }
}
