import Tensors

/// Kendall's rank correlation tau-b of two lists of numbers, in [-1, 1]; 0 where one of them does not rank at all.
///
/// (concordant - discordant) / sqrt((pairs - ties in a) (pairs - ties in b)).
public func rankCorrelation(_ a: [Double], _ b: [Double]) -> Double {
  precondition(
    a.count == b.count, "two rankings have one length, found \(a.count) and \(b.count)")
  var (balance, pairsOfA, pairsOfB) = (0.0, 0.0, 0.0)
  for i in a.indices {
    for j in a.indices.dropFirst(i + 1) {
      let signs = (order(a[i], a[j]), order(b[i], b[j]))
      balance += signs.0 * signs.1
      pairsOfA += signs.0 * signs.0
      pairsOfB += signs.1 * signs.1
    }
  }
  let pairs = (pairsOfA * pairsOfB).squareRoot()
  return pairs == 0 ? 0 : balance / pairs
}

private func order(_ x: Double, _ y: Double) -> Double { x < y ? -1 : x > y ? 1 : 0 }

/// Kendall's tau of two lists of numbers, and the interval in which it lies as far as the choice of the items goes.
///
/// The interval is that of the bootstrap: as many items are drawn anew, with replacement, each with both of its numbers;
/// tau of the draw is computed; and of many such taus the same share is left out at either end. It tells how much tau
/// depends on which architectures were ranked. It does not tell how much it depends on the seed of the supernet: for that
/// several supernets are trained.
public struct RankCorrelation: Hashable, Sendable {
  /// tau-b of all items.
  public let tau: Double
  /// The lower end of the interval.
  public let lower: Double
  /// The upper end of the interval.
  public let upper: Double

  /// Computes tau and its interval.
  ///
  /// - Parameters:
  ///   - a: a number for each item, for example a score.
  ///   - b: another one for each, for example the accuracy of the network trained alone.
  ///   - confidence: the share of the draws whose tau lies in the interval, in (0, 1).
  ///   - draws: how many draws, at least 1.
  ///   - seed: what the draws follow from.
  public init(
    _ a: [Double], _ b: [Double], confidence: Double = 0.95, draws: Int = 2000, seed: UInt64 = 1
  ) {
    precondition(
      a.count == b.count && !a.isEmpty,
      "two rankings have one length, at least 1, found \(a.count) and \(b.count)")
    precondition(
      0 < confidence && confidence < 1 && draws > 0,
      "expected a confidence in (0, 1) and a draw at least, found \(confidence) and \(draws)")
    var generator = RandomGenerator(seed: seed).stream("bootstrap")
    let taus = (0..<draws).map { _ in
      let drawn = a.indices.map { _ in generator.integer(below: a.count) }
      return rankCorrelation(drawn.map { a[$0] }, drawn.map { b[$0] })
    }.sorted()
    let outside = Int((Double(draws) * (1 - confidence) / 2).rounded(.down))
    tau = rankCorrelation(a, b)
    (lower, upper) = (taus[outside], taus[draws - 1 - outside])
  }
}
