import Benchmarks
import CommandLineParsing
import Messages

/// `toponas bench kernels`: how fast each kernel is, against what the machine can do.
struct BenchKernelsCommand: Command {
  static let spec = CommandSpec(
    "bench kernels", summary: "Time every kernel against the peaks of this machine.",
    discussion: """
      Runs each kernel, forward and backward, on maps of the three stages of a supernet with 16 channels in the \
      first. First measures what the machine can do at most on as many threads: multiply-adds that never \
      leave the registers, and a copy within 256 MiB.
      """,
    options: [
      OptionSpec(
        "filter", .text(placeholder: "TEXT"),
        help: "Only kernels with this text in \"KERNEL, DIRECTION\", for example "
          + "\"depthwise 5x5, weight\".", default: "all"),
      OptionSpec("batch", .integer(1...4096), help: "Images per map.", default: "64"),
      OptionSpec(
        "seconds", .number(0...60), help: "Seconds per row; at least five calls are measured.",
        default: "0.2"),
      OptionSpec(
        "svg", .text(placeholder: "FILE"),
        help: "Draw the convolutions below the roofs of the machine: operations a second over "
          + "operations per byte."), CommonOptions.threads, CommonOptions.json,
    ])

  static func run(_ options: ParsedOptions, _ console: Console) throws {
    let batch = options.integer("batch") ?? 64
    let all = KernelCase.all(batch: batch)
    let text = options.text("filter") ?? ""
    let cases = all.filter { text.isEmpty || $0.title.lowercased().contains(text.lowercased()) }
    guard !cases.isEmpty else { throw BenchError.noKernel(filter: text) }
    try CommonOptions.withThreads(options, console) {
      BenchedMachine.current.warn(console)
      var done = 0
      let seconds = options.number("seconds") ?? 0.2
      let result = KernelBenchmark(cases, batch: batch, seconds: seconds) { test in
        done += 1
        console.status("\(done) of \(cases.count)  \(test.title)")
      }
      console.status("")
      let wantsJSON = options.flag("json") ?? false
      try wantsJSON ? console.print(json: result) : console.print(text: result.text)
      if let file = options.text("svg") {
        try OutputFile(path: file, option: "--svg").write(result.roofline(seconds: 5 * seconds).svg)
      }
    }
  }
}

/// Why there is nothing to measure.
enum BenchError: UserError, Equatable {
  /// No kernel has such a name.
  case noKernel(filter: String)

  /// The code with which a program ends that reports it.
  var exitCode: ExitCode { .usage }

  /// The message for the user, with a hint on the last line.
  var message: Message {
    switch self {
    case .noKernel(let filter):
      """
      --filter '\(filter)': no kernel and direction have this text in their names
      Hint: names are like "\(KernelCase.all(batch: 1)[0].title)".
      """
    }
  }
}
