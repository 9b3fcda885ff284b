/// The names of the tensors in a file, without what wrappers of PyTorch have put into them.
///
/// `DataParallel` puts `module.` before every name, `torch.compile` `_orig_mod.` before those of what it compiles, and
/// a program of its own `model.`, `ema.` or the like before all: what all names begin with is no part of a network
/// here, for each has several. Counts that no network here has are left out: of batches in batch norms, and of averages.
package struct WrappedNames {
  /// The name in the file for each name without wrappers.
  package let inFile: [String: String]
  /// What was left out of the names, in their order.
  package let wrappers: [String]

  private static let modules: Set<Substring> = ["module", "_orig_mod"]

  /// Reads the names; throws those that are equal without wrappers.
  package init(_ names: some Sequence<String>) throws(Problem) {
    let names = names.filter { !Self.isCount($0) }.sorted()
    let split = names.map { $0.split(separator: ".", omittingEmptySubsequences: false) }
    var own = split.map { $0.filter { !Self.modules.contains($0) } }
    var left = Self.modules
    while let owner = Self.start(of: own) {
      left.insert(owner)
      own = own.map { Array($0.dropFirst()) }
    }
    var inFile: [String: String] = [:]
    for (name, parts) in zip(names, own) {
      let other = inFile.updateValue(name, forKey: parts.joined(separator: "."))
      if let other { throw Problem(names: [other, name]) }
    }
    self.inFile = inFile
    wrappers = split.joined().reduce(into: []) { wrappers, part in
      if left.contains(part), !wrappers.contains(String(part)) { wrappers.append(String(part)) }
    }
  }

  /// What all of several names begin with.
  private static func start(of names: [[Substring]]) -> Substring? {
    guard names.count > 1, let first = names[0].first else { return nil }
    return names.allSatisfy { $0.count > 1 && $0[0] == first } ? first : nil
  }

  /// Names that are equal without wrappers.
  package struct Problem: Error, Equatable {
    package let names: [String]
  }

  private static func isCount(_ name: String) -> Bool {
    ["num_batches_tracked", "n_averaged"].contains(name.split(separator: ".").last)
  }
}
