import Autodiff
import SearchSpaces
import Tensors

/// The two groups of candidates of DOTS, each with a softmax of its own.
public struct OperationGroups: Sendable {
  /// The candidates of each group, as indices: those without weights to train, and the convolutions.
  public let groups: [[Int]]

  /// Sorts the candidates of a space into the groups, neither of which may be empty.
  public init(_ primitives: [Primitive]) {
    groups = Self.groups(of: primitives)
    precondition(
      groups.allSatisfy { !$0.isEmpty },
      "expected candidates with and without weights, found \(primitives)")
  }

  /// Whether the candidates of a space fall in both groups.
  public static func split(_ primitives: [Primitive]) -> Bool {
    groups(of: primitives).allSatisfy { !$0.isEmpty }
  }

  private static func groups(of primitives: [Primitive]) -> [[Int]] {
    let plain: Set<Primitive> = [.none, .maxPool3x3, .avgPool3x3, .skipConnect]
    return [true, false].map { isPlain in
      primitives.indices.filter { plain.contains(primitives[$0]) == isPlain }
    }
  }

  /// The best candidate of each group on every edge: logits [edges, candidates]; ties go to the first.
  ///
  /// These two survive the operation search.
  public func survivors(_ logits: Tensor) -> [[Int]] {
    let columns = logits.shape[1]
    return (0..<logits.shape[0]).map { edge in
      groups.map { group in group[argMax(group.map { logits[edge * columns + $0] })] }
    }
  }
}

/// The weights of the candidates of an edge in the operation search: those of each group add up to 1, all to 2.
///
/// Shapes: logits [edges, candidates]; result [edges * candidates], edge by edge.
///
/// Equation: A-16 [published: guyuchao/DOTS]. Operation search: an edge's weights are two softmaxes, over none, max, avg, skip
/// and over sep3, sep5, dil3, dil5.
///
/// Explained in chapter 25.
public func groupedWeights(_ logits: Variable, _ groups: OperationGroups) -> Variable {
  exp(logGroupedWeights(logits, groups))
}

/// The logarithms of `groupedWeights`.
func logGroupedWeights(_ logits: Variable, _ groups: OperationGroups) -> Variable {
  let (edges, columns) = (logits.shape[0], logits.shape[1])
  let own = groups.groups
  precondition(
    own.joined().count == columns, "\(own.joined().count) candidates do not fit \(logits.shape)")
  let totals = logSumExp(
    logits,
    groups: (0..<edges).flatMap { edge in own.map { $0.map { edge * columns + $0 } } })
  let owners = (0..<edges * columns).map { place in
    place / columns * own.count + (own[0].contains(place % columns) ? 0 : 1)
  }
  return gather(logits, Array(0..<edges * columns)) - gather(totals, owners)
}

/// The measure of two softmaxes beside each other.
///
/// All candidates together weigh 2.
public struct GroupedSoftmaxMeasure: CandidateMeasure {
  private let groups: OperationGroups

  /// Creates the measure.
  public init(_ groups: OperationGroups) { self.groups = groups }

  /// False: nothing divides by the weight of all candidates.
  public var isNormalized: Bool { false }
  /// The logarithm of the sum of the weights of each group of candidates.
  public func logMeasure(_ logits: Variable, groups places: [[Int]]) -> Variable {
    logSumExp(logGroupedWeights(logits, groups), groups: places)
  }
}

/// The relaxation of the operation search of DOTS.
public struct GroupedRelaxation: Relaxation {
  private let measure: GroupedSoftmaxMeasure

  /// Creates the relaxation for the candidates of a space.
  public init(_ primitives: [Primitive]) {
    measure = GroupedSoftmaxMeasure(OperationGroups(primitives))
  }

  /// The weights of candidates, each within its group: logits [edges, candidates], result [weights.count].
  public func values(of weights: [EdgeWeight], logits: Variable) -> Variable {
    exp(logNestedShares(logits, weights, measure))
  }
}
