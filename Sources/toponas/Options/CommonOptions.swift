import CommandLineParsing
import Reports
import Runs
import Tensors

/// Options that mean the same to every command that has them.
enum CommonOptions {
  static let seed = OptionSpec(
    "seed", .integer(0...Int.max), help: "Everything random follows from it.", default: "1")

  static let threads = OptionSpec(
    "threads", .integer(1...256), help: "Threads to use; no result depends on it.",
    default: "one per processor")

  static let dryRun = OptionSpec(
    "dry-run", .flag,
    help: "Check options and images, measure the speed for some seconds, print the plan with "
      + "the predicted time, and write nothing.")

  static let json = OptionSpec("json", .flag, help: "Print one JSON object instead.")

  /// Runs `body` with as many threads as the user wants, or as the system gives.
  static func withThreads(
    _ options: ParsedOptions, _ console: Console, _ body: () throws -> Void
  ) rethrows {
    let wanted = options.integer("threads") ?? allowedProcessors()
    let threads = Threads.start(wanted)
    if threads < wanted {
      console.error("warning: the system gives \(threads) of \(counted(wanted, "thread"))")
    }
    try Threads.$limit.withValue(threads, operation: body)
  }
}
