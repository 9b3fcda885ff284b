import Autodiff
import Tensors

/// Whether the kernels of a merged convolution are normalized before they are summed.
///
/// The paper names kernel normalization, but no formula of it is attested; these are this project's.
public enum KernelNormalization: String, CaseIterable, Sendable {
  /// KN-0 [reconstructed: low]: as they are.
  case none
  /// KN-1 [reconstructed: medium]: every output channel of every kernel has norm 1, TS-24.
  case unitNorm

  /// Keeps the root away from 0.
  public static let epsilon: Scalar = 1e-12

  /// The kernel [O, k, k, I] as it enters the sum.
  public func callAsFunction(_ kernel: Variable) -> Variable {
    self == .none ? kernel : unitNormKernel(kernel)
  }
}

/// A kernel whose every output channel has norm 1.
///
/// After a batch norm is shared, an operation would enter with a strength that grows with the norm of its
/// kernel; with this only its architecture weight counts. It is the white-input approximation of the
/// batch norm that the operation had of its own.
///
/// Equation: TS-24 [reconstructed: medium]. w^_o = w_o / sqrt(|w_o|^2 + epsilon), the norm over (I, k, k).
///
/// Equation: TS-25 [reconstructed: medium], its pullback. dw_o = (I - w^_o w^_o^T) g_o / sqrt(|w_o|^2 + epsilon);
/// at epsilon = 0 it is orthogonal to w_o, and the result does not change under w -> c w, c > 0.
///
/// Equation: TS-26 [reconstructed: medium]. It must act on each kernel before the sum: normalizing the sum is
/// undone by a batch norm that follows.
///
/// Shapes: w [O, k, k, I]; result the same.
public func unitNormKernel(
  _ w: Variable, epsilon: Scalar = KernelNormalization.epsilon
) -> Variable {
  let (outputs, fanIn) = (w.shape[0], w.shape.count / w.shape[0])
  let norms = (0..<outputs).map { o in
    (w.value.rowDot(w.value, o, fanIn) + Double(epsilon)).squareRoot()
  }
  let unit = w.value.scalingRows(by: norms.map { Scalar(1 / $0) })
  return .result(of: "unitNormKernel", [w], unit) { [w = w.slot] g, gradients in
    let projections = (0..<outputs).map { Scalar(unit.rowDot(g, $0, fanIn)) }
    let tangent = g - unit.scalingRows(by: projections)
    gradients.add(tangent.scalingRows(by: norms.map { Scalar(1 / $0) }), to: w)
  }
}

/// The variance of a convolution's output for white input of variance `inputVariance`.
///
/// Equation: TS-23 [reconstructed: medium]. Var[(w * u)_o] = v |w_o|^2. With unit norms it is v.
/// Shapes: w [O, k, k, I]; result [O].
public func whiteOutputVariance(_ w: Tensor, inputVariance: Double) -> [Double] {
  (0..<w.shape[0]).map { inputVariance * w.rowDot(w, $0, w.shape.count / w.shape[0]) }
}

extension Tensor {
  /// The sum of products of row `row` of two tensors whose rows have `length` scalars.
  func rowDot(_ other: Tensor, _ row: Int, _ length: Int) -> Double {
    withScalars { a in
      other.withScalars { b in
        (row * length..<(row + 1) * length).reduce(0) { $0 + Double(a[$1]) * Double(b[$1]) }
      }
    }
  }

  /// Each row (index along the first axis) times its factor.
  func scalingRows(by factors: [Scalar]) -> Tensor {
    var result = self
    let length = shape.count / max(1, factors.count)
    result.withMutableScalars { scalars in
      for (row, factor) in factors.enumerated() {
        for i in row * length..<(row + 1) * length { scalars[i] *= factor }
      }
    }
    return result
  }
}
