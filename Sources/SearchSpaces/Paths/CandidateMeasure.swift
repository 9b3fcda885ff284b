import Autodiff
import Tensors

/// A measure on the candidates of an edge: how much some of them weigh together.
///
/// Every weight of a nested sum is a share m(S) / m(T) of candidates S within T. Products of shares telescope for any
/// measure (TS-16), so a simplification fits every search whose weights come from one: a softmax has m(S) = sum over S
/// of exp(a_i), gates have a sum of sigmoids, and the sample of GDAS is the arg max limit of the softmax. It does not
/// fit weights that can be negative or whose sum over T can be 0, such as signed codes.
public protocol CandidateMeasure: Sendable {
  /// The logarithm of the measure of each group, [groups.count].
  ///
  /// The logits have the shape [edges, columns]; a group lists indices into their rows one after another.
  func logMeasure(_ logits: Variable, groups: [[Int]]) -> Variable
  /// Whether the weights of all candidates add up to 1: only then are they divided by the measure of them all.
  var isNormalized: Bool { get }
}

/// The measure of a softmax: m(S) = sum over S of exp(a_i).
public struct SoftmaxMeasure: CandidateMeasure {
  /// Creates the measure.
  public init() {}
  /// All candidates together weigh 1.
  public var isNormalized: Bool { true }
  /// The logarithm of the sum of exponentials of each group.
  public func logMeasure(_ logits: Variable, groups: [[Int]]) -> Variable {
    logSumExp(logits, groups: groups)
  }
}

/// The logarithms of nested weights under a measure.
///
/// Equation: TS-13 [reconstructed: high]. w(S | T) = m(S) / m(T); of a weight of several factors the product. In a
/// measure that is not normalized m(T) is left out where T is all candidates of an edge, one a column.
///
/// Shapes: logits [edges, columns]; result [weights.count].
///
/// Explained in chapter 06.
public func logNestedShares(
  _ logits: Variable, _ weights: [EdgeWeight], _ measure: some CandidateMeasure
) -> Variable {
  let columns = logits.shape[1]
  /// The logarithm of every weight's factor at `depth`; of a missing one w(0 | 0) = 1.
  func logShares(_ depth: Int) -> Variable {
    let shares = weights.map { weight in
      let shares = weight.weight.shares
      return depth < shares.count ? shares[depth] : .init([0], within: [0])
    }
    func logMeasure(_ part: KeyPath<ArchitectureWeight.Share, [Int]>) -> Variable {
      measure.logMeasure(
        logits,
        groups: zip(weights, shares).map { weight, share in
          share[keyPath: part].map { weight.edge * columns + $0 }
        })
    }
    let (members, within) = (logMeasure(\.members), logMeasure(\.within))
    if measure.isNormalized { return members - within }
    // The weight of a group holds m(G) already, so that what is inside the group is divided by it.
    let isDivided = zip(weights, shares).map { weight, share -> Scalar in
      depth < weight.weight.shares.count && share.within.count == columns ? 0 : 1
    }
    return members - .constant(Tensor(isDivided, shape: [weights.count])) * within
  }
  let depths = max(1, weights.map(\.weight.shares.count).max() ?? 1)
  return (1..<depths).reduce(logShares(0)) { $0 + logShares($1) }
}
