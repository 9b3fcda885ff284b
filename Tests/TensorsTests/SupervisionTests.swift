import Foundation
import TestSupport
import Testing

/// What the tests of programs rest on.
@Suite("Programs under supervision")
struct SupervisionTests {
  @Test func `a program that does not end is killed, with those that it has started`() throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    let killed = try outcome(of: process, ["-c", "echo here; sleep 20 & sleep 20"], seconds: 1)
    #expect(process.terminationReason == .uncaughtSignal && killed.status == SIGKILL)
    #expect(killed.output == "here\n")
  }
}
