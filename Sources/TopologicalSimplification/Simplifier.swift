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
  /// What is done to kernels before they are merged, where a batch norm follows.
  public let normalization: KernelNormalization

  /// Creates a simplifier.
  public init(normalization: KernelNormalization = .unitNorm) { self.normalization = normalization }

  /// A simplified path and the steps that led to it.
  ///
  /// Equation: TS-36 [reconstructed: high]. The edge of NAS-Bench-201 becomes
  /// f(x) = alpha_skip x + alpha_avg AvgPool(x) + (alpha_1 + alpha_3) BN(W * ReLU(x)).
  public func simplify(_ path: Path) -> (path: Path, steps: [RewriteStep]) {
    var (current, steps) = (path.flattened, [RewriteStep]())
    while let step = bestStep(current) {
      steps.append(step)
      current = step.path
    }
    return (current, steps)
  }

  /// The same cell with every edge simplified.
  public func simplify(_ space: SearchSpace) -> SearchSpace {
    space.mapPaths { simplify($0).path }
  }

  private func bestStep(_ path: Path) -> RewriteStep? {
    let before = cost(of: path)
    let candidates = rewrites(of: path, followedBy: [])
      .map { ($0, after: cost(of: $0.path)) }
      .filter { $0.after.modules < before.modules }
    let best = candidates.min { a, b in
      if a.0.isIdentity != b.0.isIdentity { return a.0.isIdentity }
      return (a.after.modules, a.after.macs) < (b.after.modules, b.after.macs)
    }
    return best.map { $0.step(before: before, after: $1) }
  }

  /// A rewrite and the whole path it leads to.
  private struct Rewrite {
    let rule: RewriteRule
    let equations: [String]
    let subject: String
    let operations: [String]
    /// Whether the rule by itself changes nothing, whatever is done to kernels.
    let isIdentity: Bool
    let exactness: Exactness
    var path: Path

    func step(before: Cost, after: Cost) -> RewriteStep {
      RewriteStep(
        rule: rule, equations: equations, subject: subject, operations: operations,
        exactness: exactness, before: before, after: after, path: path)
    }

    /// The same rewrite, seen from a path that contains this one.
    func inside(_ wrap: (Path) -> Path) -> Rewrite {
      var outer = self
      outer.path = wrap(path).flattened
      return outer
    }
  }

  /// All rewrites of all sums in `path`; `followers` are the modules behind it.
  private func rewrites(of path: Path, followedBy followers: [ModuleSpec]) -> [Rewrite] {
    switch path {
    case .module: return []
    case .chain(let steps):
      return steps.indices.flatMap { index in
        let behind = steps[(index + 1)...].flatMap(\.modules) + followers
        return rewrites(of: steps[index], followedBy: behind).map { rewrite in
          rewrite.inside { new in
            var replaced = steps
            replaced[index] = new
            return .chain(replaced)
          }
        }
      }
    case .choice(let branches):
      let below = branches.indices.flatMap { index in
        rewrites(of: branches[index].path, followedBy: followers).map { rewrite in
          rewrite.inside { new in
            var replaced = branches
            replaced[index] = Branch(branches[index].weight, new)
            return .choice(replaced)
          }
        }
      }
      return sharings(.prefix, branches) + sharings(.suffix, branches)
        + merges(branches, followedBy: followers) + below
    }
  }

  private func sharings(_ end: SharedEnd, _ branches: [Branch]) -> [Rewrite] {
    sharingCandidates(end, in: branches, mayShare: containsConvolution).map { length, members in
      let steps = branches[members[0]].path.steps
      let shared = (end == .prefix ? steps.prefix(length) : steps.suffix(length)).flatMap(\.modules)
      let isIdentity = changesNothing(end, shared)
      return Rewrite(
        rule: end == .prefix ? .sharePrefix : .shareSuffix,
        equations: end == .prefix ? ["TS-10", "TS-12"] : ["TS-11", "TS-12", "TS-14"],
        subject: shared.map(\.signature).joined(separator: " "),
        operations: members.map { operation(branches[$0].path) },
        isIdentity: isIdentity, exactness: isIdentity ? .everywhere : .atOneHotWeights,
        path: sharing(end, length: length, of: branches, members))
    }
  }

  /// A prefix without weights is merely computed once, and a linear suffix commutes with the sum.
  private func changesNothing(_ end: SharedEnd, _ shared: [ModuleSpec]) -> Bool {
    !shared.contains(where: \.hasWeights)
      && (end == .prefix || shared.allSatisfy { linearity(of: $0) == .linear })
  }

  private func merges(_ branches: [Branch], followedBy followers: [ModuleSpec]) -> [Rewrite] {
    // Without a batch norm behind them nothing takes the kernels' scale out again.
    let isNormalizedBehind = followers.contains { $0.isBatchNorm }
    let kernels = isNormalizedBehind ? normalization : .none
    let exactness: Exactness =
      kernels == .none
      ? .everywhere
      : followers[0].isBatchNorm ? .atOneHotWeights : .atOneHotWeightsUpToScale
    let single = branches.indices.filter { branches[$0].path.steps.count == 1 }
    return subsets(of: single).compactMap { members in
      reparameterizing(branches, members, normalization: kernels).map { path in
        Rewrite(
          rule: .reparameterize,
          equations: ["TS-5", "TS-6", "TS-21"] + (kernels == .none ? [] : ["TS-24", "TS-26"]),
          subject: members.flatMap { branches[$0].path.modules }.map(\.signature)
            .joined(separator: " + "),
          operations: members.map { operation(branches[$0].path) },
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

  /// Only operations with a convolution enter a group; pools and skip stay outside.
  ///
  /// A choice of this project [reconstructed: low]: the paper does not say.
  private func containsConvolution(_ path: Path) -> Bool {
    path.modules.contains(where: \.hasWeights)
  }

  /// The operation, or operations, that a branch belongs to, by the names of its modules.
  private func operation(_ path: Path) -> String {
    let owners = path.modules.flatMap { module in
      (module.name.split(separator: ".").first ?? "").split(separator: "+")
    }
    return owners.reduce(into: [Substring]()) { if !$0.contains($1) { $0.append($1) } }
      .joined(separator: "+")
  }
}

extension ModuleSpec {
  fileprivate var isBatchNorm: Bool { if case .batchNorm = kind { true } else { false } }
}
