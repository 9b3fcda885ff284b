import Datasets
import Messages
import Reports
import SearchMethods
import TensorFiles

/// The two newest saved states of a run.
///
/// Beside the tensors a checkpoint holds, as text: how far the run is, the configuration, and a check of the
/// images, so that it goes on nowhere but where it belongs.
package struct Checkpoints {
  private enum Key {
    static let configuration = "config"
    static let images = "images"
  }

  private let folder: RunFolder
  private let configuration: String
  private let images: String
  /// How far the newest one is; nil if there is none.
  private(set) var saved: SearchProgress?
  /// Whether the newest one may take the place of the one before it: a damaged one may not.
  private var isNewestSound = true

  /// The path of the newest checkpoint.
  package var newest: String { Self.newest(in: folder) }

  private static func newest(in folder: RunFolder) -> String { "\(folder.path)/checkpoint.bin" }
  private static func previous(in folder: RunFolder) -> String {
    "\(folder.path)/checkpoint.previous.bin"
  }

  /// The checkpoints of the run of `plan` on `images`: one set, or the images to train on and those to test on.
  package init(_ folder: RunFolder, _ plan: some RunPlan, _ images: [ImageSet]) throws {
    self.folder = folder
    configuration = try JSONText.line(plan)
    var check = CRC32()
    for set in images {
      set.pixels.withUnsafeBytes { check.update($0) }
      set.labels.withUnsafeBytes { check.update($0) }
    }
    let count = images.reduce(0) { $0 + $1.count }
    self.images = "\(count) images with the CRC-32 \(String(check.value, radix: 16))"
  }

  // MARK: Saving

  /// Saves a state; the newest checkpoint becomes the previous one.
  package mutating func save(_ state: SearchState) throws {
    var file = try SafeTensors(state)
    (file.metadata[Key.configuration], file.metadata[Key.images]) = (configuration, images)
    try folder.checkOwnership()
    do {
      try CheckpointFile.write(
        file, to: newest, keeping: isNewestSound ? Self.previous(in: folder) : nil
      ) { (try? folder.checkOwnership()) != nil }
    } catch {
      // What is gone while it is written was taken by whoever moves or removes the folder.
      throw error.isOfMissingFile ? RunFolderError.lost(folder.path) : error
    }
    (saved, isNewestSound) = (state.progress, true)
  }

  // MARK: Restoring

  /// Puts a run where the newest sound checkpoint left it; `tell` hears of a damaged one.
  ///
  /// A run that was stopped before its first checkpoint stays at its beginning.
  package mutating func restore(_ loop: some ResumableLoop, tell: (Message) -> Void) throws {
    guard let found = try Self.newestSound(in: folder) else { return }
    let state = try found.state(configuration: configuration, images: images)
    try loop.restore(state)
    saved = state.progress
    if let damage = found.damage {
      tell("warning: \(damage.what)\ngoing on from \(found.file), \(loop.progress)")
      isNewestSound = false
    }
  }

  /// The state of the run of `plan` in the newest sound checkpoint of a folder, which stays as it is.
  package static func state(
    of plan: some RunPlan, in folder: RunFolder, tell: (Message) -> Void
  ) throws -> SearchState {
    guard let found = try newestSound(in: folder) else {
      throw CheckpointFileError(missing: Self.newest(in: folder))
    }
    if let damage = found.damage { tell("warning: \(damage.what)\nreading \(found.file)") }
    return try found.state(configuration: JSONText.line(plan), images: nil)
  }

  /// The newest sound checkpoint; nil if the run was stopped before its first.
  private static func newestSound(in folder: RunFolder) throws -> Found? {
    let (newest, previous) = (newest(in: folder), previous(in: folder))
    switch content(of: newest) {
    case .success(let content): return Found(file: newest, content: content, damage: nil)
    case .failure(let error) where !error.isDamage: throw error
    case .failure(let error):
      let wasNeverSaved = error.problem == .missing && !folder.has("checkpoint.previous.bin")
      if wasNeverSaved, !folder.has("metrics.jsonl") { return nil }
      switch content(of: previous) {
      case .success(let content): return Found(file: previous, content: content, damage: error)
      case .failure(let older):
        guard error.problem != .missing || older.problem != .missing else { throw error }
        throw CheckpointError.noneIsSound(newest: error, previous: older)
      }
    }
  }

  private static func content(of file: String) -> Result<SafeTensors, CheckpointFileError> {
    do { return .success(try CheckpointFile.read(file)) } catch { return .failure(error) }
  }

  /// A sound checkpoint, and what is wrong with a newer one.
  private struct Found {
    let file: String
    let content: SafeTensors
    let damage: CheckpointFileError?

    /// The state in it, if it is one of this configuration and, where they are known, of these images.
    func state(configuration: String, images: String?) throws -> SearchState {
      try check(configuration, images)
      guard let state = SearchState(content) else { throw CheckpointError.notARun(file) }
      return state
    }

    private func check(_ configuration: String, _ images: String?) throws {
      guard let foundConfiguration = content.metadata[Key.configuration],
        let foundImages = content.metadata[Key.images]
      else { throw CheckpointError.notARun(file) }
      if let images, images != foundImages {
        throw CheckpointError.images(file, expected: images, found: foundImages)
      }
      guard configuration == foundConfiguration else {
        throw CheckpointError.configuration(
          file, try JSONLeaves(configuration).differences(from: JSONLeaves(foundConfiguration)))
      }
    }
  }
}

extension CheckpointFileError {
  /// Whether the system could not write because something is not there.
  fileprivate var isOfMissingFile: Bool {
    if case .cannotWrite(let error) = problem { error.isMissing } else { false }
  }

  /// Whether another checkpoint of the same run may be better.
  fileprivate var isDamage: Bool {
    switch problem {
    case .version, .precision, .unreadable: false
    default: true
    }
  }
}

/// Why a run cannot go on from its checkpoints.
package enum CheckpointError: UserError, Equatable {
  /// Both are damaged, or one is and there is no other.
  case noneIsSound(newest: CheckpointFileError, previous: CheckpointFileError)
  /// The checkpoint holds something other than the state of a run.
  case notARun(String)
  /// The checkpoint was made on other images.
  case images(String, expected: String, found: String)
  /// The checkpoint was made with other settings.
  case configuration(String, [String])

  /// The code with which a program ends that reports it.
  package var exitCode: ExitCode {
    switch self {
    case .noneIsSound(let newest, let previous):
      newest.problem == .missing ? previous.exitCode : newest.exitCode
    default: .badData
    }
  }

  /// The message for the user, with a hint on the last line.
  package var message: Message {
    switch self {
    case .noneIsSound(let newest, let previous):
      """
      \(newest.what)
      \(previous.what)
      Hint: no checkpoint is left to go on from: restore one from a copy, or begin anew in another folder.
      """
    case .notARun(let file):
      """
      \(file): expected the state of a run, found other tensors
      Hint: another program wrote this file.
      """
    case .images(let file, let expected, let found):
      """
      \(file): expected a run on \(expected), found one on \(found)
      Hint: \(setting: "data") DIR names the folder with the images that the run began with.
      """
    case .configuration(let file, let differences):
      """
      \(file): it is not of this config.json: \(differences.joined(separator: "; "))
      Hint: restore the config.json of the run; other settings are a new run (\(setting: "config")).
      """
    }
  }
}
