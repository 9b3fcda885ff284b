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

    private func expectExhaustion(_ error: String) {
      let message = #/error: the system gives no more memory: \d+ MiB more are wanted\nHint: .*\n/#
      #expect(error.wholeMatch(of: message) != nil, "\(error)")
    }

    /// The number behind some words, in MiB.
    private func mebibytes(after words: String, in text: String) throws -> Int {
      let rest = try #require(text.range(of: words), "\(text)").upperBound
      let digits = text[rest...].prefix { $0.isNumber || $0 == "," }
      return try #require(Int(digits.replacing(",", with: "")), "\(text)")
    }

    /// Where the predicted tensors just fit a search may need more, and then says so; it never traps.
    @Test func `without memory a search ends with one message`() throws {
      let folder = try TemporaryFolder()
      let words = [
        "search", "--channels", "8", "--cells", "1", "--epochs", "1", "--train-images", "64",
        "--batch", "32", "--threads", "1",
      ]
      let tooLow = 140
      let refused = try toponas(words + ["--dry-run"], under: "ulimit -v \(tooLow * 1024)")
      #expect(refused.status == 64)
      let own = tooLow - (try mebibytes(after: "this process can have ", in: refused.error))
      let free = try TestSupport.toponas(words + ["--dry-run"])
      let predicted = try mebibytes(after: "a predicted peak of ", in: free.output + free.error)
      var last: Int32?
      for more in [2, 4, 8, 16, 128] {
        let outcome = try toponas(
          words + ["--quiet", "--out", "\(folder.path)/\(more)"],
          under: "ulimit -v \((own + predicted + more) * 1024)")
        last = outcome.status
        #expect([0, 1].contains(outcome.status), "\(more): \(outcome.error)")
        if outcome.status == 1 { expectExhaustion(outcome.error) }
      }
      #expect(last == 0)
    }

    /// Of a training only the least that it can need is known before.
    @Test func `without memory a training ends with one message`() throws {
      let folder = try TemporaryFolder()
      let cell = "|nor_conv_3x3~0|+|none~0|none~1|+|nor_conv_3x3~0|none~1|nor_conv_3x3~2|"
      let outcome = try toponas(
        [
          "evaluate", "--genotype", cell, "--channels", "16", "--cells", "1", "--epochs", "1",
          "--train-images", "128", "--test-images", "10", "--batch", "128", "--quiet",
          "--out", "\(folder.path)/run",
        ], under: "ulimit -v \(300 * 1024)")
      #expect(outcome.status == 1, "\(outcome.error)")
      expectExhaustion(outcome.error)
    }
  }
#endif
