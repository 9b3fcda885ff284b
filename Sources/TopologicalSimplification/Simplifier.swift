import SearchSpaces

/// Rewrites a path until no rule applies: the recursive simplification.
///
/// That PMS and its kin are applied iteratively and recursively is stated in the paper; the procedure is
/// reconstructed (medium confidence). In each round all rewrites of all sums are listed. Identities go
/// first, then the rewrite that saves most modules, then most MACs: an order of this project
/// [reconstructed: low], on which the result for the known spaces does not depend.
///
/// Equation: TS-22 [reconstructed: medium]. Every rewrite lowers the number of executed modules by at least 1,
/// so the procedure ends.
public struct Simplifier: Sendable {
  /// Which candidates share modules.
  public var grouping: Grouping
  /// How modules in the middle are shared; nil leaves them.
  public var floating: FloatingModuleSharing?
  /// What is done to kernels before they are merged, where a batch norm follows.
  public var normalization: KernelNormalization
  /// Which convolutions are merged.
  public var merging: MergeRule
  /// Where the weights of nested sums come from.
  public var weights: NestedWeights

  /// Creates a simplifier; the defaults are this project's answers to the open questions U1 to U5 of chapter 16.
  public init(
    grouping: Grouping = Grouping(), floating: FloatingModuleSharing? = .cascade,
    normalization: KernelNormalization = .unitNorm, merging: MergeRule = .whereItPays,
    weights: NestedWeights = .derived
  ) {
    self.grouping = grouping
    self.floating = floating
    self.normalization = normalization
    self.merging = merging
    self.weights = weights
  }

  /// A simplified path and the steps that led to it.
  ///
  /// Equation: TS-36 [reconstructed: high]. The edge of NAS-Bench-201 becomes
  /// f(x) = alpha_skip x + alpha_avg AvgPool(x) + (alpha_1 + alpha_3) BN(W * ReLU(x)).
  ///
  /// Equation: TS-37 [reconstructed: medium]. The edge of DARTS, variant T: with u = ReLU(x),
  /// y = c D'_q(ReLU BN PW D_q(u)) + (1 - c) E_r(u), f(x) = alpha_max BN(maxpool(x)) + alpha_avg BN(avgpool(x))
  /// + alpha_skip x + A BN PW y.
  ///
  /// Equation: TS-38 [reconstructed: medium]. Variant P: f(x) = pools + skip
  /// + A_sep BN PW D'_q(ReLU BN PW D_q(u)) + A_dil BN PW E_r(u).
  public func simplify(_ path: Path) -> (path: Path, steps: [RewriteStep]) {
    var (current, steps) = (path.flattened, [RewriteStep]())
    let columns = 1 + (path.weights.flatMap(\.within).max() ?? -1)
    while let step = bestStep(current, columns) {
      steps.append(step)
      current = step.path
    }
    return (current, steps)
  }

  /// The same mixed operation with its path simplified.
  public func simplify(_ operation: MixedOperation) -> MixedOperation {
    let path = simplify(operation.path).path
    let simplified = MixedOperation(
      path, candidateWeights: operation.candidateWeights, initialLogits: operation.initialLogits)
    let independent =
      floating == .independentStages ? withSecondStageWeights(simplified) : simplified
    return weights == .derived ? independent : withIndependentWeights(independent)
  }

  /// The same cells with every edge simplified.
  public func simplify(_ space: SearchSpace) -> SearchSpace { space.mapOperations(simplify) }

  private func bestStep(_ path: Path, _ columns: Int) -> RewriteStep? {
    guard let first = bestRewrite(path, columns) else { return nil }
    var rewrite = first
    // The stages of a cascade mix the same operations: their kernels are merged in one step.
    while rewrite.rule == .reparameterize,
      let next = rewrites(of: rewrite.path, Place(columns: columns)).first(where: {
        $0.rule == .reparameterize && $0.owners == rewrite.owners
      })
    { rewrite.add(next) }
    return rewrite.step(before: cost(of: path), after: cost(of: rewrite.path))
  }

  private func bestRewrite(_ path: Path, _ columns: Int) -> Rewrite? {
    let before = cost(of: path)
    let candidates = rewrites(of: path, Place(columns: columns))
      .map { ($0, after: cost(of: $0.path)) }
      .filter { $0.after.modules < before.modules }
    let best = candidates.min { a, b in
      // Sharing a ReLU first would take the blocks of FMS-B apart.
      let order = { (rewrite: Rewrite) in
        rewrite.goesFirst ? 0 : rewrite.isIdentity ? 1 : 2
      }
      return (order(a.0), a.after.modules, a.after.macs)
        < (order(b.0), b.after.modules, b.after.macs)
    }
    return best?.0
  }

  /// A rewrite and the whole path it leads to.
  private struct Rewrite {
    let rule: RewriteRule
    let equations: [String]
    var subject: String
    let owners: [[Primitive]]
    /// Whether the rule by itself changes nothing, whatever is done to kernels.
    let isIdentity: Bool
    var exactness: Exactness
    var path: Path
    /// Whether others would make it impossible.
    var goesFirst = false

    /// Adds what the same rule does elsewhere to the same operations.
    mutating func add(_ other: Rewrite) {
      subject += ", \(other.subject)"
      exactness = max(exactness, other.exactness)
      path = other.path
    }

    func step(before: Cost, after: Cost) -> RewriteStep {
      RewriteStep(
        rule: rule, equations: equations, subject: subject, owners: owners,
        exactness: exactness, before: before, after: after, path: path)
    }

    /// The same rewrite, seen from a path that contains this one.
    func inside(_ wrap: (Path) -> Path) -> Rewrite {
      var outer = self
      outer.path = wrap(path).flattened
      return outer
    }
  }

  /// Where in the whole path a part of it stands.
  private struct Place {
    /// The modules behind it.
    var followers: [ModuleSpec] = []
    /// How many logits the edge had before.
    let columns: Int

    func followed(by modules: [ModuleSpec]) -> Place {
      Place(followers: modules + followers, columns: columns)
    }
  }

  /// All rewrites of all sums in `path`.
  private func rewrites(of path: Path, _ place: Place) -> [Rewrite] {
    switch path {
    case .module: return []
    case .chain(let steps):
      return steps.indices.flatMap { index in
        let behind = steps[(index + 1)...].flatMap(\.modules)
        return rewrites(of: steps[index], place.followed(by: behind)).map { rewrite in
          rewrite.inside { new in
            var replaced = steps
            replaced[index] = new
            return .chain(replaced)
          }
        }
      }
    case .choice(let branches):
      let below = branches.indices.flatMap { index in
        rewrites(of: branches[index].path, place).map { rewrite in
          rewrite.inside { new in
            var replaced = branches
            replaced[index] = Branch(branches[index].weight, new)
            return .choice(replaced)
          }
        }
      }
      return sharings(.prefix, branches) + sharings(.suffix, branches) + floats(branches, place)
        + merges(branches, followedBy: place.followers) + below
    }
  }

  private func sharings(_ end: SharedEnd, _ branches: [Branch]) -> [Rewrite] {
    sharingCandidates(end, in: branches, grouping).map { length, members in
      let steps = branches[members[0]].path.steps
      let shared = (end == .prefix ? steps.prefix(length) : steps.suffix(length)).flatMap(\.modules)
      let isIdentity = changesNothing(end, shared)
      return Rewrite(
        rule: end == .prefix ? .sharePrefix : .shareSuffix,
        equations: end == .prefix ? ["TS-10", "TS-12"] : ["TS-11", "TS-12", "TS-14"],
        subject: shared.map(\.signature).joined(separator: " "),
        owners: members.map { branches[$0].path.modules.owners },
        isIdentity: isIdentity, exactness: isIdentity ? .everywhere : .atOneHotWeights,
        path: sharing(end, length: length, of: branches, members))
    }
  }

  private func floats(_ branches: [Branch], _ place: Place) -> [Rewrite] {
    guard let floating, grouping.mayFloat else { return [] }
    func rewrite(_ equations: [String], _ subject: [ModuleSpec], _ members: [Int], _ path: Path)
      -> Rewrite
    {
      Rewrite(
        rule: .float, equations: equations,
        subject: subject.map(\.signature).joined(separator: " "),
        owners: members.map { branches[$0].path.modules.owners }, isIdentity: false,
        exactness: .atOneHotWeights, path: path)
    }
    if floating == .block {
      return SharedBlock.all(in: branches, grouping).map { block in
        let last = branches[block.members[0]].path.steps.suffix(4).flatMap(\.modules)
        var shared = rewrite(
          ["TS-20"], [last[0], last[2], last[3]], block.members, sharingBlock(branches, block))
        shared.goesFirst = true
        return shared
      }
    }
    let isCascade = floating == .cascade
    return FloatingModule.all(in: branches).map { module in
      rewrite(
        ["TS-18", isCascade ? "TS-19" : "TS-20"], module.floating[0], module.members,
        TopologicalSimplification.floating(
          branches, module, columns: isCascade ? nil : place.columns))
    }
  }

  /// A prefix without weights is merely computed once, and a linear suffix commutes with the sum.
  private func changesNothing(_ end: SharedEnd, _ shared: [ModuleSpec]) -> Bool {
    !shared.contains(where: \.hasWeights)
      && (end == .prefix || shared.allSatisfy { linearity(of: $0) == .linear })
  }

  private func merges(_ branches: [Branch], followedBy followers: [ModuleSpec]) -> [Rewrite] {
    // Without a batch norm after them nothing takes the kernels' scale out again.
    let isNormalizedBehind = followers.contains { $0.isBatchNorm }
    let kernels = isNormalizedBehind ? normalization : .none
    let exactness: Exactness =
      kernels == .none
      ? .everywhere
      : followers[0].isBatchNorm ? .atOneHotWeights : .atOneHotWeightsUpToScale
    let single = branches.indices.filter { branches[$0].path.steps.count == 1 }
    return subsets(of: single).compactMap { members in
      reparameterizing(branches, members, normalization: kernels, merging).map { path in
        Rewrite(
          rule: .reparameterize,
          equations: ["TS-5", "TS-6", "TS-21"] + kernels.equations,
          subject: members.flatMap { branches[$0].path.modules }.map(\.signature)
            .joined(separator: " + "),
          owners: members.map { branches[$0].path.modules.owners },
          isIdentity: true, exactness: exactness, path: path)
      }
    }
  }

  /// All subsets of at least two elements, in a fixed order.
  private func subsets(of elements: [Int]) -> [[Int]] {
    (0..<1 << elements.count).map { mask in
      elements.indices.filter { mask >> $0 & 1 == 1 }.map { elements[$0] }
    }.filter { $0.count > 1 }
  }
}
