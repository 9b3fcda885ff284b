import SearchSpaces

/// Names for symbolic weights that a reader knows: `alpha sep_conv_3x3`, `A{sep3, sep5}`, `p sep3`.
///
/// alpha is the weight of one candidate among all, A that of several, p a share within the group of the
/// sum in which it stands. A prime tells the weights of a second stage of their own from those of the first.
public struct WeightNames: Sendable {
  private let primitives: [Primitive]
  /// Which candidates each column of logits belongs to.
  private let owners: [[Int]]

  /// Names for weights over one column a candidate.
  public init(_ primitives: [Primitive]) {
    self.primitives = primitives
    owners = primitives.indices.map { [$0] }
  }

  /// Names for the weights of `operation`, whose candidates are `primitives`, whatever its columns are.
  public init(_ primitives: [Primitive], of operation: MixedOperation) {
    self.primitives = primitives
    var owners = operation.initialLogits.map { _ in [Int]() }
    for (candidate, weight) in operation.candidateWeights.enumerated() {
      for column in weight.shares.flatMap(\.members) where !owners[column].contains(candidate) {
        owners[column].append(candidate)
      }
    }
    self.owners = owners
  }

  /// The name of a weight; of the constant 1 none.
  public func callAsFunction(_ weight: ArchitectureWeight) -> String? {
    guard !weight.shares.isEmpty else { return nil }
    return weight.shares.map { name($0) ?? "\(weight)" }.joined(separator: " ")
  }

  private func name(_ share: ArchitectureWeight.Share) -> String? {
    guard let members = candidates(share.members), let all = candidates(share.within) else {
      return nil
    }
    let prime = share.members.allSatisfy(isSecond) ? "'" : ""
    if members.count == 1, all.count == primitives.count {
      return "alpha \(primitives[members[0]].rawValue)"
    }
    let symbol = (all.count == primitives.count ? "A" : "p") + prime
    let names = members.map { primitives[$0].shortName }.joined(separator: ", ")
    return members.count == 1 ? "\(symbol) \(names)" : "\(symbol){\(names)}"
  }

  /// The candidates behind some columns; nil where a column belongs to none.
  private func candidates(_ columns: [Int]) -> [Int]? {
    let known = columns.map { $0 < owners.count ? owners[$0] : [] }
    return known.contains(where: \.isEmpty) ? nil : Array(Set(known.joined())).sorted()
  }

  /// Whether a column before this one belongs to the same candidates.
  private func isSecond(_ column: Int) -> Bool {
    owners[..<column].contains(owners[column])
  }

  /// A path as a tree of lines, children indented, its weights by name.
  public func tree(_ path: Path) -> String {
    lines(path.flattened, indent: "").joined(separator: "\n")
  }

  private func lines(_ path: Path, indent: String) -> [String] {
    switch path {
    case .module(let module):
      let parts = mergedParts(module).joined(separator: " + ")
      return ["\(indent)\(module.signature)\(parts.isEmpty ? "" : " <- \(parts)")"]
    case .chain(let steps): return steps.flatMap { lines($0, indent: indent) }
    case .choice(let branches):
      return ["\(indent)sum"]
        + branches.flatMap { branch in
          ["\(indent)  \(self(branch.weight) ?? "1") *"]
            + lines(branch.path, indent: indent + "    ")
        }
    }
  }

  /// The parts of a merged kernel by the names of their weights; of another module none.
  func mergedParts(_ module: ModuleSpec) -> [String] {
    guard case .convolution(_, _, .merged(let expression)) = module.kind else { return [] }
    return expression.parts.map { self($0.weight) ?? $0.name }
  }
}

extension Primitive {
  /// An abbreviation for narrow places: `sep3` for `sep_conv_3x3`, `skip` for `skip_connect`; of other names, the name.
  public var shortName: String {
    if self == .skipConnect { return "skip" }
    guard let match = rawValue.wholeMatch(of: /([a-z]+)_[a-z]+_([0-9]+)x\2/) else {
      return rawValue
    }
    return "\(match.1)\(match.2)"
  }
}
