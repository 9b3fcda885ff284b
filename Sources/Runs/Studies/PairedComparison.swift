import Reports
import Tensors

/// One quantity of one method on two kinds of space, seed by seed.
///
/// What a seed decides (images, their order, first weights) is the same on both sides of a pair, so that differences vary
/// less than the numbers themselves.
package struct PairedComparison: Encodable {
  package let method: String
  /// The kind of space that is compared with the plain one.
  package let kind: String
  package let quantity: String
  package let seeds: [Int]
  /// The quantity of `kind` minus that of the plain space, for each of `seeds`.
  package let differences: [Double]
  package let mean: Double
  /// The standard deviation of the differences; nil for one pair.
  package let deviation: Double?
  /// Of `signFlipTest`.
  package let pValue: Double

  /// Compares at least one pair.
  package init(
    method: String, kind: String, quantity: String, _ pairs: [(seed: Int, difference: Double)]
  ) {
    (self.method, self.kind, self.quantity) = (method, kind, quantity)
    (seeds, differences) = (pairs.map(\.seed), pairs.map(\.difference))
    let spread = Spread(differences)
    (mean, deviation) = (spread.mean, spread.deviation)
    pValue = signFlipTest(differences)
  }

  /// The least p-value that so many pairs can have.
  package static func leastPValue(pairs: Int) -> Double {
    pairs <= exactPairs
      ? (1..<pairs).reduce(1) { least, _ in least / 2 } : 1 / Double(1 + drawnSigns)
  }
}

extension PairedComparison {
  /// Every quantity of every method on every kind of space that has a plain search of the same seed, and each of all
  /// methods together.
  ///
  /// Together each pair counts as one of its own. Searches of one seed that differ in their method share images and first
  /// weights, so that their differences may be a little more alike than the test assumes.
  static func all(
    of results: [StudyResult], _ plan: StudyPlan, columns: [String]
  ) -> [PairedComparison] {
    let others = plan.kinds.map(\.name).filter { $0 != SpaceKind.plain.name }
    let together = plan.methods.count > 1 ? [plan.methods] : []
    return (plan.methods.map { [$0] } + together).flatMap { methods in
      others.flatMap { kind in
        quantities(columns).compactMap { quantity in
          let found = methods.flatMap { pairs(of: results, $0, kind, quantity.of) }
          guard !found.isEmpty else { return nil }
          return PairedComparison(
            method: methods.count == 1 ? methods[0] : "all", kind: kind, quantity: quantity.name,
            found)
        }
      }
    }
  }

  private typealias Quantity = (name: String, of: (StudyResult) -> Double?)

  private static func quantities(_ columns: [String]) -> [Quantity] {
    [("supernet %", { $0.supernetValidationAccuracy.map { 100 * $0 } })]
      + columns.map { column in
        ("\(column) %", { $0.benchmark[column].map { 100 * $0.accuracy } })
      } + [("skips", { Double($0.skipCount) })]
  }

  /// The differences of one method, by seed; a search without the quantity makes no pair.
  private static func pairs(
    of results: [StudyResult], _ method: String, _ kind: String,
    _ quantity: (StudyResult) -> Double?
  ) -> [(seed: Int, difference: Double)] {
    let own = results.filter { $0.method == method }
    return own.filter { $0.kind == kind }.compactMap { result in
      let plain = own.first { $0.kind == SpaceKind.plain.name && $0.seed == result.seed }
      guard let plain = plain.flatMap(quantity), let other = quantity(result) else { return nil }
      return (result.seed, other - plain)
    }
  }
}

/// The sign-flip test of paired differences: how often chance alone makes a mean as far from 0 as theirs, on either side.
///
///     p = |{s in {-1, 1}^n : |sum_i s_i d_i| >= |sum_i d_i|}| / 2^n
///
/// If the two sides of a pair do not differ, either was as likely to be the larger one, and each difference could as well
/// have the other sign. It is the randomization test of matched pairs [published: Fisher, *The Design of Experiments*,
/// 1935], and assumes no distribution. The signs that were observed, and their opposites, are always as far, so p is at
/// least 2 / 2^n: four pairs cannot show p < 0.125, however large their differences are.
///
/// All 2^n choices of signs are tried for up to 14 pairs; for more, 16,383 drawn ones and the observed one.
///
/// - Parameter differences: finite numbers, at least one.
/// - Returns: p in (0, 1].
package func signFlipTest(_ differences: [Double]) -> Double {
  precondition(
    !differences.isEmpty && differences.allSatisfy(\.isFinite),
    "expected finite differences, at least one, found \(differences)")
  // Sums of the same numbers in another order may differ in their last bits.
  let total = differences.reduce(0) { $0 + $1.magnitude }
  let observed = differences.reduce(0, +).magnitude - 1e-12 * total
  func isAsFar(_ signs: UInt64) -> Bool {
    let sum = differences.enumerated().reduce(0) { sum, next in
      signs >> next.offset & 1 == 0 ? sum + next.element : sum - next.element
    }
    return sum.magnitude >= observed
  }
  if differences.count <= exactPairs {
    let choices = UInt64(1) << differences.count
    return Double((0..<choices).count(where: isAsFar)) / Double(choices)
  }
  return drawnShare(of: differences, atLeast: observed)
}

private let exactPairs = 14
private let drawnSigns = 16_383

/// The share of choices of signs, drawn at random, whose sum is at least `observed` from 0; the observed one is among them.
private func drawnShare(of differences: [Double], atLeast observed: Double) -> Double {
  var generator = RandomGenerator(seed: 1).stream("sign flips")
  let hits = (0..<drawnSigns).count { _ in
    let sum = differences.reduce(0) { $0 + (generator.next() >> 63 == 0 ? $1 : -$1) }
    return sum.magnitude >= observed
  }
  return Double(1 + hits) / Double(1 + drawnSigns)
}
