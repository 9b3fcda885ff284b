import Datasets
import DifferentiableSearch
import Reports
import SearchSpaces
import TensorFiles

/// The two newest saved states of a run.
///
/// Beside the tensors a checkpoint holds, as text: how far the search is, the configuration, and a check of the
/// images, so that it goes on nowhere but where it belongs.
struct Checkpoints {
  private enum Key {
    static let progress = "progress"
    static let alphaSteps = "alpha_steps"
    static let configuration = "config"
    static let images = "images"
  }

  private let folder: RunFolder
  private let configuration: String
  private let images: String
  /// How far the newest one is; nil if there is none.
  private(set) var saved: SearchProgress?

  /// The newest one.
  var newest: String { "\(folder.path)/checkpoint.bin" }
  private var previous: String { "\(folder.path)/checkpoint.previous.bin" }

  init(_ folder: RunFolder, _ plan: SearchPlan, _ images: ImageSet) throws {
    self.folder = folder
    configuration = try JSONText.line(plan)
    var check = CRC32()
    images.pixels.withUnsafeBytes { check.update($0) }
    images.labels.withUnsafeBytes { check.update($0) }
    self.images = "\(images.count) images with the CRC-32 \(String(check.value, radix: 16))"
  }

  // MARK: Saving

  /// Saves the state of a search; the newest checkpoint becomes the previous one.
  mutating func save(_ state: SearchState) throws {
    var file = SafeTensors(metadata: [
      Key.progress: try JSONText.line(state.progress), Key.alphaSteps: "\(state.alphaSteps)",
      Key.configuration: configuration, Key.images: images,
    ])
    for (name, tensor) in state.tensors { file[name] = .scalars(tensor) }
    try CheckpointFile.write(file, to: newest, keeping: previous)
    saved = state.progress
  }

  // MARK: Restoring

  /// Puts a search where the newest sound checkpoint left it; `tell` hears of a damaged one.
  ///
  /// A run that was stopped before its first checkpoint stays at its beginning.
  mutating func restore(_ loop: SearchLoop<some Supernet>, tell: (String) -> Void) throws {
    do {
      try restore(loop, from: newest)
    } catch let error as CheckpointFileError where error.isDamage {
      if error.problem == .missing, !folder.has("checkpoint.previous.bin"),
        !folder.has("metrics.jsonl")
      {
        return
      }
      do { try restore(loop, from: previous) } catch let older as CheckpointFileError {
        throw error.problem == .missing && older.problem != .missing ? older : error
      }
      tell("warning: \(error.what)\ngoing on from \(previous), \(loop.progress)")
      // The next save must not put the damaged one in the place of the sound one.
      try folder.remove("checkpoint.bin")
    }
  }

  private mutating func restore(_ loop: SearchLoop<some Supernet>, from file: String) throws {
    let content = try CheckpointFile.read(file)
    try check(content.metadata, file)
    guard let text = content.metadata[Key.progress],
      let progress = try? JSONText.decode(SearchProgress.self, from: text),
      let alphaSteps = content.metadata[Key.alphaSteps].flatMap({ Int($0) })
    else { throw CheckpointError.notASearch(file) }
    let tensors = content.entries.keys.reduce(into: [:]) { $0[$1] = content.tensor($1) }
    try loop.restore(SearchState(progress: progress, alphaSteps: alphaSteps, tensors: tensors))
    saved = progress
  }

  private func check(_ metadata: [String: String], _ file: String) throws {
    guard let configuration = metadata[Key.configuration], let images = metadata[Key.images] else {
      throw CheckpointError.notASearch(file)
    }
    guard images == self.images else {
      throw CheckpointError.images(file, expected: self.images, found: images)
    }
    guard configuration == self.configuration else {
      throw CheckpointError.configuration(
        file, try JSONLeaves(self.configuration).differences(from: JSONLeaves(configuration)))
    }
  }
}

extension CheckpointFileError {
  /// Whether another checkpoint of the same run may be better.
  fileprivate var isDamage: Bool {
    switch problem {
    case .version, .precision, .unreadable: false
    default: true
    }
  }
}

/// Why a sound checkpoint is not one of this run.
enum CheckpointError: Error, Equatable, CustomStringConvertible {
  /// It holds something else than the state of a search.
  case notASearch(String)
  /// It was made on other images.
  case images(String, expected: String, found: String)
  /// It was made with other settings.
  case configuration(String, [String])

  /// The message for the user, with a hint on the last line.
  var description: String {
    switch self {
    case .notASearch(let file):
      """
      \(file): expected the state of a search, found other tensors
      Hint: another program wrote this file.
      """
    case .images(let file, let expected, let found):
      """
      \(file): expected a search on \(expected), found one on \(found)
      Hint: --data DIR names the folder with the images that the run began with.
      """
    case .configuration(let file, let differences):
      """
      \(file): it is not of this config.json: \(differences.joined(separator: "; "))
      Hint: restore the config.json of the run; other settings are a new run (--config).
      """
    }
  }
}
