import Files
import Foundation
import Messages
import Reports
import Settings

/// One search of a study.
package struct StudySearch {
  /// From 1; what `--cell` takes.
  package let number: Int
  package let method: String
  package let kind: SpaceKind
  package let seed: Int
  /// Where its results are, or will be.
  package let folder: String
  /// The plan of the search.
  package let plan: SearchPlan
  /// What was chosen of it.
  package let chosen: SettingValues

  /// What is in its folder.
  package enum State {
    case absent
    /// The same search was begun and not ended; how it stands.
    case unfinished(RunSummary.State)
    case finished(SearchSummary)

    /// In words.
    package var text: String {
      switch self {
      case .absent: "not begun"
      case .unfinished(let state): state.rawValue
      case .finished: "finished"
      }
    }
  }

  /// Creates the search of what was chosen.
  package init(
    number: Int, method: String, kind: SpaceKind, seed: Int, in parent: String,
    _ chosen: SettingValues
  ) throws {
    plan = try SearchPlan(chosen)
    folder = "\(parent)/\(plan.space.rawValue)-\(method)-\(kind.name)-seed\(seed)"
    (self.number, self.method, self.kind, self.seed) = (number, method, kind, seed)
    self.chosen = chosen
  }

  /// The last part of its folder.
  package var name: String { PathParts(folder).name }

  /// Looks into its folder; throws if that holds another search, or something else.
  package func state() throws -> State {
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
}
