import Files
import Reports

/// What a reader must know first of a run that is not finished.
package struct RunNotice {
  /// What the run does: `search`.
  package let work: String
  /// The command that began it.
  package let command: String
  package let path: String

  /// The notice; nil for a finished run.
  package func text(_ state: RunSummary.State, progress: String, failure: String?) -> String? {
    switch state {
    case .finished: nil
    case .running:
      "This \(work) is running: \(progress) are done. Make the report again when it has ended."
    case .interrupted:
      "This \(work) was interrupted: \(progress) are done. To resume it:\n"
        + resumeCommand(command, path)
    case .failed: "This \(work) failed when \(progress) were done: \(failure ?? "")"
    }
  }
}

/// The last part of a run's path, as a report names it.
package func runName(_ path: String) -> String {
  let name = PathParts(path).name
  return [".", ".."].contains(name) ? PathParts(realPath(path) ?? path).name : name
}
