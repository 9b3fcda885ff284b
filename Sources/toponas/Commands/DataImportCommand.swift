import CommandLineParsing
import Datasets
import Foundation
import Messages
import Reports
import Runs

/// `toponas data import`: makes a folder of pictures that `--data` reads of pictures of other kinds.
struct DataImportCommand: Command {
  static let spec = CommandSpec(
    "data import", summary: "Convert pictures of your own to what --data reads.",
    discussion: """
      PICTURES holds a folder of pictures for each class, or the folders train and test (or val) that do. Each picture \
      is stretched to a square of N x N pixels and written as a PPM file, in folders of the same names. That is done by \
      the first of these programs that is in PATH and works: \
      \(PictureConverter.Program.allCases.map(\.rawValue).joined(separator: ", ")).

      N is a multiple of 4, for the networks halve an image twice; the published ones are for 32. A picture that cannot \
      be converted is left out and reported. DIR appears when it is complete; nothing is overwritten.
      """,
    operand: OptionSpec(
      "pictures", .text(placeholder: "PICTURES"), help: "The folder with the pictures.",
      isRequired: true),
    options: [
      OptionSpec(
        "out", .text(placeholder: "DIR"), help: "The folder to create.", isRequired: true),
      OptionSpec(
        "size", .integer(ImageExtent.range), help: "Rows and columns N, a multiple of 4.",
        default: "\(ImageExtent.usual)"),
      OptionSpec(
        "threads", .integer(1...256), help: "Pictures that are converted at the same time.",
        default: "one per processor"),
      OptionSpec("quiet", .flag, help: "Print the result alone."),
    ])

  static func run(_ options: ParsedOptions, _ console: Console) throws {
    var console = console
    console.isQuiet = options.flag("quiet") ?? false
    let extent = options.integer("size") ?? ImageExtent.usual
    guard ImageExtent.isPossible(extent) else { throw DataCommandError.badExtent(extent) }
    let found = try FoundPictures(options.requiredText("pictures"))
    let target = options.requiredText("out")
    try CommonOptions.withThreads(options, console) {
      let task = try PictureImport(found, extent: extent, to: target)
      Interruption.watch()
      let result = try task.run(path: ProcessInfo.processInfo.environment["PATH"] ?? "") {
        console.progress(
          "convert  \(counted(found.count, "picture")) to \(extent) x \(extent) pixels, by \($0.path)"
        )
      } progress: { done in
        console.status("         \(grouped(done)) of \(counted(found.count, "picture"))")
        return !Interruption.isRequested
      }
      tell(found, result, console)
      try printResult(result, found, extent, target, console)
    }
  }

  /// What is not among the pictures that were made.
  private static func tell(
    _ found: FoundPictures, _ result: PictureImport.Result, _ console: Console
  ) {
    if let first = found.others.first {
      let count = found.others.count
      console.progress(
        count == 1
          ? "note     left out: \(first), which is no picture of a class"
          : "note     left out: \(grouped(count)) files, such as \(first)")
    }
    guard let first = result.failures.first else { return }
    let count = counted(result.failures.count, "picture")
    console.error("warning: \(count) could not be converted, the first of them \(first)")
  }

  private static func printResult(
    _ result: PictureImport.Result, _ found: FoundPictures, _ extent: Int, _ target: String,
    _ console: Console
  ) throws {
    try console.print(
      """
      images  \(target): \(counted(result.counts.values.reduce(0, +), "picture")) of \
      \(found.classCount) classes, \(extent) x \(extent) pixels
      check   \(verbatim: programName) data verify \(verbatim: shellWord(target))
      """)
  }
}
