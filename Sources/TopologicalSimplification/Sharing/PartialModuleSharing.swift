import SearchSpaces

/// Where the modules that several operations have in common stand.
public enum SharedEnd: String, Sendable {
  /// At the start of the chains.
  case prefix
  /// At the end of the chains.
  case suffix
}

/// Shares the first or last `length` modules of some branches of a sum.
///
/// Equation: TS-10 [reconstructed: high]. prefix s: sum alpha_i g_i(s(x)) = A sum p_i g_i(s(x)), o_i = g_i . s.
/// Exact for any s that is one module already, such as ReLU.
///
/// Equation: TS-11 [paper: words only; formula reconstructed: high].
/// suffix s: sum alpha_i s(g_i(x)) becomes A s(sum p_i g_i(x)), o_i = s . g_i. Exact for linear and, in this normalized
/// form, affine s; for batch norm in training mode exact at one-hot p, a relaxation elsewhere. In evaluation mode batch norm is
/// affine, but one s only where all members have the same running statistics.
///
/// Equation: TS-12 [paper: words only; formula reconstructed: high].
/// f(x) = sum over i not in G of alpha_i o_i(x) + A s_suf(sum over i in G of p_i g_i(s_pre(x))), with
/// A = sum of alpha_i over the group, p_i = alpha_i / A.
///
/// Equation: TS-14 [reconstructed: high]. BN(c z) = BN(z) for c > 0, so A stands outside of a suffix with BN, or what the
/// group adds does not depend on A.
///
/// - Parameters:
///   - end: prefix or suffix.
///   - length: how many modules.
///   - branches: the summands.
///   - members: which of them share; their modules at that end have equal signatures.
/// - Returns: the new sum, or what remains of it if all its branches share.
///
/// Explained in chapter 10.
public func sharing(
  _ end: SharedEnd, length: Int, of branches: [Branch], _ members: [Int]
) -> Path {
  let group = BranchGroup(branches, members)
  let chains = members.map { branches[$0].path.steps }
  let isPrefix = end == .prefix
  let common = (0..<length).map { offset in
    Path.module(
      .shared(
        chains.flatMap { (isPrefix ? $0[offset] : $0[$0.count - length + offset]).modules }))
  }
  let inside = Path.choice(
    zip(group.insideWeights, chains).map { weight, chain in
      Branch(weight, .chain(Array(isPrefix ? chain.dropFirst(length) : chain.dropLast(length))))
    })
  return group.replaced(by: .chain(isPrefix ? common + [inside] : [inside] + common))
}

/// The sets of branches that have modules in common, for every length: the largest set for each.
///
/// What remains of the branches must tell them apart, by its modules or by weights of its own: of equal
/// remainders without weights, nothing would be left to choose between.
func sharingCandidates(
  _ end: SharedEnd, in branches: [Branch], _ grouping: Grouping
) -> [(length: Int, members: [Int])] {
  // The signatures at the shared end, the outermost first; equal ones are of one family.
  let runs = branches.map { branch -> [String] in
    guard let family = grouping.family(of: branch.path, at: end) else { return [] }
    let steps = end == .prefix ? branch.path.steps : branch.path.steps.reversed()
    let modules = steps.lazy.map(\.singleModule).prefix {
      $0.map { !$0.isMerged && grouping.mayShare($0) } ?? false
    }
    return modules.compactMap { $0 }.map { "\(family) \($0.signature)" }
  }
  var candidates: [(length: Int, members: [Int])] = []
  for length in 1...max(1, runs.map(\.count).max() ?? 1) {
    var seen: Set<[String]> = []
    for run in runs where run.count >= length && seen.insert(Array(run.prefix(length))).inserted {
      let members = runs.indices.filter { runs[$0].starts(with: run.prefix(length)) }
      let remainders = members.map { index in
        let steps = branches[index].path.steps
        return end == .prefix ? steps.dropFirst(length) : steps.dropLast(length)
      }
      if members.count > 1 && areDistinct(remainders) { candidates.append((length, members)) }
    }
  }
  return candidates
}

/// Whether no two chains without weights are alike.
private func areDistinct(_ chains: [ArraySlice<Path>]) -> Bool {
  let modules = chains.map { $0.flatMap(\.modules) }.filter { !$0.contains(where: \.hasWeights) }
  return Set(modules.map { $0.map(\.signature) }).count == modules.count
}

// MARK: - The rules

extension RewriteRule {
  /// Partial Module Sharing of modules at the start.
  public static let sharePrefix = RewriteRule(
    "PMS prefix", statement: "modules at the start of several operations are run once",
    equations: prefixEquations, exactness: .atOneHotWeights
  ) { sum, _, settings in sharings(.prefix, sum, settings, prefixEquations) }

  /// Partial Module Sharing of modules at the end.
  public static let shareSuffix = RewriteRule(
    "PMS suffix", statement: "modules at the end of several operations are run once, on their sum",
    equations: suffixEquations, exactness: .atOneHotWeights
  ) { sum, _, settings in sharings(.suffix, sum, settings, suffixEquations) }

  private static let prefixEquations = [
    Equation(
      "TS-10", "prefix s: sum alpha_i g_i(s(x)) = A sum p_i g_i(s(x))", "reconstructed: high"),
    groupWeights,
  ]
  private static let suffixEquations = [
    Equation(
      "TS-11", "suffix s: sum alpha_i s(g_i(x)) becomes A s(sum p_i g_i(x))",
      "paper: words only; formula reconstructed: high"),
    groupWeights,
    Equation(
      "TS-14", "BN(c z) = BN(z) for c > 0, so A stands outside of a suffix with BN",
      "reconstructed: high"),
  ]
  private static let groupWeights = Equation(
    "TS-12", "A = sum of alpha_i over the group, p_i = alpha_i / A",
    "paper: words only; formula reconstructed: high")

  private static func sharings(
    _ end: SharedEnd, _ sum: [Branch], _ settings: Simplifier, _ equations: [Equation]
  ) -> [Rewrite] {
    sharingCandidates(end, in: sum, settings.grouping).map { length, members in
      let steps = sum[members[0]].path.steps
      let shared = (end == .prefix ? steps.prefix(length) : steps.suffix(length)).flatMap(\.modules)
      return Rewrite(
        sharing(end, length: length, of: sum, members),
        subject: shared.map(\.signature).joined(separator: " "), of: members.map { sum[$0] },
        equations: equations,
        exactness: changesNothing(end, shared) ? .everywhere : .atOneHotWeights)
    }
  }

  /// A prefix without weights is merely computed once, and a linear suffix commutes with the sum.
  private static func changesNothing(_ end: SharedEnd, _ shared: [ModuleSpec]) -> Bool {
    !shared.contains(where: \.hasWeights)
      && (end == .prefix || shared.allSatisfy { linearity(of: $0) == .linear })
  }
}
