import Files
import Reports

/// What a reader must know first of a run that is not finished.
struct RunNotice {
  /// What the run does: `search`.
  let work: String
  /// The command that began it.
  let command: String
  let path: String

  /// The notice; nil for a finished run.
  func text(_ state: RunSummary.State, progress: String, failure: String?) -> String? {
    switch state {
    case .finished: nil
    case .running:
      "This \(work) is running: \(progress) are done. Make the report again when it has ended."
    case .interrupted:
      "This \(work) was interrupted: \(progress) are done. This goes on with it:\n"
        + RunInterruption.resumeCommand(command, path)
    case .failed: "This \(work) failed when \(progress) were done: \(failure ?? "")"
    }
  }
}

/// The last part of a run's path, as a report names it.
func runName(_ path: String) -> String {
  let name = PathParts(path).name
  return [".", ".."].contains(name) ? PathParts(realPath(path) ?? path).name : name
}
