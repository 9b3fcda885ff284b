import Autodiff
import Tensors

/// A symbolic weight of the architecture: the share that some candidates have within others.
///
///     w(S | T) = sum over S of exp(a_i) / sum over T of exp(a_j),      S a subset of T
///
/// One form covers all weights of a nested sum: alpha_i is w({i} | all), the weight of a group is
/// A = w(G | all), an inside weight is p_i = w({i} | G). Products along a path telescope, unless a sum has
/// logits of its own; then they stay products.
public struct ArchitectureWeight: Hashable, Sendable, CustomStringConvertible {
  /// One factor: the share of some logits within others, by their columns, ascending.
  public struct Share: Hashable, Sendable {
    /// S: those whose share it is.
    public let members: [Int]
    /// T: those among which it is a share.
    public let within: [Int]

    /// The share of `members` within `within`.
    public init(_ members: [Int], within: [Int]) {
      precondition(
        Set(members).isSubset(of: within), "candidates \(members) are not all among \(within)")
      self.members = members.sorted()
      self.within = within.sorted()
    }
  }

  /// The factors, outermost first; none is the constant 1.
  public let shares: [Share]

  private init(shares: [Share]) { self.shares = shares }

  /// The share of `members` within `within`.
  public init(_ members: [Int], within: [Int]) { shares = [Share(members, within: within)] }

  /// The constant 1: the weight of a path that has no alternative.
  public static let one = ArchitectureWeight(shares: [])

  /// S of the innermost factor.
  public var members: [Int] { shares.last?.members ?? [] }
  /// T of the outermost factor.
  public var within: [Int] { shares.first?.within ?? [] }

  /// The weight of a leaf is the product of the weights on its path.
  ///
  /// Equation: TS-16 [reconstructed: high]. A p_i = alpha_i: w(S | T) w(R | S) = w(R | T).
  ///
  /// Explained in chapter 06.
  public func times(_ inner: ArchitectureWeight) -> ArchitectureWeight {
    guard let last = shares.last, let first = inner.shares.first else {
      return ArchitectureWeight(shares: shares + inner.shares)
    }
    if first.within == last.members {
      let share = Share(first.members, within: last.within)
      return ArchitectureWeight(shares: shares.dropLast() + [share] + inner.shares.dropFirst())
    }
    precondition(
      Set(first.within).isDisjoint(with: last.within),
      "\(inner) is no share within \(members), so it cannot follow \(self)")
    return ArchitectureWeight(shares: shares + inner.shares)
  }

  /// For example `w(2 | 0 1 2 3 4)`.
  public var description: String {
    let list = { (indices: [Int]) in indices.map(String.init).joined(separator: " ") }
    let factors = shares.map { "w(\(list($0.members)) | \(list($0.within)))" }
    return factors.isEmpty ? "1" : factors.joined(separator: " ")
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
/// Shapes: logits [edges, columns]; result [weights.count], each in [0, 1].
///
/// Explained in chapter 06.
public func nestedSoftmax(_ logits: Variable, _ weights: [EdgeWeight]) -> Variable {
  exp(logNestedSoftmax(logits, weights))
}

/// The logarithms of `nestedSoftmax`: of shares that are too small for a number, too.
public func logNestedSoftmax(_ logits: Variable, _ weights: [EdgeWeight]) -> Variable {
  logNestedShares(logits, weights, SoftmaxMeasure())
}

/// How a search method turns the architecture parameter into weights.
public protocol Relaxation: Sendable {
  /// The values [weights.count] of some weights, given the logits [edges, candidates].
  func values(of weights: [EdgeWeight], logits: Variable) -> Variable
  /// Whether weights can be 0: what they multiply is then not evaluated.
  var yieldsZeros: Bool { get }
  /// What a skip connection beside a mixed operation is multiplied by, where the form of the edges has one.
  var auxiliaryWeight: Scalar { get }
  /// The relaxation of the cells of one kind, an index into the space's cells.
  func forCells(ofKind kind: Int) -> any Relaxation
  /// What each edge is multiplied by in its node, [edges], from the parameters of the node form; nil if each counts 1.
  func edgeShares(
    _ parameters: [Variable], of edges: [SearchSpace.Edge], in form: any NodeForm
  ) -> Variable?
}

extension Relaxation {
  /// A softmax is never 0.
  public var yieldsZeros: Bool { false }
  /// Nothing stands beside a mixed operation.
  public var auxiliaryWeight: Scalar { 0 }
  /// Most relaxations treat all cells alike.
  public func forCells(ofKind kind: Int) -> any Relaxation { self }
  /// The shares that the form itself gives.
  public func edgeShares(
    _ parameters: [Variable], of edges: [SearchSpace.Edge], in form: any NodeForm
  ) -> Variable? { form.logEdgeShares(parameters, edges: edges).map(exp) }
}

/// The weights of one pass through a network, each list computed once and shared by all cells.
public final class RelaxedArchitecture {
  private let logits: Variable
  private let relaxation: any Relaxation
  private var known: [[EdgeWeight]: Variable] = [:]
  private var kernels: [PathNetwork.MergedKernelKey: Variable] = [:]
  /// The shares [edges] of the edges in their nodes; nil if each counts 1.
  let edgeShares: Variable?
  /// The shares [nodes] of the nodes in the output of their cell, inputs apart; nil if each counts 1.
  let outputShares: Variable?
  /// What a skip connection beside a mixed operation is multiplied by.
  var auxiliaryWeight: Scalar { relaxation.auxiliaryWeight }

  /// The weights that `relaxation` gives for `logits` [edges, candidates].
  public init(
    logits: Variable, relaxation: any Relaxation, edgeShares: Variable? = nil,
    outputShares: Variable? = nil
  ) {
    self.logits = logits
    self.relaxation = relaxation
    self.edgeShares = edgeShares
    self.outputShares = outputShares
  }

  /// The values of `weights`, each times the share of its edge and a constant; nil if all are 1.
  func values(of weights: [EdgeWeight], times factors: [Scalar]) -> Variable? {
    let hasFactors = factors.contains { $0 != 1 }
    if edgeShares == nil, !hasFactors, weights.allSatisfy({ $0.weight == .one }) { return nil }
    var values = values(of: weights)
    if let edgeShares { values = values * gather(edgeShares, weights.map(\.edge)) }
    return hasFactors ? values * .constant(Tensor(factors, shape: [factors.count])) : values
  }

  /// Whether what `weight` multiplies need not be evaluated.
  func isZero(_ weight: EdgeWeight) -> Bool {
    relaxation.yieldsZeros && values(of: [weight]).value[0] == 0
  }

  /// The values of `weights` as a vector.
  public func values(of weights: [EdgeWeight]) -> Variable {
    if let found = known[weights] { return found }
    let values = relaxation.values(of: weights, logits: logits)
    known[weights] = values
    return values
  }

  /// How many merged kernels are known.
  var kernelCount: Int { kernels.count }

  /// The merged kernel of `key`, which is computed when it is asked for first.
  func kernel(_ key: PathNetwork.MergedKernelKey, _ compute: () -> Variable) -> Variable {
    if let found = kernels[key] { return found }
    let kernel = compute()
    kernels[key] = kernel
    return kernel
  }
}
