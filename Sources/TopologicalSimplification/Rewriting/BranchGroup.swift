import SearchSpaces

/// Some branches of a sum that are to be treated as one: the set G of TS-12.
public struct BranchGroup {
  private let branches: [Branch]
  /// Which branches they are.
  public let members: [Int]
  /// A: the share of the group.
  public let weight: ArchitectureWeight
  /// p_i: the shares of its members within the group.
  public let insideWeights: [ArchitectureWeight]

  /// Creates the group of at least two branches, which are shares of one whole.
  public init(_ branches: [Branch], _ members: [Int]) {
    precondition(
      members.count > 1 && branches.allSatisfy { $0.weight.within == branches[0].weight.within },
      "a group has at least two members, which are shares of one whole")
    self.branches = branches
    self.members = members
    let candidates = members.flatMap { branches[$0].weight.members }
    weight = ArchitectureWeight(candidates, within: branches[members[0]].weight.within)
    insideWeights = members.map {
      ArchitectureWeight(branches[$0].weight.members, within: candidates)
    }
  }

  /// The sum with the group replaced by `path`, in the place of its first member.
  ///
  /// A group of everything has weight 1, and no sum remains around it.
  public func replaced(by path: Path) -> Path {
    guard members.count < branches.count else { return path.flattened }
    let rest = branches.indices.compactMap { index -> Branch? in
      if index == members[0] { return Branch(weight, path) }
      return members.contains(index) ? nil : branches[index]
    }
    return Path.choice(rest).flattened
  }
}

extension Path {
  /// The module, if the path is a single one.
  public var singleModule: ModuleSpec? {
    if case .module(let module) = flattened { module } else { nil }
  }
}

extension ModuleSpec {
  var isBatchNorm: Bool { if case .batchNorm = kind { true } else { false } }
  var isConvolution: Bool { if case .convolution = kind { true } else { false } }
}
