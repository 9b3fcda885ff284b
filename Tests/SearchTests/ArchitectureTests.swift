import Foundation
import SystemErrors
import Testing

/// The source files of the project, found from where this test was compiled.
private let sources = URL(fileURLWithPath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  .appendingPathComponent("Sources")

/// The modules point one way, and search methods know nothing of simplification.
@Suite("Architecture")
struct ArchitectureTests {
  static let allowed: [String: Set<String>] = [
    "Tensors": [],
    "Autodiff": ["Tensors"],
    "NeuralNetworks": ["Autodiff", "Tensors"],
    "Messages": [],
    "SystemErrors": ["Messages"],
    "Files": ["SystemErrors"],
    "Datasets": ["Tensors", "Files", "Messages", "SystemErrors"],
    "TensorFiles": ["Tensors", "Files", "Messages", "SystemErrors"],
    "SearchSpaces": ["Settings", "NeuralNetworks", "Autodiff", "Tensors", "Messages"],
    "TopologicalSimplification": ["SearchSpaces", "NeuralNetworks", "Autodiff", "Tensors"],
    "SearchMethods": [
      "SearchSpaces", "Datasets", "NeuralNetworks", "Autodiff", "Tensors", "Messages",
      "Settings",
    ],
    "Reports": ["SearchSpaces", "Files", "Messages", "SystemErrors"],
    "Settings": [],
    "CommandLineParsing": ["Messages", "Settings"],
    "Runs": [
      "SearchMethods", "TopologicalSimplification", "Reports", "SearchSpaces", "NeuralNetworks",
      "Datasets", "TensorFiles", "Tensors", "Files", "Messages", "Settings", "SystemErrors",
    ],
    "Benchmarks": [
      "Runs", "SearchMethods", "Reports", "SearchSpaces", "NeuralNetworks", "Autodiff", "Datasets",
      "Tensors", "Messages", "Settings",
    ],
    "Chapters": [],
  ]

  /// The text of every Swift file of a module.
  static func files(of module: String) throws -> [(name: String, text: String)] {
    let folder = sources.appendingPathComponent(module)
    let names = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String }
    return try (names ?? []).filter { $0.hasSuffix(".swift") }.sorted().map {
      ($0, try String(contentsOf: folder.appendingPathComponent($0), encoding: .utf8))
    }
  }

  private func imports(_ text: String) -> Set<String> {
    Set(
      text.split(separator: "\n").filter { $0.contains("import ") }.compactMap { line in
        let words = line.split(separator: " ")
        guard let keyword = words.firstIndex(of: "import"), let last = words.last else {
          return nil
        }
        // `import struct Tensors.Shape` imports Tensors.
        return keyword + 1 < words.count ? last.split(separator: ".").first.map(String.init) : nil
      })
  }

  @Test(arguments: allowed.keys.sorted()) func `imports point one way`(_ module: String) throws {
    let own = Set(Self.allowed.keys)
    let files = try Self.files(of: module)
    #expect(!files.isEmpty)
    for (name, text) in files {
      let forbidden = imports(text).intersection(own).subtracting(Self.allowed[module] ?? [])
      #expect(forbidden.isEmpty, "\(module)/\(name) imports \(forbidden.sorted())")
    }
  }

  @Test func `methods and simplification do not know each other`() throws {
    for (a, b) in [
      ("SearchMethods", "TopologicalSimplification"),
      ("TopologicalSimplification", "SearchMethods"),
    ] {
      for (name, text) in try Self.files(of: a) {
        #expect(!imports(text).contains(b), "\(a)/\(name)")
      }
    }
  }

  @Test func `numeric modules need no Foundation`() throws {
    for module in ["Tensors", "Autodiff", "NeuralNetworks", "SearchSpaces"] {
      for (name, text) in try Self.files(of: module) {
        #expect(!imports(text).contains("Foundation"), "\(module)/\(name)")
      }
    }
  }

  @Test func `libraries never print, exit, or use what macOS 15 lacks`() throws {
    // Array.span and InlineArray need macOS 26, and Linux builds would not notice.
    let forbidden = ["print(", "exit(", "fatalError(", "InlineArray", ".mutableSpan", ".span"]
    for module in Self.allowed.keys.sorted() {
      for (name, text) in try Self.files(of: module) {
        // Few files have a word at all.
        let found = forbidden.filter(text.contains)
        for line in found.isEmpty ? [] : text.split(separator: "\n") {
          let code = line.range(of: "//").map { line[..<$0.lowerBound] } ?? line
          for word in found { #expect(!code.contains(word), "\(module)/\(name): \(line)") }
        }
      }
    }
  }

  /// One writer and one reader: short writes, links, pipes and odd paths are the matter of a single module.
  @Test func `files are opened in one module`() throws {
    // But for what the system tells of itself, a lock in a folder that is locked, and streams between processes.
    let exceptions: Set = [
      "ProcessMemory.swift", "AllowedProcessors.swift", "AvailableMemory.swift",
      "ProcessorInfo.swift",
      "RunLock.swift",
      "ControlGroups.swift",
    ]
    let forbidden = [
      "contentsOfFile:", "Data(contentsOf", ".write(toFile", ".write(to: URL", "FileHandle(",
      "createFile(", "createDirectory(", "moveItem(", "removeItem(", "copyItem(", "fileExists(",
      "NSString", "astPathComponent", "pathExtension", "appendingPathComponent", "fopen(",
      "O_CREAT", "= open(", "mkdir(", "rename(", "unlink(",
    ]
    let modules = Set(Self.allowed.keys).union(["toponas"]).subtracting(["Files", "Chapters"])
    for module in modules.sorted() {
      for (name, text) in try Self.files(of: module) {
        if exceptions.contains(String(name.split(separator: "/").last ?? "")) { continue }
        let found = forbidden.filter(text.contains)
        for line in found.isEmpty ? [] : text.split(separator: "\n")
        where !line.contains("standardInput = ") && !line.contains("/dev/null") {
          for word in found { #expect(!line.contains(word), "\(module)/\(name): \(line)") }
        }
      }
    }
  }

  @Test(arguments: allowed.keys.sorted()) func `every module has an article`(_ module: String) {
    let article = sources.appendingPathComponent("\(module)/\(module).docc/\(module).md")
    #expect(FileManager.default.fileExists(atPath: article.path))
  }

  @Test func `Builtin is used in one file`() throws {
    let users = try Self.allowed.keys.flatMap { module in
      try Self.files(of: module).filter { $0.text.contains("import Builtin") }.map(\.name)
    }
    #expect(users == ["Vector.swift"])
  }

  /// Errors that end no command: those of the chapters' builder, and what stands inside a `UserError`.
  @Test func `every error says what to report and how to exit`() throws {
    let declaration =
      /^ *(?:(?:public|package|private|fileprivate) )*(?:struct|enum) (\w+)[^{]*: (?:\w+, )*Error\b/
    var found: [String] = []
    for module in Self.allowed.keys.sorted() + ["toponas"] where module != "Chapters" {
      for (_, text) in try Self.files(of: module) where text.contains("Error") {
        found += text.split(separator: "\n").compactMap { line in
          line.firstMatch(of: declaration).map { String($0.1) }
        }
      }
    }
    #expect(
      Set(found) == ["FileError", "IsKnown", "IsMeasured", "Problem", "SystemError", "TextError"],
      "the others are UserErrors")
  }

  @Test func `libraries name no options of the command line`() throws {
    // A style sheet's variables look alike.
    for module in Self.allowed.keys.sorted()
    where !["CommandLineParsing", "Chapters"].contains(module) {
      for (name, text) in try Self.files(of: module)
      where !["Pages/HTMLPage.swift", "Plans/RepeatedCommands.swift", "SettingWords.swift"]
        .contains(name)
      {
        for line in text.split(separator: "\n") where line.contains("--") && !line.contains("///") {
          let option = line.firstMatch(of: /[ "(]--[a-z][a-z-]+/).map { String($0.0) }
          #expect(option == nil || line.contains("swift build"), "\(module)/\(name): \(line)")
        }
      }
    }
  }
}
