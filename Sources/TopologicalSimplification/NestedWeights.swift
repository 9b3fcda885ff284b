import Foundation
import SearchSpaces

/// Where the weights of nested sums come from.
///
/// Equation: TS-15 [reconstructed: medium], N1. A and p are derived from the flat logits by TS-13: every operation starts
/// with the weight 1 / M of the plain edge, and regularizers, sampling and derivation stay as they are.
/// With N2 every sum has logits of its own.
public enum NestedWeights: String, CaseIterable, Sendable {
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
public func withIndependentWeights(
  _ operation: MixedOperation, balanced: Bool = true
) -> MixedOperation {
  var columns: [ArchitectureWeight.Share: Int] = [:]
  var owners: [Int] = []  // how many operations each new logit stands for
  /// New weights for the summands of one sum.
  func renamed(_ weights: [ArchitectureWeight]) -> [ArchitectureWeight] {
    let places = weights.map { weight -> Int in
      precondition(weight.shares.count == 1, "a summand's weight is one share, found \(weight)")
      if let known = columns[weight.shares[0]] { return known }
      columns[weight.shares[0]] = owners.count
      owners.append(weight.members.count)
      return owners.count - 1
    }
    return places.map { ArchitectureWeight([$0], within: places) }
  }
  func renamed(_ path: Path) -> Path {
    switch path {
    case .module(let module): return .module(module.withWeights(renamed))
    case .chain(let steps): return .chain(steps.map(renamed))
    case .choice(let branches):
      let weights = renamed(branches.map(\.weight))
      return .choice(zip(weights, branches).map { Branch($0, renamed($1.path)) })
    }
  }
  let path = renamed(operation.path)
  let groups = Dictionary(grouping: columns.keys, by: \.within)
  /// A candidate's weight: the product of the new shares from the outermost sum to it.
  func weight(of candidate: Int, within all: [Int]) -> ArchitectureWeight {
    guard all.count > 1, let shares = groups[all],
      let mine = shares.first(where: { $0.members.contains(candidate) })
    else { return .one }
    let places = shares.compactMap { columns[$0] }
    let outer = ArchitectureWeight(columns[mine].map { [$0] } ?? [], within: places)
    return outer.times(weight(of: candidate, within: mine.members))
  }
  return MixedOperation(
    path,
    // A second stage of FMS-C adds a share of its own.
    candidateWeights: operation.candidateWeights.map {
      $0.shares.reduce(.one) { $0.times(weight(of: $1.members[0], within: $1.within)) }
    }, initialLogits: owners.map { balanced ? log(Double($0)) : 0 })
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
    return ModuleSpec(.convolution(window, grouping, .merged(kernel)), name: name)
  }
}
