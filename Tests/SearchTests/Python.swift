import Foundation
import TestSupport
import Testing

/// Where the scripts for PyTorch are, with a slash at the end.
let peersFolder =
  URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().path + "/Tests/Peers/"

/// Runs the Python that `TOPONAS_PYTHON` names.
func runPython(_ arguments: [String]) throws -> ProgramOutcome {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: try #require(DevelopmentData.python))
  // -B: no compiled scripts in the source tree.
  return try outcome(of: process, ["-B"] + arguments)
}
