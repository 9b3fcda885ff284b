/// The weight lambda of the penalty over the epochs: it grows ever faster until enough gates leave.
public struct PenaltySchedule: Hashable, Codable, Sendable {
  /// lambda_0: what the increment starts from.
  public let start: Double
  /// c_0: what the increment is multiplied by, and the weight divided by.
  public let growth: Double
  /// n_0: how many gates have to leave in an epoch for the weight to fall.
  public let enough: Int
  /// lambda of the epoch that comes.
  ///
  /// Equation: B-16 [published: sunsmarterjie/GOLD_NAS]. lambda = 0 in epoch 0; while nothing is pruned,
  /// lambda_e = lambda_0 (c_0 + c_0^2 + ... + c_0^e).
  ///
  /// Explained in chapter 18.
  public private(set) var weight = 0.0
  /// d: the last increment of lambda.
  public private(set) var increment: Double

  /// Creates the schedule of a search that begins; the standard numbers are the published ones.
  public init(start: Double = 1e-5, growth: Double = 2, enough: Int = 4) {
    precondition(
      start >= 0 && growth > 0, "expected lambda_0 >= 0 and c_0 > 0, found \(start) and \(growth)")
    self.start = start
    self.growth = growth
    self.enough = enough
    increment = start
  }

  /// Creates the schedule of a search that goes on.
  init(_ beginning: PenaltySchedule, weight: Double, increment: Double) {
    self = beginning
    (self.weight, self.increment) = (weight, increment)
  }

  /// Goes on to the next epoch.
  ///
  /// Equation: B-6 [published: sunsmarterjie/GOLD_NAS]. after each epoch, p the number of gates pruned in it; lambda
  /// = 0 and d = lambda_0 at the start: if p >= n_0, d = lambda_0 and lambda = lambda / c_0; otherwise d = c_0 d and
  /// lambda = lambda + d.
  ///
  /// Explained in chapter 18.
  public mutating func endEpoch(pruned: Int) {
    if pruned >= enough {
      increment = start
      weight /= growth
    } else {
      increment *= growth
      weight += increment
    }
  }
}
