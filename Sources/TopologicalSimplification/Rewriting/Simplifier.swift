import SearchSpaces

/// Rewrites a path until no rule applies: the recursive simplification.
///
/// That PMS and its kin are applied iteratively and recursively is stated in the paper; the procedure is
/// reconstructed (medium confidence). In each round the rewrites that the rules offer for all sums are listed. The
/// earliest turn goes first (`Rewrite.Turn` says why there are turns), then the rewrite that saves most modules, then most
/// MACs: an order of this project [reconstructed: low], on which the result for the known spaces does not depend.
///
/// Equation: TS-22 [reconstructed: medium]. Every rewrite lowers the number of executed modules by at least 1,
/// so the procedure ends.
///
/// Explained in chapter 11.
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
  /// What may be done to a sum.
  public var rules: [RewriteRule]

  /// Creates a simplifier; the defaults are this project's answers to the open questions U1 to U5 of chapter 16.
  public init(
    grouping: Grouping = Grouping(), floating: FloatingModuleSharing? = .cascade,
    normalization: KernelNormalization = .unitNorm, merging: MergeRule = .whereItPays,
    weights: NestedWeights = .derived, rules: [RewriteRule] = RewriteRule.all
  ) {
    self.grouping = grouping
    self.floating = floating
    self.normalization = normalization
    self.merging = merging
    self.weights = weights
    self.rules = rules
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
  ///
  /// Explained in chapters 11 and 13.
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

  /// The same cells with every edge simplified; edges that are written alike, once for all of them.
  public func simplify(_ space: SearchSpace) -> SearchSpace {
    var known: [(operation: MixedOperation, simplified: MixedOperation)] = []
    return space.mapOperations { operation in
      if let same = known.first(where: { operation.isWritten(like: $0.operation) }) {
        return same.simplified
      }
      known.append((operation, simplify(operation)))
      return known[known.count - 1].simplified
    }
  }

  // MARK: One step

  /// A rewrite that a rule offers, with the whole path after it.
  private struct Offer {
    let rule: RewriteRule
    let rewrite: Rewrite
    let path: Path

    /// The same offer, seen from a path that contains this one.
    func inside(_ wrap: (Path) -> Path) -> Offer {
      Offer(rule: rule, rewrite: rewrite, path: wrap(path).flattened)
    }
  }

  private func bestStep(_ path: Path, _ columns: Int) -> RewriteStep? {
    guard let first = bestOffer(path, columns) else { return nil }
    var taken = [first]
    // The stages of a cascade mix the same operations: their kernels are merged in one step.
    while first.rule.joinsRewrites,
      let next = offers(for: taken[taken.count - 1].path, RewritePlace(columns: columns)).first(
        where: { $0.rule == first.rule && $0.rewrite.owners == first.rewrite.owners })
    { taken.append(next) }
    let (rewrites, after) = (taken.map(\.rewrite), taken[taken.count - 1].path)
    return RewriteStep(
      rule: first.rule, equations: first.rewrite.equations,
      subject: rewrites.map(\.subject).joined(separator: ", "), owners: first.rewrite.owners,
      exactness: rewrites.map(\.exactness).max() ?? first.rewrite.exactness,
      before: cost(of: path), after: cost(of: after), path: after)
  }

  private func bestOffer(_ path: Path, _ columns: Int) -> Offer? {
    let before = cost(of: path)
    let useful = offers(for: path, RewritePlace(columns: columns))
      .map { (offer: $0, after: cost(of: $0.path)) }
      .filter { $0.after.modules < before.modules }
    let best = useful.min { a, b in
      (a.offer.rewrite.turn, a.after.modules, a.after.macs)
        < (b.offer.rewrite.turn, b.after.modules, b.after.macs)
    }
    return best?.offer
  }

  /// What the rules offer for all sums in `path`, the outer sums first.
  private func offers(for path: Path, _ place: RewritePlace) -> [Offer] {
    switch path {
    case .module: return []
    case .chain(let steps):
      return steps.indices.flatMap { index in
        let rest = steps[(index + 1)...].flatMap(\.modules)
        return offers(for: steps[index], place.followed(by: rest)).map { offer in
          offer.inside { new in
            var replaced = steps
            replaced[index] = new
            return .chain(replaced)
          }
        }
      }
    case .choice(let branches):
      let own = rules.flatMap { rule in
        rule.offers(branches, place, self).map { Offer(rule: rule, rewrite: $0, path: $0.path) }
      }
      let below = branches.indices.flatMap { index in
        offers(for: branches[index].path, place).map { offer in
          offer.inside { new in
            var replaced = branches
            replaced[index] = Branch(branches[index].weight, new)
            return .choice(replaced)
          }
        }
      }
      return own + below
    }
  }
}

extension RewritePlace {
  /// A whole path that had this many logits.
  fileprivate init(columns: Int) { self.init(followers: [], columns: columns) }

  /// The place of a part that some modules follow within this place.
  fileprivate func followed(by modules: [ModuleSpec]) -> RewritePlace {
    RewritePlace(followers: modules + followers, columns: columns)
  }
}
