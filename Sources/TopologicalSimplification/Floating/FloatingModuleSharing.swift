import SearchSpaces

/// How modules in the middle of chains, neither prefix nor suffix, are shared.
///
/// That the shared module of double-stacked separable convolutions is cascaded with the others is stated
/// in the paper; the formulas are reconstructed.
public enum FloatingModuleSharing: String, CaseIterable, Codable, Sendable {
  /// FMS-A, TS-19: the mixed first stage, the shared module, the mixed second stage.
  case cascade = "A"
  /// FMS-B, TS-20: the last block is shared by chains of one block and of several.
  case block = "B"
  /// FMS-C, TS-20: as FMS-A, with weights of its own for the second stage.
  case independentStages = "C"
}

/// Chains that apply A_i, then F, then B_i, cut into these parts.
struct FloatingModule {
  /// Which branches have the form.
  let members: [Int]
  /// A_i: linear, applied first.
  let first: [Path]
  /// F of every chain, equal except for weights.
  let floating: [[ModuleSpec]]
  /// B_i: linear, applied last.
  let second: [Path]

  /// All sets of branches that have such a form in common; the largest set for each F.
  ///
  /// Equation: TS-18 [reconstructed: high]. o_i = B_i . F . A_i: a module F in the middle, neither prefix nor suffix.
  /// For sep_conv_k after PMS: A_i = DW_k of the first stage, F = ReLU . BN . PW, B_i = DW_k of the second stage.
  ///
  /// Explained in chapter 11.
  static func all(in branches: [Branch]) -> [FloatingModule] {
    let cores = branches.map { core(of: $0.path.steps) }
    var seen: Set<[String]> = []
    return cores.compactMap { core -> FloatingModule? in
      guard let core, seen.insert(core.signature).inserted else { return nil }
      let members = cores.indices.filter { cores[$0]?.signature == core.signature }
      guard members.count > 1 else { return nil }
      return FloatingModule(
        members, chains: members.map { branches[$0].path.steps },
        cores: members.compactMap { cores[$0]?.range })
    }
  }

  /// From the first to the last non-linear module, with something linear on both sides.
  private static func core(of chain: [Path]) -> (range: Range<Int>, signature: [String])? {
    let nonlinear = chain.indices.filter { linearity(of: chain[$0]) > .linear }
    guard let first = nonlinear.first, let last = nonlinear.last, first > 0,
      last < chain.count - 1
    else { return nil }
    let modules = chain[first...last].compactMap(\.singleModule)
    guard modules.count == last + 1 - first else { return nil }
    return (first..<last + 1, modules.map(\.signature))
  }

  /// F takes in what the chains have in common on either side of their cores.
  private init(_ members: [Int], chains: [[Path]], cores: [Range<Int>]) {
    /// How many steps beyond the cores are equal in all chains, leaving one at the end.
    func common(_ step: ([Path], Range<Int>, Int) -> Path?) -> Int {
      var count = 0
      while true {
        let modules = zip(chains, cores).map { step($0, $1, count)?.singleModule }
        let signatures = modules.map { $0?.isMerged == false ? $0?.signature : nil }
        guard let signature = signatures[0], signatures.allSatisfy({ $0 == signature }) else {
          return count
        }
        count += 1
      }
    }
    let before = common { chain, core, count in
      let index = core.lowerBound - 1 - count
      return index > 0 ? chain[index] : nil
    }
    let behind = common { chain, core, count in
      let index = core.upperBound + count
      return index < chain.count - 1 ? chain[index] : nil
    }
    let ranges = cores.map { $0.lowerBound - before..<$0.upperBound + behind }
    self.members = members
    first = zip(chains, ranges).map { .chain(Array($0[..<$1.lowerBound])) }
    floating = zip(chains, ranges).map { $0[$1].flatMap(\.modules) }
    second = zip(chains, ranges).map { .chain(Array($0[$1.upperBound...])) }
  }
}

/// Floats the module that some branches of a sum have in common in their middle.
///
/// Equation: TS-19 [paper: words only; formula reconstructed: medium], FMS-A.
/// sum p_i B_i(F(A_i u)) becomes B(F(A u)), A = sum p_i A_i, B = sum p_i B_i.
/// Exact at one-hot p; elsewhere paths that mix the stages of different operations enter. F is evaluated once.
///
/// With `columns` it is FMS-C of TS-20: the second stage has weights of its own, whose logits stand `columns`
/// columns behind those of the first.
///
/// Explained in chapter 11.
func floating(_ branches: [Branch], _ module: FloatingModule, columns: Int? = nil) -> Path {
  let group = BranchGroup(branches, module.members)
  let cores = module.floating[0].indices.map { place in
    Path.module(.shared(module.floating.map { $0[place] }))
  }
  let secondWeights = group.insideWeights.map { weight in
    columns.map { offset in
      ArchitectureWeight(
        weight.members.map { $0 + offset }, within: weight.within.map { $0 + offset })
    } ?? weight
  }
  let first = Path.choice(zip(group.insideWeights, module.first).map { Branch($0, $1) })
  let second = Path.choice(zip(secondWeights, module.second).map { Branch($0, $1) })
  return group.replaced(by: .chain([first] + cores + [second]))
}

/// Chains that end in one block, ReLU - convolution - pointwise - BN, behind nothing or other blocks.
struct SharedBlock {
  let members: [Int]

  /// All sets of branches whose last blocks differ at most in their first convolution.
  static func all(in branches: [Branch], _ grouping: Grouping) -> [SharedBlock] {
    let keys = branches.map { branch -> [String]? in
      guard let family = grouping.family(of: branch.path, at: .suffix) else { return nil }
      return key(of: branch.path.steps).map { ["\(family)"] + $0 }
    }
    let distinct = keys.compactMap { $0 }.reduce(into: [[String]]()) {
      if !$0.contains($1) { $0.append($1) }
    }
    return distinct.compactMap { key in
      let members = keys.indices.filter { keys[$0] == key }
      let isStacked = members.contains { branches[$0].path.steps.count > 4 }
      return members.count > 1 && isStacked ? SharedBlock(members: members) : nil
    }
  }

  /// The signatures of the block, the size and dilation of its first convolution apart.
  private static func key(of chain: [Path]) -> [String]? {
    let block = chain.suffix(4).compactMap(\.singleModule)
    guard block.count == 4, case .relu = block[0].kind, case .batchNorm = block[3].kind,
      case .convolution(let window, let grouping, .own) = block[1].kind,
      case .convolution(_, _, .own) = block[2].kind
    else { return nil }
    return [
      block[0].signature, "\(grouping) stride \(window.stride)", block[2].signature,
      block[3].signature,
    ]
  }
}

/// Shares the last block of some branches of a sum.
///
/// Equation: TS-20 [reconstructed: low], FMS-B and FMS-C: as TS-19 with weights of its own for the second stage, or the
/// last block shared. FMS-B shares the block: with a separable block T = BN . PW . DW . ReLU, sep = T . S and dil = T:
/// alpha_sep T(S x) + alpha_dil T(x) becomes A T(p_sep S x + p_dil x). The depthwise convolutions inside T become a
/// sum, sum of p_i DW_i. Exact at one-hot p.
///
/// Explained in chapter 11.
func sharingBlock(_ branches: [Branch], _ block: SharedBlock) -> Path {
  let group = BranchGroup(branches, block.members)
  let chains = block.members.map { branches[$0].path.steps }
  let blocks = chains.map { $0.suffix(4).flatMap(\.modules) }
  let fronts = zip(group.insideWeights, chains.map { Array($0.dropLast(4)) })
  var inputs = fronts.filter { !$1.isEmpty }.map { Branch($0, .chain($1)) }
  // Chains of this block alone all act on x: one branch with their common weight.
  let direct = fronts.filter { $1.isEmpty }.flatMap { $0.0.members }
  if !direct.isEmpty {
    let weight = ArchitectureWeight(direct, within: group.insideWeights[0].within)
    let owners = zip(fronts, blocks).flatMap { $0.1.isEmpty ? $1 : [] }.owners
    inputs.append(
      Branch(weight, .module(ModuleSpec(.identity, owners: owners, role: "direct"))))
  }
  let mixed = zip(group.insideWeights, blocks).map { Branch($0, .module($1[1])) }
  return group.replaced(
    by: .chain([
      .choice(inputs), .module(.shared(blocks.map { $0[0] })), .choice(mixed),
      .module(.shared(blocks.map { $0[2] })), .module(.shared(blocks.map { $0[3] })),
    ]))
}

/// The same mixed operation with the logits that the second stage of FMS-C needs.
///
/// Equation: TS-20 [reconstructed: low], FMS-C. A candidate is as strong as the product of its weights in both stages.
/// That compares operations with two stages; beside those with one they are at a disadvantage, for the product of two
/// shares of 1/2 is 1/4.
///
/// Explained in chapter 11.
func withSecondStageWeights(_ operation: MixedOperation) -> MixedOperation {
  let columns = operation.initialLogits.count
  let second = Set(operation.path.weights.flatMap(\.shares).map(\.within)).filter {
    $0[0] >= columns
  }
  guard !second.isEmpty else { return operation }
  return MixedOperation(
    operation.path,
    candidateWeights: operation.candidateWeights.map { weight in
      let mine = weight.members[0] + columns
      guard let group = second.filter({ $0.contains(mine) }).max(by: { $0.count < $1.count }) else {
        return weight
      }
      return weight.times(ArchitectureWeight([mine], within: group))
    }, initialLogits: operation.initialLogits + Array(repeating: 0, count: columns))
}

// MARK: - The rule

extension RewriteRule {
  /// Floating Module Sharing of modules in the middle, in the form that the simplifier's settings name.
  public static let float = RewriteRule(
    "FMS", statement: "modules in the middle of several operations are run once, between two sums",
    equations: [middle, cascade, otherForms], exactness: .atOneHotWeights
  ) { sum, place, settings in
    guard let floating = settings.floating, settings.grouping.mayFloat else { return [] }
    return floating == .block
      ? sharedBlocks(sum, settings) : floatingModules(sum, place, floating)
  }

  private static let middle = Equation(
    "TS-18", "o_i = B_i . F . A_i: a module F in the middle, neither prefix nor suffix",
    "reconstructed: high")
  private static let cascade = Equation(
    "TS-19", "sum p_i B_i(F(A_i u)) becomes B(F(A u)), A = sum p_i A_i, B = sum p_i B_i",
    "paper: words only; formula reconstructed: medium")
  private static let otherForms = Equation(
    "TS-20", "as TS-19 with weights of its own for the second stage, or the last block shared",
    "reconstructed: low")

  /// FMS-A, and FMS-C, whose second stage has logits after those that the edge had.
  private static func floatingModules(
    _ sum: [Branch], _ place: RewritePlace, _ form: FloatingModuleSharing
  ) -> [Rewrite] {
    let isCascade = form == .cascade
    return FloatingModule.all(in: sum).map { module in
      Rewrite(
        floating(sum, module, columns: isCascade ? nil : place.columns),
        subject: module.floating[0].map(\.signature).joined(separator: " "),
        of: module.members.map { sum[$0] },
        equations: [middle, isCascade ? cascade : otherForms], exactness: .atOneHotWeights)
    }
  }

  /// FMS-B, which goes first: another rule would take the blocks apart.
  private static func sharedBlocks(_ sum: [Branch], _ settings: Simplifier) -> [Rewrite] {
    SharedBlock.all(in: sum, settings.grouping).map { block in
      let last = sum[block.members[0]].path.steps.suffix(4).flatMap(\.modules)
      return Rewrite(
        sharingBlock(sum, block),
        subject: [last[0], last[2], last[3]].map(\.signature).joined(separator: " "),
        of: block.members.map { sum[$0] }, equations: [otherForms], exactness: .atOneHotWeights,
        turn: .first)
    }
  }
}
