import Foundation
import SearchSpaces

/// Where the weights of nested sums come from.
///
/// Equation: TS-15 [reconstructed: medium], N1. A and p are derived from the flat logits by TS-13: every operation starts
/// with the weight 1 / M of the plain edge, and regularizers, sampling and derivation stay as they are.
/// With N2 every sum has logits of its own.
///
/// Explained in chapter 10.
public enum NestedWeights: String, CaseIterable, Codable, Sendable {
  /// N1.
  case derived = "N1"
  /// N2.
  case independent = "N2"
}

/// The same mixed operation with logits of its own for every sum.
///
/// Equation: TS-15 [reconstructed: low], N2. A softmax over the group and the rest, another one inside the group.
/// With zero logits each of the G operations of a group would start at 1 / ((M - G + 1) G), a bias toward skip
/// and pooling; so a group of n operations starts at log n (`balanced`), which gives 1 / M to each.
/// Sums and kernels that mix the same operations, as the two stages of FMS-A, share their logits.
///
/// Two different sums over the same operations, as FMS-B has, would give them two different weights; that is refused.
///
/// Explained in chapter 10.
public func withIndependentWeights(
  _ operation: MixedOperation, balanced: Bool = true
) -> MixedOperation {
  var columns = LogitColumns()
  let path = columns.renamed(operation.path)
  return MixedOperation(
    path,
    // A second stage of FMS-C adds a share of its own.
    candidateWeights: operation.candidateWeights.map {
      $0.shares.reduce(.one) { $0.times(columns.weight(of: $1.members[0], within: $1.within)) }
    }, initialLogits: columns.owners.map { balanced ? log(Double($0)) : 0 })
}

/// New logits, one for each summand of each sum of a path.
private struct LogitColumns {
  /// How many operations each new logit stands for.
  private(set) var owners: [Int] = []
  private var columns: [ArchitectureWeight.Share: Int] = [:]
  /// The summands of the sum over some operations.
  private var sums: [[Int]: [ArchitectureWeight.Share]] = [:]

  /// The same path with the new weights.
  mutating func renamed(_ path: Path) -> Path {
    switch path {
    case .module(let module): return .module(module.withWeights { renamed($0) })
    case .chain(let steps): return .chain(steps.map { renamed($0) })
    case .choice(let branches):
      let weights = renamed(branches.map(\.weight))
      return .choice(zip(weights, branches).map { Branch($0, renamed($1.path)) })
    }
  }

  /// New weights for the summands of one sum.
  private mutating func renamed(_ weights: [ArchitectureWeight]) -> [ArchitectureWeight] {
    precondition(
      weights.allSatisfy { $0.shares.count == 1 }, "a summand's weight is one share: \(weights)")
    let (shares, all) = (weights.map { $0.shares[0] }, weights[0].within)
    precondition(
      sums[all] == nil || sums[all] == shares,
      "two different sums over the operations \(all) cannot both have logits of their own")
    sums[all] = shares
    for share in shares where columns[share] == nil {
      columns[share] = owners.count
      owners.append(share.members.count)
    }
    return shares.map { weight($0, in: shares) }
  }

  private func weight(
    _ share: ArchitectureWeight.Share, in sum: [ArchitectureWeight.Share]
  ) -> ArchitectureWeight {
    let places = sum.compactMap { columns[$0] }
    return ArchitectureWeight([columns[share]].compactMap { $0 }, within: places)
  }

  /// A candidate's weight: the product of the new shares from the outermost sum to it.
  func weight(of candidate: Int, within all: [Int]) -> ArchitectureWeight {
    guard all.count > 1, let sum = sums[all],
      let mine = sum.first(where: { $0.members.contains(candidate) })
    else { return .one }
    return weight(mine, in: sum).times(weight(of: candidate, within: mine.members))
  }
}

extension ModuleSpec {
  /// The same module with other weights of the parts of its kernel.
  fileprivate func withWeights(
    _ renamed: ([ArchitectureWeight]) -> [ArchitectureWeight]
  ) -> ModuleSpec {
    guard case .convolution(let window, let grouping, .merged(let expression)) = kind,
      let merged = expression as? MergedKernel
    else { return self }
    let weights = renamed(merged.parts.map(\.weight))
    let parts = zip(merged.parts, weights).map {
      KernelPart(name: $0.name, window: $0.window, weight: $1)
    }
    let kernel = MergedKernel(parts, normalization: merged.normalization)
    return ModuleSpec(
      .convolution(window, grouping, .merged(kernel)), owners: owners, role: role)
  }
}
