// What a shared batch norm does to the weights of its group: the reason for kernel normalization.

/// The weights with which operations enter a group whose batch norm they share, in one channel.
///
/// An operation enters the plain supernet, where it has a batch norm of its own, with its share p. After
/// sharing it enters with a weight proportional to p times its own deviation: the network can raise or
/// kill it through the norm of its kernel.
///
/// Equation: TS-17 [reconstructed: high]. BN(sum of p_i z_i) = sum of omega_i BN(z_i), omega_i = p_i s_i / s_mix,
/// s_mix^2 = sum over i, j of p_i p_j s_i s_j r_ij; exact for batch norms without epsilon.
///
/// - Parameters:
///   - shares: p, one a member of the group.
///   - deviations: s, the standard deviation of each member's output.
///   - correlations: r, of each pair of outputs, 1 on the diagonal.
/// - Returns: omega, and the deviation s_mix of the mixture.
///
/// Explained in chapter 10.
public func effectiveWeights(
  shares: [Double], deviations: [Double], correlations: [[Double]]
) -> (weights: [Double], mixtureDeviation: Double) {
  let strengths = zip(shares, deviations).map { $0 * $1 }
  let mixture = deviation(strengths, correlations)
  return (strengths.map { $0 / mixture }, mixture)
}

/// How much louder a group is with a shared batch norm than with one for each operation.
///
/// That a search shifts toward convolutions because of it is this project's interpretation.
///
/// Equation: TS-17b [reconstructed: low]. The shared group has deviation 1 for every p, the plain sum
/// sqrt(p^T R p) <= 1: the factor is 1 / sqrt(p^T R p), for uncorrelated outputs 1 / |p|.
///
/// Explained in chapter 10.
public func amplitudeFactor(shares: [Double], correlations: [[Double]]) -> Double {
  1 / deviation(shares, correlations)
}

/// sqrt(v^T R v).
private func deviation(_ v: [Double], _ correlations: [[Double]]) -> Double {
  precondition(
    correlations.count == v.count && correlations.allSatisfy { $0.count == v.count },
    "\(v.count) members need as many rows and columns of correlations")
  var variance = 0.0
  for i in v.indices {
    for j in v.indices { variance += v[i] * v[j] * correlations[i][j] }
  }
  return variance.squareRoot()
}
