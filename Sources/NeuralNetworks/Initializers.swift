import Tensors

/// Random initial weights (He et al., *Delving Deep into Rectifiers*, 2015).
public enum Kaiming {
  /// Uniform on [-b, b], b = sqrt(6 / ((1 + slope^2) fanIn)), for weights [O, ..., I].
  ///
  /// The default slope sqrt(5) gives b = 1 / sqrt(fanIn), the customary default of convolutions and
  /// linear layers, which the published NAS code uses.
  public static func uniform(
    _ shape: Shape, slope: Double = 5.squareRoot(), using generator: inout RandomGenerator
  ) -> Tensor {
    let bound = Scalar((6 / ((1 + slope * slope) * Double(fanIn(shape)))).squareRoot())
    return .uniform(shape, in: -bound...bound, using: &generator)
  }

  /// Normal with standard deviation sqrt(2 / ((1 + slope^2) fanIn)), for weights [O, ..., I].
  public static func normal(
    _ shape: Shape, slope: Double = 0, using generator: inout RandomGenerator
  ) -> Tensor {
    let deviation = (2 / ((1 + slope * slope) * Double(fanIn(shape)))).squareRoot()
    return .normal(shape, standardDeviation: Scalar(deviation), using: &generator)
  }

  /// Inputs that one output sums up: the scalars of one row of the weights.
  public static func fanIn(_ shape: Shape) -> Int { shape.count / max(1, shape[0]) }
}
