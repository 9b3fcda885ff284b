import CommandLineParsing
import Files
import Foundation
import Messages
import Reports

/// One search of a study.
struct StudySearch {
  /// From 1; what `--cell` takes.
  let number: Int
  let method: String
  let kind: SpaceKind
  let seed: Int
  /// Where its results are, or will be.
  let folder: String
  /// What it will do.
  let plan: SearchPlan
  private let arguments: [String]

  /// What is in its folder.
  enum State {
    case absent
    /// The same search was begun and not ended; how it stands.
    case unfinished(RunSummary.State)
    case finished(SearchSummary)

    /// In words.
    var text: String {
      switch self {
      case .absent: "not begun"
      case .unfinished(let state): state.rawValue
      case .finished: "finished"
      }
    }
  }

  /// Creates the search that `arguments` describe; they are those of `toponas search`, but for the folder.
  init(
    number: Int, method: String, kind: SpaceKind, seed: Int, in parent: String, arguments: [String]
  ) throws {
    guard case .run(_, let options) = Toponas.spec.parse(arguments) else {
      throw StudyError.badSearch(arguments)
    }
    plan = try SearchPlan(options)
    folder = "\(parent)/\(plan.space.rawValue)-\(method)-\(kind.name)-seed\(seed)"
    (self.number, self.method, self.kind, self.seed) = (number, method, kind, seed)
    self.arguments = arguments
  }

  /// The last part of its folder.
  var name: String { PathParts(folder).name }

  /// Looks into its folder; throws if that holds another search, or something else.
  func state() throws -> State {
    guard let run = try? RunFolder(opening: folder) else {
      // A search that was killed at once leaves its lock alone.
      if RunFolder.isFree(folder) { return .absent }
      throw RunFolderError.exists(folder)
    }
    let found = try run.text(of: "config.json") ?? ""
    var plan = plan
    // Only the search itself has looked at the images.
    plan.images = (try? SearchPlan(of: run))?.images
    let expected = try JSONText.pretty(plan) + "\n"
    guard found == expected else {
      let difference = try? JSONLeaves(expected).differences(from: JSONLeaves(found)).first
      throw StudyError.otherSearch(folder, difference: difference ?? "config.json was changed")
    }
    if let summary = try run.text(of: "summary.json").flatMap(SearchSummary.init(text:)) {
      return .finished(summary)
    }
    let state = RunSummary.State(of: run)
    // A summary that cannot be read is none.
    return .unfinished(state == .finished ? .interrupted : state)
  }

  /// Runs it as a process of its own; one that was begun goes on.
  func run() throws {
    let words: [String] =
      if case .unfinished = try state() { ["--resume=\(folder)"] } else { ["--out=\(folder)"] }
    // Options that agree with the run may be repeated; some, as the threads, are no part of it.
    let outcome = try runThisProgram(arguments + words + ["--quiet"])
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
