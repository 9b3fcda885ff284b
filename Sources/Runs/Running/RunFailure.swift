import Messages
import Reports
import SearchMethods

/// A run that the user stopped; its state is saved.
package struct RunInterruption: UserError {
  package let progress: SearchProgress
  /// The command that began it.
  package let command: String
  package let folder: String

  /// The code with which a program ends that reports it.
  package var exitCode: ExitCode { .interrupted }

  /// The message for the user, with the next command.
  package var message: Message {
    """
    interrupted; saved at \(progress)
    resume   \(verbatim: resumeCommand(command, folder))
    """
  }
}

/// A run that could not go on, and what is left of it.
package struct RunFailure: UserError {
  /// Where the run folder tells of it, until the run is resumed.
  package static let file = "failure.json"

  /// Why.
  package let cause: any Error
  private let folder: RunFolder
  private let checkpoint: String
  private let saved: SearchProgress?

  /// What fails in a folder that is no longer the run's fails for that reason, and its checkpoints are elsewhere.
  package init(_ cause: any Error, _ folder: RunFolder, _ checkpoints: Checkpoints) {
    self.folder = folder
    checkpoint = checkpoints.newest
    do {
      if case RunFolderError.lost = cause { throw cause }
      try folder.checkOwnership()
      (self.cause, saved) = (cause, checkpoints.saved)
    } catch { (self.cause, saved) = (error, nil) }
  }

  /// What the folder of a run tells of its failure; nil if it did not fail.
  package static func message(in folder: RunFolder) throws(RunFolderError) -> String? {
    try folder.text(of: file).map { text in
      (try? JSONText.decode([String: String].self, from: text))?["message"] ?? "for unknown reasons"
    }
  }

  /// The same, told in the run folder if that can be written and is still the run's.
  package var recorded: RunFailure {
    // A new file would keep a folder that is being removed.
    if case RunFolderError.lost = cause { return self }
    try? folder.write(json: ["message": "\(cause)"], to: Self.file)
    return self
  }

  /// The code with which a program ends that reports it.
  package var exitCode: ExitCode { cause.exitCode }

  /// The message for the user, with a hint on the last line.
  package var message: Message {
    var lines = ("\(cause)" as Message).lines
    if let left { lines.insert(left, at: lines.count - 1) }
    return lines.joined(separator: "\n")
  }

  /// What a run can go on from; nil if its folder is elsewhere.
  private var left: Message? {
    if let saved { return "the last good checkpoint is \(checkpoint), at \(saved)" }
    if case RunFolderError.lost = cause { return nil }
    return "no checkpoint was saved yet: when it is resumed, the run begins anew"
  }
}
