import SearchSpaces
import Settings
import TopologicalSimplification

/// A search space as a configuration holds it: by its name.
package struct SearchedSpace: RawRepresentable, CaseIterable, Codable, Hashable, SettingConvertible
{
  package let entry: SpaceEntry
  package var rawValue: String { entry.name }

  package static let allCases = SpaceEntry.all.map(SearchedSpace.init)

  package init(_ entry: SpaceEntry) { self.entry = entry }

  package init?(rawValue: String) {
    guard let entry = SpaceEntry.named(rawValue) else { return nil }
    self.init(entry)
  }

  package static func == (a: SearchedSpace, b: SearchedSpace) -> Bool { a.rawValue == b.rawValue }
  package func hash(into hasher: inout Hasher) { hasher.combine(rawValue) }
}

extension SpaceGenotype {
  /// The entry of its space.
  package var entry: SpaceEntry {
    guard let entry = SpaceEntry.named(space.name) else {
      preconditionFailure("\(space.name) is none of \(SpaceEntry.all.map(\.name))")
    }
    return entry
  }

  /// The size of the network in which it is trained from scratch, for images of a form.
  package func size(for images: ImageForm) -> NetworkCost {
    networkCost(of: self, classes: images.classes, imageExtent: images.extent)
  }

  /// The network of derived cells in words: `a network of the benchmark (C = 16, N = 5)`.
  package func network(for images: ImageForm) -> String {
    "\(entry.words.network) (\(entry.text(space.macroStructure.evaluationSize))\(images.remark))"
  }
}

extension Supernet {
  /// The numbers that are trained, apart from alpha.
  package var weightCount: Int { parameters.reduce(0) { $0 + $1.value.shape.count } }
  /// The numbers in alpha.
  package var logitCount: Int { architectureParameters.reduce(0) { $0 + $1.value.shape.count } }
}
