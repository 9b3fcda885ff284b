import Chapters
import Foundation
import TestSupport

/// A chapter of the generated list.
struct ChapterListing: Sendable {
  /// The name of its file without the ending.
  let name: String
  /// Runs its cells.
  let run: @Sendable (Page) throws -> Void
}

/// What a chapter prints and draws while it runs.
///
/// A chapter runs on one task, and its page belongs to that.
final class Page: @unchecked Sendable {
  /// The page of the chapter that runs on this task.
  @TaskLocal static var current: Page?

  private let chapter: Chapter
  private let folder: TemporaryFolder
  private var cell = 0
  /// What each cell that ran has printed.
  private(set) var outputs: [Int: String] = [:]
  /// The pictures, by the names of their files, and the cells that drew them.
  private(set) var pictures: [String: (svg: String, cell: Int)] = [:]

  init(_ chapter: Chapter) throws {
    self.chapter = chapter
    folder = try TemporaryFolder()
  }

  /// Says that the cell `number` begins.
  func begin(_ number: Int) {
    cell = number
    outputs[number] = ""
  }

  func write(_ text: String) { outputs[cell, default: ""] += text }

  func draw(_ name: String, _ svg: String) { pictures[name] = (svg, cell) }

  /// Runs the lines `$ toponas ...` of a cell, all of a chapter in one folder.
  func runShell(_ number: Int) throws {
    begin(number)
    for line in chapter.lines[chapter.cells[number].body] where line.hasPrefix("$ toponas") {
      write(try shell(String(line.dropFirst(2))))
    }
  }

  /// What a command prints; of a failed one also the errors and the exit code.
  private func shell(_ command: String) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    process.environment = ProcessInfo.processInfo.environment.merging(
      ["NO_COLOR": "1", "COLUMNS": "100"]
    ) { $1 }
    process.environment?["PATH"] =
      "\(buildFolder.path):\(ProcessInfo.processInfo.environment["PATH"] ?? "")"
    let outcome = try outcome(of: process, ["-c", command])
    return outcome.status == 0
      ? outcome.output : outcome.output + outcome.error + "exit code \(outcome.status)\n"
  }
}

/// Prints on the page of the chapter; cells see this function instead of the standard library's.
func print(_ items: Any..., separator: String = " ", terminator: String = "\n") {
  Page.current?.write(
    items.map { String(describing: $0) }.joined(separator: separator) + terminator)
}

/// Hands a picture to the page: `name` is its file in `Notebooks-md/pictures`.
func picture(_ name: String, _ svg: String) { Page.current?.draw(name, svg) }

/// The rows of a table in `Notebooks-md/results`, each by the names of its columns.
///
/// Lines that begin with `#` say where the table comes from. Only the last column can have commas.
func results(_ name: String) throws -> [[String: String]] {
  let file = NotebookFile.folder.appendingPathComponent("results/\(name)")
  let lines = try String(contentsOf: file, encoding: .utf8)
    .split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("#") }
  let columns = lines[0].split(separator: ",").map(String.init)
  return lines.dropFirst().map { line in
    let fields = line.split(
      separator: ",", maxSplits: columns.count - 1, omittingEmptySubsequences: false)
    return Dictionary(uniqueKeysWithValues: zip(columns, fields.map(String.init)))
  }
}
