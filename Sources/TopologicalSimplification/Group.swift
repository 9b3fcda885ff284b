import SearchSpaces

/// Some branches of a sum that are to be treated as one.
///
/// Equation: TS-12 [paper: words only; formula reconstructed, high confidence].
/// f(x) = sum over i not in G of alpha_i o_i(x) + A (sum over i in G of p_i o_i)(x), A = sum of alpha_i, p_i = alpha_i / A.
struct Group {
  private let branches: [Branch]
  let members: [Int]
  /// A: the share of the group.
  let weight: ArchitectureWeight
  /// p_i: the shares of its members within the group.
  let insideWeights: [ArchitectureWeight]

  init(_ branches: [Branch], _ members: [Int]) {
    self.branches = branches
    self.members = members
    let candidates = members.flatMap { branches[$0].weight.members }
    weight = ArchitectureWeight(candidates, within: branches[members[0]].weight.within)
    insideWeights = members.map { ArchitectureWeight(branches[$0].weight.members, within: candidates) }
  }

  /// The sum with the group replaced by `path`, in the place of its first member.
  ///
  /// A group of everything has weight 1, and no sum remains around it.
  func replaced(by path: Path) -> Path {
    guard members.count < branches.count else { return path.flattened }
    let rest = branches.indices.compactMap { index -> Branch? in
      if index == members[0] { return Branch(weight, path) }
      return members.contains(index) ? nil : branches[index]
    }
    return Path.choice(rest).flattened
  }
}

/// The name of a module that several operations share: `nor_conv_1x1+nor_conv_3x3.relu`.
func sharedName(_ names: [String]) -> String {
  let owners = names.map { $0.split(separator: ".").first.map(String.init) ?? $0 }
  let rest = names[0].drop { $0 != "." }
  return owners.joined(separator: "+") + rest
}
