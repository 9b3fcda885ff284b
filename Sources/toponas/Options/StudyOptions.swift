import CommandLineParsing
import Messages
import Runs
import Settings

extension StudyPlan {
  /// The study that the options ask for.
  init(_ options: ParsedOptions) throws {
    try self.init(
      in: options.text("out") ?? "runs/study",
      methods: Self.methods(options.text("methods") ?? Self.methodNames[0]),
      kinds: SpaceKind.all(options), seeds: options.integer("seeds") ?? 3, options.values)
  }

  /// Options of `toponas search` that say how it runs, and nothing of what it finds.
  static let runOptions = [CommonOptions.threads, CheckpointPace.option]
}

extension SpaceKind {
  /// The kinds that the options of a study choose.
  static func all(_ options: ParsedOptions) throws(StudyError) -> [SpaceKind] {
    let simplified = simplified(options.values)
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
      "search", summary: "", discussion: "", options: OptionSpec.all(Simplification.settings))
    let program = ProgramSpec("toponas", version: "", summary: "", commands: [command])
    switch program.parse(["search"] + given) {
    case .run(_, let options):
      var chosen = simplified.chosen
      for name in options.values.names { chosen[name] = options.values[name] }
      self.init(name: name, chosen: chosen)
    case .failure(let errors, _):
      throw .badKind(text, reason: errors.map(\.message).joined(separator: "; ").text)
    default: throw .badKind(text, reason: "expected options that say how to simplify")
    }
  }
}

extension Substring {
  fileprivate var isBlank: Bool { allSatisfy { $0 == " " } }
}

extension StudySearch {
  /// Runs it as a process of its own; one that was begun goes on.
  ///
  /// `options` are those of the study, of which some say how the search runs.
  func run(_ options: ParsedOptions) throws {
    let words =
      ["search"] + chosen.words(for: SearchPlan.settings.settings())
      + options.values.words(for: StudyPlan.runOptions.map(\.setting))
    let place: [String] =
      if case .unfinished = try state() { ["--resume=\(folder)"] } else { ["--out=\(folder)"] }
    // Options that agree with the run may be repeated; some, as the threads, are no part of it.
    let outcome = try runThisProgram(words + place + ["--quiet"])
    switch outcome.ending {
    case .exit(ExitCode.ok.rawValue): break
    case .exit(ExitCode.interrupted.rawValue): throw StudyError.interrupted
    case .signal(let signal) where Interruption.signals.contains(signal):
      throw StudyError.interrupted
    case .exit(let code): throw StudyError.searchFailed(name, "exit code \(code)", outcome.error)
    case .signal(let signal): throw StudyError.searchFailed(name, "signal \(signal)", outcome.error)
    }
  }
}
