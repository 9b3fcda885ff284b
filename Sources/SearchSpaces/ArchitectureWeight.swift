import Autodiff
import Tensors

/// A symbolic weight of the architecture: the share that some candidates have within others.
///
///     w(S | T) = sum over S of alpha_i / sum over T of alpha_j,      S a subset of T
///
/// One form covers all weights of a nested sum: alpha_i is w({i} | all), the weight of a group is
/// A = w(G | all), an inside weight is p_i = w({i} | G). Products along a path telescope.
public struct ArchitectureWeight: Hashable, Sendable, CustomStringConvertible {
  /// S: the candidates whose share it is, by index, ascending.
  public let members: [Int]
  /// T: the candidates among which it is a share, ascending.
  public let within: [Int]

  /// The share of `members` within `within`.
  public init(_ members: [Int], within: [Int]) {
    precondition(
      Set(members).isSubset(of: within), "candidates \(members) are not all among \(within)")
    self.members = members.sorted()
    self.within = within.sorted()
  }

  /// The constant 1: the weight of a path that has no alternative.
  public static let one = ArchitectureWeight([], within: [])

  /// The weight of a leaf is the product of the weights on its path.
  ///
  /// Equation: TS-16 [reconstructed: high]. A p_i = alpha_i: w(S | T) w(R | S) = w(R | T).
  public func times(_ inner: ArchitectureWeight) -> ArchitectureWeight {
    if self == .one { return inner }
    if inner == .one { return self }
    precondition(
      inner.within == members, "\(inner) is no share within \(members), so it cannot follow \(self)"
    )
    return ArchitectureWeight(inner.members, within: within)
  }

  /// For example `w(2 | 0 1 2 3 4)`.
  public var description: String {
    guard self != .one else { return "1" }
    let list = { (indices: [Int]) in indices.map(String.init).joined(separator: " ") }
    return "w(\(list(members)) | \(list(within)))"
  }
}

/// A weight on one edge of a cell.
public struct EdgeWeight: Hashable, Sendable {
  /// The edge: the row of the architecture parameter.
  public let edge: Int
  /// The weight on that edge.
  public let weight: ArchitectureWeight

  /// Creates a weight on an edge.
  public init(edge: Int, weight: ArchitectureWeight) {
    self.edge = edge
    self.weight = weight
  }
}

/// Nested weights from logits, without a division.
///
/// Equation: TS-13 [reconstructed: high]. w(S | T) = exp(logsumexp(a_S) - logsumexp(a_T)), a the row of the edge.
///
/// For S = {i} and T = all it is the softmax of TS-1 [published: DARTS].
///
/// Equation: TS-15 [reconstructed: medium], choice N1. A and p come from the flat logits of the unsimplified edge.
/// So every candidate starts with weight 1 / M, and regularizers and derivation stay as they are.
/// Independent logits for the group (N2) would start with a bias toward skip and pooling.
///
/// Shapes: logits [edges, candidates]; result [weights.count], each in [0, 1].
public func nestedSoftmax(_ logits: Variable, _ weights: [EdgeWeight]) -> Variable {
  precondition(
    weights.allSatisfy { $0.weight != .one }, "the constant 1 is no share of logits: \(weights)")
  let candidates = logits.shape[1]
  func logSums(_ part: KeyPath<ArchitectureWeight, [Int]>) -> Variable {
    logSumExp(
      logits,
      groups: weights.map { weight in
        weight.weight[keyPath: part].map { weight.edge * candidates + $0 }
      })
  }
  return exp(logSums(\.members) - logSums(\.within))
}

/// How a search method turns the architecture parameter into weights.
public protocol Relaxation: Sendable {
  /// The values [weights.count] of some weights, given the logits [edges, candidates].
  func values(of weights: [EdgeWeight], logits: Variable) -> Variable
}

/// The weights of one pass through a network, each list computed once and shared by all cells.
public final class RelaxedArchitecture {
  private let logits: Variable
  private let relaxation: any Relaxation
  private var known: [[EdgeWeight]: Variable] = [:]

  /// The weights that `relaxation` gives for `logits` [edges, candidates].
  public init(logits: Variable, relaxation: any Relaxation) {
    self.logits = logits
    self.relaxation = relaxation
  }

  /// The values of `weights` as a vector.
  public func values(of weights: [EdgeWeight]) -> Variable {
    if let found = known[weights] { return found }
    let values = relaxation.values(of: weights, logits: logits)
    known[weights] = values
    return values
  }
}
