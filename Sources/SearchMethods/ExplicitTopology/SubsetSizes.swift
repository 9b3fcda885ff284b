/// How many predecessors a node may have: K.
public struct SubsetSizes: Hashable, Sendable, CustomStringConvertible {
  /// The sizes; nil is every size but 0.
  private let sizes: Set<Int>?

  private init(all sizes: Set<Int>?) { self.sizes = sizes }

  /// Creates the sizes, each 0 or more, one of them at least 1.
  public init(_ sizes: Set<Int>) {
    precondition(
      sizes.contains { $0 > 0 } && sizes.allSatisfy { $0 >= 0 },
      "expected sizes from 0 on, one of them at least 1, found \(sizes.sorted())")
    self.init(all: sizes)
  }

  /// {2}: as many edges as the rule of DARTS keeps.
  public static let two = SubsetSizes([2])
  /// {1, 2}.
  public static let oneOrTwo = SubsetSizes([1, 2])
  /// {0, 1, 2}: a node may have no predecessor.
  public static let upToTwo = SubsetSizes([0, 1, 2])
  /// Every size but 0.
  public static let anyNonEmpty = SubsetSizes(all: nil)

  /// Whether a node may keep no edge at all.
  public var holdsZero: Bool { sizes?.contains(0) ?? false }

  /// The admissible subsets of the predecessors 0, 1, ..., count - 1.
  ///
  /// A size that is larger than `count` stands for all predecessors, so that a node with a single one has a family
  /// too: this project's rule, which changes no cell of DARTS.
  ///
  /// Equation: A-15 [published: guyuchao/DOTS; reconstructed: high]. T_j by size, then lexicographic, the empty set first; of
  /// equal numbers the first wins; the numbers of a cell are those of its nodes, one node after the other. Published
  /// for pairs.
  ///
  /// Explained in chapter 19.
  public func subsets(of count: Int) -> [[Int]] {
    precondition(1...16 ~= count, "expected 1 to 16 predecessors, found \(count)")
    let sizes = sizes.map { Set($0.map { min($0, count) }) } ?? Set(1...count)
    return sizes.sorted().flatMap { Self.combinations(of: $0, from: 0..<count) }
  }

  /// All ways to choose `size` of some numbers, in lexicographic order.
  private static func combinations(of size: Int, from numbers: Range<Int>) -> [[Int]] {
    guard size > 0 else { return [[]] }
    return numbers.flatMap { first in
      combinations(of: size - 1, from: first + 1..<numbers.upperBound).map { [first] + $0 }
    }
  }

  /// For example `{1, 2}`.
  public var description: String {
    guard let sizes else { return "{1, 2, ...}" }
    return "{\(sizes.sorted().map(String.init).joined(separator: ", "))}"
  }
}
