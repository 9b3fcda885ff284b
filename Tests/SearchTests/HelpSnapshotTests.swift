import Foundation
import TestSupport
import Testing

/// The help of every command, whole: what users read changes only on purpose.
///
/// `UPDATE_HELP=1 swift test --filter HelpSnapshotTests` renews the files in HelpSnapshots.
@Suite("Help texts", .serialized)
struct HelpSnapshotTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("HelpSnapshots").path
  private static let isUpdating = ProcessInfo.processInfo.environment["UPDATE_HELP"] == "1"

  /// Help does not depend on the terminal or on the machine.
  private func help(_ arguments: [String]) throws -> String {
    let process = toponasProcess()
    process.environment = ProcessInfo.processInfo.environment.merging(["COLUMNS": "80"]) { $1 }
    let outcome = try outcome(of: process, arguments)
    #expect(outcome.status == 0 && outcome.error.isEmpty)
    return outcome.output
  }

  /// The commands of a table of commands.
  private func commands(_ help: String) -> [String] {
    let lines = help.split(separator: "\n", omittingEmptySubsequences: false)
    return lines.drop { $0 != "COMMANDS" }.dropFirst().prefix { !$0.isEmpty }
      .filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") }
      .compactMap { $0.dropFirst(2).components(separatedBy: "  ").first }
      .filter { !$0.hasPrefix("help") }
  }

  @Test func `every help text is as it was committed`() throws {
    let overview = try help([])
    let names = commands(overview)
    #expect(names.count > 15)
    let groups = Set(
      names.filter { $0.contains(" ") }.compactMap { $0.split(separator: " ").first })
    let all = names + groups.map(String.init)
    var texts = ["toponas": overview]
    for name in all {
      texts[name] = try help(name.split(separator: " ").map(String.init) + ["--help"])
    }
    let files = texts.mapValues { $0 }.map {
      (name: $0.key.replacing(" ", with: "-") + ".txt", text: $0.value)
    }
    if Self.isUpdating { try renew(files) }
    for (name, text) in files {
      let snapshot = try? String(contentsOfFile: "\(Self.folder)/\(name)", encoding: .utf8)
      #expect(snapshot == text, "\(name): UPDATE_HELP=1 renews it")
    }
    let present = try FileManager.default.contentsOfDirectory(atPath: Self.folder).sorted()
    #expect(present == files.map(\.name).sorted(), "a file for each command, and no other")
  }

  private func renew(_ files: [(name: String, text: String)]) throws {
    try? FileManager.default.removeItem(atPath: Self.folder)
    try FileManager.default.createDirectory(
      atPath: Self.folder, withIntermediateDirectories: true)
    for (name, text) in files {
      try Data(text.utf8).write(to: URL(fileURLWithPath: "\(Self.folder)/\(name)"))
    }
  }

  @Test func `every way to ask for help gives the same`() throws {
    let overview = try help([])
    for words in [["help"], ["--help"], ["-h"], ["help", "--help"]] {
      #expect(try help(words) == overview, "\(words)")
    }
    for command in [["search"], ["genotype", "draw"], ["genotype"]] {
      let text = try help(["help"] + command)
      for words in [command + ["--help"], command + ["-h"], command + ["--epochs", "x", "-h"]] {
        #expect(try help(words) == text, "\(words)")
      }
    }
    #expect(try help(["--version"]).hasPrefix("toponas "))
  }
}
