import Messages
import SearchMethods
import SearchSpaces
import Settings

extension SizePreset: SettingConvertible {}

extension SizePreset {
  /// The size with which `method` searches a space: that of DARTS, unless the method published another.
  package func searchSize(of space: SpaceEntry, by method: MethodEntry) -> SearchSize {
    var size = space.searchSize(self)
    guard self == .paper else { return size }
    let published = method.published(space.name)
    size.epochs = published.epochs ?? size.epochs
    size.batch = published.batch ?? size.batch
    return size
  }

  /// A number of this preset for the help, of all spaces with slashes between if they differ.
  package func text(_ number: (SpaceEntry, SizePreset) -> String) -> String {
    let values = SpaceEntry.all.map { number($0, self) }
    return values.allSatisfy { $0 == values[0] } ? values[0] : values.joined(separator: "/")
  }

  /// A number of all presets for the help: `8 (tiny), 16 (small), 16 (paper)`.
  package static func list(_ number: (SpaceEntry, SizePreset) -> String) -> String {
    allCases.map { "\($0.text(number)) (\($0.rawValue))" }.joined(separator: ", ")
  }
}

extension SpaceEntry {
  /// What the help says of defaults that differ between spaces.
  package static let slashes =
    "Where a default has slashes, its numbers are those of \(list(all.map(\.name), "and"))."

  /// The names of the spaces with a property, as a list.
  package static func names(
    _ conjunction: String, where isMeant: (SpaceEntry) -> Bool
  ) -> String {
    list(all.filter(isMeant).map(\.name), conjunction)
  }

  /// How the cells of all spaces are counted, with the fewest, for the help.
  package static func counting(_ least: (SpaceEntry) -> Int) -> String {
    all.map { entry in
      entry.words.counting + (least(entry) > 1 ? " (\(least(entry)) or more)" : "")
    }.joined(separator: ", ")
  }
}
