import CommandLineParsing
import Datasets
import Foundation
import Messages
import Reports
import Runs

/// `toponas data fetch`: downloads a data set; the only command that uses the network.
struct DataFetchCommand: Command {
  static let spec = CommandSpec(
    "data fetch", summary: "Download CIFAR-10 or CIFAR-100, and unpack it.",
    discussion: """
      Downloads the "binary version" of CIFAR-10 or CIFAR-100 from the page of its authors, compares size and MD5, \
      unpacks it into DIR/\(CIFAR.ten.folderName) or DIR/\(CIFAR.hundred.folderName) (it needs gzip), checks every file, \
      and removes the archive. Nothing is downloaded if the files are there. After a failure the same command \
      continues where it stopped.

      For a mirror of the same archive give --url alone; --size and --md5 are for another archive of the same \
      files. Exit codes: 1 the network failed, 65 wrong size, checksum or content, 66 the server has no such file, \
      73 cannot create, 74 cannot write or unpack.
      """,
    operand: OptionSpec(
      "set", .text(placeholder: "cifar10|cifar100"), help: "The data set: cifar10 or cifar100.",
      isRequired: true),
    options: [
      OptionSpec(
        "out", .text(placeholder: "DIR"), help: "The folder to unpack in.",
        default: "the current one"),
      OptionSpec(
        "url", .text(placeholder: "URL"), help: "Where the archive is.",
        default: both(\.archive.address)),
      OptionSpec(
        "size", .integer(1...Int.max), help: "Bytes of the archive.",
        default: both { "\($0.archive.bytes)" }),
      OptionSpec(
        "md5", .text(placeholder: "DIGITS"), help: "MD5 of the archive.",
        default: both(\.archive.md5)),
      OptionSpec("quiet", .flag, help: "Print the result alone."),
    ])

  /// The data sets by the names that the command line has for them.
  private static let sets: KeyValuePairs = ["cifar10": CIFAR.ten, "cifar100": CIFAR.hundred]

  /// What the official archives have, as the help shows it.
  private static func both(_ text: (CIFAR) -> String) -> String {
    sets.map { "\(text($0.value)) (\($0.key))" }.joined(separator: ", ")
  }

  static func run(_ options: ParsedOptions, _ console: Console) throws {
    var console = console
    console.isQuiet = options.flag("quiet") ?? false
    let archive = try archive(options)
    let log = FetchLog(archive, console)
    let folder = try archive.fetch(into: options.text("out") ?? ".") { log.receive($0) }
    try console.print(
      """
      images  \(folder)
      search  \(programName) search --preset small --data=\(verbatim: shellWord(folder))
      """)
  }

  private static func archive(_ options: ParsedOptions) throws(DataCommandError) -> CIFARArchive {
    let name = options.requiredText("set")
    guard let set = sets.first(where: { $0.key == name })?.value else {
      throw .unknownSet(name, known: sets.map(\.key))
    }
    let address = options.text("url") ?? set.archive.address
    guard let url = URL(string: address), ["http", "https"].contains(url.scheme?.lowercased()),
      url.host?.isEmpty == false
    else { throw .badAddress(address) }
    let md5 = options.text("md5") ?? set.archive.md5
    guard md5.utf8.count == 32, md5.allSatisfy(\.isHexDigit) else { throw .badMD5(md5) }
    return CIFARArchive(
      of: set, url: url, bytes: options.integer("size") ?? set.archive.bytes, md5: md5)
  }
}

/// Tells how far a fetch is.
private struct FetchLog {
  let archive: CIFARArchive
  let console: Console

  init(_ archive: CIFARArchive, _ console: Console) {
    (self.archive, self.console) = (archive, console)
    console.progress("fetch   \(archive.url), \(grouped(archive.bytes)) bytes")
  }

  func receive(_ progress: CIFARArchive.Progress) {
    switch progress {
    case .alreadyThere: console.progress("        is unpacked already")
    case .downloading(let bytes):
      let share = percent(Double(bytes) / Double(archive.bytes))
      console.status("        \(grouped(bytes)) bytes, \(share)")
    case .checking: console.progress("check   MD5")
    case .unpacking: console.progress("unpack  \(archive.set.files.count) files")
    }
  }
}
