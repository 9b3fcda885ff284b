import SearchSpaces

/// The kinds of rewrite.
public enum RewriteRule: String, Sendable {
  /// Partial Module Sharing of modules at the start.
  case sharePrefix = "PMS prefix"
  /// Partial Module Sharing of modules at the end.
  case shareSuffix = "PMS suffix"
  /// Reparameterization: several convolutions become one.
  case reparameterize = "REP"
}

/// Where a rewritten path computes the same as before.
public enum Exactness: String, Comparable, Sendable {
  /// For all weights and inputs.
  case everywhere
  /// Where one operation has all the weight, so at every discrete architecture; elsewhere a relaxation.
  case atOneHotWeights = "at one-hot weights"

  /// Exact everywhere comes first.
  public static func < (a: Exactness, b: Exactness) -> Bool { a == .everywhere && b != .everywhere }
}

/// One step of a simplification.
public struct RewriteStep: Sendable {
  /// What was done.
  public let rule: RewriteRule
  /// The equations it rests on.
  public let equations: [String]
  /// The modules that were shared, or the kernel that was made.
  public let subject: String
  /// The operations that take part.
  public let operations: [String]
  /// Where the path before and after agree.
  public let exactness: Exactness
  /// The whole path's cost before, at the reference size.
  public let before: Cost
  /// The whole path's cost after, at the reference size.
  public let after: Cost
  /// The whole path after.
  public let path: Path
}

/// Rewrites a path until no rule applies: the recursive simplification.
///
/// The words are the paper's (iteratively, recursively); this procedure is reconstructed (medium
/// confidence). In each round all rewrites of all sums are listed; exact ones go first, then the one that
/// saves most modules, then most MACs.
///
/// Equation: TS-22 [reconstructed: medium]. Every rewrite lowers the number of executed modules by at least 1,
/// so the procedure ends.
public struct Simplifier: Sendable {
  /// What is done to kernels before they are merged.
  public let normalization: KernelNormalization

  /// Creates a simplifier.
  public init(normalization: KernelNormalization = .unitNorm) { self.normalization = normalization }

  /// A simplified path and the steps that led to it.
  public func simplify(_ path: Path) -> (path: Path, steps: [RewriteStep]) {
    var (current, steps) = (path.flattened, [RewriteStep]())
    while let step = bestStep(current) {
      precondition(
        step.after.modules < step.before.modules,
        "a rewrite must lower the number of modules (TS-22): \(step.rule) on \(step.subject)")
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
    let steps = rewrites(of: path).map { $0.step(before: before) }
      .filter { $0.after.modules < before.modules }
    return steps.reduce(nil) { best, step in
      guard let best, !isBetter(step, than: best) else { return step }
      return best
    }
  }

  private func isBetter(_ a: RewriteStep, than b: RewriteStep) -> Bool {
    if a.exactness != b.exactness { return a.exactness < b.exactness }
    return (a.after.modules, a.after.macs) < (b.after.modules, b.after.macs)
  }

  /// A rewrite and the whole path it leads to.
  private struct Rewrite {
    let rule: RewriteRule
    let equations: [String]
    let subject: String
    let operations: [String]
    let exactness: Exactness
    var path: Path

    func step(before: Cost) -> RewriteStep {
      RewriteStep(
        rule: rule, equations: equations, subject: subject, operations: operations,
        exactness: exactness, before: before, after: cost(of: path), path: path)
    }

    /// The same rewrite, seen from a path that contains this one.
    func inside(_ wrap: (Path) -> Path) -> Rewrite {
      var outer = self
      outer.path = wrap(path).flattened
      return outer
    }
  }

  /// All rewrites of all sums in `path`.
  private func rewrites(of path: Path) -> [Rewrite] {
    switch path {
    case .module: return []
    case .chain(let steps):
      return steps.indices.flatMap { index in
        rewrites(of: steps[index]).map { rewrite in
          rewrite.inside { new in
            var replaced = steps
            replaced[index] = new
            return .chain(replaced)
          }
        }
      }
    case .choice(let branches):
      let below = branches.indices.flatMap { index in
        rewrites(of: branches[index].path).map { rewrite in
          rewrite.inside { new in
            var replaced = branches
            replaced[index] = Branch(branches[index].weight, new)
            return .choice(replaced)
          }
        }
      }
      return sharings(.prefix, branches) + sharings(.suffix, branches) + merges(branches) + below
    }
  }

  private func sharings(_ end: SharedEnd, _ branches: [Branch]) -> [Rewrite] {
    sharingCandidates(end, in: branches, mayShare: containsConvolution).map { length, members in
      let steps = branches[members[0]].path.steps
      let shared = (end == .prefix ? steps.prefix(length) : steps.suffix(length)).flatMap(\.modules)
      return Rewrite(
        rule: end == .prefix ? .sharePrefix : .shareSuffix,
        equations: end == .prefix ? ["TS-10", "TS-12"] : ["TS-11", "TS-12", "TS-14"],
        subject: shared.map(\.signature).joined(separator: " "),
        operations: members.map { operation(branches[$0].path) },
        exactness: exactness(end, shared),
        path: sharing(end, length: length, of: branches, members))
    }
  }

  /// Where a sharing changes nothing.
  ///
  /// A prefix without weights is computed once instead of several times; a linear suffix commutes with
  /// the sum. Weights that become one, and batch norm behind a sum, are exact at one-hot weights only.
  private func exactness(_ end: SharedEnd, _ shared: [ModuleSpec]) -> Exactness {
    let isExact =
      !shared.contains(where: \.hasWeights)
      && (end == .prefix || shared.allSatisfy { linearity(of: $0) == .linear })
    return isExact ? .everywhere : .atOneHotWeights
  }

  private func merges(_ branches: [Branch]) -> [Rewrite] {
    subsets(of: branches.indices.filter { branches[$0].path.steps.count == 1 }).compactMap {
      members in
      guard let path = reparameterizing(branches, members, normalization: normalization) else {
        return nil
      }
      return Rewrite(
        rule: .reparameterize,
        equations: ["TS-5", "TS-6", "TS-21"] + (normalization == .none ? [] : ["TS-24", "TS-26"]),
        subject: members.flatMap { branches[$0].path.modules }.map(\.signature)
          .joined(separator: " + "),
        operations: members.map { operation(branches[$0].path) }, exactness: .everywhere,
        path: path)
    }
  }

  /// All subsets of at least two elements, in a fixed order.
  private func subsets(of elements: [Int]) -> [[Int]] {
    (0..<1 << elements.count).map { mask in
      elements.indices.filter { mask >> $0 & 1 == 1 }.map { elements[$0] }
    }.filter { $0.count > 1 }
  }

  /// Only operations with a convolution enter a group; pools and skip stay outside.
  private func containsConvolution(_ path: Path) -> Bool {
    path.modules.contains(where: \.hasWeights)
  }

  /// The operation, or operations, that a branch belongs to, by the names of its modules.
  private func operation(_ path: Path) -> String {
    let owners = path.modules.flatMap { module in
      (module.name.split(separator: ".").first.map(String.init) ?? module.name).split(
        separator: "+")
    }
    return owners.reduce(into: [Substring]()) { if !$0.contains($1) { $0.append($1) } }
      .joined(separator: "+")
  }
}
