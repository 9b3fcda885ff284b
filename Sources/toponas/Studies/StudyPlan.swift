import CommandLineParsing
import Reports
import SearchMethods

/// The searches of a study: every seed with every method and kind of space.
struct StudyPlan {
  let folder: String
  let space: SearchedSpace
  let methods: [String]
  let kinds: [SpaceKind]
  let seeds: Int
  /// By seed, then method, then kind: the searches to be compared follow each other, and more seeds keep the numbers.
  let searches: [StudySearch]

  /// The search methods, as `toponas search --method` names them.
  static let methodNames = MethodEntry.all.map(\.name)

  /// What a study sets itself for each search.
  private static let reserved = [
    "method", "simplify", "seed", "out", "quiet", "nasbench", "resume", "config", "dry-run",
  ]

  /// The options of `toponas search` that all searches of a study have in common.
  static let searchOptions = SearchCommand.spec.options.filter { !reserved.contains($0.name) }

  init(_ options: ParsedOptions) throws {
    folder = options.text("out") ?? "runs/study"
    methods = try Self.methods(options.text("methods") ?? "darts")
    kinds = try SpaceKind.all(options)
    seeds = options.integer("seeds") ?? 3
    let simplifier = Set(SimplifierOptions.options.map(\.name))
    let common = Self.searchOptions.filter { !simplifier.contains($0.name) }
    var searches: [StudySearch] = []
    for seed in 1...seeds {
      for method in methods {
        for kind in kinds {
          // Options of one method are for that method alone.
          let words = options.words(
            for: common.filter {
              MethodEntry.named(method).map(MethodPlan.init)?.takes($0.name) ?? true
            })
          searches.append(
            try StudySearch(
              number: searches.count + 1, method: method, kind: kind, seed: seed, in: folder,
              arguments: ["search"] + words + ["--method=\(method)"] + kind.words
                + ["--seed=\(seed)"]))
        }
      }
    }
    self.searches = searches
    space = searches[0].plan.space
  }

  private static func methods(_ list: String) throws(StudyError) -> [String] {
    var methods: [String] = []
    for part in list.split(separator: ",", omittingEmptySubsequences: false) {
      let name = part.trimmingPrefix { $0 == " " }
      guard methodNames.contains(String(name)) else {
        throw .unknownMethod(String(name), expected: methodNames)
      }
      if !methods.contains(String(name)) { methods.append(String(name)) }
    }
    return methods
  }
}

/// A kind of space that a study searches: plain, simplified, or simplified in another way.
struct SpaceKind: Equatable {
  /// For names of folders and rows of the table.
  let name: String
  /// The options of `toponas search` that choose it.
  let words: [String]

  static let plain = SpaceKind(name: "plain", words: ["--no-simplify"])

  /// The kinds that the options of a study choose.
  static func all(_ options: ParsedOptions) throws(StudyError) -> [SpaceKind] {
    let simplified = SpaceKind(
      name: "simplified", words: ["--simplify"] + options.words(for: SimplifierOptions.options))
    var kinds: [SpaceKind] =
      switch options.text("simplify") {
      case "yes": [simplified]
      case "no": [.plain]
      default: [.plain, simplified]
      }
    for text in (options.text("also") ?? "").split(separator: ";") where !text.isBlank {
      let kind = try SpaceKind(String(text), beside: simplified)
      guard !(kinds + [.plain, simplified]).contains(where: { $0.name == kind.name }) else {
        throw .badKind(String(text), reason: "the name \(kind.name) is taken")
      }
      kinds.append(kind)
    }
    return kinds
  }

  /// Reads `NAME=--option value ...`, options beside those of `simplified`.
  private init(_ text: String, beside simplified: SpaceKind) throws(StudyError) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name = parts[0].split(separator: " ").joined(separator: " ")
    guard parts.count == 2, 1...64 ~= name.count,
      name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) })
    else {
      throw .badKind(
        text,
        reason: "expected NAME=OPTIONS, the name of up to 64 letters, digits, '-', '_' and '.'")
    }
    let given = parts[1].split(separator: " ").map(String.init)
    let command = CommandSpec(
      "search", summary: "", discussion: "", options: SimplifierOptions.options)
    let program = ProgramSpec("toponas", version: "", summary: "", commands: [command])
    switch program.parse(["search"] + given) {
    case .run: break
    case .failure(let errors, _):
      throw .badKind(text, reason: errors.map(\.message).joined(separator: "; ").text)
    default: throw .badKind(text, reason: "expected options that say how to simplify")
    }
    // Of an option that is given twice the last one counts.
    (self.name, words) = (name, simplified.words + given)
  }

  private init(name: String, words: [String]) { (self.name, self.words) = (name, words) }
}

extension Substring {
  fileprivate var isBlank: Bool { allSatisfy { $0 == " " } }
}
