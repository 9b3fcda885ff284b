import Dispatch
import Foundation

/// How a process ended, and what it wrote to standard error.
struct ChildOutcome {
  enum Ending {
    case exit(Int32)
    case signal(Int32)
  }
  let ending: Ending
  let error: String
}

/// Runs this program once more as a process of its own, to its end; its standard output is not wanted.
///
/// Interrupts of this process go to the child, which is not in the terminal's group, and end only that.
func runThisProgram(_ arguments: [String]) throws -> ChildOutcome {
  unblock(Interruption.signals)
  let process = Process()
  process.executableURL =
    Bundle.main.executableURL ?? URL(fileURLWithPath: CommandLine.arguments[0])
  process.arguments = arguments
  process.standardInput = FileHandle.nullDevice
  process.standardOutput = FileHandle.nullDevice
  let errors = Pipe()
  process.standardError = errors
  try process.run()
  let forwarding = Interruption.signals.map { forward($0, to: process.processIdentifier) }
  defer { for (source, number) in zip(forwarding, Interruption.signals) { stop(source, number) } }
  let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
  process.waitUntilExit()
  let status = process.terminationStatus
  return ChildOutcome(
    ending: process.terminationReason == .exit ? .exit(status) : .signal(status),
    error: text.trimmingCharacters(in: .newlines))
}

/// Lets signals reach this process and its children, even if the one that started it had blocked them.
private func unblock(_ numbers: [Int32]) {
  var signals = sigset_t()
  sigemptyset(&signals)
  for number in numbers { sigaddset(&signals, number) }
  pthread_sigmask(SIG_UNBLOCK, &signals, nil)
}

/// Sends a signal on instead of obeying it.
///
/// Only after the child was started, which would ignore what this process ignores.
private func forward(_ number: Int32, to child: Int32) -> any DispatchSourceSignal {
  let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
  source.setEventHandler { kill(child, number) }
  signal(number, SIG_IGN)
  source.resume()
  return source
}

private func stop(_ source: any DispatchSourceSignal, _ number: Int32) {
  source.cancel()
  signal(number, SIG_DFL)
}
