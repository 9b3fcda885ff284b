import Foundation

/// A folder that is removed with the test.
public final class TemporaryFolder {
  /// Where it is.
  public let path: String

  /// Creates an empty folder.
  public init() throws {
    path = NSTemporaryDirectory() + "toponas-test-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file, in folders that are created for it.
  public func write(_ bytes: some Sequence<UInt8>, to name: String) throws {
    let url = URL(fileURLWithPath: "\(path)/\(name)")
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: url)
  }

  /// Writes a program of the shell.
  ///
  /// Another process creates it: no system runs a file that is open for writing, as one of this process is in every
  /// program that another test starts at that moment.
  public func writeProgram(_ script: String, to name: String) throws {
    try write("#!/bin/sh\n\(script)\n".utf8, to: "\(name).text")
    let shell = Process()
    shell.executableURL = URL(fileURLWithPath: "/bin/sh")
    shell.arguments = [
      "-c", #"cat "$0.text" > "$0" && chmod 755 "$0" && rm "$0.text""#, "\(path)/\(name)",
    ]
    try shell.run()
    shell.waitUntilExit()
    precondition(shell.terminationStatus == 0, "no program \(name) could be written")
  }

  /// Reads a file.
  public func read(_ name: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)"))
  }

  /// Whether there is a file or folder of this name.
  public func has(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: "\(path)/\(name)")
  }

  /// The names of what is in it, sorted.
  public var names: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
  }
}
