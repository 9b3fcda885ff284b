#if os(Linux)
  import Foundation
  import TestSupport
  import Testing

  /// What the program does where the system gives it less than it asks for.
  @Suite("Shortage", .serialized)
  struct ShortageTests {
    private static let small = [
      "--channels", "2", "--cells", "1", "--epochs", "2", "--train-images", "80", "--batch", "16",
    ]

    /// The outcome of a command under limits of the shell.
    private func toponas(_ words: [String], under limits: String) throws -> ProgramOutcome {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      let program = try #require(toponasProcess().executableURL).path
      return try outcome(of: process, ["-c", "\(limits); exec \"$0\" \"$@\"", program] + words)
    }

    /// A thread whose stack does not fit into the address space is refused.
    @Test func `without threads a search runs on one, with the same results`() throws {
      let folder = try TemporaryFolder()
      let words = ["search", "--quiet", "--threads", "3"] + Self.small
      let limited = try toponas(
        words + ["--out", "\(folder.path)/limited"],
        under: "ulimit -s 6000000; ulimit -v 4000000")
      #expect(limited.status == 0)
      #expect(limited.error == "warning: the system gives 1 of 3 threads\n")
      let free = try TestSupport.toponas(words + ["--out", "\(folder.path)/free"])
      #expect(free.status == 0 && free.error.isEmpty)
      #expect(
        try RunFolderContents("\(folder.path)/limited")
          == RunFolderContents("\(folder.path)/free"))
      let bench = try toponas(
        ["bench", "step", "--channels", "2", "--cells", "1", "--batch", "4", "--threads", "2"],
        under: "ulimit -s 6000000; ulimit -v 4000000")
      #expect(bench.status == 0 && bench.output.contains("1 thread,"), "\(bench.output)")
    }
  }
#endif
