/// What Langevin dynamics does on a quadratic potential U(w) = a w^2 / 2, where everything is known.
///
/// A quadratic in several weights is a sum of such modes, one for each eigenvector of its Hessian. So this tells what
/// step is stable, how far from the posterior its samples are, and how many of them are worth keeping.
public struct LangevinMode: Hashable, Sendable {
  /// a: the curvature, an eigenvalue of the Hessian of U.
  public let curvature: Double
  /// eps: the step of C-1.
  public let stepSize: Double

  /// Creates the mode; both numbers are larger than 0.
  public init(curvature: Double, stepSize: Double) {
    precondition(
      curvature > 0 && stepSize > 0,
      "expected a > 0 and eps > 0, found \(curvature) and \(stepSize)")
    self.curvature = curvature
    self.stepSize = stepSize
  }

  /// Whether the weights stay bounded.
  ///
  /// Equation: C-10 [derived]. stable for eps < 4 / a.
  ///
  /// Explained in chapter 28.
  public var isStable: Bool { stepSize * curvature < 4 }

  /// The correlation of two weights that are one step apart.
  ///
  /// Equation: C-10 [derived]. rho = 1 - eps a / 2.
  ///
  /// Explained in chapter 28.
  public var autocorrelation: Double { 1 - stepSize * curvature / 2 }

  /// The variance of the weight after many steps; infinite where it is not stable.
  ///
  /// Equation: C-10 [derived]. 1 / (a (1 - eps a / 4)); for a Hessian H, Sigma = H^(-1) (I - eps H / 4)^(-1), this number
  /// along each eigenvector. The posterior has 1 / a, the limit of small eps.
  ///
  /// Explained in chapter 28.
  public var stationaryVariance: Double {
    isStable ? 1 / (curvature * (1 - stepSize * curvature / 4)) : .infinity
  }

  /// How many independent samples `count` successive ones are worth for the mean.
  ///
  /// Equation: C-10 [derived]. M (1 - rho) / (1 + rho) for a chain of length M.
  ///
  /// More than M where rho is negative: successive samples then lie on opposite sides.
  ///
  /// Explained in chapter 28.
  public func effectiveSamples(of count: Int) -> Double {
    Double(count) * (1 - autocorrelation) / (1 + autocorrelation)
  }
}
