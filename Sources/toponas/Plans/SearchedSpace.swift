import SearchSpaces
import Settings
import TopologicalSimplification

/// A search space as a configuration holds it: by its name.
struct SearchedSpace: RawRepresentable, CaseIterable, Codable, Hashable, SettingConvertible {
  let entry: SpaceEntry
  var rawValue: String { entry.name }

  static let allCases = SpaceEntry.all.map(SearchedSpace.init)

  init(_ entry: SpaceEntry) { self.entry = entry }

  init?(rawValue: String) {
    guard let entry = SpaceEntry.named(rawValue) else { return nil }
    self.init(entry)
  }

  static func == (a: SearchedSpace, b: SearchedSpace) -> Bool { a.rawValue == b.rawValue }
  func hash(into hasher: inout Hasher) { hasher.combine(rawValue) }
}

extension SpaceGenotype {
  /// The entry of its space.
  var entry: SpaceEntry {
    guard let entry = SpaceEntry.named(space.name) else {
      preconditionFailure("\(space.name) is none of \(SpaceEntry.all.map(\.name))")
    }
    return entry
  }

  /// The size of the network in which it is trained from scratch, for images of a form.
  func size(for images: ImageForm) -> NetworkCost {
    networkCost(of: self, classes: images.classes, imageExtent: images.extent)
  }

  /// What that network is: `a network of the benchmark (C = 16, N = 5)`.
  func network(for images: ImageForm) -> String {
    "\(entry.words.network) (\(entry.text(space.macroStructure.evaluationSize))\(images.remark))"
  }
}

extension Supernet {
  /// The numbers that are trained, apart from alpha.
  var weightCount: Int { parameters.reduce(0) { $0 + $1.value.shape.count } }
  /// The numbers in alpha.
  var logitCount: Int { architectureParameters.reduce(0) { $0 + $1.value.shape.count } }
}
