import TensorFiles

/// The names of the tensors in a file, without what wrappers of PyTorch have put into them.
///
/// `DataParallel` puts `module.` before every name, `torch.compile` `_orig_mod.` before those of what it compiles, and
/// a program of its own `model.` or the like before all. Counts that no network here has are left out: of batches in
/// batch norms, and of averages.
struct WrappedNames {
  /// The name in the file for each name without wrappers.
  let inFile: [String: String]
  /// What was left out of the names, in their order.
  let wrappers: [String]

  private static let modules: Set = ["module", "_orig_mod"]
  private static let owners: Set = ["model", "net", "network", "state_dict"]

  /// Reads the names; throws the name that two tensors would have.
  init(_ names: some Sequence<String>) throws(Twice) {
    var (inFile, wrappers): ([String: String], [String]) = ([:], [])
    let names = names.filter { !Self.isCount($0) }.sorted()
    let split = names.map { $0.split(separator: ".", omittingEmptySubsequences: false) }
    let isOwned = { (parts: [Substring]) in
      let rest = parts.drop { Self.modules.contains(String($0)) }
      return rest.count > 1 && Self.owners.contains(String(rest[rest.startIndex]))
    }
    let owner = split.allSatisfy(isOwned) ? Self.owners : []
    for (name, parts) in zip(names, split) {
      var hasOwner = false
      let own = parts.filter { part in
        let isModule = Self.modules.contains(String(part))
        let isFirstOwner = !hasOwner && owner.contains(String(part))
        hasOwner = hasOwner || isFirstOwner
        if isModule || isFirstOwner, !wrappers.contains(String(part)) {
          wrappers.append(String(part))
        }
        return !isModule && !isFirstOwner
      }
      let bare = own.joined(separator: ".")
      if let other = inFile.updateValue(name, forKey: bare) { throw Twice(names: [other, name]) }
    }
    (self.inFile, self.wrappers) = (inFile, wrappers)
  }

  /// Two names that are equal without wrappers.
  struct Twice: Error, Equatable {
    let names: [String]
  }

  private static func isCount(_ name: String) -> Bool {
    name.hasSuffix(".num_batches_tracked") || name == "n_averaged"
  }
}
