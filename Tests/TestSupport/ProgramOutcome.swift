import Dispatch
import Foundation
import Testing

/// What the program leaves behind.
public struct ProgramOutcome {
  /// The exit code.
  public let status: Int32
  /// Standard output.
  public let output: String
  /// Standard error.
  public let error: String
}

/// The program that was built with these tests, not started yet.
public func toponasProcess() -> Process {
  let process = Process()
  process.executableURL = buildFolder.appendingPathComponent("toponas")
  return process
}

/// Runs the program to its end.
public func toponas(_ arguments: [String]) throws -> ProgramOutcome {
  try outcome(of: toponasProcess(), arguments)
}

/// Expects that the program refuses a command line: one error that contains `message`, and nothing else.
public func expectRefusal(
  _ arguments: [String], _ status: Int32, _ message: String,
  at place: SourceLocation = #_sourceLocation
) throws {
  let outcome = try toponas(arguments)
  #expect(outcome.status == status, sourceLocation: place)
  #expect(outcome.error.hasPrefix("error: "), sourceLocation: place)
  #expect(outcome.error.contains(message), "\(outcome.error)", sourceLocation: place)
  #expect(outcome.output.isEmpty, sourceLocation: place)
}

/// Waits for a program that runs; one that does not end in `seconds` is killed, so that a test fails and never hangs.
///
/// A limit of time in a test cannot do that, for it does not stop a function that waits for another program.
public func supervised<Result>(
  _ process: Process, seconds: Int = 300, _ wait: () throws -> Result
) rethrows -> Result {
  let number = process.processIdentifier
  let alarm = DispatchSource.makeTimerSource()
  alarm.schedule(deadline: .now() + .seconds(seconds))
  alarm.setEventHandler {
    // With those that it has started, which may hold its output open.
    if getpgid(number) == number { kill(-number, SIGKILL) }
    kill(number, SIGKILL)
  }
  alarm.resume()
  defer { alarm.cancel() }
  return try wait()
}

/// Waits until a program has ended, or kills it.
public func waitForEnd(_ process: Process) { supervised(process) { process.waitUntilExit() } }

/// Runs a program to its end; one that has none is killed after `seconds`.
public func outcome(
  of process: Process, _ arguments: [String], seconds: Int = 300
) throws -> ProgramOutcome {
  process.arguments = arguments
  // A file, for two full pipes could block each other.
  let errorFile = NSTemporaryDirectory() + "toponas-stderr-\(UUID().uuidString)"
  try Data().write(to: URL(fileURLWithPath: errorFile))
  defer { try? FileManager.default.removeItem(atPath: errorFile) }
  let output = Pipe()
  process.standardOutput = output
  process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errorFile))
  try process.run()
  let text = supervised(process, seconds: seconds) {
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return text
  }
  return ProgramOutcome(
    status: process.terminationStatus, output: text,
    error: try String(contentsOfFile: errorFile, encoding: .utf8))
}
