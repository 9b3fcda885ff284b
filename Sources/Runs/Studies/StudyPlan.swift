import SearchMethods
import Settings

/// The searches of a study: every seed with every method and kind of space.
package struct StudyPlan {
  package let folder: String
  package let space: SearchedSpace
  package let methods: [String]
  package let kinds: [SpaceKind]
  package let seeds: Int
  /// By seed, then method, then kind: the searches to be compared follow each other, and more seeds keep the numbers.
  package let searches: [StudySearch]

  /// The names of the search methods.
  package static let methodNames = MethodEntry.all.map(\.name)

  /// What a study chooses itself for each search.
  private static let own: Set = ["method", "simplify", "seed"]

  /// What can be chosen for all searches of a study at once.
  package static let settings = SearchPlan.settings.filter { !own.contains($0.setting.name) }

  /// The searches of `seeds` seeds with each of the methods on each kind of space; `chosen` is common to all.
  ///
  /// What was chosen for one method is for that method alone.
  package init(
    in folder: String, methods: [String], kinds: [SpaceKind], seeds: Int, _ chosen: SettingValues
  ) throws {
    (self.folder, self.methods, self.kinds, self.seeds) = (folder, methods, kinds, seeds)
    let common = Set(Self.settings.map(\.setting.name)).subtracting(Simplification.names)
    var searches: [StudySearch] = []
    for seed in 1...seeds {
      for method in methods {
        for kind in kinds {
          let plan = MethodEntry.named(method).map(MethodPlan.init)
          var values = chosen.only(common.filter { plan?.takes($0) ?? true })
          for name in kind.chosen.names { values[name] = kind.chosen[name] }
          (values["method"], values["seed"]) = (.word(method), .integer(seed))
          searches.append(
            try StudySearch(
              number: searches.count + 1, method: method, kind: kind, seed: seed, in: folder, values
            ))
        }
      }
    }
    self.searches = searches
    space = searches[0].plan.space
  }

  /// Reads names of methods with commas between; each counts once.
  package static func methods(_ list: String) throws(StudyError) -> [String] {
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
package struct SpaceKind: Equatable {
  /// For names of folders and rows of the table.
  package let name: String
  /// The choices that make it.
  package let chosen: SettingValues

  /// Creates a kind.
  package init(name: String, chosen: SettingValues) { (self.name, self.chosen) = (name, chosen) }

  package static let plain = SpaceKind(name: "plain", chosen: ["simplify": .flag(false)])

  /// The simplified space, as far as something of it was chosen.
  package static func simplified(_ chosen: SettingValues) -> SpaceKind {
    var own = chosen.only(Simplification.names)
    own["simplify"] = .flag(true)
    return SpaceKind(name: "simplified", chosen: own)
  }
}
