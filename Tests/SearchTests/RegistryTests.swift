import SearchMethods
import SearchSpaces
import Testing

/// A new space or method is its folder and a line in a list: nothing else asks which one it has before it.
@Suite("Registry")
struct RegistryTests {
  private static let sources = Result { try RegisteredSources() }

  private func sources() throws -> RegisteredSources { try Self.sources.get() }

  @Test func `every entry is declared in a folder of spaces or methods`() throws {
    let (entries, others) = (try sources().entries, try sources().others)
    #expect(entries.count == SpaceEntry.all.count + MethodEntry.all.count, "\(entries)")
    #expect(others.count > 100)
    #expect(!others.contains { $0.name.contains("/DARTS/") || $0.name.contains("/STNAS/") })
  }

  @Test func `no file outside asks for a certain space or method`() throws {
    let sources = try sources()
    for (name, text) in sources.others {
      for line in text.split(separator: "\n") {
        let found = sources.question(in: line)
        #expect(found == nil, "\(name) asks for \(found ?? ""): \(line)")
      }
    }
  }

  @Test(arguments: [
    "    case .darts: 3", "if entry.name == \"gold-nas\" {", "case \"mars\", \"dots\":",
    "guard let cell = x as? NASBench201Genotype else { return }", "x is Topology ? 1 : 2",
    "space.name != SearchSpace.nasBench201.name", "[\"st-nas\"].contains(name)",
    "$0.genotype == DARTSGenotype.self",
    "layout = TopologyAugmentedSpace(layoutOf: space)",
  ])
  func `such a question is found`(_ line: String) throws {
    #expect(try sources().question(in: line[...]) != nil)
  }

  @Test(arguments: [
    "method: any SearchAlgorithm = DARTS(), limit: Int = .max", "// case .darts: 3",
    "Hint: leave it out, or search --space darts.", "let all = [SpaceEntry.darts]",
  ])
  func `what only names one is none`(_ line: String) throws {
    #expect(try sources().question(in: line[...]) == nil)
  }

  /// A text in a format of every space is recognized, shown in the hint, and written again.
  @Test(arguments: SpaceEntry.all.map(\.name))
  func `every space says how its genotypes are written`(_ name: String) throws {
    let texts = try #require(SpaceEntry.named(name)).texts
    #expect(!texts.formats.isEmpty && !texts.hint.isEmpty)
    let formats = SpaceEntry.all.flatMap(\.texts.formats).map(\.name)
    #expect(Set(formats).count == formats.count, "a format has one space")
  }
}

/// The sources, those of spaces and methods apart.
private struct RegisteredSources {
  /// The files that lie in no folder where an entry is declared, but for the two lists.
  let others: [(name: String, text: String)]
  /// What an entry is called in the source: `darts`, `entry`.
  let entries: [String]
  /// The names of the entries as a command line has them.
  private let names: Set<String>
  /// The types that are declared in the folders of spaces and methods.
  private let types: Set<String>
  /// The parts of all these, to see quickly that a line has none.
  private let parts: Set<Substring>

  init() throws {
    let all = try (ArchitectureTests.allowed.keys.sorted() + ["toponas"]).flatMap { module in
      try ArchitectureTests.files(of: module).map { ("\(module)/\($0.name)", $0.text) }
    }
    func folder(_ name: String) -> String {
      name.split(separator: "/").dropLast().joined(separator: "/")
    }
    func declared(in text: String) -> [String] {
      guard text.contains("Entry(") else { return [] }
      return text.matches(of: /static let (\w+) = (?:Space|Method)Entry\(/).map { String($0.1) }
    }
    let folders = Set(all.filter { !declared(in: $0.1).isEmpty }.map { folder($0.0) })
    let own = all.filter { folders.contains(folder($0.0)) }
    entries = own.flatMap { declared(in: $0.1) }
    let lists: Set = ["SearchSpaces/SpaceEntry.swift", "SearchMethods/MethodEntry.swift"]
    others = all.filter { !folders.contains(folder($0.0)) && !lists.contains($0.0) }
    names = Set(SpaceEntry.all.map(\.name) + MethodEntry.all.map(\.name))
    types = Set(
      own.flatMap { file in
        file.1.matches(of: /\b(?:struct|enum|class|protocol) ([A-Z]\w+)/).map { String($0.1) }
      })
    parts = Set(names.union(types).union(entries).flatMap { Self.parts(of: $0[...]) })
  }

  /// Where a line of code asks for a certain space or method.
  func question(in line: Substring) -> String? {
    guard !parts.isDisjoint(with: Self.parts(of: line)) else { return nil }
    let code = line.prefix(upTo: line.firstRange(of: "//")?.lowerBound ?? line.endIndex)
    guard code.contains(/==|!=|~=|\bcase\b|\bis\b|\bas[?!]|\bcontains\b|\bhasPrefix\b|\blayoutOf\b/)
    else { return nil }
    func found(_ pattern: Regex<(Substring, Substring)>, among words: Set<String>) -> String? {
      code.matches(of: pattern).map { String($0.1) }.first(where: words.contains)
    }
    return found(/"([^"]+)"/, among: names)
      ?? found(/\.(\w+)/, among: Set(entries).subtracting(["entry"]))
      ?? found(/\b(?:is|as[?!]) +(?:any )?(\w+)/, among: types)
      ?? found(/== *(\w+)\.self/, among: types)
      ?? found(/\b(\w+)\(layoutOf:/, among: types)
  }

  private static func parts(of text: Substring) -> [Substring] {
    text.split { !($0.isLetter || $0.isNumber) }
  }
}
