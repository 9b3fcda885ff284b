import Foundation
import TestSupport

/// What the program leaves behind.
struct ProgramOutcome {
  /// The exit code.
  let status: Int32
  /// Standard output.
  let output: String
  /// Standard error.
  let error: String
}

/// The program that was built with these tests, not started yet.
func toponasProcess() -> Process {
  let process = Process()
  process.executableURL = buildFolder.appendingPathComponent("toponas")
  return process
}

/// Runs the program to its end.
func toponas(_ arguments: [String]) throws -> ProgramOutcome {
  try outcome(of: toponasProcess(), arguments)
}

/// Runs a program to its end.
func outcome(of process: Process, _ arguments: [String]) throws -> ProgramOutcome {
  process.arguments = arguments
  // A file, for two full pipes could block each other.
  let errorFile = NSTemporaryDirectory() + "toponas-stderr-\(UUID().uuidString)"
  try Data().write(to: URL(fileURLWithPath: errorFile))
  defer { try? FileManager.default.removeItem(atPath: errorFile) }
  let output = Pipe()
  process.standardOutput = output
  process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errorFile))
  try process.run()
  let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
  process.waitUntilExit()
  return ProgramOutcome(
    status: process.terminationStatus, output: text,
    error: try String(contentsOfFile: errorFile, encoding: .utf8))
}
