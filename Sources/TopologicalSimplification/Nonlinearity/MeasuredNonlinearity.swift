import Autodiff
import NeuralNetworks
import SearchSpaces
import Tensors

/// How far a path with random weights is from linear, measured on random maps.
///
/// All three numbers are ratios of Euclidean norms, and 0 / 0 counts as 0. Of an affine function, such as a
/// batch norm with a running mean, the first two measure its constant, and the third is 0.
public struct MeasuredNonlinearity: Sendable {
  /// |f(x + y) - f(x) - f(y)| / |f(x + y)|.
  public let additivity: Double
  /// |f(c x) - c f(x)| / |f(c x)|, the larger of c = 2 and c = -1.
  public let homogeneity: Double
  /// |f(x + y) - f(x) - f(y) + f(0)| / |f(x + y)|: what is left when the constant is taken off.
  public let affinity: Double

  /// The class that the numbers show: what is below `tolerance` comes from rounding.
  public func linearity(tolerance: Double = 1e-4) -> LinearityClass {
    if affinity > tolerance { return .nonlinear }
    return additivity > tolerance || homogeneity > tolerance ? .affine : .linear
  }
}

/// Measures how far a path is from linear, in the mode of a search or of an evaluation.
///
/// The maps are normal variates of mean 1/2, for a constant shows only where means are not 0. In evaluation
/// mode the running statistics are those that fifty batches of training leave. The weights of sums are equal.
///
/// Equation: TS-3 [reconstructed: high], measured. f is linear where f(x + y) = f(x) + f(y) and f(c x) = c f(x).
/// Shapes: maps [N, H, W, C] = `shape`.
///
/// Explained in chapter 05.
public func measuredNonlinearity(
  of path: Path, _ shape: Shape = [8, 16, 16, 8], _ mode: NormalizationMode = .training,
  seed: RandomGenerator
) -> MeasuredNonlinearity {
  let network = PathNetwork(path, channels: shape.channels, name: "measured", seed: seed)
  let (x, y) = (map(shape, "x", seed), map(shape, "y", seed))
  if mode == .evaluation { settleStatistics(of: network, path, shape, seed) }
  let f = { (x: Tensor) in value(of: network, path, x, mode) }
  let both = f(x + y)
  let difference = both - f(x) - f(y)
  let scaled = [2, -1].map { (c: Scalar) in (value: f(c * x), linear: c * f(x)) }
  return MeasuredNonlinearity(
    additivity: ratio(difference, both),
    homogeneity: scaled.map { ratio($0.value - $0.linear, $0.value) }.max() ?? 0,
    affinity: ratio(difference + f(.zeros(shape)), both))
}

/// The means and variances with which batch norms work when the kernels of two operations are merged.
public enum MixingStatistics: Sendable {
  /// The statistics of the batch, as in a search.
  case ofTheBatch
  /// Running statistics that are equal in every batch norm: mean 0 and variance 1.
  case shared
  /// Running statistics of its own in every batch norm, of the merged operation too, after fifty batches of training.
  case own
}

/// How wrong it is to merge the kernels of two operations up front, and to apply the rest once.
///
/// The operations have the weight 1/2 each and equal kernels; what they share has one weight. Of operations
/// with two stages the error includes the paths that mix the stages of both. Running statistics make a batch
/// norm affine, but the merged operation has one batch norm for two: it is the same function if both have the
/// same statistics. Branches with statistics of their own are merged exactly once `foldedBatchNorm` has taken
/// each batch norm into its kernel.
///
/// Equation: TS-9 [paper: words only; formula reconstructed: high], measured.
/// |sum of alpha_i o_i(x) - o_merged(x)| / |sum of alpha_i o_i(x)|, with o_merged = phi((sum of alpha_i w_i) * u).
/// Shapes: maps [N, H, W, C] = `shape`.
///
/// - Returns: the error; nil if the two do not become one chain, for then nothing is merged up front.
///
/// Explained in chapter 04.
public func mixingError(
  of first: Path, _ second: Path, _ shape: Shape = [8, 16, 16, 8],
  _ statistics: MixingStatistics = .ofTheBatch, seed: RandomGenerator
) -> Double? {
  let plain = MixedOperation([first, second]).path
  let merged = Simplifier(normalization: .none, merging: .always).simplify(plain).path
  guard merged.isChainOfModules, merged.modules.contains(where: \.isMerged) else { return nil }
  let separate = PathNetwork(plain, channels: shape.channels, name: "measured", seed: seed)
  let common = PathNetwork(merged, channels: shape.channels, name: "measured", seed: seed)
  tie(separate, to: common)
  if statistics == .own {
    settleStatistics(of: separate, plain, shape, seed)
    settleStatistics(of: common, merged, shape, seed)
  }
  let mode: NormalizationMode = statistics == .ofTheBatch ? .training : .evaluation
  let x = map(shape, "x", seed)
  let sum = value(of: separate, plain, x, mode)
  return ratio(sum - value(of: common, merged, x, mode), sum)
}

/// Moves the running statistics to those of random maps; after fifty batches 0.5 % of the start is left.
private func settleStatistics(
  of network: PathNetwork, _ path: Path, _ shape: Shape, _ seed: RandomGenerator
) {
  for batch in 0..<50 { _ = value(of: network, path, map(shape, "batch \(batch)", seed)) }
}

/// A random map of mean 1/2 and variance 1.
private func map(_ shape: Shape, _ name: String, _ seed: RandomGenerator) -> Tensor {
  var generator = seed.stream("measured \(name)")
  return Tensor(repeating: 0.5, shape: shape) + .normal(shape, using: &generator)
}

/// The path's value where all logits are 0.
private func value(
  of network: PathNetwork, _ path: Path, _ x: Tensor, _ mode: NormalizationMode = .training
) -> Tensor {
  let columns = 1 + (path.weights.flatMap(\.within).max() ?? 0)
  let architecture = RelaxedArchitecture(
    logits: .constant(.zeros([1, columns])), relaxation: EqualLogits())
  let pass = ForwardPass(mode == .training ? .training : .evaluation)
  return network(.constant(x), architecture, in: pass).value
}

/// The shares that the logits give.
private struct EqualLogits: Relaxation {
  func values(of weights: [EdgeWeight], logits: Variable) -> Variable {
    nestedSoftmax(logits, weights)
  }
}

/// Gives every operation of `separate` the weights that `common` has for several of them.
///
/// Kernels of their own, and the parts of merged ones, start alike in both.
private func tie(_ separate: PathNetwork, to common: PathNetwork) {
  for module in common.path.modules where module.owners.count > 1 && !module.isMerged {
    for owner in module.owners {
      let own = ModuleSpec(
        module.kind, of: owner, role: module.role, widening: module.widening)
      for (mine, theirs) in zip(separate.parameters(of: own), common.parameters(of: module)) {
        mine.value = theirs.value
      }
    }
  }
}

private func ratio(_ difference: Tensor, _ whole: Tensor) -> Double {
  let (numerator, denominator) = (difference.dot(difference), whole.dot(whole))
  return numerator == 0 ? 0 : (numerator / denominator).squareRoot()
}

extension Path {
  /// Whether nothing is left to choose between.
  fileprivate var isChainOfModules: Bool { steps.allSatisfy { $0.singleModule != nil } }
}
