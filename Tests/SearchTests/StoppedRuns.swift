import Foundation
import Tensors
import TestSupport
import Testing

/// Starts the program, its errors going to a file, and waits until another file is there.
func startToponas(_ words: [String], until file: String, error: URL) throws -> Process {
  let process = toponasProcess()
  process.arguments = words
  try Data().write(to: error)
  process.standardError = try FileHandle(forWritingTo: error)
  process.standardOutput = FileHandle.nullDevice
  try process.run()
  supervised(process) {
    while !FileManager.default.fileExists(atPath: file), process.isRunning { usleep(2_000) }
  }
  return process
}

/// Begins a run in `folder` by the command line `words`, kills it at random moments, and goes on with it, until it ends.
///
/// Returns how often it was killed. The number of threads is another one each time.
func runKilledAtRandom(
  _ words: [String], in folder: String, _ generator: inout RandomGenerator
) throws -> Int {
  let error = URL(fileURLWithPath: "\(folder)-stderr")
  let goOn = [words[0], "--resume", folder, "--checkpoint-minutes", "0", "--quiet"]
  var kills = 0
  while true {
    let process = try startToponas(
      (kills == 0 ? words : goOn) + ["--threads", "\(1 + generator.integer(below: 3))"],
      until: "\(folder)/config.json", error: error)
    // The first time soon, or a quick machine is at the end before.
    usleep(UInt32(generator.integer(below: kills == 0 ? 20_000 : 150_000)))
    kill(process.processIdentifier, SIGKILL)
    waitForEnd(process)
    guard process.terminationReason == .uncaughtSignal else {
      #expect(
        process.terminationStatus == 0, "\((try? String(contentsOf: error, encoding: .utf8)) ?? "")"
      )
      return kills
    }
    kills += 1
    // A machine that never gets on in this time would never end.
    if kills % 8 == 7 {
      #expect(try toponas(goOn).status == 0)
      return kills
    }
  }
}
