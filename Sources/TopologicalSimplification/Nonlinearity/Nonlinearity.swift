import SearchSpaces

/// How far a function is from linear: every linear function is affine.
public enum LinearityClass: Int, Comparable, Sendable, CustomStringConvertible {
  /// f(a x + b y) = a f(x) + b f(y).
  case linear
  /// Linear plus a constant.
  case affine
  /// Not affine.
  case nonlinear

  /// The order of the classes.
  public static func < (a: LinearityClass, b: LinearityClass) -> Bool { a.rawValue < b.rawValue }

  /// `linear`, `affine` or `non-linear`.
  public var description: String {
    switch self {
    case .linear: "linear"
    case .affine: "affine"
    case .nonlinear: "non-linear"
    }
  }
}

/// Whether batch norm uses the statistics of the batch, or constants.
public enum NormalizationMode: Sendable {
  /// Batch statistics: they depend on the input, so the map is not affine.
  case training
  /// Running statistics.
  case evaluation
}

/// The class of a module.
///
/// Equation: TS-3 [reconstructed: high]. Linear: identity, zero, convolution without bias, average pooling.
/// Affine: batch norm in evaluation mode. Non-linear: ReLU, max pooling, batch norm in training mode.
///
/// Explained in chapter 05.
public func linearity(of module: ModuleSpec, in mode: NormalizationMode = .training)
  -> LinearityClass
{
  switch module.kind {
  case .identity, .zero, .averagePool, .convolution, .stripConvolution, .factorizedReduction:
    .linear
  case .relu, .maxPool: .nonlinear
  case .batchNorm: mode == .training ? .nonlinear : .affine
  }
}

/// The class of a path: the highest class among its modules, which is an upper bound.
///
/// A composition or a weighted sum of linear maps is linear, of affine maps affine.
/// Equation: TS-2 [reconstructed: high] with the classes of TS-3.
///
/// Explained in chapter 05.
public func linearity(of path: Path, in mode: NormalizationMode = .training) -> LinearityClass {
  path.modules.map { linearity(of: $0, in: mode) }.max() ?? .linear
}

/// The first module of a chain that keeps its convolutions from being merged with those of other chains.
///
/// That is the first non-linear module after a convolution, with its place; what is in front of all
/// convolutions only changes their input. For `nor_conv` it is the batch norm.
///
/// Equation: TS-9 [paper: words only; formula reconstructed: high]. For phi in {ReLU, BN in training mode},
/// sum of alpha_i phi(w_i * u) differs from phi((sum of alpha_i w_i) * u) in general.
///
/// Explained in chapter 04.
public func firstObstacle(
  in path: Path, _ mode: NormalizationMode = .training
) -> (index: Int, module: ModuleSpec)? {
  let modules = Array(path.modules.enumerated())
  guard let convolution = modules.first(where: { $0.element.hasWeights })?.offset else {
    return nil
  }
  return modules.first {
    $0.offset > convolution && linearity(of: $0.element, in: mode) == .nonlinear
  }.map { ($0.offset, $0.element) }
}
