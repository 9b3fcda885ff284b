import Files
import Foundation

/// A run of another program, from its input to its end.
struct ProgramRun {
  /// What the program wrote.
  let output: [UInt8]
  /// The first line of the program's error output, if it failed.
  let failure: String?

  /// The most bytes that are read of what a program writes.
  private static let outputLimit = 1 << 24

  /// Runs a program, which reads the file `input`; what it writes goes to files whose names begin with `scratch`.
  ///
  /// Files, for pipes would have to be emptied at the same time, and be kept from other programs that are started. Throws
  /// if they cannot be created.
  init(
    _ program: String, _ arguments: [String], input: String, scratch: String
  ) throws(FileError) {
    let (out, complaints) = ("\(scratch).out", "\(scratch).err")
    defer {
      try? removeFile(out)
      try? removeFile(complaints)
    }
    for file in [out, complaints] { _ = try GrowingFile(file) }
    let status = Self.status(program, arguments, input: input, out, complaints)
    let text = String(decoding: Self.content(of: complaints), as: UTF8.self)
    let line = text.split(whereSeparator: \.isNewline).first.map { String($0.prefix(200)) }
    output = Self.content(of: out)
    failure = status.map { line ?? $0 }
  }

  private static func content(of file: String) -> [UInt8] {
    (try? ByteSource(file: file).prefix(outputLimit)) ?? []
  }

  /// Waits for the end of the program, which writes to two files that are there; nil if it was well, else how it ended.
  private static func status(
    _ program: String, _ arguments: [String], input: String, _ output: String,
    _ complaints: String
  ) -> String? {
    #if canImport(Darwin)
      var actions: posix_spawn_file_actions_t?
    #else
      var actions = posix_spawn_file_actions_t()
    #endif
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_NOFOLLOW, 0)
    posix_spawn_file_actions_addopen(&actions, 2, complaints, O_WRONLY | O_NOFOLLOW, 0)
    let words = ([program] + arguments).map { strdup($0) } + [nil]
    let environment = ProcessInfo.processInfo.environment.map { strdup("\($0)=\($1)") } + [nil]
    defer { for text in words + environment { free(text) } }
    var (child, state) = (pid_t(), Int32())
    let code = posix_spawn(&child, program, &actions, nil, words, environment)
    guard code == 0 else { return String(cString: strerror(code)) }
    while waitpid(child, &state, 0) < 0 {
      guard errno == EINTR else { return String(cString: strerror(errno)) }
    }
    if state & 0x7F != 0 { return "it was ended by signal \(state & 0x7F)" }
    return state == 0 ? nil : "it ended with exit code \(state >> 8 & 0xFF)"
  }
}
